package import CollectionsStore
import PostgresDriver

/// Keeps answers to calls with an `Idempotency-Key` in the database, where every coordinator finds them.
package struct DatabaseIdempotency: IdempotencyStore {
    private let database: Database

    /// Over the API's pool of a database.
    package init(_ database: Database) {
        self.database = database
    }

    package func reply(agency: Int32, key: String) async throws -> StoredReply? {
        try await DatabaseFailure.translating {
            try await database.api.withConnection { db in
                try await IdempotencyQueries.find(actor: Self.actor(agency), key: key, in: db).map(Self.stored)
            }
        }
    }

    package func keep(_ reply: StoredReply, agency: Int32, key: String) async throws -> StoredReply {
        try await DatabaseFailure.translating {
            try await database.api.withConnection { db in
                let row = IdempotencyQueries.Row(bodyHash: reply.bodyHash, status: Int32(reply.status), response: reply.body)
                return Self.stored(try await IdempotencyQueries.keep(row, actor: Self.actor(agency), key: key, in: db))
            }
        }
    }

    /// Forgets what no caller can still be repeating.
    package func forgetOld() async throws {
        try await DatabaseFailure.translating {
            try await database.api.withConnection { db in
                while try await IdempotencyQueries.deleteOld(hours: Self.hoursKept, limit: Self.deletedAtOnce, in: db) == Self.deletedAtOnce
                {}
            }
        }
    }

    private static func stored(_ row: IdempotencyQueries.Row) -> StoredReply {
        StoredReply(bodyHash: row.bodyHash, status: Int(row.status), body: row.response)
    }

    private static func actor(_ agency: Int32) -> String { "agency:\(agency)" }

    /// As long as records of lease calls.
    private static let hoursKept: Int32 = 48
    private static let deletedAtOnce: Int32 = 1000
}
