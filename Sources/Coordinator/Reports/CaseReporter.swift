package import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// Why there is no report.
package enum CaseReportError: Error, Hashable, CustomStringConvertible {
    case unknown(String)
    case noCase(String)

    package var description: String {
        switch self {
        case .unknown(let ref): "no case, debtor or account has the reference \(ref)"
        case .noCase(let ref): "\(ref) was never with an agency: there is no case"
        }
    }
}

/// Puts the record of a case together. Nothing is changed; the debtor is locked for the moment the legal guard is read.
package struct CaseReporter: Sendable {
    private let database: Database
    private let policies: PolicyService
    private let environments: CaseEnvironmentSource

    /// Reports from a database.
    package init(database: Database, policies: PolicyService) {
        self.database = database
        self.policies = policies
        environments = CaseEnvironmentSource(database: database, policies: policies)
    }

    /// The newest case of a debtor, or the case of a number.
    ///
    /// - Parameter reference: `C-<number>`, the debtor's or the account's reference, or the case's number alone, in this order.
    /// - Throws: ``CaseReportError``.
    package func find(_ reference: String) async throws -> CaseOverviewQueries.Head {
        let (lanes, refs) = (database.lanes, database.refs)
        return try await database.core.withTransaction(isolation: .repeatableRead, readOnly: true) { db in
            if reference.hasPrefix("C-"), let number = Int64(reference.dropFirst(2)),
                let head = try await CaseOverviewQueries.find(caseId: number, lanes: lanes, in: db)
            {
                return head
            }
            var owner: (part: Int32, debtor: Int64)?
            if let debtor = try await refs.find(kind: .debtor, [reference], in: db)[reference] {
                owner = (debtor.part, debtor.id)
            } else if let account = try await AccountLookup.find(reference, lanes: lanes, in: db) {
                owner = (account.part, account.debtor)
            }
            if let owner {
                guard let head = try await CaseOverviewQueries.newest(part: owner.part, debtor: owner.debtor, in: db) else {
                    throw CaseReportError.noCase(reference)
                }
                return head
            }
            if let number = Int64(reference), let head = try await CaseOverviewQueries.find(caseId: number, lanes: lanes, in: db) {
                return head
            }
            throw CaseReportError.unknown(reference)
        }
    }

    /// The whole report.
    ///
    /// - Throws: ``CaseReportError``.
    package func report(_ reference: String) async throws -> CaseReport {
        let head = try await find(reference)
        guard let state = CaseState(code: head.state, reason: head.reason, until: head.until) else {
            throw UnreadableCase(caseId: head.caseId)
        }
        let present = try await database.core.withConnection { try await ClockQueries.read(in: $0) }
        let environment = try await environments.current(at: present)
        let (placed, tasks, names, timeline) = try await read(head, policy: environment.policy)
        let (guards, accountRefs) = try await guards(of: head, environment: environment)
        return CaseReport(
            head: head, state: state, placed: placed, tasks: tasks, names: names, timeline: timeline,
            next: try await next(head, placed: placed), guards: guards, accountRefs: accountRefs, policy: environment.policy,
            at: present.business, zone: environment.policy.conduct.time.zone ?? Zone(identifier: head.timeZone) ?? .utc)
    }

    private func read(_ head: CaseOverviewQueries.Head, policy: ActivePolicy) async throws -> (
        [CaseOverviewQueries.Placed], [CaseOverviewQueries.LiveTask], TimelineNames, [TimelineEntry]
    ) {
        let currency = policy.stages.amountCurrency
        return try await database.core.withTransaction(isolation: .repeatableRead, readOnly: true) { db in
            let subject = TimelineQueries.Subject(
                part: head.part, debtorId: head.debtorId, firstCase: head.firstCase, amountCurrency: currency)
            let (placed, tasks) = try await CaseOverviewQueries.details(
                part: head.part, caseId: head.caseId, debtor: head.debtorId, in: db)
            let names = try await CaseOverviewQueries.names(in: db)
            let told = try await TimelineQueries.entries(of: subject, in: db)
            let audit = try await TimelineAuditQueries.read(
                Self.audited(told.entries, head: head, live: tasks, floor: subject.floor), in: db)
            let entries = Self.explained(told.entries, by: audit.rules) + audit.entries
            return (placed, tasks, names, CaseTimeline.merged(entries, activities: told.activities))
        }
    }

    /// What to look up in the audit record: every task, payment and activity the tables told of.
    private static func audited(
        _ entries: [TimelineEntry], head: CaseOverviewQueries.Head, live: [CaseOverviewQueries.LiveTask], floor: Int64
    ) -> TimelineAuditQueries.Subject {
        var tasks = Set(live.map(\.taskId))
        var cases: Set<Int64> = [head.caseId]
        var agencies = Set(live.map(\.agencyId)).union([head.agencyId])
        var payments: Set<Int64> = []
        var activities: Set<Int64> = []
        for entry in entries {
            if let task = entry.task { tasks.insert(task) }
            if let id = entry.caseId { cases.insert(id) }
            if case .agency(let id) = entry.actor { agencies.insert(id) }
            if case .money = entry.fact { payments.insert(entry.row) }
            if case .adjustment = entry.fact { payments.insert(entry.row) }
            if case .activity = entry.fact { activities.insert(entry.row) }
        }
        return TimelineAuditQueries.Subject(
            part: head.part, tasks: tasks.sorted(), cases: cases.sorted(), payments: payments.sorted(), activities: activities.sorted(),
            agencies: agencies.sorted(), floor: floor)
    }

    /// Facts with all rules the audit record names for them.
    private static func explained(_ entries: [TimelineEntry], by rules: [TimelineAuditQueries.Rules]) -> [TimelineEntry] {
        let known = Dictionary(rules.map { ($0.of, $0.rules) }, uniquingKeysWith: { first, _ in first })
        return entries.map { entry in
            let key: TimelineAuditQueries.Rules.Of? =
                switch entry.fact {
                case .outcome, .lateOutcome: entry.task.flatMap { task in entry.epoch.map { .outcome(task: task, epoch: $0) } }
                case .money, .adjustment: .payment(entry.row)
                case .activity: .activity(entry.row)
                default: nil
                }
            guard let found = key.flatMap({ known[$0] }), !found.isEmpty else { return entry }
            var entry = entry
            entry.rules = found
            return entry
        }
    }

    // MARK: What may come

    /// The gate's word on every channel, for one account of the case; accounts of one holder are judged together.
    private func next(_ head: CaseOverviewQueries.Head, placed: [CaseOverviewQueries.Placed]) async throws -> [CaseReport.NextAct] {
        guard let account = (placed.first { $0.state == "active" } ?? placed.first)?.accountRef else { return [] }
        let explainer = PolicyExplainer(database: database, policies: policies)
        var acts: [CaseReport.NextAct] = []
        for channel in [Channel.call, .sms, .email, .letter, .visit] {
            do {
                let answers = try await explainer.explain(account: account, channel: channel).answers
                acts += answers.map { CaseReport.NextAct(channel: channel, stage: channel.stage, answer: $0) }
            } catch PolicyExplainer.Failure.noPoint {
                acts.append(CaseReport.NextAct(channel: channel, stage: channel.stage, answer: nil))
            }
        }
        return acts
    }

    private func guards(
        of head: CaseOverviewQueries.Head, environment: CaseEnvironment
    ) async throws -> (guards: [CivilGuard], refs: [Int64: String]) {
        try await database.core.withTransaction { db in
            let now = try await ClockQueries.read(in: db)
            let context = try await CaseContext.load(
                part: head.part, debtors: [head.debtorId], environment: environment, now: now, in: db)[head.debtorId]
            guard let context, context.facts.caseId == head.caseId else { return ([], [:]) }
            let refs = Dictionary(context.rows.accounts.map { ($0.accountId, $0.accountRef) }, uniquingKeysWith: { first, _ in first })
            guard !context.facts.state.isClosed else { return ([], refs) }
            let guards = try CaseMachine.civilGuards(
                facts: context.facts, policy: environment.policy.stages, now: now.business, hours: context.hours)
            return (guards, refs)
        }
    }

    // MARK: List

    /// Cases by stage, state and holder, the newest first.
    package func list(
        stage: Stage? = nil, state: CaseState.Code? = nil, agency: String? = nil, limit: Int32 = 100
    ) async throws -> (lines: [CaseOverviewQueries.Line], names: TimelineNames) {
        try await database.core.withTransaction(isolation: .repeatableRead, readOnly: true) { db in
            let names = try await CaseOverviewQueries.names(in: db)
            let id = try agency.map { name in
                guard let id = names.agencies.first(where: { $0.value == name })?.key else { throw CaseReportError.unknown(name) }
                return id
            }
            let lines = try await CaseOverviewQueries.list(stage: stage, state: state?.rawValue, agency: id, limit: limit, in: db)
            return (lines, names)
        }
    }
}
