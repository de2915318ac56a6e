import ArgumentParser
import CollectionsDomain
import Coordinator
import Foundation

/// `recourse bench gate`: how many acts one core judges, and whether the gate's clock agrees with Foundation's.
struct GateBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gate",
        abstract: "Decisions per second on one core, the debtor's ledger decoded anew for each; needs no database.",
        discussion: """
            Each decision reads the stored ledger of a debtor with twenty acts of contact and judges a call under the policy, at times from 07:30
            to 22:30: some are blocked, and then the earliest instant is searched. Every decision is also made once before, and both answers have to agree. With --check, local dates and times of random
            instants are compared with Foundation's; exits 1 if one differs.
            """)
    @Option(help: "Decisions of each round.") var decisions = 500_000
    @Option(help: "Rounds; the median is reported.") var rounds = 7
    @Option(help: "Acts of contact in the ledger.") var entries = 20
    @Option(help: ArgumentHelp("The conduct policy; else Deploy/policies/cn-credit-card.yaml.", valueName: "file")) var policy: String?
    @Flag(help: "Compare the zone arithmetic with Foundation instead.") var check = false
    @Option(help: "Instants that --check compares.") var instants = 10_000_000
    @Option(help: "The seed of --check.") var seed: UInt64 = 1
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1_000...100_000_000).contains(decisions) else {
            throw ValidationError("--decisions must be 1000...100000000, got \(decisions)")
        }
        guard (1...99).contains(rounds) else { throw ValidationError("--rounds must be 1...99, got \(rounds)") }
        guard (0...ConductLedger.maximumEntries).contains(entries) else {
            throw ValidationError("--entries must be 0...\(ConductLedger.maximumEntries), got \(entries)")
        }
        guard (1...1_000_000_000).contains(instants) else { throw ValidationError("--instants must be 1...1000000000, got \(instants)") }
    }

    func run() throws {
        if check { try compareZones() } else { try measure() }
    }

    // MARK: Speed

    struct Speed: Encodable {
        let decisionsPerSecond: Double
        let rounds: [Double]
        let entries: Int
        let ledgerBytes: Int
        let allowed: Double

        enum CodingKeys: String, CodingKey {
            case rounds, entries, allowed
            case decisionsPerSecond = "decisions_per_second"
            case ledgerBytes = "ledger_bytes"
        }
    }

    private func measure() throws {
        let conduct = try PolicyBundle(path: try PolicyOptions.parse(policy.map { ["--policy", $0] } ?? []).path()).conduct
        guard let zone = conduct.time.zone ?? Zone(identifier: "Asia/Shanghai"), let day = Day(iso: "2026-12-01") else {
            throw UsageError("the policy has no zone")
        }
        let start = zone.startOfDay(day)
        let bytes = ledger(zone: zone, start: start).bytes
        let facts = GateFacts()
        let act = Act(
            by: Actor(agency: 1), accounts: [1], kind: .contact(ContactAct(channel: .call, point: ContactPointRef(id: 11, kind: .mobile))))
        // A minute from 07:30 to 22:30 for each decision, so that none can be answered from the one before. A blocked task sleeps until it may
        // be allowed, so hardly anything is decided at night.
        let minutes = (450..<1_350).map { start + .seconds(60 * Int64($0)) }
        func isAllowed(_ index: Int) throws -> Bool {
            ConductGate.judge(
                policy: conduct, ledger: try ConductLedger(bytes: bytes), facts: facts, act: act, now: minutes[index % minutes.count]
            ).isAllowed
        }
        let expected = try minutes.indices.map { try isAllowed($0) }
        var speeds: [Double] = []
        var allowed = 0
        for round in 1...rounds {
            let began = ContinuousClock.now
            for index in 0..<decisions {
                let answer = try isAllowed(index)
                if answer != expected[index % minutes.count] { throw BenchFault.unsteady }
                if answer { allowed += 1 }
            }
            let seconds = (ContinuousClock.now - began) / .seconds(1)
            speeds.append(Double(decisions) / seconds)
            Terminal.note("round \(round) of \(rounds): \(Int(Double(decisions) / seconds)) decisions/s")
        }
        let result = Speed(
            decisionsPerSecond: speeds.sorted()[speeds.count / 2], rounds: speeds, entries: entries, ledgerBytes: bytes.count,
            allowed: Double(allowed) / Double(decisions * rounds))
        Terminal.say(
            "\(Int(result.decisionsPerSecond)) decisions/s on one core: \(entries) acts in \(bytes.count) bytes, decoded for each decision")
        if output.json { try Terminal.json(result) }
    }

    /// A week of dials by the bank and two agencies to two numbers, with a talk now and then, messages and a letter.
    private func ledger(zone: Zone, start: Instant) -> ConductLedger {
        var ledger = ConductLedger(profile: DebtorProfile(zones: .known([zone])))
        let accounts = ledger.register([1])
        for index in 0..<entries {
            let channel: Channel = index % 7 == 3 ? .sms : index % 19 == 10 ? .letter : .call
            let outcome: ContactOutcome =
                switch channel {
                case .call, .noticeCall: index % 5 == 0 ? .conversation : .noAnswer
                case .sms, .email, .letter: .delivered
                case .visit: .met
                }
            let at = start - .seconds(Int64(entries - index) * 29_700 - 9 * 3_600)
            ledger.add(
                ContactEntry(
                    at: at, channel: channel, outcome: outcome, point: index % 3 == 0 ? 12 : 11, pointIsReserved: true, accounts: accounts,
                    by: Actor(agency: Int32(index % 3))))
        }
        return ledger
    }

    // MARK: Correctness

    struct Comparison: Encodable {
        let instants: Int
        let zones: [String]
        let differences: Int
        let seed: UInt64
    }

    private static let zoneNames = [
        "Asia/Shanghai", "America/New_York", "America/Los_Angeles", "America/Phoenix", "Europe/London", "Europe/Dublin", "Asia/Kolkata",
        "Australia/Melbourne", "Australia/Lord_Howe", "Asia/Kathmandu",
    ]

    private func compareZones() throws {
        var differences = 0
        var random = SplitMix(state: seed)
        for (index, name) in Self.zoneNames.enumerated() {
            guard let zone = Zone(identifier: name), let reference = TimeZone(identifier: name) else { throw BenchFault.unknownZone(name) }
            var calendar = Calendar(identifier: .gregorian)
            calendar.timeZone = reference
            let share = instants / Self.zoneNames.count + (index < instants % Self.zoneNames.count ? 1 : 0)
            for number in 0..<share {
                // 1970 to 2099, the years whose changes of offset the zone knows.
                let seconds = Int64(random.next() % 4_102_444_800)
                let instant = Instant(seconds: seconds)
                let date = Date(timeIntervalSince1970: Double(seconds))
                let local = zone.local(of: instant)
                var isSame = Int(zone.offset(at: instant)) == reference.secondsFromGMT(for: date)
                if number % 64 == 0 {
                    let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .weekday], from: date)
                    let day = local.day.parts
                    // Foundation's weeks begin with Sunday, 1.
                    isSame =
                        isSame && parts.year == day.year && parts.month == day.month && parts.day == day.day
                        && parts.hour == local.time.hour && parts.minute == local.time.minute
                        && parts.weekday == (local.day.weekday.index + 1) % 7 + 1
                        && calendar.startOfDay(for: date) == Date(timeIntervalSince1970: Double(zone.startOfDay(local.day).seconds))
                }
                if !isSame { differences += 1 }
            }
            Terminal.note("\(name): \(share) instants")
        }
        Terminal.say("\(instants) instants in \(Self.zoneNames.count) zones: \(differences) differ from Foundation")
        if output.json {
            try Terminal.json(Comparison(instants: instants, zones: Self.zoneNames, differences: differences, seed: seed))
        }
        if differences > 0 { throw ExitStatus.faults }
    }
}

/// Why the bench of the gate gives no figure.
enum BenchFault: Error, CustomStringConvertible {
    case unsteady
    case unknownZone(String)

    var description: String {
        switch self {
        case .unsteady: "the same ledger, act and instant were decided in two ways"
        case .unknownZone(let name): "this machine does not know the zone \(name)"
        }
    }
}

/// Random numbers that are the same for the same seed.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
