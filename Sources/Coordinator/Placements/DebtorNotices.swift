import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Orders notices to debtors of one lane, inside a transaction that holds their locks.
struct DebtorNotices: Sendable {
    let database: Database
    let part: Int32
    /// The plan, or the run of follow-on placements.
    let runId: Int64
    /// Whether an operator attested for the portfolio that the debtors know.
    let attested: Bool
    /// What agencies are called before debtors.
    let names: [Int32: String]
    let now: Now

    /// Orders what is missing for some accounts: one message per debtor and way, naming the agency.
    ///
    /// - Parameter wanted: The agency that will call, by account.
    func order(_ wanted: [Int64: Int32], in db: PostgresConnection) async throws -> NoticeReport {
        var report = NoticeReport()
        if wanted.isEmpty { return report }
        let accounts = wanted.keys.sorted()
        let addressees = try await DebtorNoticeQueries.addressees(part: part, accounts: accounts, in: db)
        let earlier = Dictionary(
            grouping: try await DebtorNoticeQueries.notices(part: part, accounts: accounts, in: db), by: \.accountId)
        var orders: [Order] = []
        for addressee in addressees {
            guard let agencyId = wanted[addressee.accountId] else { continue }
            let decision = DebtorNoticeDecision.decide(
                addressee, agencyId: agencyId, notices: earlier[addressee.accountId] ?? [], attested: attested)
            switch decision {
            case .known: report.known += 1
            case .unreachable: report.unreachable += 1
            case .sms(let point):
                report.sms += 1
                orders.append(Order(addressee: addressee, agencyId: agencyId, channel: .sms, point: point))
            case .letter:
                report.letters += 1
                orders.append(Order(addressee: addressee, agencyId: agencyId, channel: .letter, point: nil))
            }
        }
        if orders.isEmpty { return report }
        for (index, id) in try await database.ids.next(.notice, count: orders.count).enumerated() { orders[index].noticeId = id }
        let messages = Dictionary(grouping: orders) { Order.Message(debtorId: $0.addressee.debtorId, channel: $0.channel) }
            .values.sorted { $0[0].noticeId < $1[0].noticeId }
        let outboxIds = try await database.ids.next(.outbox, count: messages.count)
        let rows = zip(outboxIds, messages).map { id, orders in message(id: id, orders) }
        _ = try await db.pipeline([
            DebtorNoticeQueries.insert(part: part, orders.map { $0.notice(runId: runId, at: now.business) }),
            OutboxQueries.insert(part: part, rows, at: now.business),
        ])
        return report
    }

    /// One account's part of a message to its debtor.
    private struct Order {
        struct Message: Hashable {
            let debtorId: Int64
            let channel: DebtorNoticeChannel
        }

        let addressee: DebtorNoticeQueries.Addressee
        let agencyId: Int32
        let channel: DebtorNoticeChannel
        let point: Int64?
        var noticeId: Int64 = 0

        /// A message counts from now, when it is handed to the bank's gateway; a letter from its posting.
        func notice(runId: Int64, at now: Instant) -> DebtorNotice {
            DebtorNotice(
                noticeId: noticeId, accountId: addressee.accountId, debtorId: addressee.debtorId, agencyId: agencyId, runId: runId,
                channel: channel.rawValue, state: channel == .sms ? .sent : .queued, sentAt: channel == .sms ? now : nil)
        }
    }

    /// The order to the bank's port: keys and codes; the port looks up name and number itself.
    private func message(id: Int64, _ orders: [Order]) -> OutboxRow {
        let first = orders[0]
        return OutboxRow(
            outboxId: id, target: .notice, kind: "debtor_notice",
            body: [
                "channel": .string(first.channel.rawValue), "debtor_ref": .string(first.addressee.debtorRef),
                "account_refs": .strings(orders.map(\.addressee.accountRef)), "agency": .string(names[first.agencyId] ?? ""),
                "contact_point_id": .optional(first.point), "notice_refs": .strings(orders.map { String($0.noticeId) }),
            ])
    }
}
