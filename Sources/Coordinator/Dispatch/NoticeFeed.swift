import CollectionsDomain
package import CollectionsStore
import Foundation
import Logging
import PostgresDriver
package import WireTypes

/// Notices: `GET /v1/notices` with a long poll, `POST /v1/notices/ack`.
package struct NoticeFeed: Sendable {
    /// Notices in one reply.
    private static let mostNotices = 500
    /// How often a waiting call looks by itself: another node may have published.
    private static let lookEvery: Duration = .seconds(2)

    let shared: DispatchShared
    let waiters: NoticeWaiters

    init(shared: DispatchShared, waiters: NoticeWaiters) {
        self.shared = shared
        self.waiters = waiters
    }

    /// Notices after a cursor, oldest first; waits for the first one if asked to.
    package func notices(after seq: Int64, waitSeconds: Int, for agency: AgencyIdentity) async throws -> NoticesReply {
        let deadline = ContinuousClock.now + .seconds(min(max(waitSeconds, 0), WireLimit.waitSecondsMax))
        while true {
            let (rows, now) = try await read(after: seq, agency: agency.agencyId)
            if !rows.isEmpty || ContinuousClock.now >= deadline || Task.isCancelled {
                return NoticesReply(
                    notices: rows.map(notice), next: rows.last?.seq ?? seq, serverTime: WireInstant(now.business), clockRate: now.rate)
            }
            await waiters.wait(for: agency.agencyId, until: min(deadline, .now + Self.lookEvery))
        }
    }

    private func read(after seq: Int64, agency: Int32) async throws -> ([NoticeRow], Now) {
        try await shared.database.api.withTransaction { db in
            let answers = try await db.pipeline([
                Isolation.statement(agencies: [agency]), ClockQueries.readStatement,
                NoticeQueries.after(agency: agency, seq: seq, limit: Self.mostNotices),
            ])
            let now = try ClockQueries.decode(answers[1])
            try await db.query(NoticeQueries.markFetched(agency: agency, now: now.business))
            return (try NoticeQueries.rows(answers[2]), now)
        }
    }

    private func notice(_ row: NoticeRow) -> Notice {
        let body = NoticeBody(row.body)
        return Notice(
            seq: row.seq, kind: row.kind, at: WireInstant(row.at), caseRef: row.caseId.map(String.init),
            placementRef: row.placementId.map(String.init),
            taskId: row.taskId.map(String.init), accountRef: body.accountRef, reason: body.reason ?? body.type ?? body.code,
            amount: body.amount,
            currency: body.currency, effectiveAt: body.effectiveAt.flatMap { WireInstant($0) }, contactPointId: body.point.map(String.init),
            needsAck: row.needsAck)
    }

    /// Confirms notices; for a recall this is the stop-work confirmation.
    package func acknowledge(_ acks: [NoticeAck], for agency: AgencyIdentity) async throws -> NoticeAckReply {
        guard acks.count <= shared.limits.itemsPerCall else {
            throw Problem(.validation, pointers: [ProblemPointer(pointer: "/notices", reason: "too_many")])
        }
        let seqs = acks.map(\.seq)
        let (known, now) = try await shared.database.withAuditedTransaction(shared.database.api, agencies: [agency.agencyId]) {
            transaction in
            let db = transaction.connection
            let now = try await ClockQueries.read(in: db)
            let rows = try NoticeQueries.acknowledged(
                try await db.query(NoticeQueries.acknowledge(agency: agency.agencyId, seqs: seqs, now: now.business)))
            if let last = rows.map(\.seq).max() {
                try await db.query(NoticeQueries.setAcknowledged(agency: agency.agencyId, through: last))
            }
            for row in rows where row.kind == NoticeKind.recall {
                let confirmed = try await NoticeQueries.confirmRecalls(of: row, agency: agency.agencyId, at: now.business, in: db)
                for recall in confirmed {
                    transaction.audit(
                        .recall, subject: recall.placementId, ["action": "confirmed", "by": .string("agency:\(agency.agencyId)")],
                        part: row.part)
                }
            }
            return (Set(rows.map(\.seq)), now)
        }
        return NoticeAckReply(
            notices: acks.map { ack in
                known.contains(ack.seq)
                    ? NoticeAckItem(seq: ack.seq, acknowledged: true)
                    : NoticeAckItem(seq: ack.seq, acknowledged: false, problem: Problem(.notFound))
            }, serverTime: WireInstant(now.business), clockRate: now.rate)
    }
}

/// The members of a notice's stored body that the wire knows; others are for the record.
private struct NoticeBody: Decodable {
    var reason: String?
    var type: String?
    var code: String?
    var accountRef: String?
    var amount: String?
    var currency: String?
    var effectiveAt: String?
    var point: Int64?

    private enum CodingKeys: String, CodingKey {
        case reason, type, code, amount, currency, point
        case accountRef = "account_ref"
        case effectiveAt = "effective_at"
    }

    /// Reads what is there; a body written by a newer version that does not read says nothing.
    init(_ bytes: [UInt8]) {
        do { self = try JSONDecoder().decode(NoticeBody.self, from: Data(bytes)) } catch { self.init() }
    }

    private init() {}
}

/// Notice calls that wait, by agency.
package actor NoticeWaiters {
    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<Void, Never>
        let timer: Task<Void, Never>
    }

    private var waiters: [Int32: [Waiter]] = [:]
    private var lastId: UInt64 = 0

    package init() {}

    /// Waits for news of an agency, the deadline, or cancellation.
    package func wait(for agency: Int32, until deadline: ContinuousClock.Instant) async {
        lastId += 1
        let id = lastId
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled, ContinuousClock.now < deadline else {
                    continuation.resume()
                    return
                }
                let timer = Task {
                    // Cancelled when the waiter is woken: then there is nobody left to leave.
                    try? await Task.sleep(until: deadline, clock: .continuous)
                    self.leave(agency, id)
                }
                waiters[agency, default: []].append(Waiter(id: id, continuation: continuation, timer: timer))
            }
        } onCancel: {
            Task { await self.leave(agency, id) }
        }
    }

    /// Wakes everybody who waits for one of the agencies.
    package func wake(_ agencies: [Int32]) {
        for agency in agencies {
            for waiter in waiters.removeValue(forKey: agency) ?? [] {
                waiter.timer.cancel()
                waiter.continuation.resume()
            }
        }
    }

    private func leave(_ agency: Int32, _ id: UInt64) {
        guard let index = waiters[agency]?.firstIndex(where: { $0.id == id }), let waiter = waiters[agency]?.remove(at: index) else {
            return
        }
        waiter.timer.cancel()
        waiter.continuation.resume()
    }
}
