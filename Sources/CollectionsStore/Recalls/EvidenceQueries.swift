package import CollectionsDomain
package import PostgresDriver

/// A recall with what the agency handed over since.
package struct RecallEvidence: Hashable, Sendable {
    package let part: Int32
    package let recallId: Int64
    package let placementId: Int64
    package let caseId: Int64
    package let debtorId: Int64
    package let accountRef: String
    package let agencyId: Int32
    package let agency: String
    package let category: String
    package let requestedAt: Instant
    package let executeAt: Instant
    package let stoppedAt: Instant?
    package let evidenceAt: Instant?
    package let purgeProofRef: String?
    package let chain: EvidenceChain
}

/// What an agency says about a recalled placement.
package struct RecallConfirmation: Hashable, Sendable {
    package var placementId: Int64
    package var stoppedAt: Instant
    package var openItems: Int32
    package var evidenceCount: Int32
    package var purgeProofRef: String?

    package init(placementId: Int64, stoppedAt: Instant, openItems: Int32, evidenceCount: Int32, purgeProofRef: String?) {
        self.placementId = placementId
        self.stoppedAt = stoppedAt
        self.openItems = openItems
        self.evidenceCount = evidenceCount
        self.purgeProofRef = purgeProofRef
    }
}

/// Evidence before purge: the SQL.
package enum EvidenceQueries {
    private static let columns = """
        r.part, r.recall_id, r.placement_id, p.case_id, p.debtor_id, a.account_ref, r.agency_id, g.name, r.category, r.requested_at, r.execute_at,
            r.stopped_at, r.evidence_at, r.purge_proof_ref, r.executed_at, r.confirmed_at, r.open_items, r.evidence_count, e.recorded,
            r.purge_ordered_at, r.purge_proof_at
        """
    // Contacts of the debtor as a whole count for each of his placements: their recordings are handed over with any.
    private static let joins = """
        join placement p on p.part = r.part and p.placement_id = r.placement_id
            join account a on a.part = p.part and a.account_id = p.account_id
            join agency g on g.agency_id = r.agency_id
            cross join lateral (
                select count(*) recorded from contact_event c
                where c.debtor_id = p.debtor_id and c.part = r.part and c.agency_id = r.agency_id and c.recording_ref is not null
                    and c.occurred_at >= p.starts_at and (c.account_id is null or c.account_id = p.account_id)) e
        """

    /// Recalls of a lane in effect whose purge is not proved, in key order.
    package static func unproved(part: Int32, after: Int64, limit: Int32, in db: PostgresConnection) async throws -> [RecallEvidence] {
        try await db.query(
            """
            select \(unescaped: columns) from recall r \(unescaped: joins)
            where r.part = \(part) and r.executed_at is not null and r.purge_proof_at is null and r.recall_id > \(after)
            order by r.recall_id limit \(limit)
            """
        ).map(decode)
    }

    /// Recalls of a debtor, or of one account, the newest first.
    package static func ofDebtor(
        part: Int32, debtor: Int64, account: Int64?, in db: PostgresConnection
    ) async throws -> [RecallEvidence] {
        try await db.query(
            """
            select \(unescaped: columns) from recall r \(unescaped: joins)
            where r.part = \(part) and p.debtor_id = \(debtor) and (\(account)::bigint is null or p.account_id = \(account))
            order by r.recall_id desc
            """
        ).map(decode)
    }

    /// Lanes of placements, by id.
    package static func places(placements: [Int64], parts: [Int32], in db: PostgresConnection) async throws -> [Int64: Int32] {
        var places: [Int64: Int32] = [:]
        for row in try await db.query(
            """
            select k.id, x.part from unnest(\(parts)) l (part) cross join unnest(\(placements)) k (id)
            cross join lateral (select part from placement where part = l.part and placement_id = k.id) x
            """)
        {
            let (id, part) = try row.decode((Int64, Int32).self)
            places[id] = part
        }
        return places
    }

    /// Placements of a lane with a recall in effect, locked.
    package static func lockExecuted(part: Int32, placements: [Int64], in db: PostgresConnection) async throws -> Set<Int64> {
        var found: Set<Int64> = []
        for row in try await db.query(
            """
            select placement_id from recall where part = \(part) and placement_id = any(\(placements)) and executed_at is not null
            order by recall_id for update
            """)
        { found.insert(try row.get(0)) }
        return found
    }

    /// Enters what an agency says; it is the stop-work confirmation as well, and a proof once given stays.
    ///
    /// - Returns: Whether anything was new.
    package static func confirm(
        part: Int32, _ confirmation: RecallConfirmation, at now: Instant, in db: PostgresConnection
    ) async throws -> Bool {
        let (placement, items, count) = (confirmation.placementId, confirmation.openItems, confirmation.evidenceCount)
        return try await !db.query(
            """
            update recall set confirmed_at = coalesce(confirmed_at, \(now)), stopped_at = \(confirmation.stoppedAt), open_items = \(items),
                evidence_count = \(count), evidence_at = \(now), purge_proof_ref = coalesce(purge_proof_ref, \(confirmation.purgeProofRef)),
                purge_proof_at = case when coalesce(purge_proof_ref, \(confirmation.purgeProofRef)) is null then null
                    else coalesce(purge_proof_at, \(now)) end
            where part = \(part) and placement_id = \(placement) and executed_at is not null and (confirmed_at is null
                or stopped_at is distinct from \(confirmation.stoppedAt) or open_items is distinct from \(items)
                or evidence_count is distinct from \(count)
                or (purge_proof_ref is null and \(confirmation.purgeProofRef)::text is not null))
            returning recall_id
            """
        ).isEmpty
    }

    /// Notes that the purge of recalls was ordered.
    package static func orderPurge(part: Int32, recalls: [Int64], at now: Instant) -> PostgresQuery {
        """
        update recall set purge_ordered_at = \(now)
        where part = \(part) and recall_id = any(\(recalls)) and purge_ordered_at is null
        """
    }

    private static func decode(_ row: PostgresRow) throws -> RecallEvidence {
        let (
            part, recall, placement, caseId, debtor, account, agencyId, agency, category, requested, execute, stopped, evidence, proof,
            executed,
            confirmed, items, count, recorded, ordered, proved
        ) = try row.decode(
            (
                Int32, Int64, Int64, Int64, Int64, String, Int32, String, String, Instant, Instant, Instant?, Instant?, String?, Instant?,
                Instant?, Int32?, Int32?, Int64, Instant?, Instant?
            ).self)
        return RecallEvidence(
            part: part, recallId: recall, placementId: placement, caseId: caseId, debtorId: debtor, accountRef: account, agencyId: agencyId,
            agency: agency, category: category, requestedAt: requested, executeAt: execute, stoppedAt: stopped, evidenceAt: evidence,
            purgeProofRef: proof,
            chain: EvidenceChain(
                executedAt: executed, confirmedAt: confirmed, openItems: items.map { Int($0) }, evidenceCount: count.map { Int($0) },
                recordedContacts: Int(recorded), purgeOrderedAt: ordered, purgeProofAt: proved))
    }
}
