/// Parts of a country whose law on limitation differs.
package enum SubArea: UInt8, NamedCode {
    case england = 0
    case wales = 1
    case scotland = 2
    case northernIreland = 3

    package static let names = ["england", "wales", "scotland", "northern_ireland"]
}

/// What is known of the debtor as a person, as far as conduct rules ask.
package struct DebtorProfile: Hashable, Sendable {
    /// Every zone the debtor may be in.
    package var zones: Fact<[Zone]>
    /// Part of the country; nil where the country is not divided.
    package var subArea: Fact<SubArea?>
    /// Day of death; nil for the living.
    package var deceasedOn: Fact<Day?>
    /// Whether every known number of the debtor is invalid.
    package var numberInvalid: Fact<Bool>
    /// Whether the debtor is known to lack capacity.
    package var incapacitated: Fact<Bool>
    /// Whether there is doubt about it.
    package var capacityInDoubt: Fact<Bool>
    /// Whether the debtor is known to be vulnerable.
    package var vulnerable: Fact<Bool>
    /// Whether the employer is known to prohibit contact at work.
    package var employerProhibits: Fact<Bool>
    /// The day of the debtor's last message from the number; nil: none.
    package var smsLastInbound: Fact<Day?>
    /// The day the number was last checked as not reassigned; nil: never.
    package var smsLastCheck: Fact<Day?>

    /// A debtor of whom only the zones are known: alive, able, reachable, not vulnerable; the employer's wish unknown.
    package init(zones: Fact<[Zone]> = .unknown) {
        self.zones = zones
        subArea = .known(nil)
        deceasedOn = .known(nil)
        numberInvalid = .known(false)
        incapacitated = .known(false)
        capacityInDoubt = .known(false)
        vulnerable = .known(false)
        employerProhibits = .unknown
        smsLastInbound = .known(nil)
        smsLastCheck = .known(nil)
    }
}
