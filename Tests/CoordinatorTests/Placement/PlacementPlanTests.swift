import CollectionsDomain
import CollectionsStore
import PostgresDriver
import RecourseTesting
import Testing

@testable import Coordinator

@Suite("a placement plan", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct PlacementPlanTests {
    @Test("the same facts and seed give the same plan, another seed another", arguments: AllocationStrategy.allCases)
    func deterministic(strategy: AllocationStrategy) async throws {
        let fixture = try await PlacementFixture.make()
        for name in ["alpha", "bravo", "charlie"] { try await fixture.agency(name) }
        _ = try await fixture.debtors(60, in: try await fixture.portfolio("cards"))
        func plan(_ seed: Int64) async throws -> (hash: [UInt8], items: [String]) {
            let plan = try await fixture.service.plan(portfolio: "cards", strategy: strategy, seed: seed, by: fixture.maker)
            let items = try await fixture.db.administrator.query(
                "select account_id || ' ' || agency_id || ' ' || reason from plan_item where run_id = \(plan.runId) order by account_id")
            return (plan.inputHash, try items.map { try $0.get(0, as: String.self) })
        }
        let first = try await plan(7)
        let second = try await plan(7)
        #expect(first.items.count == 60 && first.items == second.items && first.hash == second.hash)
        var others: Set<[String]> = []
        for seed in Int64(1)...6 { others.insert(try await plan(seed).items) }
        #expect(others.count > 1)
    }

    @Test("a dry run stores nothing and says the same")
    func dryRun() async throws {
        let fixture = try await PlacementFixture.make()
        try await fixture.agency("alpha")
        _ = try await fixture.debtors(5, in: try await fixture.portfolio("cards"))
        let dry = try await fixture.service.plan(portfolio: "cards", strategy: .roundRobin, seed: 1, dryRun: true, by: fixture.maker)
        #expect(dry.runId == nil && dry.summary.accounts == 5)
        let rows: Int = try await fixture.db.administrator.query(
            "select (select count(*) from plan_item) + (select count(*) from placement_run) + (select count(*) from run)"
        ).value()
        #expect(rows == 0)
        let real = try await fixture.service.plan(portfolio: "cards", strategy: .roundRobin, seed: 1, by: fixture.maker)
        #expect(real.summary == dry.summary && real.inputHash == dry.inputHash)
    }

    @Test("every account is in the plan, each exclusion with its reason")
    func exclusions() async throws {
        let fixture = try await PlacementFixture.make()
        let agency = try await fixture.agency("alpha", regions: ["CN-44"])
        let portfolio = try await fixture.portfolio("cards")
        typealias Account = PlacementFixture.Account
        let wanted: [(account: Account, code: String)] = [
            (Account(), "placed"),
            (Account(status: "sold"), "not_open"),
            (Account(balance: 0), "nothing_owed"),
            (Account(daysPastDue: 30), "min_dpd"),
            (Account(internalCollectionDone: false), "internal_collection_not_done"),
            (Account(region: "CN-65"), "region"),
        ]
        var expected: [Int64: String] = [:]
        for (account, code) in wanted {
            let made = try await fixture.debtors(1, in: portfolio, accounts: [account])
            expected[made[0].accountIds[0]] = code
        }
        let held = try await fixture.debtors(2, in: portfolio)
        for (debtor, type) in zip(held, ["complaint", "dispute"]) {
            try await fixture.db.administrator.query(
                """
                insert into hold (part, hold_id, debtor_id, type, set_at, set_by, reason)
                values (\(debtor.part), \(debtor.debtorId), \(debtor.debtorId), \(type), now(), 'test', 'test')
                """)
        }
        expected[held[0].accountIds[0]] = "hold"
        expected[held[1].accountIds[0]] = "dispute"
        let dead = try await fixture.debtors(1, in: portfolio)
        try await fixture.db.administrator.query(
            "update debtor set verified_status = 'deceased' where part = \(dead[0].part) and debtor_id = \(dead[0].debtorId)")
        expected[dead[0].accountIds[0]] = "hold"

        let plan = try await fixture.service.plan(portfolio: "cards", strategy: .roundRobin, by: fixture.maker)
        let runId = try #require(plan.runId)
        let items = try await fixture.db.administrator.query(
            "select account_id, reason_code, agency_id from plan_item where run_id = \(runId)")
        var found: [Int64: String] = [:]
        for row in items {
            let (account, code, holder) = try row.decode((Int64, String, Int32?).self)
            found[account] = code
            #expect((holder == agency) == (code == "placed"))
        }
        #expect(found == expected)
        #expect(plan.summary.accounts == 1 && plan.summary.excludedAccounts == expected.count - 1)
        let view = try await fixture.service.show(runId)
        #expect(view.summary.accounts == 1 && view.summary.excluded.keys.sorted() == Set(expected.values).subtracting(["placed"]).sorted())
        #expect(view.samples.allSatisfy { !$0.reason.isEmpty })
        let one = try await fixture.service.show(runId, account: "A\(held[0].accountIds[0])")
        #expect(one.map(\.code) == ["hold"] && one[0].reason.contains("complaint"))
        await #expect(throws: PlacementError.unknownAccount("A0")) { try await fixture.service.show(runId, account: "A0") }
    }

    @Test("days past due roll with business time, an attestation stands for the missing column")
    func rolling() async throws {
        let fixture = try await PlacementFixture.make()
        try await fixture.agency("alpha")
        let portfolio = try await fixture.portfolio("cards")
        _ = try await fixture.debtors(1, in: portfolio, accounts: [.init(daysPastDue: 30, internalCollectionDone: nil)])
        try await fixture.db.administrator.query("update portfolio set internal_collection_done = null")
        func codes() async throws -> [String] {
            try await fixture.service.plan(portfolio: "cards", strategy: .roundRobin, dryRun: true, by: fixture.maker).summary.excluded.keys
                .sorted()
        }
        #expect(try await codes() == ["min_dpd"])
        try await fixture.db.setBusinessTime(PlacementFixture.start + .seconds(86_400))
        #expect(try await codes() == ["internal_collection_unknown"])
        try await fixture.db.administrator.query(
            """
            insert into attestation (portfolio_id, fact, holds_from, operator_id, reason, attested_at)
            values (\(portfolio), 'internal_collection_done', '2026-08-28', \(fixture.maker.id), 'test', now())
            """)
        #expect(try await codes() == [])
    }

    @Test("a debtor with several accounts goes to one agency, shares are kept within one debtor")
    func wholeAndWeighted() async throws {
        let fixture = try await PlacementFixture.make()
        let alpha = try await fixture.agency("alpha", share: 6_000)
        let bravo = try await fixture.agency("bravo", share: 4_000)
        let portfolio = try await fixture.portfolio("cards")
        _ = try await fixture.debtors(80, in: portfolio)
        _ = try await fixture.debtors(20, in: portfolio, accounts: [.init(), .init(balance: 90_000), .init(currency: "USD")])
        let plan = try await fixture.service.plan(portfolio: "cards", strategy: .weighted, seed: 5, by: fixture.maker)
        let split: Int = try await fixture.db.administrator.query(
            "select count(*) from (select debtor_id from plan_item where run_id = \(plan.runId) group by debtor_id having count(distinct agency_id) > 1) s"
        ).value()
        #expect(split == 0)
        func given(_ agency: Int32) -> Int { plan.summary.placed[agency]?.values.reduce(0) { $0 + $1.accounts } ?? 0 }
        #expect(given(alpha) + given(bravo) == 140)
        #expect(abs(given(alpha) - 84) <= 3, "60 % of 140 is 84, got \(given(alpha))")
        let debtors = plan.summary.placed.values.flatMap(\.values).reduce(0) { $0 + $1.debtors }
        #expect(debtors >= 100, "debtors are counted once per currency and bucket")
    }

    @Test("an agency that the policy's controls bar gets nothing, and the reason is its")
    func controls() async throws {
        let fixture = try await PlacementFixture.make()
        let alpha = try await fixture.agency("alpha")
        _ = try await fixture.debtors(3, in: try await fixture.portfolio("cards"))
        for (change, code) in [
            ("update agency set listed = false", "not_listed"), ("update agency set evaluated_on = '2025-08-31'", "evaluation"),
            ("update agency set trained_on = null", "training"), ("update agency set subcontracts = true", "subcontracts"),
            ("update agency set license_until = '2026-08-31'", "licence"),
            ("update agency_contract set commission_only = true", "commission_only"),
            ("update agency_contract set ends_on = '2026-08-31'", "contract"), ("delete from fee_schedule", "no_rate_card"),
        ] {
            try await fixture.db.administrator.query(PostgresQuery(change))
            let plan = try await fixture.service.plan(portfolio: "cards", strategy: .roundRobin, dryRun: true, by: fixture.maker)
            #expect(plan.summary.accounts == 0 && plan.summary.excluded.keys.sorted() == [code])
            _ = try await fixture.db.administrator.withConnection { db in
                try await db.pipeline([
                    """
                    update agency set listed = true, evaluated_on = '2026-06-01', trained_on = '2026-06-01', subcontracts = false,
                        license_until = '2028-01-01'
                    """,
                    "update agency_contract set commission_only = false, ends_on = '2028-01-01'",
                    """
                    insert into fee_schedule (agency_id, starts_on, rates) values (\(alpha), '2026-01-01', '[{"band": "*", "tier": null, "rate_bp": 1500}]')
                    on conflict do nothing
                    """,
                ])
            }
        }
        let plan = try await fixture.service.plan(portfolio: "cards", strategy: .roundRobin, dryRun: true, by: fixture.maker)
        #expect(plan.summary.accounts == 3)
    }

    @Test("after a court case no agency calls for 90 days, and then another one")
    func restAfterCourt() async throws {
        let fixture = try await PlacementFixture.make()
        let alpha = try await fixture.agency("alpha")
        let bravo = try await fixture.agency("bravo")
        let placed = try await fixture.placedDebtor(stage: .legalReferral, agency: alpha)
        _ = try await fixture.db.administrator.withConnection { db in
            try await db.pipeline([
                """
                update placement set state = 'closed', close_code = 'dismissed', closed_at = \(PlacementFixture.start - .seconds(86_400 * 80))
                where part = \(placed.part) and debtor_id = \(placed.debtorId)
                """,
                "update case_file set state = 'closed', closed_at = now() where part = \(placed.part) and debtor_id = \(placed.debtorId)",
                "delete from task where part = \(placed.part) and debtor_id = \(placed.debtorId)",
            ])
        }
        let early = try await fixture.service.plan(portfolio: "test", strategy: .roundRobin, dryRun: true, by: fixture.maker)
        #expect(early.summary.excluded.keys.sorted() == ["rest_after_court"])
        try await fixture.db.setBusinessTime(PlacementFixture.start + .seconds(86_400 * 10))
        let later = try await fixture.service.plan(portfolio: "test", strategy: .roundRobin, dryRun: true, by: fixture.maker)
        #expect(later.summary.placed.keys.sorted() == [bravo])
    }

    @Test("the policy may limit the number of agencies: those that hold accounts stay")
    func maximumAgencies() {
        func holder(_ id: Int32) -> Holder {
            Holder(
                AgencyRecord(
                    agencyId: id, name: "agency-\(id)", displayName: "Agency \(id)", kind: .collection, state: .active, stateReason: nil,
                    listed: true,
                    licenseUntil: nil, evaluatedOn: nil, trainedOn: nil, subcontracts: false),
                terms: ContractTerms(
                    startsOn: Day(number: 0), endsOn: Day(number: 40_000), stages: [.informationGathering, .phone], regions: ["*"],
                    fieldRegions: [],
                    products: ["*"], currencies: ["*"], minBalance: nil, maxBalance: nil, capacityCount: 10, capacityAmount: nil,
                    share: BasisPoints(100) ?? BasisPoints.zero, weight: 1, commissionOnly: false),
                feeScheduleId: 1, controls: AgencyControls(publicList: true, evaluationMonths: nil, trainingMonths: nil),
                day: Day(number: 20_000),
                termEnd: Day(number: 20_180), inventory: .init())
        }
        var holders = (1...4).map { holder($0) }
        #expect(holders.allSatisfy { $0.exclusion == nil })
        Holder.limit(&holders, to: 2, holding: [3])
        #expect(holders.filter { $0.exclusion == nil }.map(\.id) == [1, 3])
        #expect(holders[1].exclusion == .maxAgencies && holders[1].barred == .maxAgencies)
    }

    @Test("an approved plan speaks for its accounts: another plan leaves them alone")
    func spokenFor() async throws {
        let fixture = try await PlacementFixture.make()
        try await fixture.agency("alpha")
        _ = try await fixture.debtors(4, in: try await fixture.portfolio("cards"))
        _ = try await fixture.approved("cards")
        let plan = try await fixture.service.plan(portfolio: "cards", strategy: .roundRobin, by: fixture.maker)
        #expect(plan.summary.accounts == 0 && plan.summary.excluded.keys.sorted() == ["in_plan"])
    }

    @Test("a portfolio nobody knows, and a viewer, are refused")
    func refused() async throws {
        let fixture = try await PlacementFixture.make()
        await #expect(throws: PlacementError.unknownPortfolio("cards")) {
            try await fixture.service.plan(portfolio: "cards", strategy: .roundRobin, by: fixture.maker)
        }
        let viewer = try await PlacementFixture.person(.viewer, in: fixture.db)
        await #expect(throws: OperatorError.roleForbids(.viewer)) {
            try await fixture.service.plan(portfolio: "cards", strategy: .roundRobin, by: viewer)
        }
    }

    // MARK: Approval

    @Test("who made a plan does not approve it, and a plain operator decides nothing")
    func fourEyes() async throws {
        let fixture = try await PlacementFixture.make()
        try await fixture.agency("alpha")
        _ = try await fixture.debtors(4, in: try await fixture.portfolio("cards"))
        let runId = try #require(try await fixture.service.plan(portfolio: "cards", strategy: .roundRobin, by: fixture.maker).runId)
        await #expect(throws: PlacementError.makerIsChecker(runId)) { try await fixture.service.approve(runId, by: fixture.maker) }
        let plain = try await PlacementFixture.person(.operator, in: fixture.db)
        await #expect(throws: OperatorError.roleForbids(.operator)) { try await fixture.service.approve(runId, by: plain) }
        let approved = try await fixture.service.approve(runId, by: fixture.checker)
        #expect(approved.state == .approved && approved.checker == fixture.checker.id)
        await #expect(throws: PlacementError.wrongState(runId, .approved, wanted: "planned")) {
            try await fixture.service.approve(runId, by: fixture.checker)
        }
    }

    @Test(
        "a plan whose facts have changed is stale",
        arguments: [
            "update account set balance = balance + 1 where account_id = (select min(account_id) from account)",
            "update account set status = 'sold' where account_id = (select min(account_id) from account)",
            "update agency set listed = false", "update agency_contract set share_bp = 5",
            "insert into fee_schedule (agency_id, starts_on, rates) select agency_id, '2026-08-01', rates from fee_schedule",
            """
            insert into hold (part, hold_id, debtor_id, type, set_at, set_by, reason)
            select part, 1, debtor_id, 'cease', now(), 'test', 'test' from debtor order by debtor_id limit 1
            """,
        ])
    func stale(change: String) async throws {
        let fixture = try await PlacementFixture.make()
        try await fixture.agency("alpha")
        _ = try await fixture.debtors(4, in: try await fixture.portfolio("cards"))
        let runId = try #require(try await fixture.service.plan(portfolio: "cards", strategy: .roundRobin, by: fixture.maker).runId)
        try await fixture.db.administrator.query(PostgresQuery(change))
        await #expect(throws: PlacementError.self) { try await fixture.service.approve(runId, by: fixture.checker) }
        let run = try await fixture.db.database.core.withConnection { try await PlacementRunQueries.find(runId, in: $0) }
        #expect(run?.state == .stale)
    }

    @Test("time alone does not make a plan stale")
    func timePasses() async throws {
        let fixture = try await PlacementFixture.make()
        try await fixture.agency("alpha")
        let portfolio = try await fixture.portfolio("cards")
        _ = try await fixture.debtors(4, in: portfolio, accounts: [.init(daysPastDue: 31)])
        _ = try await fixture.debtors(4, in: portfolio, accounts: [.init(daysPastDue: 30)])
        let runId = try #require(try await fixture.service.plan(portfolio: "cards", strategy: .roundRobin, by: fixture.maker).runId)
        try await fixture.db.setBusinessTime(PlacementFixture.start + .seconds(3 * 86_400))
        #expect(try await fixture.service.approve(runId, by: fixture.checker).state == .approved)
    }

    @Test("two plans that together exceed an agency are not both approved, also at the same moment")
    func capacityOnce() async throws {
        let fixture = try await PlacementFixture.make()
        try await fixture.agency("alpha", capacity: 6)
        for name in ["cards", "loans"] { _ = try await fixture.debtors(4, in: try await fixture.portfolio(name)) }
        var runs: [Int64] = []
        for name in ["cards", "loans"] {
            runs.append(try #require(try await fixture.service.plan(portfolio: name, strategy: .roundRobin, by: fixture.maker).runId))
        }
        let (other, database) = try await fixture.anotherProcess()
        let checker = fixture.checker
        async let first = Self.approves(fixture.service, runs[0], checker)
        async let second = Self.approves(other, runs[1], checker)
        let approved = try await [first, second]
        await database.close()
        #expect(approved.count { $0 } == 1, "6 accounts have room, 8 were planned")
        let reserved: Int = try await fixture.db.administrator.query("select sum(accounts)::bigint from capacity_reservation where open")
            .value()
        #expect(reserved == 4)
    }

    private static func approves(_ service: PlacementService, _ runId: Int64, _ checker: Operator) async throws -> Bool {
        do {
            return try await service.approve(runId, by: checker).state == .approved
        } catch let error as PlacementError {
            guard case .capacityGone = error else { throw error }
            return false
        }
    }
}
