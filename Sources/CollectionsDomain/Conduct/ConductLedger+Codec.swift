/// Why a stored ledger could not be read. It never carries what the ledger says.
package enum LedgerError: Error, Hashable, CustomStringConvertible {
    /// Written by a newer version.
    case unknownVersion(UInt8)
    /// The bytes end too early.
    case truncated
    /// A value is out of range at this byte.
    case malformed(offset: Int)
    /// A zone that this machine does not know.
    case unknownZone
    /// Bytes are left over.
    case trailingBytes

    package var description: String {
        switch self {
        case .unknownVersion(let version): "cannot read conduct ledger: version \(version) is unknown"
        case .truncated: "cannot read conduct ledger: it ends too early"
        case .malformed(let offset): "cannot read conduct ledger: value out of range at byte \(offset)"
        case .unknownZone: "cannot read conduct ledger: unknown time zone"
        case .trailingBytes: "cannot read conduct ledger: bytes are left over"
        }
    }
}

/// Version 1 of the stored form: LEB128 numbers (signed ones zigzag), tables for persons and points (ids take 8 bytes, indexes one),
/// times as differences from the one before. Twenty contacts take about 400 bytes.
extension ConductLedger {
    private static let version: UInt8 = 1

    /// The stored form.
    package var bytes: [UInt8] {
        var writer = LedgerWriter()
        writer.byte(Self.version)
        writer.profile(profile)
        writer.list(accounts) { $0.signed($1) }
        let parties = Self.table(entries.map(\.party) + marks.map(\.party) + reservations.map(\.party) + consents.map(\.party))
        let points = Self.table(entries.map(\.point) + reservations.map(\.point))
        writer.list(parties) { $0.signed($1) }
        writer.list(points) { $0.signed($1) }
        writer.list(entries) { writer, entry in
            writer.time(entry.at)
            writer.byte(
                entry.channel.rawValue | entry.direction.rawValue << 3 | (entry.consented ? 1 << 4 : 0)
                    | (entry.pointIsReserved ? 1 << 5 : 0))
            writer.byte(entry.outcome.rawValue | entry.purpose.rawValue << 4)
            writer.byte(entry.role.rawValue)
            writer.index(of: entry.party, in: parties)
            writer.index(of: entry.point, in: points)
            writer.accounts(entry.accounts)
            writer.unsigned(UInt64(UInt32(bitPattern: entry.by.id)))
        }
        writer.list(marks) { writer, mark in
            writer.byte(mark.kind.rawValue)
            writer.time(mark.at)
            writer.index(of: mark.party, in: parties)
            writer.accounts(mark.accounts)
            writer.signed(Int64(mark.detail))
        }
        writer.list(reservations) { writer, reservation in
            writer.signed(reservation.task)
            writer.signed(Int64(reservation.epoch))
            writer.byte(reservation.channel.rawValue | (reservation.consented ? 1 << 4 : 0) | (reservation.isPresumed ? 1 << 5 : 0))
            writer.byte(reservation.purpose.rawValue)
            writer.byte(reservation.role.rawValue)
            writer.index(of: reservation.party, in: parties)
            writer.index(of: reservation.point, in: points)
            writer.accounts(reservation.accounts)
            writer.unsigned(UInt64(UInt32(bitPattern: reservation.by.id)))
            writer.time(reservation.from)
            writer.time(reservation.actBefore)
        }
        writer.list(holds) { writer, hold in
            writer.byte(hold.type.code)
            writer.accounts(hold.accounts)
            writer.time(hold.from)
            writer.optional(hold.until) { $0.time($1) }
        }
        writer.list(consents) { writer, consent in
            writer.byte(consent.kind.rawValue | (consent.isRecorded ? 1 << 4 : 0))
            writer.index(of: consent.party, in: parties)
            writer.byte(UInt8(truncatingIfNeeded: consent.channels.bits))
            writer.unsigned(UInt64(consent.start.minutes))
            writer.unsigned(UInt64(consent.end.minutes))
            writer.signed(Int64(consent.givenOn.number))
            writer.optional(consent.validUntil) { $0.signed(Int64($1.number)) }
            writer.byte(consent.role.rawValue)
        }
        return writer.bytes
    }

