package import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// The letters as operators see them: no name, no address.
package struct LetterRegister: Sendable {
    private let database: Database

    package init(database: Database) {
        self.database = database
    }

    /// The newest letters, of one state or of all.
    ///
    /// - Throws: The driver's errors.
    package func newest(state: CaseFacts.Letter.State?, limit: Int) async throws -> [LetterRecord] {
        try await database.core.withConnection { db in
            try await LetterQueries.list(state: state, parts: Array(database.lanes.all), limit: limit, in: db)
        }
    }

    /// One letter; nil: there is none of that number.
    ///
    /// - Throws: The driver's errors.
    package func letter(_ id: Int64) async throws -> LetterRecord? {
        try await database.core.withConnection { db in
            try await LetterQueries.list(ids: [id], parts: Array(database.lanes.all), limit: 1, in: db)
        }.first
    }
}
