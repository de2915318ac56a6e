import CollectionsDomain
import Coordinator
import Foundation
import Testing

@Suite("shipped policies")
struct ShippedPoliciesTests {
    @Test("every shipped file is read, and is named after its policy", arguments: PolicyDirectory.names)
    func reads(name: String) throws {
        let policy = try PolicyDirectory.policy(name)
        #expect(policy.id == name && policy.parent == nil && !policy.sources.isEmpty)
    }

    @Test("every source that is listed is used, apart from those that only inform", arguments: PolicyDirectory.names)
    func sources(name: String) throws {
        let text = try PolicyDirectory.text(name)
        let informing: Set<String> = ["CN2", "CN6", "S0", "S1", "S2", "S3"]
        for source in try PolicyDirectory.policy(name).sources where !informing.contains(source.id) {
            let uses = text.components(separatedBy: source.id).count - 1
            #expect(uses > 1, "\(source.id) is not used")
        }
    }

    @Test("the schema that is shipped is the one of the program")
    func schema() throws {
        let file = PolicyDirectory.root.appending(path: "Deploy/policies/conduct-policy.schema.json")
        #expect(try String(contentsOf: file, encoding: .utf8) == PolicySchema.json, "recourse policy schema > \(file.path)")
    }

    @Test("the stages of the Chinese policy are the bank's defaults")
    func stages() throws {
        let policy = try PolicyDirectory.policy("cn-credit-card")
        let node = try #require(policy.stages)
        #expect(try StagePolicy(reading: PolicyReader(node, path: "stages")) == .bankDefault)
    }

    @Test("the Chinese policy holds the values of its rules")
    func china() throws {
        let policy = try PolicyDirectory.policy("cn-credit-card")
        #expect(
            policy.limits.map(\.id) == ["notice_calls_daily", "talks_daily", "unanswered_dials_daily", "visits_weekly", "letters_weekly"])
        #expect(policy.limits.map(\.max) == [3, 3, 6, 1, 1])
        #expect(policy.limits.map(\.basis.force) == [.standard, .standard, .standard, .bank, .bank])
        #expect(policy.content.letterRequired?.value.elements.count == 11 && policy.content.letterRequired?.basis.sources == ["CN4"])
        #expect(policy.promise?.maxDays?.value == 7 && policy.promise?.graceDays == 1 && policy.promise?.contactInWindow == .dueDayReminder)
        #expect(policy.plan?.maxTermMonths?.value == 60 && policy.plan?.basis.force == .law)
        #expect(policy.visit.minCollectors?.value == 2 && policy.limitation?.months == 36)
        #expect(policy.criminalReferral?.minPrincipal?.value.decimalText == "50000.00")
        #expect(policy.complaint?.days == 15 && policy.agencyData?.fields.isEmpty == false)
        let program: Set<HoldType> = [
            .promise, .complaint, .hardship, .bankRequest, .cease, .fraudClaim, .deceased, .incapacity, .minor, .custody, .selfHarmRisk,
            .vulnerableVisit,
            .operator,
        ]
        let onRecord = policy.holds.filter { $0.conditions.contains(.onRecord) }.map(\.type)
        #expect(Set(onRecord) == program)
    }

    @Test("a hold on record stops contact whatever its type, but for what it permits", arguments: HoldType.allCases)
    func holds(type: HoldType) throws {
        let policy = try PolicyDirectory.policy("cn-credit-card")
        let now = try #require(Instant(iso8601: "2026-12-01T10:00:00+08:00"))
        var ledger = ConductLedger(profile: DebtorProfile(zones: .known([try #require(Zone(identifier: "Asia/Shanghai"))])))
        ledger.hold(type, from: now - .seconds(60))
        func judge(_ channel: Channel, _ purpose: ActPurpose = .demandPayment) -> GateDecision {
            let contact = ContactAct(
                channel: channel, point: ContactPointRef(id: 1, kind: channel == .visit ? .homeAddress : .mobile), purpose: purpose)
            return ConductGate.judge(
                policy: policy, ledger: ledger, facts: GateFacts(), act: Act(by: Actor(agency: 7), accounts: [1], kind: .contact(contact)),
                now: now)
        }
        #expect(judge(.visit).rules == ["holds.\(type.rawValue)"])
        #expect(judge(.call).isAllowed == (type == .vulnerableVisit))
        #expect(judge(.sms, .reminder).isAllowed == (type == .vulnerableVisit || type == .promise))
        ledger.release(type)
        #expect(judge(.call).isAllowed)
    }

    @Test("every reason of the Chinese policy carries a source id it lists, or none for a bank default")
    func bases() throws {
        let policy = try PolicyDirectory.policy("cn-credit-card")
        let known = Set(policy.sources.map(\.id))
        for basis in policy.limits.map(\.basis) + policy.holds.map(\.basis) + policy.time.windows.map(\.basis) {
            #expect(basis.sources.allSatisfy { known.contains($0) })
            #expect(!basis.sources.isEmpty || basis.force == .bank)
        }
    }
}