    /// Reads the stored form.
    ///
    /// - Throws: ``LedgerError``; a debtor whose ledger cannot be read must not be contacted.
    package init(bytes: [UInt8]) throws(LedgerError) {
        self = try bytes.withUnsafeBufferPointer { (buffer) throws(LedgerError) -> ConductLedger in
            var reader = LedgerReader(bytes: buffer)
            return try ConductLedger(reading: &reader)
        }
    }

    private init(reading reader: inout LedgerReader) throws(LedgerError) {
        let version = try reader.byte()
        guard version == Self.version else { throw .unknownVersion(version) }
        let profile = try reader.profile()
        let accounts = try reader.table()
        let parties = try reader.table()
        let points = try reader.table()

        let entryCount = try reader.count()
        var entries: [ContactEntry] = []
        entries.reserveCapacity(entryCount)
        for _ in 0..<entryCount {
            let at = try reader.time()
            let first = try reader.byte()
            let second = try reader.byte()
            entries.append(
                ContactEntry(
                    at: at, channel: try reader.code(first & 7), direction: try reader.code(first >> 3 & 1),
                    outcome: try reader.code(second & 15), purpose: try reader.code(second >> 4), role: try reader.code(),
                    consented: first & 1 << 4 != 0, pointIsReserved: first & 1 << 5 != 0, party: try reader.element(of: parties),
                    point: try reader.element(of: points), accounts: try reader.accounts(), by: try reader.actor()))
        }
        var marks: [ConductMark] = []
        for _ in 0..<(try reader.count()) {
            let kind: MarkKind = try reader.code()
            let at = try reader.time()
            let party = try reader.element(of: parties)
            let set = try reader.accounts()
            marks.append(ConductMark(kind, at: at, party: party, accounts: set, detail: try reader.signed32()))
        }
        var reservations: [Reservation] = []
        for _ in 0..<(try reader.count()) {
            let task = try reader.signed()
            let epoch = try reader.signed32()
            let first = try reader.byte()
            let purpose: ActPurpose = try reader.code()
            let role: PartyRole = try reader.code()
            let party = try reader.element(of: parties)
            let point = try reader.element(of: points)
            let set = try reader.accounts()
            let by = try reader.actor()
            let from = try reader.time()
            reservations.append(
                Reservation(
                    task: task, epoch: epoch, channel: try reader.code(first & 7), purpose: purpose, party: party, role: role, point: point,
                    accounts: set, by: by, consented: first & 1 << 4 != 0, from: from, actBefore: try reader.time(),
                    isPresumed: first & 1 << 5 != 0))
        }
        var holds: [LedgerHold] = []
        for _ in 0..<(try reader.count()) {
            let type = try reader.holdType()
            let set = try reader.accounts()
            let from = try reader.time()
            let until: Instant? = try reader.byte() == 0 ? nil : try reader.time()
            holds.append(LedgerHold(type: type, accounts: set, from: from, until: until))
        }
        var consents: [LedgerConsent] = []
        for _ in 0..<(try reader.count()) {
            let first = try reader.byte()
            let party = try reader.element(of: parties)
            let channels = ChannelSet(bits: UInt64(try reader.byte()))
            let start = try reader.timeOfDay()
            let end = try reader.timeOfDay()
            let given = Day(number: try reader.signed32())
            let until: Day? = try reader.byte() == 0 ? nil : Day(number: try reader.signed32())
            consents.append(
                LedgerConsent(
                    kind: try reader.code(first & 15), party: party, channels: channels, start: start, end: end,
                    isRecorded: first & 1 << 4 != 0, givenOn: given, validUntil: until, role: try reader.code()))
        }
        try reader.finish()
        self.init(
            profile: profile, accounts: accounts, entries: entries, marks: marks, reservations: reservations, holds: holds,
            consents: consents)
    }

    /// Distinct values in order of appearance, except that 0 is not listed: it has index 0.
    private static func table(_ values: [Int64]) -> [Int64] {
        var table: [Int64] = []
        for value in values where value != 0 && !table.contains(value) { table.append(value) }
        return table
    }
}

extension ContactEntry {
    /// The order in which the stored form gives the parts.
    fileprivate init(
        at: Instant, channel: Channel, direction: Direction, outcome: ContactOutcome, purpose: ActPurpose, role: PartyRole, consented: Bool,
        pointIsReserved: Bool, party: PartyKey, point: Int64, accounts: AccountSet, by: Actor
    ) {
        self.init(
            at: at, channel: channel, direction: direction, outcome: outcome, purpose: purpose, party: party, role: role, point: point,
            pointIsReserved: pointIsReserved, accounts: accounts, by: by, consented: consented)
    }
}

