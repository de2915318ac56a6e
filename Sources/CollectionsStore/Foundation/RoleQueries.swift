package import Logging
package import PostgresDriver

/// The roles the tables are granted to.
package enum RoleQueries {
    /// Owns the schema.
    package static let owner = "recourse_owner"
    /// Operators and runs.
    package static let core = "recourse_core"
    /// Agencies.
    package static let api = "recourse_api"

    /// A login that works as `role`: itself if it is that role, else with `role` set for its sessions.
    ///
    /// - Parameter orItself: Whether a login that may not become the role works as itself. Never for the role that serves agencies: without
    ///   it row-level security would not hold, so such a login's sessions fail.
    /// - Throws: ``DatabaseError/noSchema`` if the role does not exist, because the migrations make it; ``DatabaseError/roleBehindPooler(_:)``
    ///   where the login's sessions are a pooler's and keep no role.
    package static func assuming(
        _ role: String, with login: PostgresConfiguration, orItself: Bool, logger: Logger
    ) async throws -> PostgresConfiguration {
        let connection = try await PostgresConnection.connect(login, logger: logger)
        let result: PostgresResult
        do {
            result = try await connection.query(
                "select current_user::text, pg_has_role(oid, 'MEMBER') from pg_roles where rolname = \(role)")
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
        guard let row = result.first else { throw DatabaseError.noSchema }
        let (user, member) = try row.decode((String, Bool).self)
        guard user != role, member || !orItself else { return login }
        guard login.namedStatements else { throw DatabaseError.roleBehindPooler(role) }
        var assumed = login
        assumed.extra["role"] = role
        return assumed
    }

    /// Lets the login that migrated become the roles, so that one login is enough for a small installation.
    static func grantRolesToMigrator(in db: PostgresConnection) async throws {
        try await db.simple(
            """
            do $$ begin
                if not (select rolsuper from pg_roles where rolname = current_user) and current_user <> 'recourse_owner' then
                    execute format('grant recourse_core, recourse_api to %I', current_user);
                end if;
            exception when insufficient_privilege then null;      -- then the roles are granted by an administrator, or separate logins are used
            end $$
            """)
    }
}
