import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation
import Logging
import PostgresDriver
import RecourseTesting

/// A bank with a policy, operators and agencies on 1 September 2026, and portfolios of unplaced accounts.
struct PlacementFixture {
    let db: TestDatabase
    let policies: PolicyService
    let service: PlacementService
    let agencies: AgencyService
    let notices: NoticeService
    /// Asks for things.
    let maker: Operator
    /// Decides them.
    let checker: Operator
    let logger = Logger(label: "test")

    /// 10:00 in Shanghai.
    static let start = Instant(iso8601: "2026-09-01T10:00:00+08:00") ?? Instant(seconds: 0)

    static func make() async throws -> PlacementFixture {
        let db = try TestDatabase.current
        try await db.setBusinessTime(start)
        let policies = PolicyService(database: db.database)
        try await policies.load(yamlPath: root + "/Deploy/policies/cn-credit-card.yaml")
        return PlacementFixture(
            db: db, policies: policies, service: PlacementService(database: db.database, policies: policies, logger: Logger(label: "test")),
            agencies: AgencyService(database: db.database, logger: Logger(label: "test")),
            notices: NoticeService(database: db.database, logger: Logger(label: "test")),
            maker: try await person(.supervisor, in: db), checker: try await person(.supervisor, in: db))
    }

    /// The repository, wherever the tests are built from.
    static let root: String = {
        var url = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url.path
    }()

    static func person(_ role: OperatorRole, in db: TestDatabase) async throws -> Operator {
        let made = try await db.makeOperator(role: role)
        return try await db.database.core.withConnection {
            try await OperatorQueries.authenticate(name: nil, tokenHash: NewToken.hash(of: made.token), in: $0)
        }
    }

    /// Another process: its own pools, ids and holder name.
    func anotherProcess() async throws -> (service: PlacementService, database: Database) {
        let database = try await db.openAgain()
        return (PlacementService(database: database, policies: PolicyService(database: database), logger: logger), database)
    }

    // MARK: Agencies

    /// An agency that may take everything, with what the controls of the policy ask for.
    @discardableResult
    func agency(
        _ name: String, capacity: Int32 = 1_000_000, amount: Int64? = nil, share: Int32 = 1_000, currencies: [String] = ["*"],
        regions: [String] = ["*"], stages: [Stage] = [.informationGathering, .phone], fieldRegions: [String] = []
    ) async throws -> Int32 {
        let day = Zone.utc.day(of: Self.start)
        let id = try await db.makeAgency(
            name: name, capacity: capacity, regions: regions, fieldRegions: fieldRegions, stages: stages, from: day.adding(months: -6),
            to: day.adding(months: 24))
        try await db.administrator.query(
            "update agency_contract set share_bp = \(share), capacity_amount = \(amount), currencies = \(currencies) where agency_id = \(id)"
        )
        return id
    }

    // MARK: Portfolios

    /// A portfolio whose debtors were told long ago, unless `told` says otherwise.
    func portfolio(_ name: String, told: Bool = true) async throws -> Int32 {
        let id = try await db.makePortfolio(name)
        if told {
            try await db.administrator.query(
                """
                insert into attestation (portfolio_id, fact, holds_from, operator_id, reason, attested_at)
                values (\(id), 'debtor_notice', \(Zone.utc.day(of: Self.start).adding(days: -3)), \(maker.id), 'test', now())
                """)
        }
        return id
    }

    /// One account as a test wants it.
    struct Account {
        var balance: Int64 = 500_000
        var currency = "CNY"
        var product = "credit_card"
        var region = "CN-44"
        var status = "open"
        var daysPastDue: Int32 = 60
        var internalCollectionDone: Bool? = true
        var outsourcingNoticeAt: Instant?
    }

    /// A debtor with accounts and, if wanted, a mobile number.
    struct Debtor {
        let part: Int32
        let debtorId: Int64
        let accountIds: [Int64]
        let accountRefs: [String]
    }

