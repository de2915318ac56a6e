import CollectionsDomain
import WireTypes

extension Instant {
    /// The same instant on the wire.
    var wire: WireInstant { WireInstant(microseconds: microseconds) }
}

extension WireInstant {
    /// The same instant in the domain.
    var domain: Instant { Instant(microseconds: microseconds) }
}

extension Day {
    /// The same date on the wire.
    var wire: WireDate { WireDate(daysSince1970: Int(number)) }
}
