package import CollectionsDomain
package import PostgresDriver

/// One stored entry of an audit stream.
package struct AuditEntry: Hashable, Sendable {
    package let part: Int32
    package let writer: Int64
    package let seq: Int64
    package let at: Instant
    package let kind: Int16
    package let subject: Int64
    package let body: [UInt8]
    package let hash: [UInt8]
}

/// Where a stream stood at some moment.
package struct AuditStreamHead: Hashable, Sendable {
    package let part: Int32
    package let writer: Int64
    package let seq: Int64
    package let hash: [UInt8]

    package init(part: Int32, writer: Int64, seq: Int64, hash: [UInt8]) {
        self.part = part
        self.writer = writer
        self.seq = seq
        self.hash = hash
    }
}

/// A checkpoint over all streams, chained to the one before.
package struct AuditCheckpoint: Hashable, Sendable {
    package let seq: Int64
    package let at: Instant
    package let previous: [UInt8]
    package let heads: [UInt8]
    package let root: [UInt8]
    package let hash: [UInt8]

    package init(seq: Int64, at: Instant, previous: [UInt8], heads: [UInt8], root: [UInt8], hash: [UInt8]) {
        self.seq = seq
        self.at = at
        self.previous = previous
        self.heads = heads
        self.root = root
        self.hash = hash
    }
}

/// Reading the audit record, and writing its checkpoints. Entries themselves are written by ``AuditStreams`` in the transaction they tell of.
package enum AuditQueries {
    /// The last entry of every stream.
    ///
    /// Streams are found by skipping from key to key, so the cost is that of the streams, not of the record.
    package static func heads(in db: PostgresConnection) async throws -> [AuditStreamHead] {
        try await db.query(
            """
            with recursive stream as (
                (select part, writer from audit_entry order by part, writer limit 1)
                union all
                select n.part, n.writer from stream s cross join lateral
                    (select part, writer from audit_entry a where (a.part, a.writer) > (s.part, s.writer) order by part, writer limit 1) n)
            select s.part, s.writer, e.seq, e.hash from stream s cross join lateral
                (select seq, hash from audit_entry a where a.part = s.part and a.writer = s.writer order by seq desc limit 1) e
            order by s.part, s.writer
            """
        ).map { row in
            let (part, writer, seq, hash) = try row.decode((Int32, Int64, Int64, [UInt8]).self)
            return AuditStreamHead(part: part, writer: writer, seq: seq, hash: hash)
        }
    }

    /// Up to `limit` entries in key order, after the given key.
    package static func entries(
        after key: (part: Int32, writer: Int64, seq: Int64), limit: Int32, in db: PostgresConnection
    ) async throws -> [AuditEntry] {
        try await db.query(
            """
            select part, writer, seq, at, kind, subject, body, hash from audit_entry
            where (part, writer, seq) > (\(key.part), \(key.writer), \(key.seq)) order by part, writer, seq limit \(limit)
            """
        ).map { row in
            let (part, writer, seq, at, kind, subject, body, hash) = try row.decode(
                (Int32, Int64, Int64, Instant, Int16, Int64, [UInt8], [UInt8]).self)
            return AuditEntry(part: part, writer: writer, seq: seq, at: at, kind: kind, subject: subject, body: body, hash: hash)
        }
    }

    /// All checkpoints, oldest first.
    package static func checkpoints(in db: PostgresConnection) async throws -> [AuditCheckpoint] {
        try await db.query("select seq, at, prev_hash, heads, root, hash from audit_checkpoint order by seq").map(checkpoint)
    }

    /// The newest checkpoint.
    package static func latestCheckpoint(in db: PostgresConnection) async throws -> AuditCheckpoint? {
        try await db.query("select seq, at, prev_hash, heads, root, hash from audit_checkpoint order by seq desc limit 1").first.map(
            checkpoint)
    }

    /// Writes a checkpoint; a second writer of the same number fails on the key, so that one a minute is enough from any number of nodes.
    package static func insert(_ new: AuditCheckpoint, in db: PostgresConnection) async throws {
        try await db.query(
            """
            insert into audit_checkpoint (seq, at, prev_hash, heads, root, hash)
            values (\(new.seq), \(new.at), \(new.previous), \(new.heads), \(new.root), \(new.hash))
            """)
    }

    private static func checkpoint(_ row: PostgresRow) throws -> AuditCheckpoint {
        let (seq, at, previous, heads, root, hash) = try row.decode((Int64, Instant, [UInt8], [UInt8], [UInt8], [UInt8]).self)
        return AuditCheckpoint(seq: seq, at: at, previous: previous, heads: heads, root: root, hash: hash)
    }

    /// Accepted outcomes that no entry tells of, at most `limit`.
    package static func outcomesWithoutEntry(limit: Int32, in db: PostgresConnection) async throws -> [Int64] {
        try await db.query(
            """
            select o.task_id from outcome o where not exists (
                select from audit_entry a where a.subject = o.task_id and a.kind = \(AuditKind.outcomeAccepted.rawValue) and a.part = o.part)
            order by o.task_id limit \(limit)
            """
        ).map { try $0.get(0) }
    }
}
