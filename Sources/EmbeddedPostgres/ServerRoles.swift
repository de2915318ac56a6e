package import Logging
package import PostgresDriver

/// The roles and the database of a fresh server.
package enum ServerRoles {
    /// Makes the three roles, and a database of the owner's, where they are missing. Every step can be repeated.
    ///
    /// - Parameters:
    ///   - administrator: A superuser's login.
    ///   - password: What the roles log in with over TCP; letters and digits only.
    ///   - database: The database's name, a plain identifier; nil: none is made.
    package static func prepare(
        administrator: PostgresConfiguration, password: String, database: String?, logger: Logger
    ) async throws {
        precondition(
            password.utf8.allSatisfy { ($0 | 0x20) >= 97 && ($0 | 0x20) <= 122 || (48...57).contains($0) },
            "a password of letters and digits")
        let connection = try await PostgresConnection.connect(administrator, logger: logger)
        do {
            let present = Set(try await connection.query("select rolname::text from pg_roles").map { try $0.get(0, as: String.self) })
            for role in [PrivateCluster.ownerRole, PrivateCluster.coreRole, PrivateCluster.apiRole] {
                let verb = present.contains(role) ? "alter" : "create"
                // The server stores a verifier, not the password; the statement itself is never logged (log_statement none).
                try await connection.simple(
                    "\(verb) role \(role) login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password '\(password)'")
            }
            // One login is enough for a small installation: the owner may work as the others.
            try await connection.simple("grant \(PrivateCluster.coreRole), \(PrivateCluster.apiRole) to \(PrivateCluster.ownerRole)")
            if let database {
                let known: Bool = try await connection.query("select exists (select from pg_database where datname = \(database))").value()
                if !known { try await connection.simple("create database \(database) owner \(PrivateCluster.ownerRole)") }
            }
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }
}
