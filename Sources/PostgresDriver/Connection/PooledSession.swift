/// What a session behind a pooler in transaction mode can be asked to remember.
///
/// pgbouncer refuses a client that sends start-up options; told to ignore them, as is common, it drops them unseen, and a `role` that never took
/// effect is a hole. So settings are set by a statement, and only those the pooler itself carries along for each client; any other is refused before
/// a connection is made.
enum PooledSession {
    /// Reported by the server at every change, which is how a pooler learns of them.
    private static let carried: Set<String> = ["timezone", "datestyle", "standard_conforming_strings"]

    /// The statements that make a new session the configuration's; none where the session is the server's own.
    ///
    /// - Throws: `.configuration` for a setting that another client would find in its session, or lose.
    static func statements(_ configuration: PostgresConfiguration) throws(PostgresError) -> [PostgresQuery] {
        guard !configuration.namedStatements else { return [] }
        var statements: [PostgresQuery] = []
        for (name, value) in configuration.extra.sorted(by: { $0.key < $1.key }) where !isConnectionParameter(name) {
            guard carried.contains(name.lowercased()) else {
                throw PostgresError(
                    .configuration,
                    "cannot use the setting \(name) behind a pooler in transaction mode: its sessions are everybody's "
                        + "(hint: \(hint(name)))")
            }
            statements.append("select set_config(\(name), \(value), false)")
        }
        return statements
    }

    private static func hint(_ name: String) -> String {
        switch name {
        case "role": "use a login of its own for each role"
        case "options": "name each setting by itself"
        default: "give it to the login, by alter role … set \(name)"
        }
    }

    private static func isConnectionParameter(_ name: String) -> Bool { name != "options" && ConnectAttempt.known.contains(name) }
}
