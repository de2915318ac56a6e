import CollectionsDomain
import CollectionsStore
import Foundation
import Logging
import PostgresDriver
import RecourseTesting
import Testing
import WireTypes

@testable import Coordinator

@Suite("Legal steps", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct LegalTests {
    @Test("A proposal keeps the facts of its guard beside what the policy asks, and orders the card blocked within a day")
    func proposal() async throws {
        let scene = try await LegalScene()
        let debtor = try await scene.proposedCase()
        let referral = try await scene.referral(debtor)
        #expect(referral.state == "proposed" && referral.request != nil && referral.amount == 2_000_000)
        for fact in [
            #""collections": 2"#, #""min_collections": 2"#, #""months_unpaid": 6"#, #""letters_posted": 1"#, #""min_amount": 1000000"#,
            #""rule": "legal_referral.entry""#,
        ] {
            #expect(referral.guardFacts.contains(fact), "\(fact) in \(referral.guardFacts)")
        }
        let order = try #require(try await scene.legal.show(debtor.debtorRef).orders.first)
        #expect(order.act == .block && order.confirmBy == DispatchHarness.monday + .seconds(86_400) && order.confirmedAt == nil)
        #expect(try await scene.base.count("select count(*) from outbox where target = 'card_block' and kind = 'card_block'") == 1)
    }

    @Test("A block nobody confirms within a day is a break, once; the confirmation closes it and marks the card")
    func unconfirmed() async throws {
        let scene = try await LegalScene()
        let debtor = try await scene.proposedCase()
        #expect(try await scene.reconcile().breaksOpened == 0)
        try await scene.base.db.setBusinessTime(DispatchHarness.monday + .seconds(86_400))
        #expect(try await scene.reconcile().breaksOpened == 1)
        #expect(try await scene.openBreaks("card_block_unconfirmed") == 1)
        #expect(try await scene.reconcile().breaksOpened == 0, "once")
        #expect(try await scene.legal.confirmCard(account: debtor.accountRefs[0], by: scene.anna) == .block)
        #expect(try await scene.openBreaks("card_block_unconfirmed") == 0)
        #expect(
            try await scene.base.value("select card_status from account where account_id = \(debtor.accountIds[0])", as: String.self)
                == "blocked")
        #expect(try await scene.referral(debtor).blockConfirmedAt != nil)
        await #expect(throws: LegalError.noOrder(debtor.accountRefs[0])) {
            try await scene.legal.confirmCard(account: debtor.accountRefs[0], by: scene.anna)
        }
    }

    @Test("A card the bank's file calls blocked confirms its order by itself")
    func confirmedByFile() async throws {
        let scene = try await LegalScene()
        let debtor = try await scene.proposedCase()
        try await scene.base.db.administrator.query("update account set card_status = 'blocked' where account_id = \(debtor.accountIds[0])")
        try await scene.base.db.setBusinessTime(DispatchHarness.monday + .seconds(2 * 86_400))
        #expect(try await scene.reconcile().breaksOpened == 0)
        #expect(try await scene.referral(debtor).blockConfirmedAt != nil)
    }

    @Test(
        "A card-status file settles its orders at once; rows of unknown accounts and words are rejected, the same file again changes nothing"
    )
    func cardStatusFile() async throws {
        let scene = try await LegalScene()
        let debtor = try await scene.proposedCase()
        let database = scene.base.db.database
        let (key, other) = (AccountKey.text(debtor.accountRefs[0], .cny), AccountKey.text("B", .cny))
        #expect(key != other)
        _ = try await database.core.withTransaction { db in
            _ = try await database.refs.claim(kind: .account, [(key, Digest.sha256(key))], in: db)
            try await database.refs.setTargets(kind: .account, [(key, RefTarget(part: debtor.part, id: debtor.accountIds[0]))], in: db)
        }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("cards-\(UUID().uuidString).csv")
        defer { unlink(file.path) }
        try "account_ref,currency,card_status\n\(debtor.accountRefs[0]),CNY,blocked\nB,CNY,blocked\n\(debtor.accountRefs[0]),CNY,eaten\n"
            .write(to: file, atomically: true, encoding: .utf8)
        let service = try await IntakeService.working(database, logger: Logger(label: "test"))
        var options = IntakeOptions()
        options.output = .nowhere
        let report = try await service.run(.cardStatus, file: file.path, options: options)
        #expect(report.loaded == 1 && report.rejected == 2)
        #expect(try await scene.referral(debtor).blockConfirmedAt == DispatchHarness.monday)
        #expect(try await scene.legal.show(debtor.debtorRef).orders.first?.confirmedAt == DispatchHarness.monday)
        #expect(try await service.run(.cardStatus, file: file.path, options: options).state == .alreadyLoaded)
    }

    @Test("Approved by two persons: the holder's placement closes, the law firm gets the case and its card, the holder nothing more")
    func approved() async throws {
        let scene = try await LegalScene()
        let debtor = try await scene.proposedCase()
        #expect(try await scene.legal.confirmCard(account: debtor.accountRefs[0], by: scene.anna) == .block)
        #expect(try await scene.legal.decide(debtor.debtorRef, route: .civil, by: scene.anna) == .awaitsSecond)
        await #expect(throws: RequestError.samePerson) { try await scene.legal.decide(debtor.debtorRef, route: .civil, by: scene.anna) }
        await #expect(throws: RequestError.differs(first: "approved:civil")) {
            try await scene.legal.decide(debtor.debtorRef, route: .mediation, by: scene.boris)
        }
        #expect(try await scene.referral(debtor).firstDecision == "approved:civil")
        #expect(try await scene.legal.decide(debtor.debtorRef, route: .civil, by: scene.boris) == .decided)
        #expect(try await scene.base.state(debtor) == "closed legal")
        #expect(
            try await scene.base.value("select close_code from placement where placement_id = \(debtor.placementIds[0])", as: String.self)
                == "legal")
        let referral = try await scene.referral(debtor)
        #expect(referral.state == "approved" && referral.route == .civil && referral.decidedAt == DispatchHarness.monday)
        #expect(try await scene.base.lease(["legal", "phone"]).isEmpty, "the agency's contact has ended")
        let lease = try #require(try await scene.base.lease(["legal"], as: scene.firm).first)
        #expect(lease.step == "law_firm" && lease.workCard.legal?.route == "civil")
        let firmCase = try await scene.legal.show(debtor.debtorRef).head
        #expect(firmCase.agencyId == scene.firm.agencyId && firmCase.caseId != debtor.caseId)

        // The firm files; the bank learns number and costs, and the next event is due in ninety days.
        let filed = try await scene.base.report(
            [
                try await scene.base.outcome(lease, "filed") {
                    $0.legal = LegalStatus(caseNo: "(2026)0115-1", costs: "120.00", costsCurrency: "CNY")
                }
            ], as: scene.firm)
        #expect(filed.first?.status == .accepted)
        let after = try await scene.referral(debtor)
        #expect(after.state == "filed" && after.caseNo == "(2026)0115-1" && after.costs == 12_000)

        // Another event comes to the bank itself.
        try await scene.legal.event(
            debtor.debtorRef, .firmJudgment, at: nil, caseNo: nil, costs: Money(minorUnits: 500, currency: .cny), by: scene.anna)
        let judged = try await scene.referral(debtor)
        #expect(judged.state == "judgment" && judged.costs == 12_500 && judged.caseNo == "(2026)0115-1")

        // Paid in full: the suit is withdrawn, the card is to be freed within a day.
        try await scene.pay(debtor, 2_000_000)
        #expect(try await scene.referral(debtor).state == "withdrawn")
        #expect(try await scene.legal.show(debtor.debtorRef).head.reason == "paid_in_full")
        let orders = try await scene.legal.show(debtor.debtorRef).orders
        #expect(orders.map(\.act) == [.block, .unblock])
        await #expect(throws: LegalError.notAtLawFirm(debtor.debtorRef)) {
            try await scene.legal.event(debtor.debtorRef, .firmFiled, at: nil, caseNo: nil, costs: nil, by: scene.anna)
        }
        try await scene.base.db.setBusinessTime(DispatchHarness.monday + .seconds(86_400))
        _ = try await scene.reconcile()
        #expect(try await scene.openBreaks("card_unblock_unconfirmed") == 1)
        #expect(try await scene.legal.confirmCard(account: debtor.accountRefs[0], by: scene.anna) == .unblock)
        #expect(try await scene.openBreaks("card_unblock_unconfirmed") == 0)
    }

    @Test("Rejected: the card is freed, the holder goes on lightly")
    func rejected() async throws {
        let scene = try await LegalScene()
        let debtor = try await scene.proposedCase()
        try await scene.decide(debtor, nil)
        let referral = try await scene.referral(debtor)
        #expect(referral.state == "rejected" && referral.route == nil)
        let head = try await scene.legal.show(debtor.debtorRef).head
        #expect(head.caseId == debtor.caseId && head.lightCadence && head.state == "ready")
        #expect(try await scene.legal.show(debtor.debtorRef).orders.last?.act == .unblock)
        await #expect(throws: LegalError.nothingProposed(debtor.debtorRef)) {
            try await scene.legal.decide(debtor.debtorRef, route: .civil, by: scene.boris)
        }
    }

    @Test("Paid while the bank still decides: the proposal falls away, and a late decision moves nothing")
    func paidBeforeDecision() async throws {
        let scene = try await LegalScene()
        let debtor = try await scene.proposedCase()
        let request = try #require(try await scene.referral(debtor).request)
        try await scene.pay(debtor, 2_000_000)
        #expect(try await scene.base.state(debtor) == "closed paid_in_full")
        #expect(try await scene.referral(debtor).state == "withdrawn")
        #expect(try await scene.legal.show(debtor.debtorRef).orders.last?.act == .unblock)
        #expect(
            try await scene.base.value("select state from bank_request where request_id = \(request)", as: String.self) == "withdrawn")
        await #expect(throws: LegalError.nothingProposed(debtor.debtorRef)) {
            try await scene.legal.decide(debtor.debtorRef, route: .civil, by: scene.boris)
        }
        #expect(try await scene.base.count("select count(*) from case_file") == 1)
    }

    @Test("One of two cards paid: its own referral falls away and its card is free, the other goes on to the law firm")
    func oneOfTwoPaid() async throws {
        let scene = try await LegalScene()
        let debtor = try await scene.proposedCase(balances: [2_000_000, 3_000_000])
        #expect(try await scene.base.count("select count(*) from legal_referral where state = 'proposed'") == 2)
        try await scene.pay(debtor, 2_000_000)
        #expect(try await scene.legal.show(debtor.debtorRef).referrals.map(\.state) == ["withdrawn", "proposed"])
        let orders = try await scene.legal.show(debtor.debtorRef).orders
        #expect(orders.map(\.act) == [.block, .block, .unblock] && orders.last?.accountId == debtor.accountIds[0])
        #expect(try await scene.base.state(debtor) == "requested legal")
        try await scene.decide(debtor, .civil)
        #expect(try await scene.legal.show(debtor.debtorRef).referrals.map(\.state) == ["withdrawn", "approved"])
        #expect(try await scene.base.count("select count(*) from placement where agency_id = \(scene.firm.agencyId)") == 1)
    }

    @Test("A suit out of time is not decided before counsel has looked; a rejection always may be")
    func outOfTime() async throws {
        let scene = try await LegalScene()
        let debtor = try await scene.proposedCase()
        let id = debtor.accountIds[0]
        try await scene.base.db.administrator.query("update account set limitation_end = '2026-10-01' where account_id = \(id)")
        do {
            _ = try await scene.legal.decide(debtor.debtorRef, route: .civil, by: scene.anna)
            Issue.record("decided")
        } catch LegalError.blocked(let rules) {
            #expect(rules.contains("civil_referral.needs_legal_review_if_expired"), "\(rules)")
        }
        #expect(try await scene.referral(debtor).firstDecision == nil)
        try await scene.decide(debtor, nil)
        #expect(try await scene.referral(debtor).state == "rejected")
    }

    @Test("A report to the police whose tests are not met is not decided, by compliance neither")
    func policeTests() async throws {
        let scene = try await LegalScene()
        let debtor = try await scene.proposedCase()
        do {
            _ = try await scene.legal.decide(debtor.debtorRef, route: .criminalReport, by: scene.clara)
            Issue.record("decided")
        } catch LegalError.blocked(let rules) {
            #expect(
                Set(rules) == ["criminal_referral.min_principal", "criminal_referral.effective_collections"], "20,000 CNY, no visit or talk"
            )
        }
    }

    @Test("A report to the police is decided by compliance alone; no agency, card, notice or other role is told of it")
    func police() async throws {
        let scene = try await LegalScene()
        let debtor = try await scene.proposedCase(balances: [6_000_000])
        // Two talks more than thirty days apart, the last more than three months ago.
        let id = debtor.debtorId
        var ledger = try await scene.base.ledger(debtor)
        for day in ["2026-05-01", "2026-06-15"] {
            ledger.add(
                ContactEntry(
                    at: DispatchHarness.instant("\(day)T10:00:00+08:00"), channel: .call, outcome: .conversation,
                    by: Actor(agency: debtor.agencyId)))
        }
        try await scene.base.db.administrator.query("update debtor_conduct set ledger = \(ledger.bytes) where debtor_id = \(id)")
        try await scene.base.db.administrator.query("update account set default_date = '2026-04-01' where debtor_id = \(id)")
        for person in [scene.anna, scene.boris] {
            await #expect(throws: LegalError.complianceOnly(person.role)) {
                try await scene.legal.decide(debtor.debtorRef, route: .criminalReport, by: person)
            }
        }
        #expect(try await scene.legal.decide(debtor.debtorRef, route: .criminalReport, by: scene.clara) == .awaitsSecond)
        await #expect(throws: RequestError.differs(first: "decided")) {
            try await scene.legal.decide(debtor.debtorRef, route: .civil, by: scene.boris)
        }
        #expect(try await scene.legal.decide(debtor.debtorRef, route: .criminalReport, by: scene.dora) == .decided)
        #expect(try await scene.referral(debtor).route == .criminalReport)
        #expect(try await scene.base.state(debtor) == "closed legal")
        #expect(try await scene.base.count("select count(*) from case_file") == 1, "no law firm")
        #expect(try await scene.base.lease(["legal"], as: scene.firm).isEmpty)
        for table in ["outbox", "notice"] {
            let told = try await scene.base.count(
                "select count(*) from \(unescaped: table) where convert_from(body, 'UTF8') ~* 'criminal|police' or kind ~* 'criminal'")
            #expect(told == 0, "\(table)")
        }
        let report = try await CaseReporter(database: scene.base.db.database, policies: scene.base.policies).report(debtor.debtorRef)
        for language in PlainLanguage.allCases {
            let words = PlainWords(language)
            let text = report.text(words).joined(separator: "\n") + report.lines(words).flatMap(\.rules).joined()
            #expect(!text.contains("criminal") && !text.contains("police"))
        }
        #expect(RequestService.shown("approved:criminal_report", to: .admin) == "decided")
        #expect(RequestService.shown("approved:criminal_report", to: .compliance) == "approved:criminal_report")
    }

    @Test("The record tells of the proposal, the decision and the card")
    func record() async throws {
        let scene = try await LegalScene()
        let debtor = try await scene.proposedCase()
        _ = try await scene.legal.confirmCard(account: debtor.accountRefs[0], by: scene.anna)
        try await scene.decide(debtor, .mediation)
        let report = try await CaseReporter(database: scene.base.db.database, policies: scene.base.policies).report(debtor.debtorRef)
        let kinds = Set(report.timeline.map(\.fact.kind))
        for kind in [
            "legal_proposed", "legal_decided", "card_block_ordered", "card_block_confirmed", "request_asked", "request_decided",
            "placement_ended", "case_closed",
        ] {
            #expect(kinds.contains(kind), "\(kind) in \(kinds)")
        }
        let text = report.text(PlainWords(.english)).joined(separator: "\n")
        #expect(text.contains("legal steps are approved: mediation") && text.contains("by two persons"))
    }
}
