package import CollectionsDomain
package import CollectionsStore
import EmbeddedPostgres
import PostgresDriver

/// A debtor with placed accounts, an open case and a live task.
package struct PlacedDebtor: Sendable {
    /// The debtor's lane.
    package let part: Int32
    package let debtorId: Int64
    package let debtorRef: String
    package let caseId: Int64
    package let accountIds: [Int64]
    package let accountRefs: [String]
    package let placementIds: [Int64]
    package let taskId: Int64
    /// A mobile, then a home address, then a home phone.
    package let contactPointIds: [Int64]
    package let agencyId: Int32
}

// Rows as the program writes them, put there directly: tests of one part do not need the others.
extension TestDatabase {
    /// An active agency with a contract for everything, a fee schedule of 15 % and a feed row.
    @discardableResult
    package func makeAgency(
        name: String = "Agency", kind: String = "collection", capacity: Int32 = 1_000_000, regions: [String] = ["*"],
        fieldRegions: [String] = ["*"],
        stages: [Stage] = Stage.allCases, from: Day = Day(number: 0), to: Day = Day(number: 40_000)
    ) async throws -> Int32 {
        let stageNames = stages.map(\.name)
        return try await administrator.withTransaction { db in
            let id: Int32 = try await db.query(
                """
                insert into agency (name, display_name, kind, listed, license_until, evaluated_on, trained_on, created_at)
                values (\(name), \(name), \(kind), true, \(to), \(from), \(from), now()) returning agency_id
                """
            ).value()
            _ = try await db.pipeline([
                """
                insert into agency_contract (agency_id, starts_on, ends_on, stages, regions, field_regions, products, currencies, capacity_count, share_bp)
                values (\(id), \(from), \(to), \(stageNames), \(regions), \(fieldRegions), '{*}', '{*}', \(capacity), 1000)
                """,
                """
                insert into fee_schedule (agency_id, starts_on, rates)
                values (\(id), \(from), \(PostgresJSON(#"[{"band": "*", "tier": 1, "rate_bp": 1500}, {"band": "*", "tier": 2, "rate_bp": 2000}]"#)))
                """,
                "insert into agency_feed (agency_id) values (\(id))",
            ])
            return id
        }
    }

    /// A token of an agency.
    package func makeAgencyToken(_ agency: Int32) async throws -> String {
        let token = NewToken(prefix: "rag_")
        try await administrator.query(
            "insert into agency_credential (token_hash, agency_id, label, created_at) values (\(token.hash), \(agency), 'test', now())")
        return token.text
    }

    /// An operator and the token.
    package func makeOperator(role: OperatorRole = .supervisor, name: String? = nil) async throws -> (id: Int32, token: String) {
        let token = NewToken(prefix: "rop_")
        let name = name ?? "\(role.rawValue)-\(UInt32.random(in: 0 ... .max))"
        let id: Int32 = try await administrator.query(
            """
            insert into operator (name, role, token_hash, created_at) values (\(name), \(role.rawValue), \(token.hash), now()) returning operator_id
            """
        ).value()
        return (id, token.text)
    }

    /// The portfolio of a name, made where it is missing.
    package func makePortfolio(_ name: String = "test", asOf: Day? = nil) async throws -> Int32 {
        let now = try await now()
        let day = asOf ?? Zone.utc.day(of: now.business)
        return try await administrator.query(
            """
            insert into portfolio (name, as_of, internal_collection_done, created_at) values (\(name), \(day), true, \(now.business))
            on conflict (name) do update set as_of = excluded.as_of returning portfolio_id
            """
        ).value()
    }

    /// A row of `policy_version` for rows that name one; its text is no policy, and it is in force on no day a test looks at.
    package func makePolicyVersion(yaml: String = "test") async throws -> Int32 {
        let now = try await now()
        return try await administrator.withConnection { db in
            try await PolicyVersionQueries.insert(
                policyId: "test", version: "1", sha256: Digest.sha256(yaml), yaml: yaml, effectiveFrom: Day(number: 0),
                effectiveTo: Day(number: 0),
                now: now, in: db)
        }
    }

    /// The newest policy of the database, or a row that stands for one.
    private func anyPolicyVersion() async throws -> Int32 {
        let newest = try await administrator.query("select policy_version from policy_version order by policy_version desc limit 1").first
        if let newest { return try newest.get(0) }
        return try await makePolicyVersion()
    }

