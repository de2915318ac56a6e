import CollectionsDomain
import Testing

@Suite("conduct ledger")
struct ConductLedgerTests {
    @Test("every ledger comes back from its bytes", arguments: [21, 22, 23] as [UInt64])
    func roundTrip(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<700 {
            var scene = random.scene(days: 40, events: 40)
            scene.ledger.profile.zones = random.pick([.unknown, .known([]), .known([.utc, Scene.shanghai])])
            scene.ledger.profile.subArea = random.pick([.unknown, .known(nil), .known(.scotland)])
            scene.ledger.profile.smsLastCheck = random.pick([.unknown, .known(nil), .known(Day(iso: "2026-01-01"))])
            scene.ledger.profile.vulnerable = random.pick([.unknown, .known(true), .known(false)])
            let bytes = scene.ledger.bytes
            guard try ConductLedger(bytes: bytes) == scene.ledger else {
                Issue.record("seed \(seed): differs")
                return
            }
        }
    }

    @Test("bytes that are cut, changed or too long are refused or read, never a crash", arguments: [31] as [UInt64])
    func broken(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let bytes = random.scene(days: 40, events: 20).ledger.bytes
        for length in 0..<bytes.count {
            #expect(throws: LedgerError.self) { try ConductLedger(bytes: Array(bytes.prefix(length))) }
        }
        #expect(throws: LedgerError.trailingBytes) { try ConductLedger(bytes: bytes + [0]) }
        #expect(throws: LedgerError.unknownVersion(9)) { try ConductLedger(bytes: [9] + bytes.dropFirst()) }
        var refused = 0
        for _ in 0..<20_000 {
            var changed = bytes
            changed[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            do {
                _ = try ConductLedger(bytes: changed)
            } catch {
                refused += 1
            }
        }
        #expect(refused > 100)
    }

    @Test("a busy debtor's ledger stays well below a page: 20 contacts, holds, promises and reservations with real ids")
    func size() throws {
        var ledger = ConductLedger(profile: DebtorProfile(zones: .known([Scene.shanghai])))
        let month: Int64 = 83 << 40
        let set = ledger.register([month | 1_234_567, month | 1_234_568])
        for index in 0..<20 {
            ledger.add(
                ContactEntry(
                    at: Scene.at("2026-11-20 09:00") + .microseconds(Int64(index) * 31_234_567_891), channel: .call, outcome: .noAnswer,
                    party: index % 5 == 0 ? month | 77 : 0, point: month | Int64(900_000 + index % 4), accounts: set, by: Scene.agency))
        }
        ledger.reserve(
            Reservation(
                task: month | 99, epoch: 3, channel: .call, point: month | 900_000, accounts: set, by: Scene.agency,
                from: Scene.at("2026-12-01 09:00"), actBefore: Scene.at("2026-12-01 22:00")))
        ledger.promise(on: [month | 1_234_567], due: try #require(Day(iso: "2026-12-05")), at: Scene.at("2026-12-01 10:00"))
        ledger.hold(.dispute, on: [month | 1_234_568], from: Scene.at("2026-12-01 10:00"))
        #expect(ledger.bytes.count < 520, "\(ledger.bytes.count) bytes")
        #expect(try ConductLedger(bytes: ledger.bytes) == ledger)
    }

    @Test("late contacts are entered at their time")
    func order() {
        var scene = Scene()
        for time in ["2026-12-03 10:00", "2026-12-01 10:00", "2026-12-02 10:00", "2026-12-01 10:00"] { scene.call(time, .noAnswer) }
        #expect(scene.ledger.entries.map(\.at) == scene.ledger.entries.map(\.at).sorted())
        let one = scene.ledger
        let two = one.adding(ContactEntry(at: Scene.at("2026-11-30 10:00"), channel: .sms, outcome: .sent, by: .bank))
        #expect(two.entries.count == one.entries.count + 1 && two.entries[0].channel == .sms)
    }

    @Test("accounts are told apart up to the table's end; those beyond count together")
    func accounts() {
        var ledger = ConductLedger()
        let many = (1...80).map { Int64($0) }
        _ = ledger.register(many)
        #expect(ledger.accounts.count == 63)
        #expect(!ledger.set(of: [1]).meets(ledger.set(of: [2])))
        #expect(ledger.set(of: [64]).meets(ledger.set(of: [80])))
        #expect(!ledger.set(of: [1]).meets(ledger.set(of: [80])))
        #expect(ledger.ids(of: ledger.set(of: [3, 5])) == [3, 5])
        #expect(AccountSet.all.meets(.none) && !ledger.set(of: [1]).meets(.none))
    }

    @Test("forgetting changes no decision on a contact, now or later", arguments: [41, 42, 43] as [UInt64])
    func pruning(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let policy = try TestPolicy.rich.setting("content.disclosures", ["first_contact": ["institution"]]).policy()
        var smaller = 0
        for _ in 0..<600 {
            let scene = random.scene(days: 90, events: 50)
            let now = Scene.at("2026-12-01 12:00")
            var pruned = scene
            pruned.ledger = policy.pruned(scene.ledger, at: now)
            if pruned.ledger.bytes.count < scene.ledger.bytes.count { smaller += 1 }
            guard policy.pruned(pruned.ledger, at: now) == pruned.ledger else {
                Issue.record("seed \(seed): pruned twice is not pruned once")
                return
            }
            for _ in 0..<6 {
                let act = random.act()
                let later = now + .seconds(Int64.random(in: 0...20 * 86_400, using: &random))
                let one = scene.judge(policy, act, at: later)
                let two = pruned.judge(policy, act, at: later)
                guard one == two else {
                    Issue.record(
                        "seed \(seed): \(act.kind) at \(later): \(one.rules) \(String(describing: one.earliest)) became \(two.rules) \(String(describing: two.earliest))"
                    )
                    return
                }
            }
        }
        #expect(smaller > 300)
    }

    @Test("a promise stands until it is judged, and a new one of the same instant stands beside the judgment of the old one")
    func promisesStand() throws {
        let policy = try TestPolicy.rich.policy()
        var scene = Scene()
        scene.ledger.promise(on: [1], due: try #require(Day(iso: "2026-10-05")), at: Scene.at("2026-10-01 10:00"))
        let later = Scene.at("2026-11-01 12:00")
        #expect(policy.pruned(scene.ledger, at: later).marks.map(\.kind) == [.promiseTaken])
        scene.ledger.endPromise(on: [1], at: later)
        scene.ledger.promise(on: [1], due: try #require(Day(iso: "2026-11-05")), at: later)
        #expect(policy.pruned(scene.ledger, at: later).marks.map(\.detail) == [try #require(Day(iso: "2026-11-05")).number])
    }

    @Test("what is over is forgotten: kept promises, released disputes, old contacts; what stays true is not")
    func forgets() throws {
        let policy = try TestPolicy.rich.policy()
        var scene = Scene()
        scene.ledger.promise(on: [1], due: try #require(Day(iso: "2026-10-05")), at: Scene.at("2026-10-01 10:00"))
        scene.ledger.endPromise(on: [1], at: Scene.at("2026-10-08 06:30"))
        scene.mark(.disputeReceived, "2026-10-01 10:00")
        scene.mark(.disputeVerified, "2026-10-03 10:00")
        scene.mark(.thirdPartyRefused, "2026-01-03 10:00", party: Scene.relative)
        scene.ledger.optOut(of: .message, at: Scene.at("2026-01-01 10:00"))
        scene.reserve("2026-09-01 10:00", "2026-09-01 22:00", presumed: true)
        for day in 10...29 { scene.call("2026-10-\(day) 10:00", .voicemail, party: 9, role: .guarantor) }
        let pruned = policy.pruned(scene.ledger, at: Scene.at("2026-12-01 12:00"))
        #expect(pruned.marks.map(\.kind) == [.thirdPartyRefused, .optOut])
        #expect(pruned.reservations.isEmpty && pruned.entries.count == 5)
    }

    @Test("the words of every enumeration stand for one case each, and codes are as stored")
    func words() {
        func check<Value: NamedCode>(_ type: Value.Type) {
            #expect(Value.names.count == Value.allCases.count && Set(Value.names).count == Value.names.count)
            for value in Value.allCases { #expect(Value(name: value.name) == value) }
            #expect(Value(name: "nonsense") == nil)
        }
        check(Channel.self)
        check(Direction.self)
        check(PartyRole.self)
        check(PointKind.self)
        check(ActPurpose.self)
        check(ContactOutcome.self)
        check(ContactEvent.self)
        check(ContentElement.self)
        check(DebtField.self)
        check(ContentMark.self)
        check(Threat.self)
        check(MarkKind.self)
        check(RecordKind.self)
        check(SubArea.self)
        check(ActClass.self)
        check(Interruption.self)
        #expect(Channel.visit.rawValue == 5 && ContactOutcome.received.rawValue == 13 && MarkKind.policeReport.rawValue == 33)
    }
}
