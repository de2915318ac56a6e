import CollectionsDomain
import CollectionsStore
import Crypto
import PostgresDriver

/// Streams what a plan is made from, debtor by debtor, and fingerprints it: the same facts give the same hash.
struct PlacementReader: Sendable {
    /// Accounts per page; a page costs five look-ups by key.
    static let page = 2_000

    let database: Database
    let portfolio: PortfolioRecord
    /// Approved plans whose accounts are spoken for.
    let openRuns: [Int64]
    /// Holds that end by themselves before it are over. The plan's own time, also when it is checked later.
    let at: Instant

    /// Hands over the debtors of one lane in the order of their ids, all accounts of a debtor together.
    ///
    /// - Returns: SHA-256 over the facts of the lane.
    func read(part: Int32, _ body: ([DebtorFacts]) async throws -> Void) async throws -> [UInt8] {
        var hash = SHA256()
        var position = CandidateQueries.Position.start
        // A debtor whose accounts may go on on the next page waits for it.
        var waiting: [CandidateAccount] = []
        while true {
            let from = position
            let accounts = try await database.core.withConnection { db in
                try await CandidateQueries.page(part: part, portfolioId: portfolio.portfolioId, after: from, limit: Self.page, in: db)
            }
            if let last = accounts.last { position = CandidateQueries.Position(debtorId: last.debtorId, accountId: last.accountId) }
            var whole = waiting + accounts
            waiting = []
            let isLast = accounts.count < Self.page
            if !isLast, let open = whole.last?.debtorId, let start = whole.firstIndex(where: { $0.debtorId == open }) {
                waiting = Array(whole[start...])
                whole.removeSubrange(start...)
            }
            if !whole.isEmpty {
                let ready = whole
                let debtors = try await database.core.withConnection { db in try await complete(part: part, ready, in: db) }
                for debtor in debtors { hash.update(data: Self.fingerprint(debtor)) }
                try await body(debtors)
            }
            if isLast { return Array(hash.finalize()) }
        }
    }

    /// The debtors of some accounts with everything placement asks of them.
    func complete(part: Int32, _ accounts: [CandidateAccount], in db: PostgresConnection) async throws -> [DebtorFacts] {
        let grouped = Dictionary(grouping: accounts, by: \.debtorId)
        let ids = grouped.keys.sorted()
        let accountIds = accounts.map(\.accountId)
        let open = Dictionary(grouping: try await CandidateQueries.openPlacements(part: part, debtors: ids, in: db), by: \.debtorId)
        let ended = Dictionary(
            grouping: try await CandidateQueries.endedPlacements(part: part, accounts: accountIds, in: db), by: \.debtorId)
        let holds = Dictionary(grouping: try await CandidateQueries.openHolds(part: part, debtors: ids, at: at, in: db), by: \.debtorId)
        let planned = Dictionary(
            grouping: try await PlanItemQueries.planned(part: part, runs: openRuns, accounts: accountIds, in: db), by: \.debtorId)
        return ids.map { id in
            DebtorFacts(
                debtorId: id, accounts: grouped[id] ?? [], openPlacements: open[id] ?? [], endedPlacements: ended[id] ?? [],
                holds: holds[id] ?? [],
                plannedBy: Dictionary((planned[id] ?? []).map { ($0.accountId, $0.runId) }) { first, _ in first })
        }
    }

    /// A debtor's facts as bytes: every field that a plan depends on, in a fixed order.
    private static func fingerprint(_ debtor: DebtorFacts) -> [UInt8] {
        var text = "d|\(debtor.debtorId)\n"
        for account in debtor.accounts {
            text += "a|\(account.accountId)|\(account.status)|\(account.asOf)|\(account.balance)|\(account.amountDue)|\(account.currency)"
            text +=
                "|\(account.product)|\(account.region)|\(account.daysPastDue)|\(account.bucket)|\(account.tier)|\(account.verifiedStatus)"
            text += "|\(account.internalCollectionDone.map { $0 ? "1" : "0" } ?? "-")|\(account.limitationEnd?.description ?? "-")"
            text += "|\(debtor.plannedBy[account.accountId] ?? 0)\n"
        }
        for placement in debtor.openPlacements + debtor.endedPlacements {
            text +=
                "p|\(placement.placementId)|\(placement.agencyId)|\(placement.state)|\(placement.closeCode ?? "-")|\(placement.caseState ?? "-")"
            text += "|\(placement.caseStage ?? 0)\n"
        }
        for hold in debtor.holds { text += "h|\(hold.accountId ?? 0)|\(hold.type)\n" }
        return Array(text.utf8)
    }
}