extension HoldType {
    /// The stored number of a type; numbers are never used again.
    var code: UInt8 {
        switch self {
        case .dispute: 0
        case .moratorium: 1
        case .crisisMoratorium: 2
        case .adviserPlan: 3
        case .incapacity: 4
        case .vulnerableVisit: 5
        case .instalmentPlan: 6
        case .promise: 7
        case .deceased: 8
        case .ombudsman: 9
        case .complaint: 10
        case .hardship: 11
        case .bankRequest: 12
        case .cease: 13
        case .fraudClaim: 14
        case .minor: 15
        case .custody: 16
        case .selfHarmRisk: 17
        case .operator: 18
        }
    }

    fileprivate static let byCode: [UInt8: HoldType] = Dictionary(uniqueKeysWithValues: allCases.map { ($0.code, $0) })
}

/// Writes the stored form.
private struct LedgerWriter {
    private(set) var bytes: [UInt8] = []
    private var last: Int64 = 0

    init() {
        bytes.reserveCapacity(512)
    }

    mutating func byte(_ value: UInt8) {
        bytes.append(value)
    }

    mutating func unsigned(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func signed(_ value: Int64) {
        unsigned(UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    mutating func time(_ instant: Instant) {
        signed(instant.microseconds &- last)
        last = instant.microseconds
    }

    mutating func accounts(_ set: AccountSet) {
        // The whole debtor is the common case of statements: one byte instead of ten.
        unsigned(set == .all ? 0 : set.bits &+ 1)
    }

    mutating func index(of value: Int64, in table: [Int64]) {
        unsigned(value == 0 ? 0 : UInt64((table.firstIndex(of: value) ?? 0) + 1))
    }

    mutating func list<Value>(_ values: [Value], _ write: (inout LedgerWriter, Value) -> Void) {
        unsigned(UInt64(values.count))
        for value in values { write(&self, value) }
    }

    mutating func optional<Value>(_ value: Value?, _ write: (inout LedgerWriter, Value) -> Void) {
        guard let value else { return byte(0) }
        byte(1)
        write(&self, value)
    }

    mutating func profile(_ profile: DebtorProfile) {
        switch profile.zones {
        case .unknown: byte(0)
        case .known(let zones):
            byte(1)
            list(zones) { writer, zone in
                writer.list(Array(zone.identifier.utf8)) { $0.byte($1) }
            }
        }
        switch profile.subArea {
        case .unknown: byte(255)
        case .known(nil): byte(254)
        case .known(let area?): byte(area.rawValue)
        }
        byte(
            bits(profile.numberInvalid) | bits(profile.incapacitated) << 2 | bits(profile.capacityInDoubt) << 4 | bits(profile.vulnerable)
                << 6)
        byte(bits(profile.employerProhibits))
        day(profile.deceasedOn)
        day(profile.smsLastInbound)
        day(profile.smsLastCheck)
    }

    private func bits(_ fact: Fact<Bool>) -> UInt8 {
        switch fact {
        case .known(false): 0
        case .known(true): 1
        case .unknown: 2
        }
    }

    private mutating func day(_ fact: Fact<Day?>) {
        switch fact {
        case .known(nil): byte(0)
        case .unknown: byte(1)
        case .known(let day?):
            byte(2)
            signed(Int64(day.number))
        }
    }
}

/// Reads the stored form.
private struct LedgerReader {
    /// Borrowed for the time of one reading: an array would be counted at every byte, and every decision reads a ledger.
    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset = 0
    private var last: Int64 = 0

    init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    @inline(__always)
    mutating func byte() throws(LedgerError) -> UInt8 {
        guard offset < bytes.count else { throw .truncated }
        offset &+= 1
        return bytes[offset &- 1]
    }

    @inline(__always)
    mutating func unsigned() throws(LedgerError) -> UInt64 {
        // Most numbers are small: indexes, roles, agencies, accounts.
        let first = try byte()
        if first & 0x80 == 0 { return UInt64(first) }
        return try unsigned(continuing: UInt64(first & 0x7F))
    }

    private mutating func unsigned(continuing low: UInt64) throws(LedgerError) -> UInt64 {
        var value = low
        var shift: UInt64 = 7
        while true {
            let next = try byte()
            guard shift < 64 else { throw .malformed(offset: offset) }
            value |= UInt64(next & 0x7F) << shift
            if next & 0x80 == 0 { return value }
            shift += 7
        }
    }

    @inline(__always)
    mutating func signed() throws(LedgerError) -> Int64 {
        let value = try unsigned()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func signed32() throws(LedgerError) -> Int32 {
        guard let value = Int32(exactly: try signed()) else { throw .malformed(offset: offset) }
        return value
    }

    /// The length of a list; each item takes at least one byte, so a broken length cannot ask for more than there is.
    mutating func count() throws(LedgerError) -> Int {
        let value = try unsigned()
        guard value <= UInt64(bytes.count - offset) else { throw .malformed(offset: offset) }
        return Int(value)
    }

    /// A list of numbers.
    mutating func table() throws(LedgerError) -> [Int64] {
        let count = try count()
        var values: [Int64] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try signed()) }
        return values
    }

    @inline(__always)
    mutating func time() throws(LedgerError) -> Instant {
        last = last &+ (try signed())
        return Instant(microseconds: last)
    }

    @inline(__always)
    mutating func accounts() throws(LedgerError) -> AccountSet {
        let value = try unsigned()
        return value == 0 ? .all : AccountSet(bits: value &- 1)
    }

    @inline(__always)
    mutating func actor() throws(LedgerError) -> Actor {
        guard let value = UInt32(exactly: try unsigned()) else { throw .malformed(offset: offset) }
        return Actor(agency: Int32(bitPattern: value))
    }

    @inline(__always)
    mutating func element(of table: [Int64]) throws(LedgerError) -> Int64 {
        let index = try unsigned()
        if index == 0 { return 0 }
        guard index <= UInt64(table.count) else { throw .malformed(offset: offset) }
        return table[Int(index) - 1]
    }

    mutating func timeOfDay() throws(LedgerError) -> TimeOfDay {
        guard let time = TimeOfDay(minutes: Int(truncatingIfNeeded: try unsigned())) else { throw .malformed(offset: offset) }
        return time
    }

    @inline(__always)
    mutating func code<Value: NamedCode>(_ type: Value.Type = Value.self) throws(LedgerError) -> Value {
        try code(try byte())
    }

    @inline(__always)
    func code<Value: NamedCode>(_ raw: UInt8) throws(LedgerError) -> Value {
        guard let value = Value(rawValue: raw) else { throw .malformed(offset: offset) }
        return value
    }

    mutating func holdType() throws(LedgerError) -> HoldType {
        guard let type = HoldType.byCode[try byte()] else { throw .malformed(offset: offset) }
        return type
    }

    mutating func profile() throws(LedgerError) -> DebtorProfile {
        var profile = DebtorProfile()
        switch try byte() {
        case 0: profile.zones = .unknown
        case 1:
            var zones: [Zone] = []
            for _ in 0..<(try count()) {
                let length = try count()
                let name = String(decoding: UnsafeBufferPointer(rebasing: bytes[offset..<offset + length]), as: UTF8.self)
                offset += length
                guard let zone = Zone(identifier: name) else { throw .unknownZone }
                zones.append(zone)
            }
            profile.zones = .known(zones)
        default: throw .malformed(offset: offset)
        }
        switch try byte() {
        case 255: profile.subArea = .unknown
        case 254: profile.subArea = .known(nil)
        case let raw: profile.subArea = .known(try code(raw))
        }
        let bits = try byte()
        profile.numberInvalid = try fact(bits & 3)
        profile.incapacitated = try fact(bits >> 2 & 3)
        profile.capacityInDoubt = try fact(bits >> 4 & 3)
        profile.vulnerable = try fact(bits >> 6)
        profile.employerProhibits = try fact(try byte())
        profile.deceasedOn = try day()
        profile.smsLastInbound = try day()
        profile.smsLastCheck = try day()
        return profile
    }

    private func fact(_ bits: UInt8) throws(LedgerError) -> Fact<Bool> {
        switch bits {
        case 0: .known(false)
        case 1: .known(true)
        case 2: .unknown
        default: throw .malformed(offset: offset)
        }
    }

    private mutating func day() throws(LedgerError) -> Fact<Day?> {
        switch try byte() {
        case 0: .known(nil)
        case 1: .unknown
        case 2: .known(Day(number: try signed32()))
        default: throw .malformed(offset: offset)
        }
    }

    func finish() throws(LedgerError) {
        guard offset == bytes.count else { throw .trailingBytes }
    }
}
