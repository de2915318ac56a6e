import Foundation
import Synchronization

/// A time zone by its IANA name, with its changes of offset worked out once.
///
/// A copy is one reference, and local dates and times cost a comparison (zones without clock changes) or a binary search: the gate
/// reckons with them for every act. Offsets are known from 1970 to 2100; before and after, the nearest one is used.
package struct Zone: Sendable {
    private let table: ZoneTable

    private init(table: ZoneTable) {
        self.table = table
    }

    /// Coordinated Universal Time.
    package static let utc = Zone(table: ZoneTable(identifier: "UTC", changes: [], offsets: [0]))

    /// The zone of an IANA name such as `Asia/Shanghai`; nil if the name is unknown. Tables are kept for the life of the process.
    package init?(identifier: String) {
        if identifier == "UTC" {
            self = .utc
            return
        }
        let known = Self.tables.withLock { $0[identifier] }
        if let known {
            self.init(table: known)
            return
        }
        guard let loaded = ZoneTable(loading: identifier) else { return nil }
        self.init(
            table: Self.tables.withLock { tables in
                if let other = tables[identifier] { return other }
                tables[identifier] = loaded
                return loaded
            })
    }

    /// A memo of what Foundation says about a name; the same for every caller, so the module stays pure.
    private static let tables = Mutex<[String: ZoneTable]>([:])

    /// The IANA name.
    package var identifier: String { table.identifier }

    /// Seconds east of UTC at `instant`.
    package func offset(at instant: Instant) -> Int32 {
        table.offset(at: instant.seconds)
    }

    /// The local date at `instant`.
    package func day(of instant: Instant) -> Day {
        let seconds = instant.seconds
        return Day(number: Int32((seconds + Int64(table.offset(at: seconds))).flooredQuotient(by: 86_400)))
    }

    /// The local wall-clock time at `instant`, seconds dropped.
    package func timeOfDay(of instant: Instant) -> TimeOfDay {
        local(of: instant).time
    }

    /// The local date and wall-clock time at `instant`, reckoned together.
    package func local(of instant: Instant) -> (day: Day, time: TimeOfDay) {
        let seconds = instant.seconds
        let local = seconds + Int64(table.offset(at: seconds))
        let day = local.flooredQuotient(by: 86_400)
        return (Day(number: Int32(day)), TimeOfDay(unchecked: Int(local - day * 86_400) / 60))
    }

    /// The first instant of `day`; after midnight where the clocks skip it.
    package func startOfDay(_ day: Day) -> Instant {
        instant(of: day, at: .midnight)
    }

    /// The first instant of the day after `day`, where `day` has ended.
    package func endOfDay(_ day: Day) -> Instant {
        instant(of: day.adding(days: 1), at: .midnight)
    }

    /// The instant at which clocks show `time` on `day`.
    ///
    /// A time that occurs twice (clocks go back) gives the earlier instant; one that is skipped (clocks go forward) gives the instant of the
    /// change, the first whose wall-clock time is not before `time`.
    package func instant(of day: Day, at time: TimeOfDay) -> Instant {
        let local = Int64(day.number) * 86_400 + Int64(time.minutes) * 60
        return Instant(seconds: table.seconds(ofLocal: local))
    }

    /// The instant of a local time written as `2026-11-03T14:05`, with or without seconds; nil for any other form.
    package func instant(local text: some StringProtocol) -> Instant? {
        let parts = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let day = Day(iso: parts[0]), let time = TimeOfDay(parts[1].prefix(5)), time != .endOfDay else {
            return nil
        }
        let rest = parts[1].dropFirst(5)
        if rest.isEmpty { return instant(of: day, at: time) }
        guard rest.count == 3, rest.first == ":", rest.dropFirst().allSatisfy({ $0.isASCII && $0.isNumber }),
            let seconds = Int64(rest.dropFirst()), seconds < 60
        else { return nil }
        return instant(of: day, at: time) + .seconds(seconds)
    }

    /// The next change of the offset after `instant`, or nil.
    package func nextChange(after instant: Instant) -> Instant? {
        table.nextChange(after: instant.seconds).map { Instant(seconds: $0) }
    }
}

extension Zone: Hashable {
    package static func == (left: Zone, right: Zone) -> Bool {
        left.table === right.table || left.table.identifier == right.table.identifier
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(table.identifier)
    }
}

extension Zone: CustomStringConvertible {
    package var description: String { identifier }
}

/// Offsets of one zone: `offsets[i]` holds from `changes[i - 1]` up to `changes[i]`.
private final class ZoneTable: Sendable {
    let identifier: String
    /// Seconds since 1970 at which the offset changes, ascending.
    let changes: [Int64]
    /// Seconds east of UTC; one more than `changes`.
    let offsets: [Int32]
    private let lastChange: Int64

    init(identifier: String, changes: [Int64], offsets: [Int32]) {
        self.identifier = identifier
        self.changes = changes
        self.offsets = offsets
        lastChange = changes.last ?? .min
    }

    /// Samples Foundation's zone every five days from 1970 to 2100 and finds each change by bisection; no zone has ever changed its
    /// offset twice within five days.
    convenience init?(loading identifier: String) {
        guard identifier.contains("/"), let zone = TimeZone(identifier: identifier), zone.identifier == identifier else { return nil }
        func offset(_ seconds: Int64) -> Int32 {
            Int32(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
        }
        let end: Int64 = 4_102_444_800
        let step: Int64 = 5 * 86_400
        var changes: [Int64] = []
        var offsets = [offset(0)]
        var from: Int64 = 0
        while from < end {
            let to = from + step
            let after = offset(to)
            if after != offsets[offsets.count - 1] {
                var low = from
                var high = to
                while high - low > 1 {
                    let middle = (low + high) / 2
                    if offset(middle) == after { high = middle } else { low = middle }
                }
                changes.append(high)
                offsets.append(after)
            }
            from = to
        }
        self.init(identifier: identifier, changes: changes, offsets: offsets)
    }

    func offset(at seconds: Int64) -> Int32 {
        if seconds >= lastChange { return offsets[offsets.count - 1] }
        return offsets[index(after: seconds)]
    }

    func nextChange(after seconds: Int64) -> Int64? {
        let index = index(after: seconds)
        return index < changes.count ? changes[index] : nil
    }

    func seconds(ofLocal local: Int64) -> Int64 {
        let before = offset(at: local - 86_400)
        let after = offset(at: local + 86_400)
        let early = local - Int64(before)
        if before == after || offset(at: early) == before { return early }
        let late = local - Int64(after)
        if offset(at: late) == after { return late }
        // Skipped: the change that lies between both readings.
        return changes[index(after: local - 86_400 - Int64(before))]
    }

    /// The number of changes at or before `seconds`.
    private func index(after seconds: Int64) -> Int {
        var low = 0
        var high = changes.count
        while low < high {
            let middle = (low + high) / 2
            if changes[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
