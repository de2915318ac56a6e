public import Logging

/// Brings a schema to its newest state with numbered files of SQL.
///
/// Each statement of a file is sent as its own call and committed together with the record of how far the file is, so a file that fails in the middle is
/// taken up behind the last statement that succeeded. Statements that cannot run in a transaction (`CREATE INDEX CONCURRENTLY`, `VACUUM`) run by
/// themselves and are recorded afterwards: write them so that they may run twice (`IF NOT EXISTS`). A file must not hold `BEGIN` or `COMMIT`.
///
/// One migrator works at a time, under a session advisory lock; the others wait and then find nothing to do. It needs a direct connection, not a pooler.
public struct Migrator: Sendable {
    /// One numbered file.
    public struct Migration: Sendable, Hashable {
        /// Its number; files are applied in this order.
        public let number: Int
        /// Its name, for people.
        public let name: String
        /// Its statements.
        public let sql: String
        /// A migration by its parts.
        public init(number: Int, name: String, sql: String) {
            self.number = number
            self.name = name
            self.sql = sql
        }
    }

    /// Where one migration stands in a database.
    public struct Status: Sendable, Hashable {
        /// How far it is.
        public enum State: Sendable, Hashable {
            /// Not begun.
            case pending
            /// Failed before: so many of its statements are done.
            case partial(done: Int, of: Int)
            /// Done, then.
            case applied(at: PostgresTimestamp)
            /// Done, but the file is not what it was then.
            case changed
            /// Done by a newer program: this one does not know it.
            case unknown
        }
        /// Its number.
        public let number: Int
        /// Its name.
        public let name: String
        /// How far it is.
        public let state: State
    }

    private let migrations: [Migration]
    private let table: String
    private let lockKey: Int64
    private let logger: Logger

    /// A migrator.
    ///
    /// - Parameters:
    ///   - migrations: All files, in any order.
    ///   - table: Where it is recorded what was applied; a plain identifier, may be qualified.
    ///   - lockKey: The advisory lock's number; the same for all migrators of one schema.
    ///   - logger: Each applied file is logged at `info`.
    /// - Throws: `.migration` when two files have one number; `.configuration` when the table's name is no identifier.
    public init(_ migrations: [Migration], table: String = "schema_migration", lockKey: Int64 = 0x7265_636F_7572_7365, logger: Logger)
        throws(PostgresError)
    {
        self.migrations = migrations.sorted { $0.number < $1.number }
        for (one, next) in zip(self.migrations, self.migrations.dropFirst()) where one.number == next.number {
            throw PostgresError(.migration, "cannot migrate: two files have the number \(one.number)")
        }
        guard !table.isEmpty, table.utf8.allSatisfy({ $0 == 95 || $0 == 46 || (48...57).contains($0) || (97...122).contains($0) }) else {
            throw PostgresError(.configuration, "cannot use this name for the migration table")
        }
        self.table = table
        self.lockKey = lockKey
        self.logger = logger
    }

    private struct Applied { let name: String, hash: String, statements: Int, appliedAt: PostgresTimestamp? }

    /// Applies what is missing, in order.
    ///
    /// - Parameter connection: A direct connection, used by nobody else meanwhile.
    /// - Returns: The migrations that were applied or finished now.
    /// - Throws: `.migration` when an applied file has changed or an older number appears below an applied one; else the server's error, with the
    ///   statement's text.
    @discardableResult
    public func migrate(_ connection: PostgresConnection) async throws(PostgresError) -> [Migration] {
        guard connection.isDirect else {
            throw PostgresError(.configuration, "cannot migrate through a pooler: connect to the server itself")
        }
        try await lock(connection)
        let result: Result<[Migration], PostgresError>
        do throws(PostgresError) {
            result = .success(try await apply(connection))
        } catch {
            result = .failure(error)
        }
        if !connection.isClosed { try await connection.query("SELECT pg_advisory_unlock(\(lockKey))") }
        return try result.get()
    }

    /// Where each migration stands; changes nothing.
    public func status(_ connection: PostgresConnection) async throws(PostgresError) -> [Status] {
        let exists = try await connection.query("SELECT to_regclass(\(table)) IS NOT NULL").value(as: Bool.self)
        let applied = exists ? try await read(connection) : [:]
        let hashes = try await hashes(connection)
        var list: [Status] = []
        for (migration, hash) in zip(migrations, hashes) {
            let state: Status.State
            if let record = applied[migration.number] {
                if let at = record.appliedAt {
                    state = record.hash == hash ? .applied(at: at) : .changed
                } else {
                    state = .partial(done: record.statements, of: StatementSplitter.split(migration.sql).count)
                }
            } else {
                state = .pending
            }
            list.append(Status(number: migration.number, name: migration.name, state: state))
        }
        let known = Set(migrations.map(\.number))
        for (number, record) in applied.sorted(by: { $0.key < $1.key }) where !known.contains(number) {
            list.append(Status(number: number, name: record.name, state: .unknown))
        }
        return list
    }