    /// Adds debtors, each with the same accounts.
    func debtors(
        _ count: Int, in portfolio: Int32, accounts: [Account] = [Account()], mobile: Bool = true, address: Bool = true
    ) async throws -> [Debtor] {
        let database = db.database
        let now = try await db.now().business
        let day = Zone.utc.day(of: now)
        let ids = try await database.ids.next(.debtor, count: count)
        let accountIds = try await database.ids.next(.account, count: count * accounts.count)
        let points = try await database.ids.next(.contactPoint, count: count)
        var made: [Debtor] = []
        for (index, id) in ids.enumerated() {
            let own = Array(accountIds[index * accounts.count..<(index + 1) * accounts.count])
            made.append(
                Debtor(part: database.lanes.part(of: id), debtorId: id, accountIds: own, accountRefs: own.map { "A\($0)" }))
        }
        for (part, debtors) in Dictionary(grouping: made, by: \.part) {
            var statements: [PostgresQuery] = [
                """
                insert into debtor (part, debtor_id, debtor_ref, region, time_zone, created_at)
                select \(part), u.id, 'D' || u.id, 'CN-44', 'Asia/Shanghai', \(now) from unnest(\(debtors.map(\.debtorId))) u (id)
                """
            ]
            for debtor in debtors {
                for (account, id) in zip(accounts, debtor.accountIds) {
                    statements.append(
                        """
                        insert into account (part, account_id, debtor_id, account_ref, currency, portfolio_id, product, region, status, as_of,
                            opening_balance, balance, principal, interest, fees, amount_due, days_past_due, bucket, delinquent_since, default_date,
                            internal_collection_done, outsourcing_notice_at, billing_address_enc, status_since, created_at)
                        values (\(part), \(id), \(debtor.debtorId), \("A\(id)"), \(account.currency), \(portfolio), \(account.product),
                            \(account.region), \(account.status), \(day), \(account.balance), \(account.balance), \(account.balance), 0, 0,
                            \(account.balance), \(account.daysPastDue), \("M\(account.daysPastDue / 30)"), \(day.adding(days: -Int(account.daysPastDue))),
                            \(day.adding(days: -Int(account.daysPastDue))), \(account.internalCollectionDone), \(account.outsourcingNoticeAt),
                            \(address ? database.cipher.seal("1 Test Road") : nil), \(now), \(now))
                        """)
                }
                if mobile {
                    let point = points[made.firstIndex { $0.debtorId == debtor.debtorId } ?? 0]
                    let value = "139\(debtor.debtorId % 100_000_000)"
                    statements.append(
                        """
                        insert into contact_point (part, contact_point_id, debtor_id, contact_ref, role, relation, debt_relation, channel, value_enc,
                            value_bidx, state, provenance, created_at)
                        values (\(part), \(point), \(debtor.debtorId), 'C1', 'debtor', 'self', 'liable', 'mobile', \(database.cipher.seal(value)),
                            \(database.cipher.blindIndex(value)), 'valid', 'application', \(now))
                        """)
                }
            }
            let batch = statements
            _ = try await db.administrator.withConnection { connection in try await connection.pipeline(batch) }
        }
        return made
    }

    /// A debtor whose accounts are with an agency already.
    func placedDebtor(
        accounts: [Int64] = [500_000], stage: Stage = .phone, agency: Int32, region: String = "CN-44"
    ) async throws -> PlacedDebtor {
        let made = try await db.makePlacedDebtor(accounts: accounts, stage: stage, agency: agency, region: region)
        // The rows name a policy version of their own; it must not be the one that decides.
        try await db.administrator.query("update policy_version set effective_to = '1970-01-02' where policy_id = 'test'")
        return made
    }

    /// A notices file of the bank, in a place of its own.
    func noticesFile(
        _ lines: [String], header: String = "notice_ref,debtor_ref,agency,channel,sent_at,status"
    ) async throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("notices-\(UInt64.random(in: 0 ... .max)).csv").path
        try (([header] + lines).joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        // The directory of keys, which the import of accounts would have filled.
        let refs = db.database.refs
        let known = try await db.administrator.query("select debtor_ref, part, debtor_id from debtor").decode((String, Int32, Int64).self)
        try await db.administrator.withTransaction { connection in
            _ = try await refs.claim(kind: .debtor, known.map { ($0.0, Digest.sha256($0.0)) }, in: connection)
            try await refs.setTargets(kind: .debtor, known.map { ($0.0, RefTarget(part: $0.1, id: $0.2)) }, in: connection)
        }
        return path
    }

    // MARK: Going through

    /// A plan, made and approved.
    func approved(_ portfolio: String, strategy: AllocationStrategy = .roundRobin, seed: Int64? = 1) async throws -> Int64 {
        let plan = try await service.plan(portfolio: portfolio, strategy: strategy, seed: seed, by: maker)
        guard let runId = plan.runId else { throw PlacementError.unknownRun(0) }
        _ = try await service.approve(runId, by: checker)
        return runId
    }

    /// Open accounts of an agency.
    func held(_ agency: Int32) async throws -> Int {
        try await db.administrator.query("select count(*) from placement where agency_id = \(agency) and state in ('active', 'recalling')")
            .value()
    }

    /// What must hold after everything: one holder per debtor, one placement per account, a case with its task, no capacity exceeded (I5, I6, I11).
    func violations() async throws -> [String] {
        var found: [String] = []
        for sql in [
            "select 'account ' || account_id from placement where state in ('active', 'recalling') group by part, account_id having count(*) > 1",
            "select 'debtor ' || debtor_id from placement where state = 'active' group by part, debtor_id having count(distinct agency_id) > 1",
            """
            select 'placement ' || p.placement_id from placement p left join case_file c on c.part = p.part and c.case_id = p.case_id
            where p.state = 'active' and (c.case_id is null or c.agency_id <> p.agency_id or c.state = 'closed')
            """,
            """
            select 'case ' || c.case_id from case_file c where c.state = 'ready'
                and not exists (select from task t where t.part = c.part and t.case_id = c.case_id)
            """,
            """
            select 'agency ' || k.agency_id from agency_contract k
            join (select agency_id, count(*) n, sum(refer_balance) m from placement where state in ('active', 'recalling') group by agency_id) p
                on p.agency_id = k.agency_id
            where p.n > k.capacity_count or p.m > k.capacity_amount
            """,
            """
            select 'audit of placement ' || p.placement_id from placement p
            where p.run_id <> 0 and (select count(*) from audit_entry a where a.kind = 12 and a.subject = p.placement_id) <> 1
            """,
            """
            select 'item ' || i.account_id from plan_item i where i.done and i.agency_id is not null
                and not exists (select from placement p where p.part = i.part and p.account_id = i.account_id and p.run_id = i.run_id)
            """,
        ] {
            found += try await db.administrator.query(PostgresQuery(sql)).map { try $0.get(0, as: String.self) }
        }
        return found
    }
}
