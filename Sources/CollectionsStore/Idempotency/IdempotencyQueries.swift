package import PostgresDriver

/// Answers kept under a caller's own key. Not owned by a lane: the key is the caller's, not a debtor's.
package enum IdempotencyQueries {
    /// An answer as it was sent.
    package struct Row: Hashable, Sendable {
        package let bodyHash: [UInt8]
        package let status: Int32
        package let response: [UInt8]

        package init(bodyHash: [UInt8], status: Int32, response: [UInt8]) {
            self.bodyHash = bodyHash
            self.status = status
            self.response = response
        }
    }

    /// The answer kept for an actor's key.
    package static func find(actor: String, key: String, in db: PostgresConnection) async throws -> Row? {
        let result = try await db.query(
            "select body_hash, status, response from idempotency_key where actor = \(actor) and key = \(key)")
        guard let row = result.first else { return nil }
        let (hash, status, response) = try row.decode(([UInt8], Int32, [UInt8]).self)
        return Row(bodyHash: hash, status: status, response: response)
    }

    /// Keeps an answer unless there is one for the key, and returns the one that is there now.
    package static func keep(_ row: Row, actor: String, key: String, in db: PostgresConnection) async throws -> Row {
        try await db.query(
            """
            insert into idempotency_key (actor, key, body_hash, status, response, created_at)
            values (\(actor), \(key), \(row.bodyHash), \(row.status), \(row.response), now()) on conflict (actor, key) do nothing
            """)
        // A twin that came first has committed by now: its answer is the one to give.
        return try await find(actor: actor, key: key, in: db) ?? row
    }

    /// Forgets answers older than the number of hours, at most `limit`, and returns how many.
    package static func deleteOld(hours: Int32, limit: Int32, in db: PostgresConnection) async throws -> Int {
        try await db.query(
            """
            delete from idempotency_key where (actor, key) in
                (select actor, key from idempotency_key where created_at < now() - make_interval(hours => \(hours)) limit \(limit))
            returning key
            """
        ).count
    }
}
