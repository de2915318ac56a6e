package import CollectionsDomain
package import PostgresDriver

/// A message that leaves with the transaction that caused it.
package struct OutboxRow: Hashable, Sendable {
    /// Who it is for.
    package enum Target: String, CaseIterable, Sendable {
        /// The agency named; becomes a notice in its feed.
        case agency
        /// The bank's ports.
        case letter, sms, notice
        case cardBlock = "card_block"
        case alarm
    }
    package var outboxId: Int64
    package var target: Target
    package var agencyId: Int32?
    package var kind: String
    package var caseId: Int64?
    package var placementId: Int64?
    package var taskId: Int64?
    /// Canonical JSON; ids and codes only.
    package var body: [UInt8]
    package var needsAck: Bool

    package init(
        outboxId: Int64, target: Target, agencyId: Int32? = nil, kind: String, caseId: Int64? = nil, placementId: Int64? = nil,
        taskId: Int64? = nil,
        body: CanonicalJSON = [:], needsAck: Bool = false
    ) {
        self.outboxId = outboxId
        self.target = target
        self.agencyId = agencyId
        self.kind = kind
        self.caseId = caseId
        self.placementId = placementId
        self.taskId = taskId
        self.body = body.bytes
        self.needsAck = needsAck
    }
}

/// Messages on their way out. Claimed by delete-returning with SKIP LOCKED; there is no cursor.
package enum OutboxQueries {
    /// Writes messages in the transaction that caused them.
    package static func insert(part: Int32, _ rows: [OutboxRow], at now: Instant) -> PostgresQuery {
        """
        insert into outbox (part, outbox_id, target, agency_id, kind, case_id, placement_id, task_id, body, at, needs_ack)
        select \(part), u.id, u.target, u.agency, u.kind, u.case_id, u.placement, u.task, u.body, \(now), u.ack
        from unnest(\(rows.map(\.outboxId)), \(rows.map(\.target.rawValue)), \(rows.map(\.agencyId)), \(rows.map(\.kind)), \(rows.map(\.caseId)),
            \(rows.map(\.placementId)), \(rows.map(\.taskId)), \(rows.map(\.body)), \(rows.map(\.needsAck)))
            u (id, target, agency, kind, case_id, placement, task, body, ack)
        """
    }

    /// Agencies with messages waiting.
    package static func agenciesWaiting(in db: PostgresConnection) async throws -> [Int32] {
        // One index probe per agency: the outbox itself is empty most of the time and full of dead rows.
        try await db.query(
            """
            select a.agency_id from agency a cross join lateral (
                select 1 from outbox o where o.target = 'agency' and o.agency_id = a.agency_id limit 1) waiting
            order by a.agency_id
            """
        ).map { try $0.get(0) }
    }

    /// Moves waiting messages of an agency into its feed. The feed's row is locked, so the order of `seq` is the order of commit.
    ///
    /// - Returns: How many were moved; 0 when another node publishes for this agency at the moment.
    package static func publish(agency: Int32, limit: Int, in db: PostgresConnection) async throws -> Int {
        let feed = try await db.query("select next_seq from agency_feed where agency_id = \(agency) for update skip locked")
        guard let first = try feed.first?.get(0, as: Int64.self) else { return 0 }
        let rows = try await db.query(
            """
            delete from outbox o using (
                select part, outbox_id from outbox where target = 'agency' and agency_id = \(agency)
                order by outbox_id limit \(Int32(limit)) for update skip locked) next
            where o.part = next.part and o.outbox_id = next.outbox_id
            returning o.outbox_id, o.kind, o.part, o.case_id, o.placement_id, o.task_id, o.body, o.at, o.needs_ack
            """)
        if rows.isEmpty { return 0 }
        let messages = try rows.decode((Int64, String, Int32, Int64?, Int64?, Int64?, [UInt8], Instant, Bool).self).sorted { $0.0 < $1.0 }
        let seqs = messages.indices.map { first + Int64($0) }
        _ = try await db.pipeline([
            """
            insert into notice (agency_id, seq, kind, part, case_id, placement_id, task_id, body, at, needs_ack)
            select \(agency), u.seq, u.kind, u.part, u.case_id, u.placement, u.task, u.body, u.at, u.ack
            from unnest(\(seqs), \(messages.map(\.1)), \(messages.map(\.2)), \(messages.map(\.3)), \(messages.map(\.4)), \(messages.map(\.5)),
                \(messages.map(\.6)), \(messages.map(\.7)), \(messages.map(\.8))) u (seq, kind, part, case_id, placement, task, body, at, ack)
            """,
            "update agency_feed set next_seq = \(first + Int64(messages.count)) where agency_id = \(agency)",
        ])
        return messages.count
    }
}
