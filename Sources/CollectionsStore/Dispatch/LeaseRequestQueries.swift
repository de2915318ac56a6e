package import CollectionsDomain
package import PostgresDriver

/// What a lease call granted, so that the same call again is answered the same.
package struct LeaseRecord: Hashable, Sendable {
    package var bodyHash: [UInt8]
    /// Lane, task and epoch of each grant.
    package var grants: [(part: Int32, key: GrantKey)] {
        zip(parts, zip(tasks, epochs)).map { ($0, GrantKey(taskId: $1.0, epoch: $1.1)) }
    }
    private var parts: [Int32]
    private var tasks: [Int64]
    private var epochs: [Int32]

    /// A record by its columns.
    package init(bodyHash: [UInt8], parts: [Int32], tasks: [Int64], epochs: [Int32]) {
        self.bodyHash = bodyHash
        self.parts = parts
        self.tasks = tasks
        self.epochs = epochs
    }

    fileprivate var columns: ([Int32], [Int64], [Int32]) { (parts, tasks, epochs) }
}

/// Records of lease calls.
package enum LeaseRequestQueries {
    /// Makes a twin of a call wait for it, before either holds anything else: a twin that found every task locked by the other would answer "no
    /// work" beside the other's grants. The key of ``insert(part:agency:requestId:_:expiresAt:)`` stays the guard; this only makes it seldom needed.
    package static func queue(agency: Int32, requestId: String) -> PostgresQuery {
        var hash = FNV1a64()
        hash.combine("lease".utf8)
        withUnsafeBytes(of: agency.bigEndian) { hash.combine($0) }
        hash.combine(requestId.utf8)
        return "select pg_advisory_xact_lock(\(Int64(bitPattern: hash.value)))"
    }

    /// The record of a call in its home lane, if it granted something.
    package static func find(part: Int32, agency: Int32, requestId: String) -> PostgresQuery {
        """
        select body_hash, parts, tasks, epochs from lease_request
        where part = \(part) and agency_id = \(agency) and request_id = \(requestId)
        """
    }

    /// The answer to ``find(part:agency:requestId:)``.
    package static func record(_ result: PostgresResult) throws -> LeaseRecord? {
        try result.first.map { row in
            let (hash, parts, tasks, epochs) = try row.decode(([UInt8], [Int32], [Int64], [Int32]).self)
            return LeaseRecord(bodyHash: hash, parts: parts, tasks: tasks, epochs: epochs)
        }
    }

    /// Keeps a record. Plainly: a twin of the call waits on the key, gets 23505, and all it granted rolls back.
    package static func insert(part: Int32, agency: Int32, requestId: String, _ record: LeaseRecord, expiresAt: Instant) -> PostgresQuery {
        let (parts, tasks, epochs) = record.columns
        return """
            insert into lease_request (part, agency_id, request_id, body_hash, parts, tasks, epochs, expires_at)
            values (\(part), \(agency), \(requestId), \(record.bodyHash), \(parts), \(tasks), \(epochs), \(expiresAt))
            """
    }

    /// Removes records of a lane that no repetition can need any more, a few at a time.
    package static func deleteExpired(part: Int32, limit: Int, now: Instant, in db: PostgresConnection) async throws -> Int {
        try await db.query(
            """
            delete from lease_request l using (
                select agency_id, request_id from lease_request where part = \(part) and expires_at < \(now) limit \(Int32(limit)) for update skip locked) old
            where l.part = \(part) and l.agency_id = old.agency_id and l.request_id = old.request_id returning l.request_id
            """
        ).count
    }
}
