import CollectionsDomain
import Coordinator
import Foundation
import Testing
import WireTypes

@testable import CollectionsStore

@Suite("Work cards, field by field")
struct WorkCardTests {
    /// One card to be made: a step, whose contact point it is for, and why.
    struct Case: Sendable, CustomTestStringConvertible {
        var step: Step
        var role: ContactPoint.Role?
        var purpose: ActPurpose?
        var testDescription: String { "\(step.name) \(role?.rawValue ?? "nobody") \(purpose?.name ?? "none")" }
    }

    static let cases: [Case] = Step.allCases.flatMap { step in
        ([nil] + ContactPoint.Role.allCases.map { $0 }).flatMap { role -> [Case] in
            guard step.leaseIsPermit else { return [Case(step: step, role: role, purpose: nil)] }
            return [ActPurpose.demandPayment, .reminder, .askContact, .relay].map { Case(step: step, role: role, purpose: $0) }
        }
    }

    // Values no third party may hear, each found nowhere else on a card.
    static let name = "Li Wei", idNumber = "310101199001011234", number = "+8613912345678", address = "Nanjing Road 77"
    static let debt = ["ACC-REF-1", "credit_card", "8765.43", "4321.09", "CNY", "M4", "222", "777", "demand-m4", "(2026)0115", "civil"]

    private static func cipher() throws -> PersonalCipher { try PersonalCipher(dataKey: Array(repeating: 7, count: 32)) }

    private static func policy() throws -> ActivePolicy {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { url.deleteLastPathComponent() }
        let bundle = try PolicyBundle(path: url.appendingPathComponent("Deploy/policies/cn-credit-card.yaml").path)
        return ActivePolicy(version: 1, conduct: bundle.conduct, stages: bundle.stages)
    }

