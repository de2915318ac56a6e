package import CollectionsDomain
package import PostgresDriver

/// A fact that no lease covers, as it is stored.
package struct ActivityRow: Hashable, Sendable {
    package var activityId: Int64
    package var agencyId: Int32
    /// The agency's own reference; the key of the receipt.
    package var activityRef: String
    package var debtorId: Int64
    package var caseId: Int64?
    package var type: String
    package var occurredAt: Instant
    package var bodyHash: [UInt8]
    package var body: [UInt8]

    package init(
        activityId: Int64, agencyId: Int32, activityRef: String, debtorId: Int64, caseId: Int64?, type: String, occurredAt: Instant,
        bodyHash: [UInt8],
        body: [UInt8]
    ) {
        self.activityId = activityId
        self.agencyId = agencyId
        self.activityRef = activityRef
        self.debtorId = debtorId
        self.caseId = caseId
        self.type = type
        self.occurredAt = occurredAt
        self.bodyHash = bodyHash
        self.body = body
    }
}

/// Activities and their receipts.
package enum ActivityQueries {
    /// Receipts of an agency's references in one lane.
    package static func receipts(part: Int32, agency: Int32, refs: [String]) -> PostgresQuery {
        """
        select activity_ref, activity_id, body_hash from activity_receipt
        where part = \(part) and agency_id = \(agency) and activity_ref = any(\(refs))
        """
    }

    /// The answer to ``receipts(part:agency:refs:)``.
    package static func receipts(_ result: PostgresResult) throws -> [String: (activityId: Int64, bodyHash: [UInt8])] {
        var receipts: [String: (activityId: Int64, bodyHash: [UInt8])] = [:]
        for row in result {
            let (ref, id, hash) = try row.decode((String, Int64, [UInt8]).self)
            receipts[ref] = (id, hash)
        }
        return receipts
    }

    /// Stores an activity and its receipt; a twin at the same moment is an error on the receipt's key.
    package static func insert(part: Int32, _ row: ActivityRow, now: Now) -> [PostgresQuery] {
        [
            """
            insert into activity (part, activity_id, agency_id, activity_ref, debtor_id, case_id, type, occurred_at, received_at, body_hash, body)
            values (\(part), \(row.activityId), \(row.agencyId), \(row.activityRef), \(row.debtorId), \(row.caseId), \(row.type), \(row.occurredAt),
                \(now.real), \(row.bodyHash), \(row.body))
            """,
            """
            insert into activity_receipt (part, agency_id, activity_ref, activity_id, body_hash)
            values (\(part), \(row.agencyId), \(row.activityRef), \(row.activityId), \(row.bodyHash))
            """,
        ]
    }

    /// Whose case or placement an activity is about, among those an agency holds or held.
    ///
    /// The lane is not in a reference, so the id alone is looked for in every lane: a read over the agency's index.
    package struct Subject: Hashable, Sendable {
        package var part: Int32
        package var debtorId: Int64
        package var caseId: Int64
    }

    /// The subject of placements, by id, as far as the agency holds or held them.
    package static func placements(parts: [Int32], ids: [Int64], agency: Int32) -> PostgresQuery {
        """
        select k.id, p.part, p.debtor_id, p.case_id from unnest(\(parts)) l (part) cross join unnest(\(ids)) k (id)
        cross join lateral (
            select part, debtor_id, case_id from placement where part = l.part and placement_id = k.id and agency_id = \(agency)) p
        """
    }

    /// The subject of cases, by id, as far as the agency holds or held them.
    package static func cases(parts: [Int32], ids: [Int64], agency: Int32) -> PostgresQuery {
        """
        select k.id, c.part, c.debtor_id, c.case_id from unnest(\(parts)) l (part) cross join unnest(\(ids)) k (id)
        cross join lateral (
            select part, debtor_id, case_id from case_file where part = l.part and case_id = k.id and agency_id = \(agency)) c
        """
    }

    /// The subject of live or ended tasks an agency had: letters and visits are reported by executors who hold nothing.
    package static func letters(parts: [Int32], ids: [Int64], agency: Int32) -> PostgresQuery {
        """
        select k.id, x.part, x.debtor_id, x.case_id from unnest(\(parts)) l (part) cross join unnest(\(ids)) k (id)
        cross join lateral (
            select part, debtor_id, case_id from letter where part = l.part and letter_id = k.id and agency_id = \(agency)) x
        """
    }

    /// The answer to a look-up of subjects.
    package static func subjects(_ result: PostgresResult) throws -> [Int64: Subject] {
        var subjects: [Int64: Subject] = [:]
        for row in result {
            let (id, part, debtor, caseId) = try row.decode((Int64, Int32, Int64, Int64).self)
            subjects[id] = Subject(part: part, debtorId: debtor, caseId: caseId)
        }
        return subjects
    }
}

extension ActivityQueries {
    /// The receipt of one reference, whichever lane it is in: a reference is the agency's own and names no lane.
    package static func receipt(parts: [Int32], agency: Int32, ref: String) -> PostgresQuery {
        """
        select r.activity_ref, r.activity_id, r.body_hash from unnest(\(parts)) l (part)
        cross join lateral (
            select activity_ref, activity_id, body_hash from activity_receipt
            where part = l.part and agency_id = \(agency) and activity_ref = \(ref)) r
        """
    }

    /// The subject of cases an agency executed a task of without holding them.
    package static func executed(parts: [Int32], ids: [Int64], agency: Int32) -> PostgresQuery {
        """
        select k.id, x.part, x.debtor_id, x.case_id from unnest(\(parts)) l (part) cross join unnest(\(ids)) k (id)
        cross join lateral (
            select part, debtor_id, case_id from letter where part = l.part and case_id = k.id and agency_id = \(agency)
            union
            select part, debtor_id, case_id from visit where part = l.part and case_id = k.id and agency_id = \(agency)) x
        """
    }

    /// The subject of tasks an agency has or had: live, reported or ended.
    package static func tasks(parts: [Int32], ids: [Int64], agency: Int32) -> PostgresQuery {
        """
        select k.id, x.part, x.debtor_id, x.case_id from unnest(\(parts)) l (part) cross join unnest(\(ids)) k (id)
        cross join lateral (
            select part, debtor_id, case_id from task where part = l.part and task_id = k.id and agency_id = \(agency)
            union
            select part, debtor_id, case_id from outcome where part = l.part and task_id = k.id and agency_id = \(agency)
            union
            select part, debtor_id, 0 from task_end where part = l.part and task_id = k.id and agency_id = \(agency)) x
        """
    }
}
