import EmbeddedPostgres

/// The schema of a database as text that changes only when the schema does.
package enum SchemaDump {
    /// `pg_dump --schema-only`, without comments, session settings, blank lines, owners and the partitions of months.
    package static func normalised(database: String, on server: TestServer) throws -> String {
        let program = server.server.configuration.binaries.program("pg_dump")
        let text = try ChildProcess.output(of: [
            program, "--schema-only", "--no-owner",
            "--exclude-table=(outcome|late_outcome|task_end|contact_event|activity|audit_entry)_[0-9]+",
            "-h", server.server.socketDirectory, "-p", String(server.server.configuration.port), "-U", "postgres", "-d", database,
        ])
        let kept = text.split(separator: "\n").filter { line in
            // Versions and session settings differ between servers; \restrict carries a random word.
            !line.hasPrefix("--") && !line.hasPrefix("SET ") && !line.hasPrefix("SELECT pg_catalog.set_config") && !line.hasPrefix("\\")
        }
        return kept.joined(separator: "\n") + "\n"
    }
}
