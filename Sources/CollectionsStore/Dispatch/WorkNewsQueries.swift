package import PostgresDriver

/// News of work for the coordinators that serve agencies; what they miss they find by looking, some seconds later.
package enum WorkNewsQueries {
    /// The channel; a payload names lanes, agencies and stages, or `*` for everything.
    package static let channel = "recourse_work"

    /// Tells every coordinator to look everywhere: business time has moved, or a run has changed many cases.
    package static func announceEverything(in db: PostgresConnection) async throws {
        try await db.query("select pg_notify(\(channel), '*')")
    }
}