    // MARK: Parts

    /// Asks again and again instead of waiting in the server: a waiting statement holds a snapshot, and an index being built concurrently by the one who
    /// has the lock would wait for that.
    private func lock(_ connection: PostgresConnection) async throws(PostgresError) {
        while !(try await connection.query("SELECT pg_try_advisory_lock(\(lockKey))").value(as: Bool.self)) {
            do {
                try await Task.sleep(for: .milliseconds(100))
            } catch {
                throw PostgresError(.cancelled, "the task was cancelled while another migrator was at work")
            }
        }
    }

    private func apply(_ connection: PostgresConnection) async throws(PostgresError) -> [Migration] {
        if try await !connection.query("SELECT to_regclass(\(table)) IS NOT NULL").value(as: Bool.self) {
            try await connection.simple(
                """
                CREATE TABLE IF NOT EXISTS \(table) (
                    number int PRIMARY KEY, name text NOT NULL, hash text NOT NULL, statements int NOT NULL, applied_at timestamptz
                )
                """)
        }
        let applied = try await read(connection)
        let hashes = try await hashes(connection)
        let newest = applied.filter { $0.value.appliedAt != nil }.keys.max()
        var done: [Migration] = []
        for (migration, hash) in zip(migrations, hashes) {
            if let record = applied[migration.number], record.appliedAt != nil {
                guard record.hash == hash else {
                    throw PostgresError(
                        .migration, "cannot migrate: file \(migration.number) \(migration.name) has changed since it was applied")
                }
                continue
            }
            if let newest, newest > migration.number {
                throw PostgresError(
                    .migration, "cannot migrate: file \(migration.number) \(migration.name) is older than applied file \(newest)")
            }
            try await apply(migration, hash, from: applied[migration.number]?.statements ?? 0, connection)
            logger.info("migration applied", metadata: ["migration.number": "\(migration.number)", "migration.name": "\(migration.name)"])
            done.append(migration)
        }
        return done
    }

    private func apply(_ migration: Migration, _ hash: String, from first: Int, _ connection: PostgresConnection)
        async throws(PostgresError)
    {
        let statements = StatementSplitter.split(migration.sql).map { PostgresQuery.once(String($0)) }
        for statement in statements {
            switch SQLVerb(statement.sql) {
            case .begin, .commit, .rollback:
                throw PostgresError(.migration, "cannot migrate: file \(migration.number) \(migration.name) controls transactions itself")
            case .discard, .other: break
            }
        }
        let number = Int32(migration.number)
        try await connection.query(
            """
            INSERT INTO \(unescaped: table) (number, name, hash, statements) VALUES (\(number), \(migration.name), \(hash), 0)
            ON CONFLICT (number) DO UPDATE SET name = excluded.name, hash = excluded.hash
            """)
        for index in statements.indices.dropFirst(first) {
            let record: PostgresQuery = "UPDATE \(unescaped: table) SET statements = \(Int32(index + 1)) WHERE number = \(number)"
            do throws(PostgresError) {
                _ = try await connection.pipeline(["BEGIN", statements[index], record, "COMMIT"])
            } catch {
                // 25001: the statement refuses to run in a transaction.
                guard error.sqlState == "25001", error.statementIndex == 1 else {
                    logger.error(
                        "migration failed",
                        metadata: [
                            "migration.number": "\(number)", "migration.statement": "\(index + 1)",
                            "postgres.sqlstate": "\(error.sqlState ?? "-")",
                        ])
                    throw error
                }
                try await connection.query(statements[index])
                try await connection.query(record)
            }
        }
        try await connection.query("UPDATE \(unescaped: table) SET applied_at = now() WHERE number = \(number)")
    }

    private func read(_ connection: PostgresConnection) async throws(PostgresError) -> [Int: Applied] {
        let rows = try await connection.query("SELECT number, name, hash, statements, applied_at FROM \(unescaped: table)")
        var result: [Int: Applied] = [:]
        for row in rows {
            let (number, name, hash, statements, at) = try row.decode((Int, String, String, Int, PostgresTimestamp?).self)
            result[number] = Applied(name: name, hash: hash, statements: statements, appliedAt: at)
        }
        return result
    }

    /// SHA-256 of each file, computed by the server.
    private func hashes(_ connection: PostgresConnection) async throws(PostgresError) -> [String] {
        let texts = migrations.map(\.sql)
        return try await connection.query(
            "SELECT encode(sha256(convert_to(t, 'UTF8')), 'hex') FROM unnest(\(texts)) WITH ORDINALITY AS u (t, n) ORDER BY n"
        ).decode(String.self)
    }
}

extension PostgresQuery {
    /// A statement that will not come again: it is not kept prepared.
    static func once(_ sql: String) -> PostgresQuery {
        var query = PostgresQuery(sql)
        query.isCached = false
        return query
    }
}
