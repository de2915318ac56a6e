import CollectionsDomain
import CollectionsStore
import PostgresDriver
import RecourseTesting
import Synchronization
import Testing

@testable import Coordinator

@Suite("carrying out a placement plan", .tags(.database), .freshDatabase, .timeLimit(.minutes(3)))
struct PlacementRunTests {
    @Test("every planned account is placed, with a case, a task, a notice to the agency and an audit entry")
    func wholeRun() async throws {
        let fixture = try await PlacementFixture.make()
        let alpha = try await fixture.agency("alpha")
        let bravo = try await fixture.agency("bravo")
        let portfolio = try await fixture.portfolio("cards")
        _ = try await fixture.debtors(40, in: portfolio)
        let several = try await fixture.debtors(10, in: portfolio, accounts: [.init(balance: 600_000), .init(balance: 400_000)])
        let runId = try await fixture.approved("cards")
        let seen = Progress()
        let report = try await fixture.service.carryOut(runId, workers: 3, by: fixture.maker) { seen.add($0) }
        #expect(report.placed == 60 && report.joined == 0 && report.waiting == 0 && report.isDone && report.passedOver.isEmpty)
        #expect(seen.last?.done == 60 && seen.last?.total == 60)
        #expect(try await fixture.held(alpha) + fixture.held(bravo) == 60)
        let counts = try await fixture.db.administrator.query(
            """
            select (select count(*) from case_file where state = 'ready'), (select count(*) from task), (select count(*) from outbox where kind = 'placed'),
                (select count(*) from capacity_reservation where open), (select count(*) from run where state = 'running'),
                (select state from placement_run where run_id = \(runId))
            """
        ).first?.decode((Int64, Int64, Int64, Int64, Int64, String).self)
        let (cases, tasks, notices, reservations, running, state) = try #require(counts)
        #expect(cases == 50 && tasks == 50 && notices == 50 && reservations == 0 && running == 0 && state == "done")
        let debtor = several[0]
        let placed = try await fixture.db.administrator.query(
            """
            select p.refer_balance, p.tier, p.bucket, p.start_stage, p.fee_schedule_id is not null, p.starts_at, p.term_end, c.stage from placement p
            join case_file c on c.part = p.part and c.case_id = p.case_id where p.part = \(debtor.part) and p.debtor_id = \(debtor.debtorId)
            order by p.account_id
            """)
        let rows = try placed.decode((Int64, Int16, String, Int16, Bool, Instant, Instant, Int16).self)
        #expect(rows.map(\.0) == [600_000, 400_000])
        let termEnd = try #require(Instant(iso8601: "2027-03-01T00:00:00+08:00"), "180 days from 1 September lead into February")
        for row in rows {
            #expect(row.1 == 1 && row.2 == "M2" && row.3 == 1 && row.4 && row.5 == PlacementFixture.start && row.6 == termEnd && row.7 == 1)
        }
        #expect(try await fixture.violations() == [])

        let again = try await fixture.service.carryOut(runId, by: fixture.maker)
        #expect(again.placed == 0 && again.isDone)
        #expect(try await fixture.violations() == [])
    }

