import CollectionsStore
import PostgresDriver
import RecourseTesting
import Testing

@testable import Coordinator

@Suite("What a log says of an error", .freshDatabase)
struct LoggableErrorTests {
    private struct Said: Error, CustomStringConvertible {
        let description = "the debtor's name is Li Wei"
    }

    @Test("of the database what went wrong and where, without a value; of anything else its type alone")
    func line() async throws {
        #expect(LoggableError(Said()).description == "Said")
        let database = try TestDatabase.current.database
        let phone = "13800138000"
        let error = await #expect(throws: PostgresError.self) { try await database.core.query("select \(phone)::text::date") }
        let text = try LoggableError(#require(error)).description
        #expect(text.contains("[22"), "\(text)")
        #expect(!text.contains("138"), "\(text)")
    }
}