    /// A debtor whose accounts are placed with an agency, with three contact points, a conduct row, an open case and one live task that is
    /// due now.
    ///
    /// - Parameters:
    ///   - balances: One account for each, in minor units; all of it is due.
    ///   - stage: The case's stage; the task is the stage's usual step.
    ///   - dueAt: Business time of the task; nil: now.
    package func makePlacedDebtor(
        accounts balances: [Int64] = [1_000_000], stage: Stage = .phone, agency: Int32, step: Step? = nil, dueAt: Instant? = nil,
        daysPastDue: Int32 = 100, region: String = "CN-SH", zone: String = "Asia/Shanghai", currency: String = "CNY",
        product: String = "credit_card"
    ) async throws -> PlacedDebtor {
        precondition(!balances.isEmpty, "a placed debtor has accounts")
        let now = try await now()
        let today = (Zone(identifier: zone) ?? .utc).day(of: now.business)
        let ids = database.ids
        let debtorId = try await ids.next(.debtor)
        let part = database.lanes.part(of: debtorId)
        let accountIds = try await ids.next(.account, count: balances.count)
        let placementIds = try await ids.next(.placement, count: balances.count)
        let points = try await ids.next(.contactPoint, count: 3)
        let caseId = try await ids.next(.caseFile)
        let taskId = try await ids.next(.task)
        let portfolio = try await makePortfolio()
        let policy = try await anyPolicyVersion()
        let debtorRef = "D\(debtorId)"
        let accountRefs = accountIds.map { "A\($0)" }
        let cipher = database.cipher
        let step = step ?? Self.usualStep(of: stage)
        let bucket = "M\(min(7, max(1, daysPastDue / 30)))"
        let since = today.adding(days: -Int(daysPastDue))

        var statements: [PostgresQuery] = []
        statements.append(
            """
            insert into debtor (part, debtor_id, debtor_ref, name_enc, id_number_enc, id_number_bidx, language, region, time_zone, created_at)
            values (\(part), \(debtorId), \(debtorRef), \(cipher.seal("Test Person \(debtorId)")), \(cipher.seal("ID\(debtorId)")),
                \(cipher.blindIndex("ID\(debtorId)")), 'zh', \(region), \(zone), \(now.business))
            """)
        for (index, balance) in balances.enumerated() {
            statements.append(
                """
                insert into account (part, account_id, debtor_id, account_ref, currency, portfolio_id, product, region, as_of, opening_balance, balance,
                    principal, interest, fees, amount_due, min_payment, days_past_due, bucket, delinquent_since, default_date,
                    internal_collection_done, outsourcing_notice_at, status_since, created_at)
                values (\(part), \(accountIds[index]), \(debtorId), \(accountRefs[index]), \(currency), \(portfolio), \(product), \(region), \(today),
                    \(balance), \(balance), \(balance), 0, 0, \(balance), \(balance / 10), \(daysPastDue), \(bucket), \(since), \(since),
                    true, \(now.business - .seconds(30 * 86_400)), \(now.business), \(now.business))
                """)
        }
        let channels = [
            ("mobile", "138\(debtorId % 100_000_000)"), ("home_address", "1 Test Road"), ("home_phone", "021\(debtorId % 10_000_000)"),
        ]
        for (index, (channel, value)) in channels.enumerated() {
            statements.append(
                """
                insert into contact_point (part, contact_point_id, debtor_id, contact_ref, role, relation, debt_relation, channel, value_enc, value_bidx,
                    rank, state, provenance, verified_at, created_at)
                values (\(part), \(points[index]), \(debtorId), \("C\(index)"), 'debtor', 'self', 'liable', \(channel), \(cipher.seal(value)),
                    \(cipher.blindIndex(value)), \(Int16(index + 1)), 'valid', 'application', \(now.business), \(now.business))
                """)
        }
        let ledger = ConductLedger(profile: DebtorProfile(zones: Zone(identifier: zone).map { .known([$0]) } ?? .unknown)).bytes
        statements.append("insert into debtor_conduct (part, debtor_id, ledger) values (\(part), \(debtorId), \(ledger))")
        statements.append(
            """
            insert into case_file (part, case_id, debtor_id, agency_id, state, stage, stage_entered_at, step, goal, point_id, counters, last_rule,
                policy_version, opened_at)
            values (\(part), \(caseId), \(debtorId), \(agency), 'ready', \(stage.rawValue), \(now.business), \(step.rawValue), \(WorkGoal.getDate.rawValue),
                \(points[0]), \(CaseCounters().stored), 'test', \(policy), \(now.business))
            """)
        for (index, balance) in balances.enumerated() {
            statements.append(
                """
                insert into placement (part, placement_id, account_id, debtor_id, case_id, agency_id, portfolio_id, run_id, state, tier, bucket, currency,
                    refer_balance, amount_due, start_stage, starts_at, term_end, reason, policy_version)
                values (\(part), \(placementIds[index]), \(accountIds[index]), \(debtorId), \(caseId), \(agency), \(portfolio), 0, 'active', 1, \(bucket),
                    \(currency), \(balance), \(balance), \(stage.rawValue), \(now.business), \(now.business + .seconds(180 * 86_400)), 'test', \(policy))
                """)
        }
        statements.append(
            """
            insert into task (part, task_id, agency_id, stage, step, state, due_at, debtor_id, case_id, attempt)
            values (\(part), \(taskId), \(agency), \(step.stage.rawValue), \(step.rawValue), 0, \(dueAt ?? now.business), \(debtorId), \(caseId), 0)
            """)
        _ = try await administrator.withConnection { db in try await db.pipeline(statements) }
        try await claimReferences(debtorRef, accountRefs, currency: currency, part: part, debtorId: debtorId, accountIds: accountIds)
        return PlacedDebtor(
            part: part, debtorId: debtorId, debtorRef: debtorRef, caseId: caseId, accountIds: accountIds, accountRefs: accountRefs,
            placementIds: placementIds, taskId: taskId, contactPointIds: points, agencyId: agency)
    }

    private func claimReferences(
        _ debtorRef: String, _ accountRefs: [String], currency: String, part: Int32, debtorId: Int64, accountIds: [Int64]
    ) async throws {
        let refs = database.refs
        try await administrator.withTransaction { db in
            _ = try await refs.claim(kind: .debtor, [(debtorRef, Digest.sha256(debtorRef))], in: db)
            try await refs.setTargets(kind: .debtor, [(debtorRef, RefTarget(part: part, id: debtorId))], in: db)
            _ = try await refs.claim(kind: .account, accountRefs.map { ($0, Digest.sha256($0)) }, in: db)
            try await refs.setTargets(kind: .account, zip(accountRefs, accountIds).map { ($0, RefTarget(part: part, id: $1)) }, in: db)
        }
    }

    /// The step a case of a stage usually has live.
    private static func usualStep(of stage: Stage) -> Step {
        switch stage {
        case .informationGathering: .gather
        case .phone, .letter: .call
        case .fieldVisit: .visit
        case .legalReferral: .lawFirm
        }
    }
}