    private static func card(_ wanted: Case, edit: (inout CardQueries.Rows) -> Void = { _ in }) throws -> WorkCard {
        let cipher = try cipher()
        let isAddress = wanted.step == .registeredLetter || wanted.step == .visit
        let now = Instant(seconds: 1_793_613_600)
        let point = wanted.role.map {
            PointRow(
                id: 55, role: $0, channel: isAddress ? .homeAddress : .mobile, state: .valid, provenance: "application", rank: 1,
                visitsOff: false)
        }
        let head = CardQueries.Head(
            taskId: 1, caseId: 9, debtorId: 3, stage: wanted.step.stage, step: wanted.step, attempt: 2, dueAt: now, epoch: 1,
            leasedUntil: nil, goal: .getDate, caseStage: wanted.step.stage, holder: 4, name: cipher.seal(name), language: "zh",
            timeZone: "Asia/Shanghai", idNumber: cipher.seal(idNumber), point: point,
            pointValue: point.map { _ in cipher.seal(isAddress ? address : number) })
        var rows = CardQueries.Rows()
        rows.accounts[1] = [
            CardQueries.Account(
                taskId: 1, accountId: 8, accountRef: "ACC-REF-1", placementId: 777, product: "credit_card", currency: "CNY",
                amountDue: 432_109, balance: 876_543, minPayment: 10_000, daysPastDue: 222, asOf: Day(number: 20_759), bucket: "M4")
        ]
        rows.promises[1] = CardQueries.Promise(taskId: 1, amount: 432_109, currency: "CNY", dueOn: Day(number: 20_760), state: .open)
        rows.requests[1] = CardQueries.Request(taskId: 1, type: .hardship, slaDue: now)
        rows.letters[1] = [
            CardQueries.Letter(
                taskId: 1, letterId: 66, isOwn: wanted.step == .registeredLetter, template: "demand-m4", templateHash: [1, 2],
                mailClass: "registered", sealId: "s", accounts: [8], isPosted: true)
        ]
        rows.referrals[1] = CardQueries.Referral(taskId: 1, route: "civil", caseNo: "(2026)0115", state: "filed")
        rows.points[1] = [
            CardQueries.Point(
                taskId: 1,
                row: PointRow(
                    id: 56, role: .debtor, channel: .mobile, state: .valid, provenance: "application", rank: 1, visitsOff: false),
                value: cipher.seal(number))
        ]
        edit(&rows)
        let facts = CardBuilder.LeaseFacts(
            actBefore: now, reportBy: now, purpose: wanted.purpose, conditions: GateConditions(),
            lastContacts: [ContactEntry(at: now, channel: .call, outcome: .conversation, by: Actor(agency: 4))], accounts: nil)
        let hours = WorkingHours(start: try #require(TimeOfDay("08:00")), end: try #require(TimeOfDay("22:00")), zone: .utc)
        return try CardBuilder(policy: try policy(), cipher: cipher, watermark: now).card(
            head, rows: rows, lease: facts, hours: hours, now: now)
    }

    @Test("every card of every step, role and purpose keeps to the published schema", arguments: cases)
    func schema(wanted: Case) throws {
        let tree = try JSONTree(encoding: try Self.card(wanted))
        #expect(try SchemaCheck().faults(tree, schema: "WorkCard") == [])
    }

    @Test("the schema check sees what it is for")
    func selfTest() throws {
        let check = try SchemaCheck()
        let good: JSONTree = .object(["case_ref": .text("1"), "stage": .text("phone"), "step": .text("call"), "goal": .text("reach")])
        #expect(check.faults(good, schema: "WorkCard").isEmpty)
        guard case .object(var entries) = good else { return }
        entries["goal"] = nil
        #expect(check.faults(.object(entries), schema: "WorkCard") == ["WorkCard: goal is missing"])
        entries["goal"] = .integer(1)
        #expect(check.faults(.object(entries), schema: "WorkCard").count == 1)
        entries["goal"] = .text("reach")
        entries["shoe_size"] = .integer(44)
        #expect(check.faults(.object(entries), schema: "WorkCard") == ["WorkCard: shoe_size is not in the schema"])
        #expect(check.faults(good, schema: "Nothing") == ["no schema Nothing"])
    }

    @Test(
        "a third party's card: the name sought, the purpose, the neutral script, the one number to dial, and nothing else",
        arguments: cases.filter { ($0.role?.isThirdParty ?? false) && $0.step.reachesPerson })
    func thirdParty(wanted: Case) throws {
        let card = try Self.card(wanted)
        let tree = try JSONTree(encoding: card)
        let always: Set = ["case_ref", "stage", "step", "goal", "act_before", "report_by", "third_party", "script_id", "forbidden_fields"]
        #expect(tree.keys.subtracting(["permit"]) == always)
        #expect(tree["third_party"]?.keys == ["person_sought", "purpose", "script_id"])
        #expect(card.thirdParty?.personSought == Self.name)
        let purpose = wanted.purpose == .askContact ? "ask_contact" : "relay"
        #expect(
            card.thirdParty?.purpose == purpose && card.thirdParty?.scriptId == "neutral.\(purpose)"
                && card.scriptId == "neutral.\(purpose)")
        #expect(card.goal == "ask_contact", "whatever the case wants of the debtor")
        #expect(Set(card.forbiddenFields ?? []) == Set(CodeSet<DebtField>.all.names))
        if wanted.step.leaseIsPermit {
            #expect(
                tree["permit"]?.keys == ["contact_point_id", "channel", "value", "masked", "party_role", "purposes"])
            #expect(card.permit?.partyRole == wanted.role?.rawValue && card.permit?.value == Self.number)
        } else {
            #expect(card.permit == nil, "neither letter nor visit goes to a third party")
        }
        // Debt fields are named where they are forbidden, and nowhere else.
        guard case .object(var entries) = tree else { return }
        entries["forbidden_fields"] = nil
        let texts = JSONTree.object(entries).texts
        for secret in Self.debt + [Self.idNumber, Self.address, "get_date", "hardship"] {
            #expect(!texts.contains { $0.contains(secret) }, "\(secret)")
        }
    }

    @Test("each step's card has its own parts and no other step's", arguments: cases.filter { $0.role == .debtor })
    func parts(wanted: Case) throws {
        let card = try Self.card(wanted)
        let step = wanted.step
        #expect(card.thirdParty == nil && card.debtor?.name == Self.name && card.accounts?.map(\.accountRef) == ["ACC-REF-1"])
        #expect((card.debtor?.idNumber != nil) == (step.stage == .legalReferral), "the identity number is legal's alone")
        #expect((card.permit != nil) == step.leaseIsPermit)
        #expect((card.visit != nil) == (step == .visit) && (card.letter != nil) == (step == .registeredLetter))
        #expect((card.legal != nil) == (step == .legalDossier || step == .lawFirm))
        #expect((card.contactPoints != nil) == (step == .gather))
        #expect((card.lastContacts != nil) == step.leaseIsPermit && (card.openPromise != nil) == step.leaseIsPermit)
        let tree = try JSONTree(encoding: card)
        let addresses = tree.texts.filter { $0.contains(Self.address) }
        #expect((addresses.count == 1) == (step == .visit || step == .registeredLetter))
        let numbers = tree.texts.filter { $0.contains(Self.number) }
        #expect(numbers.count == (step.leaseIsPermit ? 1 : 0), "a number is in clear in the permit that dials it, and nowhere else")
    }

    @Test("a report to the police is on nobody's card", arguments: [Step.legalDossier, .lawFirm])
    func police(step: Step) throws {
        let card = try Self.card(Case(step: step, role: .debtor, purpose: nil)) { $0.referrals[1]?.route = "criminal_report" }
        #expect(card.legal != nil && card.legal?.route == nil)
        #expect(try JSONTree(encoding: card).texts.allSatisfy { !$0.contains("criminal") })
    }
}