    @Test("only an approved plan is carried out")
    func notApproved() async throws {
        let fixture = try await PlacementFixture.make()
        try await fixture.agency("alpha")
        _ = try await fixture.debtors(2, in: try await fixture.portfolio("cards"))
        let runId = try #require(try await fixture.service.plan(portfolio: "cards", strategy: .roundRobin, by: fixture.maker).runId)
        await #expect(throws: PlacementError.wrongState(runId, .planned, wanted: "approved")) {
            try await fixture.service.carryOut(runId, by: fixture.maker)
        }
        await #expect(throws: PlacementError.unknownRun(1)) { try await fixture.service.carryOut(1, by: fixture.maker) }
    }

    @Test("an account waits until the debtor was told long enough ago; the next call takes it (CN8)")
    func noticeWait() async throws {
        let fixture = try await PlacementFixture.make()
        try await fixture.agency("alpha")
        let portfolio = try await fixture.portfolio("cards", told: false)
        let told = try #require(Instant(iso8601: "2026-08-20T09:00:00+08:00"))
        _ = try await fixture.debtors(3, in: portfolio, accounts: [.init(outsourcingNoticeAt: told)])
        _ = try await fixture.debtors(5, in: portfolio)
        _ = try await fixture.debtors(2, in: portfolio, mobile: false)
        let unreachable = try await fixture.debtors(1, in: portfolio, mobile: false, address: false)
        let runId = try await fixture.approved("cards")
        let first = try await fixture.service.carryOut(runId, by: fixture.maker)
        #expect(first.placed == 3 && first.waiting == 8 && first.waitingUntil == nil && !first.isDone)

        let sent = try await fixture.notices.send(run: runId, by: fixture.maker)
        #expect(sent.sms == 5 && sent.letters == 2 && sent.known == 0 && sent.unreachable == 1)
        let again = try await fixture.notices.send(portfolio: "cards", by: fixture.maker)
        #expect(again.sms == 0 && again.letters == 0 && again.known == 7 && again.unreachable == 1)
        let messages = try await fixture.db.administrator.query("select convert_from(body, 'UTF8') from outbox where target = 'notice'")
            .map { try $0.get(0, as: String.self) }
        #expect(messages.count == 7 && messages.allSatisfy { $0.contains("\"agency\":\"alpha\"") })

        try await fixture.db.setBusinessTime(PlacementFixture.start + .seconds(2 * 86_400))
        let early = try await fixture.service.carryOut(runId, by: fixture.maker)
        #expect(early.placed == 0 && early.waiting == 8 && early.waitingUntil == Day(iso: "2026-09-04"))
        try await fixture.db.setBusinessTime(PlacementFixture.start + .seconds(3 * 86_400))
        let second = try await fixture.service.carryOut(runId, by: fixture.maker)
        #expect(second.placed == 5 && second.waiting == 3)

        // The letters count from their posting, which the bank reports.
        let letters = try await fixture.db.administrator.query(
            "select 'D' || debtor_id from debtor_notice where channel = 'letter' order by 1"
        )
        .map { try $0.get(0, as: String.self) }
        let posted = try await fixture.noticesFile(letters.map { "N1,\($0),alpha,letter,2026-09-02T10:00:00+08:00,sent" })
        let recorded = try await fixture.notices.record(file: posted, by: fixture.maker)
        #expect(recorded.rows == 2 && recorded.accounts == 2 && recorded.rejects.isEmpty)
        try await fixture.db.setBusinessTime(PlacementFixture.start + .seconds(4 * 86_400))
        let third = try await fixture.service.carryOut(runId, by: fixture.maker)
        #expect(third.placed == 2 && third.waiting == 1 && !third.isDone)
        let left: Int64 = try await fixture.db.administrator.query("select account_id from plan_item where not done").value()
        #expect(left == unreachable[0].accountIds[0])
        #expect(try await fixture.violations() == [])

        try await fixture.service.cancel(runId, reason: "the rest cannot be told", by: fixture.checker)
        let open: Int = try await fixture.db.administrator.query("select count(*) from capacity_reservation where open").value()
        #expect(open == 0)
        let plan = try await fixture.service.plan(portfolio: "cards", strategy: .roundRobin, dryRun: true, by: fixture.maker)
        #expect(plan.summary.accounts == 1, "what was not placed may be planned again")
    }

    @Test("a failed message is followed by a letter")
    func failedNotice() async throws {
        let fixture = try await PlacementFixture.make()
        try await fixture.agency("alpha")
        let debtor = try await fixture.debtors(1, in: try await fixture.portfolio("cards", told: false))[0]
        let runId = try await fixture.approved("cards")
        _ = try await fixture.notices.send(run: runId, by: fixture.maker)
        let failed = try await fixture.noticesFile(["N1,D\(debtor.debtorId),alpha,sms,,failed"])
        #expect(try await fixture.notices.record(file: failed, by: fixture.maker).accounts == 1)
        try await fixture.db.setBusinessTime(PlacementFixture.start + .seconds(9 * 86_400))
        #expect(try await fixture.service.carryOut(runId, by: fixture.maker).waiting == 1)
        let sent = try await fixture.notices.send(run: runId, by: fixture.maker)
        #expect(sent.letters == 1 && sent.sms == 0)
    }

    @Test("the bank may tell debtors by itself: its notices file counts, a bad line costs only itself")
    func banksOwnNotices() async throws {
        let fixture = try await PlacementFixture.make()
        try await fixture.agency("alpha")
        let debtors = try await fixture.debtors(3, in: try await fixture.portfolio("cards", told: false), accounts: [.init(), .init()])
        let runId = try await fixture.approved("cards")
        let file = try await fixture.noticesFile([
            "N1,D\(debtors[0].debtorId),alpha,letter,2026-08-20T10:00:00+08:00,sent",
            "N2,D\(debtors[1].debtorId),,sms,2026-08-20T10:00:00+08:00,sent",
            "N3,D\(debtors[2].debtorId),bravo,sms,2026-08-20T10:00:00+08:00,sent",
            "N4,D0,alpha,sms,2026-08-20T10:00:00+08:00,sent", "N5,D\(debtors[2].debtorId),alpha,pigeon,2026-08-20T10:00:00+08:00,sent",
            "N6,D\(debtors[2].debtorId),alpha,sms,,sent", "N7,D\(debtors[2].debtorId),alpha,sms,yesterday,sent",
        ])
        let report = try await fixture.notices.record(file: file, by: fixture.maker)
        #expect(report.rows == 7 && report.accounts == 4)
        #expect(report.rejects.map(\.field) == ["agency", "debtor_ref", "channel", "sent_at", "sent_at"])
        #expect(report.rejects.map(\.number) == [4, 5, 6, 7, 8])
        _ = try await fixture.notices.record(file: file, by: fixture.maker)
        let stored: Int = try await fixture.db.administrator.query("select count(*) from debtor_notice").value()
        #expect(stored == 4, "the same file again changes nothing")
        let placed = try await fixture.service.carryOut(runId, by: fixture.maker)
        #expect(placed.placed == 4 && placed.waiting == 2)
        await #expect(throws: IntakeError.self) {
            try await fixture.notices.record(file: try await fixture.noticesFile([], header: "debtor_ref,chanel,status"), by: fixture.maker)
        }
    }

    @Test("what has changed since the plan is judged again: such accounts go back to the pool")
    func judgedAgain() async throws {
        let fixture = try await PlacementFixture.make()
        try await fixture.agency("alpha")
        let debtors = try await fixture.debtors(6, in: try await fixture.portfolio("cards"))
        let runId = try await fixture.approved("cards")
        func account(_ index: Int) -> (Int32, Int64) { (debtors[index].part, debtors[index].accountIds[0]) }
        _ = try await fixture.db.administrator.withConnection { db in
            try await db.pipeline([
                """
                insert into hold (part, hold_id, debtor_id, type, set_at, set_by, reason)
                values (\(debtors[0].part), 1, \(debtors[0].debtorId), 'complaint', now(), 'test', 'test')
                """,
                "update account set balance = 0 where part = \(account(1).0) and account_id = \(account(1).1)",
                "update account set status = 'sold' where part = \(account(2).0) and account_id = \(account(2).1)",
                "update account set balance = balance - 100 where part = \(account(3).0) and account_id = \(account(3).1)",
            ])
        }
        let report = try await fixture.service.carryOut(runId, by: fixture.maker)
        #expect(report.placed == 3 && report.passedOver == ["hold": 1, "nothing_owed": 1, "not_open": 1] && report.isDone)
        let referred: Int64 = try await fixture.db.administrator.query(
            "select refer_balance from placement where part = \(account(3).0) and account_id = \(account(3).1)"
        ).value()
        #expect(referred == 499_900, "the refer balance is the balance at placement")
        #expect(try await fixture.violations() == [])
    }

    @Test("balances that have grown since the plan do not carry an agency beyond its money")
    func grownBalances() async throws {
        let fixture = try await PlacementFixture.make()
        let alpha = try await fixture.agency("alpha", amount: 5_000_000, currencies: ["CNY"])
        _ = try await fixture.debtors(10, in: try await fixture.portfolio("cards"))
        let runId = try await fixture.approved("cards")
        try await fixture.db.administrator.query("update account set balance = balance + 100000")
        let report = try await fixture.service.carryOut(runId, by: fixture.maker)
        #expect(report.isDone && (report.passedOver["capacity_amount"] ?? 0) >= 2)
        #expect(try await fixture.held(alpha) == report.placed)
        #expect(try await fixture.violations() == [])
    }

    @Test("an agency suspended after the approval gets nothing")
    func suspendedMeanwhile() async throws {
        let fixture = try await PlacementFixture.make()
        try await fixture.agency("alpha")
        try await fixture.agency("bravo")
        _ = try await fixture.debtors(10, in: try await fixture.portfolio("cards"))
        let runId = try await fixture.approved("cards")
        _ = try await fixture.agencies.suspend("bravo", reason: "test", by: fixture.checker)
        let report = try await fixture.service.carryOut(runId, by: fixture.maker)
        #expect(report.placed == 5 && report.passedOver == ["suspended": 5] && report.isDone)
        #expect(try await fixture.violations() == [])
    }

    // MARK: Interruptions and concurrency

    @Test("a run stopped after some chunks is completed by the next call, nothing is placed twice")
    func stopped() async throws {
        let fixture = try await PlacementFixture.make()
        try await fixture.agency("alpha")
        try await fixture.agency("bravo")
        let portfolio = try await fixture.portfolio("cards")
        _ = try await fixture.debtors(60, in: portfolio)
        _ = try await fixture.debtors(10, in: portfolio, accounts: [.init(), .init()])
        let runId = try await fixture.approved("cards")
        let stopper = Stopper(after: 5)
        let service = fixture.service
        let maker = fixture.maker
        let task = Task { try await service.carryOut(runId, workers: 2, by: maker) { _ in stopper.count() } }
        stopper.target = task
        await #expect(throws: (any Error).self) { try await task.value }
        let half: Int = try await fixture.db.administrator.query("select count(*) from placement").value()
        #expect(half > 0 && half < 80)
        #expect(try await fixture.violations() == [])
        let report = try await fixture.service.carryOut(runId, by: fixture.maker)
        #expect(report.placed == 80 - half && report.isDone)
        #expect(try await fixture.violations() == [])
        let running: Int = try await fixture.db.administrator.query("select count(*) from run where state = 'running'").value()
        #expect(running == 0)
    }

    @Test("two processes on one plan place every account once")
    func together() async throws {
        let fixture = try await PlacementFixture.make()
        let alpha = try await fixture.agency("alpha", capacity: 50)
        let bravo = try await fixture.agency("bravo", capacity: 50)
        _ = try await fixture.debtors(80, in: try await fixture.portfolio("cards"))
        let runId = try await fixture.approved("cards")
        let (other, database) = try await fixture.anotherProcess()
        let maker = fixture.maker
        async let first = fixture.service.carryOut(runId, workers: 2, by: maker)
        async let second = other.carryOut(runId, workers: 2, by: maker)
        let reports = try await [first, second]
        await database.close()
        #expect(reports[0].placed + reports[1].placed == 80)
        #expect(reports.contains { $0.isDone })
        #expect(try await fixture.held(alpha) + fixture.held(bravo) == 80)
        #expect(try await fixture.violations() == [])
    }

    @Test("two plans for the same debtors at once: capacity holds and no debtor is split")
    func rivals() async throws {
        let fixture = try await PlacementFixture.make()
        try await fixture.agency("alpha", capacity: 20)
        try await fixture.agency("bravo", capacity: 40)
        let cards = try await fixture.portfolio("cards")
        let loans = try await fixture.portfolio("loans")
        // The same debtors have an account in each portfolio, so both plans want them, each for an agency of its own choice.
        let debtors = try await fixture.debtors(40, in: cards, accounts: [.init(), .init()])
        for debtor in debtors {
            try await fixture.db.administrator.query(
                "update account set portfolio_id = \(loans) where part = \(debtor.part) and account_id = \(debtor.accountIds[1])")
        }
        let first = try await fixture.approved("cards", seed: 1)
        let second = try #require(
            try await fixture.service.plan(portfolio: "loans", strategy: .roundRobin, seed: 2, by: fixture.maker).runId)
        _ = try await fixture.service.approve(second, by: fixture.checker)
        let (other, database) = try await fixture.anotherProcess()
        let maker = fixture.maker
        async let one = fixture.service.carryOut(first, workers: 2, by: maker)
        async let two = other.carryOut(second, workers: 2, by: maker)
        let reports = try await [one, two]
        await database.close()
        #expect(reports[0].isDone && reports[1].isDone)
        let passed = reports.reduce(0) { $0 + ($1.passedOver["debtor_at_other_holder"] ?? 0) }
        #expect(reports[0].placed + reports[1].placed + passed == 60, "20 + 40 accounts have room")
        #expect(try await fixture.violations() == [])
    }

    // MARK: Second placements

    @Test("a further account joins its debtor's case in the case's stage, at once or by a plan (E12)")
    func followOn() async throws {
        let fixture = try await PlacementFixture.make()
        let alpha = try await fixture.agency("alpha", capacity: 3)
        try await fixture.agency("bravo")
        let portfolio = try await fixture.portfolio("cards")
        let placed = try await fixture.placedDebtor(accounts: [500_000], stage: .phone, agency: alpha)
        func further(_ balance: Int64) async throws -> Int64 {
            let stranger = try await fixture.debtors(1, in: portfolio, accounts: [.init(balance: balance)])[0]
            let id = try await fixture.db.database.ids.next(.account)
            try await fixture.db.administrator.query(
                """
                insert into account (part, account_id, debtor_id, account_ref, currency, portfolio_id, product, region, as_of, opening_balance, balance,
                    principal, interest, fees, amount_due, days_past_due, bucket, delinquent_since, default_date, internal_collection_done,
                    status_since, created_at)
                select \(placed.part), \(id), \(placed.debtorId), \("N\(id)"), currency, portfolio_id, product, region, as_of, opening_balance, balance,
                    principal, interest, fees, amount_due, days_past_due, bucket, delinquent_since, default_date, internal_collection_done,
                    status_since, created_at
                from account where part = \(stranger.part) and account_id = \(stranger.accountIds[0])
                """)
            try await fixture.db.administrator.query(
                "delete from account where part = \(stranger.part) and account_id = \(stranger.accountIds[0])")
            return id
        }
        let second = try await further(50_000)
        let service = FollowOnService(database: fixture.db.database, policies: fixture.policies, logger: fixture.logger)
        let report = try await service.run()
        #expect(report.joined == 1 && report.waiting == 0)
        #expect(try await service.run() == FollowOnReport(), "once is enough")
        let row = try await fixture.db.administrator.query(
            "select case_id, agency_id, start_stage, tier from placement where part = \(placed.part) and account_id = \(second)"
        ).first?.decode((Int64, Int32, Int16, Int16).self)
        let (caseId, agency, stage, tier) = try #require(row)
        #expect(caseId == placed.caseId && agency == alpha && stage == Stage.phone.rawValue && tier == 1)

        let third = try await further(60_000)
        let runId = try await fixture.approved("cards")
        let items = try await fixture.service.show(runId, account: "N\(third)")
        #expect(items.map(\.code) == ["follow_on"] && items[0].agency == "alpha")
        let carried = try await fixture.service.carryOut(runId, by: fixture.maker)
        #expect(carried.placed == 1 && carried.joined == 1)

        let fourth = try await further(70_000)
        let full = try await service.run()
        #expect(full.joined == 0 && full.notPlaced == ["debtor_at_other_holder": 1], "alpha has room for three accounts")
        let plan = try await fixture.service.plan(portfolio: "cards", strategy: .roundRobin, by: fixture.maker)
        #expect(try await fixture.service.show(try #require(plan.runId), account: "N\(fourth)").map(\.code) == ["debtor_at_other_holder"])
        let tasks: Int = try await fixture.db.administrator.query("select count(*) from task where debtor_id = \(placed.debtorId)").value()
        #expect(tasks == 1, "the case keeps its one task")
        #expect(try await fixture.violations() == [])
    }

    @Test("a follow-on whose debtor was not told is announced and waits")
    func followOnWaits() async throws {
        let fixture = try await PlacementFixture.make()
        let alpha = try await fixture.agency("alpha")
        let placed = try await fixture.placedDebtor(accounts: [500_000], stage: .phone, agency: alpha)
        let id = try await fixture.db.database.ids.next(.account)
        try await fixture.db.administrator.query(
            """
            insert into account (part, account_id, debtor_id, account_ref, currency, portfolio_id, product, region, as_of, opening_balance, balance,
                principal, interest, fees, amount_due, days_past_due, bucket, delinquent_since, default_date, internal_collection_done,
                status_since, created_at)
            select part, \(id), debtor_id, \("N\(id)"), currency, portfolio_id, product, region, as_of, opening_balance, balance,
                principal, interest, fees, amount_due, days_past_due, bucket, delinquent_since, default_date, internal_collection_done,
                status_since, created_at
            from account where part = \(placed.part) and account_id = \(placed.accountIds[0])
            """)
        let service = FollowOnService(database: fixture.db.database, policies: fixture.policies, logger: fixture.logger)
        #expect(try await service.run().waiting == 1)
        let notices: Int = try await fixture.db.administrator.query("select count(*) from debtor_notice where account_id = \(id)").value()
        #expect(notices == 1)
        try await fixture.db.setBusinessTime(PlacementFixture.start + .seconds(3 * 86_400))
        let report = try await service.run()
        #expect(report.joined == 1 && report.waiting == 0)
    }

    @Test("the handover pool goes only to an agency that visits there: tier and stage are kept, the former holder is left out")
    func handover() async throws {
        let fixture = try await PlacementFixture.make()
        let alpha = try await fixture.agency("alpha")
        let stages: [Stage] = [.informationGathering, .phone, .fieldVisit]
        try await fixture.agency("bravo", stages: stages, fieldRegions: ["CN-31"])
        let charlie = try await fixture.agency("charlie", stages: stages, fieldRegions: ["CN-44"])
        let placed = try await fixture.placedDebtor(accounts: [6_500_000], stage: .letter, agency: alpha, region: "CN-44")
        let other = try await fixture.placedDebtor(accounts: [6_500_000], stage: .letter, agency: alpha, region: "CN-65")
        let expired = try await fixture.placedDebtor(accounts: [6_500_000], stage: .letter, agency: alpha, region: "CN-44")
        for (debtor, code) in [(placed, "stage_not_contracted"), (other, "stage_not_contracted"), (expired, "expired")] {
            _ = try await fixture.db.administrator.withConnection { db in
                try await db.pipeline([
                    """
                    update placement set state = 'closed', close_code = \(code), closed_at = \(PlacementFixture.start)
                    where part = \(debtor.part) and debtor_id = \(debtor.debtorId)
                    """,
                    """
                    update case_file set state = 'closed', close_code = \(code), closed_at = \(PlacementFixture.start), reason = \(code)
                    where part = \(debtor.part) and debtor_id = \(debtor.debtorId)
                    """,
                    "delete from task where part = \(debtor.part) and debtor_id = \(debtor.debtorId)",
                ])
            }
        }
        let runId = try await fixture.approved("test")
        let first = try await fixture.service.show(runId, account: placed.accountRefs[0])
        #expect(first.map(\.agency) == ["charlie"] && first[0].code == "handover")
        #expect(try await fixture.service.show(runId, account: other.accountRefs[0]).allSatisfy { $0.agency == nil })
        let again = try await fixture.service.show(runId, account: expired.accountRefs[0])
        #expect(again[0].agency != "alpha" && again[0].agency != nil, "a rotated account goes to another holder")
        let report = try await fixture.service.carryOut(runId, by: fixture.maker)
        #expect(report.placed == 2 && report.isDone)
        let rows = try await fixture.db.administrator.query(
            """
            select p.debtor_id, p.agency_id, p.tier, p.start_stage, c.stage from placement p
            join case_file c on c.part = p.part and c.case_id = p.case_id where p.state = 'active'
            """
        ).decode((Int64, Int32, Int16, Int16, Int16).self)
        let handed = try #require(rows.first { $0.0 == placed.debtorId })
        #expect(handed.1 == charlie && handed.2 == 1 && handed.3 == Stage.fieldVisit.rawValue && handed.4 == Stage.fieldVisit.rawValue)
        let rotated = try #require(rows.first { $0.0 == expired.debtorId })
        #expect(rotated.2 == 2 && rotated.3 == Stage.informationGathering.rawValue)
        #expect(try await fixture.violations() == [])
    }

    /// What a run said of its progress.
    private final class Progress: Sendable {
        private let seen = Mutex<PlacementProgress?>(nil)

        func add(_ progress: PlacementProgress) {
            seen.withLock { seen in
                if progress.done >= seen?.done ?? 0 { seen = progress }
            }
        }

        var last: PlacementProgress? { seen.withLock { $0 } }
    }

    /// Cancels a task after some chunks.
    private final class Stopper: Sendable {
        private let state: Mutex<(left: Int, task: Task<PlacementRunReport, any Error>?)>

        init(after chunks: Int) {
            state = Mutex((chunks, nil))
        }

        var target: Task<PlacementRunReport, any Error>? {
            get { state.withLock { $0.task } }
            set { state.withLock { $0.task = newValue } }
        }

        func count() {
            state.withLock { state in
                state.left -= 1
                if state.left <= 0 { state.task?.cancel() }
            }
        }
    }
}
