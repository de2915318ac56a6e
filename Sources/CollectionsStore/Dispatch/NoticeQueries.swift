package import CollectionsDomain
package import PostgresDriver

/// A notice of an agency's feed.
package struct NoticeRow: Hashable, Sendable {
    package var seq: Int64
    package var kind: String
    package var caseId: Int64?
    package var placementId: Int64?
    package var taskId: Int64?
    /// Canonical JSON.
    package var body: [UInt8]
    /// Business time of the event.
    package var at: Instant
    package var needsAck: Bool
}

/// The feeds of agencies: what the publisher has put in order.
package enum NoticeQueries {
    /// Notices after a cursor, oldest first.
    package static func after(agency: Int32, seq: Int64, limit: Int) -> PostgresQuery {
        """
        select seq, kind, case_id, placement_id, task_id, body, at, needs_ack from notice
        where agency_id = \(agency) and seq > \(seq) order by seq limit \(Int32(limit))
        """
    }

    /// The answer to ``after(agency:seq:limit:)``.
    package static func rows(_ result: PostgresResult) throws -> [NoticeRow] {
        try result.map { row in
            let (seq, kind, caseId, placement, task, body, at, ack) = try row.decode(
                (Int64, String, Int64?, Int64?, Int64?, [UInt8], Instant, Bool).self)
            return NoticeRow(seq: seq, kind: kind, caseId: caseId, placementId: placement, taskId: task, body: body, at: at, needsAck: ack)
        }
    }

    /// Says that an agency has fetched its notices; written at most once a minute, so that long polls do not churn the row.
    package static func markFetched(agency: Int32, now: Instant) -> PostgresQuery {
        """
        update agency_feed set fetched_at = \(now)
        where agency_id = \(agency) and (fetched_at is null or fetched_at < \(now) - interval '1 minute')
        """
    }

    /// The newest notices of a feed that are looked at for those nobody fetched: a bound on the work, far above what an agency is told in a day.
    private static let unfetchedLook: Int32 = 100_000

    /// Agencies with notices they never fetched, and the instant of the oldest of them.
    package static func unfetched(in db: PostgresConnection) async throws -> [(agency: Int32, oldest: Instant, count: Int64)] {
        try await db.query(
            """
            select f.agency_id, n.oldest, n.count from agency_feed f cross join lateral (
                select min(at) oldest, count(*) count from (
                    select at from notice where agency_id = f.agency_id order by seq desc limit \(unfetchedLook)) newest
                where f.fetched_at is null or at > f.fetched_at) n
            where n.count > 0 order by f.agency_id
            """
        ).map { row in
            let (agency, oldest, count) = try row.decode((Int32, Instant, Int64).self)
            return (agency, oldest, count)
        }
    }

    /// Confirms notices. Confirming twice changes nothing; the first time counts.
    package static func acknowledge(agency: Int32, seqs: [Int64], now: Instant) -> PostgresQuery {
        """
        update notice set acknowledged_at = coalesce(acknowledged_at, \(now))
        where agency_id = \(agency) and seq = any(\(seqs.sorted())) returning seq, kind, part, placement_id, case_id
        """
    }

    /// A confirmed notice.
    package struct Acknowledged: Hashable, Sendable {
        package var seq: Int64
        package var kind: String
        package var part: Int32
        package var placementId: Int64?
        package var caseId: Int64?
    }

    /// The answer to ``acknowledge(agency:seqs:now:)``.
    package static func acknowledged(_ result: PostgresResult) throws -> [Acknowledged] {
        try result.map { row in
            let (seq, kind, part, placement, caseId) = try row.decode((Int64, String, Int32, Int64?, Int64?).self)
            return Acknowledged(seq: seq, kind: kind, part: part, placementId: placement, caseId: caseId)
        }
    }

    /// Moves the agency's own cursor of confirmations.
    package static func setAcknowledged(agency: Int32, through seq: Int64) -> PostgresQuery {
        """
        update agency_feed set acknowledged_seq = greatest(acknowledged_seq, \(seq))
        where agency_id = \(agency) and acknowledged_seq < \(seq)
        """
    }

    /// The stop-work confirmation of a recall's notice, which names a placement or a whole case: set once, after the recall was executed.
    package static func confirmRecalls(
        of notice: Acknowledged, agency: Int32, at now: Instant, in db: PostgresConnection
    ) async throws -> [(recallId: Int64, placementId: Int64)] {
        let result = try await db.query(
            """
            update recall set confirmed_at = \(now)
            where part = \(notice.part) and agency_id = \(agency) and confirmed_at is null and executed_at is not null
                and placement_id in (
                    select placement_id from placement where part = \(notice.part) and agency_id = \(agency)
                        and (placement_id = \(notice.placementId) or case_id = \(notice.caseId)))
            returning recall_id, placement_id
            """)
        return try result.map { row in
            let (recall, placement) = try row.decode((Int64, Int64).self)
            return (recall, placement)
        }
    }
}
