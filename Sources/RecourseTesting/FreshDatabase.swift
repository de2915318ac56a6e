package import Testing

/// Gives each test case a migrated database of its own; see ``TestDatabase/current``.
package struct FreshDatabaseTrait: SuiteTrait, TestTrait, TestScoping {
    /// A suite hands the trait on to its tests.
    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        // A suite has no case of its own and needs no database.
        guard testCase != nil else { return try await function() }
        try await TestServer.tests.withPermit {
            let database = try await TestDatabase.make()
            do {
                try await TestDatabase.$bound.withValue(database) { try await function() }
                try await database.destroy()
            } catch {
                try await database.destroy()
                throw error
            }
        }
    }
}

extension Trait where Self == FreshDatabaseTrait {
    /// Each test case gets a migrated database of its own.
    package static var freshDatabase: Self { Self() }
    /// Each test case gets a migrated database of its own.
    package static var database: Self { Self() }
}

extension Tag {
    /// Needs a real PostgreSQL.
    @Tag package static var database: Tag
    /// Takes more than a few seconds.
    @Tag package static var slow: Tag
}
