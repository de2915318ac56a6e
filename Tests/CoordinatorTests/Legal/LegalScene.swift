import CollectionsDomain
import CollectionsStore
import PostgresDriver
import RecourseTesting
import Testing
import WireTypes

@testable import Coordinator

/// A dispatch with a law firm and four persons of the bank, and cases that are ready for a legal proposal.
struct LegalScene {
    let base: DispatchHarness
    let firm: AgencyIdentity
    let legal: LegalService
    let anna: Operator
    let boris: Operator
    let clara: Operator
    let dora: Operator

    init() async throws {
        base = try await DispatchHarness()
        let db = base.db
        firm = AgencyIdentity(
            agencyId: try await db.makeAgency(name: "firm", kind: "law_firm"), name: "firm", kind: .lawFirm)
        legal = LegalService(database: db.database, policies: base.policies)
        func person(_ name: String, _ role: OperatorRole) async throws -> Operator {
            Operator(
                id: try await db.makeOperator(role: role, name: name).id, name: name, role: role, active: true,
                createdAt: DispatchHarness.monday)
        }
        anna = try await person("anna", .operator)
        boris = try await person("boris", .supervisor)
        clara = try await person("clara", .compliance)
        dora = try await person("dora", .compliance)
    }

    var environments: CaseEnvironmentSource { CaseEnvironmentSource(database: base.db.database, policies: base.policies) }

    /// A case whose civil guard holds, with its dossier task due.
    func readyCase(balances: [Int64] = [2_000_000]) async throws -> PlacedDebtor {
        let db = base.db
        let debtor = try await db.makePlacedDebtor(
            accounts: balances, stage: .legalReferral, agency: base.alpha.agencyId, step: .legalDossier, daysPastDue: 200)
        let letter = try await db.database.ids.next(.letter)
        let (monday, lettershop) = (DispatchHarness.monday, base.lettershop.agencyId)
        try await db.administrator.query(
            """
            insert into letter (part, letter_id, case_id, debtor_id, agency_id, contact_point_id, template, accounts, state, ordered_at, posted_at)
            values (\(debtor.part), \(letter), \(debtor.caseId), \(debtor.debtorId), \(lettershop), \(debtor.contactPointIds[1]), 't',
                \(debtor.accountIds), 'posted', \(monday), \(monday))
            """)
        var counters = CaseCounters()
        counters.effectiveCollections = 2
        try await db.administrator.query("update case_file set counters = \(counters.stored) where case_id = \(debtor.caseId)")
        return debtor
    }

    /// A case with a proposal the bank has to decide.
    func proposedCase(balances: [Int64] = [2_000_000]) async throws -> PlacedDebtor {
        let debtor = try await readyCase(balances: balances)
        let lease = try #require(try await base.lease(["legal"]).first)
        let reply = try await base.report([try await base.outcome(lease, "proposed")])
        #expect(reply.first?.status == .accepted)
        return debtor
    }

    /// Both persons decide the same.
    func decide(
        _ debtor: PlacedDebtor, _ route: StagePolicy.LegalReferral.Route?, _ first: Operator? = nil, _ second: Operator? = nil
    ) async throws {
        #expect(try await legal.decide(debtor.debtorRef, route: route, by: first ?? anna) == .awaitsSecond)
        #expect(try await legal.decide(debtor.debtorRef, route: route, by: second ?? boris) == .decided)
    }

    /// The bank's ledger knows of a payment.
    func pay(_ debtor: PlacedDebtor, _ amount: Int64) async throws {
        let database = base.db.database
        let now = try await base.db.now()
        let id = try await database.ids.next(.payment)
        let payment = NewPayment(
            paymentId: id, paymentRef: "P\(id)", accountId: debtor.accountIds[0], debtorId: debtor.debtorId, entry: .payment,
            amount: Money(minorUnits: amount, currency: .cny), paidAt: now.business, postedAt: now.business)
        let sink = CasePaymentSink(database: database, environments: environments)
        try await database.withAuditedTransaction(database.core, part: debtor.part) { tx in
            let now = try await ClockQueries.read(in: tx.connection)
            try await sink.post([payment], part: debtor.part, now: now, in: tx)
        }
    }

    func reconcile() async throws -> ReconciliationReport {
        try await ReconciliationService(database: base.db.database, environments: environments).run(holder: "test")
    }

    /// State, route and whether the block is confirmed, of the debtor's one referral.
    func referral(_ debtor: PlacedDebtor) async throws -> LegalReferral {
        try #require(try await legal.show(debtor.debtorRef).referrals.last)
    }

    func openBreaks(_ kind: String) async throws -> Int64 {
        try await base.count("select count(*) from break where kind = \(kind) and state = 'open'")
    }
}
