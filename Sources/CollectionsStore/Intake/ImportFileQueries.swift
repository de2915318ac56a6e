package import PostgresDriver

/// The kinds of files the bank sends; raw values are the words of `recourse import` and of `import_file.kind`.
package enum ImportKind: String, CaseIterable, Sendable {
    case accounts, contacts, payments, fx, adjustments, events
    case accountUpdates = "account-updates"
    case cardStatus = "card-status"
    case recallConfirmations = "recall-confirmations"
    case letterStatus = "letter-status"
    case complaints, holds
}

/// What became of the rows of a file.
package struct ImportCounts: Hashable, Sendable {
    /// Data rows in the file.
    package var read: Int64 = 0
    /// New rows that now stand in the tables.
    package var loaded: Int64 = 0
    /// Rows that stood there before, unchanged.
    package var known: Int64 = 0
    /// Rows with at least one fault.
    package var rejected: Int64 = 0

    package init() {}
}

/// A file that was loaded before.
package struct LoadedFile: Sendable {
    package let id: Int64
    package let counts: ImportCounts
    /// ``ImportFileQueries/finish(id:state:counts:amountTotal:detail:reason:now:in:)``
    package let detail: String
}

/// The files taken in: the SQL.
package enum ImportFileQueries {
    /// How a file stands; raw values are those of `import_file.state`.
    package enum State: String, CaseIterable, Sendable {
        case loading, loaded, refused
    }

    /// The most rejected rows that are kept in the database; all of them stand in the reject file.
    package static let keptRejects = 1_000

    /// Enters a file that is about to be read.
    package static func begin(
        id: Int64, kind: ImportKind, portfolio: String?, fileName: String, sha256: [UInt8], now: Now, in db: PostgresConnection
    ) async throws {
        try await db.query(
            """
            insert into import_file (import_file_id, kind, portfolio, file_name, sha256, state, started_at)
            values (\(id), \(kind.rawValue), \(portfolio), \(fileName), \(sha256), 'loading', \(now.business))
            """)
    }

    /// Ends what earlier runs of the same file left behind. The caller holds the file's run, so nobody else is at it.
    package static func clearInterrupted(kind: ImportKind, sha256: [UInt8], now: Now, in db: PostgresConnection) async throws {
        let left = try await db.query(
            """
            update import_file set state = 'refused', reason = 'interrupted', ended_at = \(now.business)
            where kind = \(kind.rawValue) and sha256 = \(sha256) and state = 'loading' returning import_file_id
            """
        ).map { try $0.get(0, as: Int64.self) }
        if !left.isEmpty { try await db.query("delete from import_row where import_file_id = any(\(left))") }
    }

    /// The same file (kind, bytes, portfolio) if it was loaded before.
    package static func loaded(
        kind: ImportKind, sha256: [UInt8], portfolio: String?, in db: PostgresConnection
    ) async throws -> LoadedFile? {
        let result = try await db.query(
            """
            select import_file_id, rows_read, rows_loaded, rows_known, rows_rejected, detail from import_file
            where kind = \(kind.rawValue) and sha256 = \(sha256) and coalesce(portfolio, '') = \(portfolio ?? "") and state = 'loaded'
            """)
        guard let row = result.first else { return nil }
        let (id, read, loaded, known, rejected, detail) = try row.decode((Int64, Int64, Int64, Int64, Int64, PostgresJSON).self)
        var counts = ImportCounts()
        counts.read = read
        counts.loaded = loaded
        counts.known = known
        counts.rejected = rejected
        return LoadedFile(id: id, counts: counts, detail: detail.text)
    }

    /// Ends a file.
    ///
    /// - Parameters:
    ///   - amountTotal: The sum of accepted rows in major units, if they are of one currency.
    ///   - detail: Totals by currency and whatever else the acknowledgement says.
    ///   - reason: Why it was refused.
    package static func finish(
        id: Int64, state: State, counts: ImportCounts, amountTotal: String?, detail: CanonicalJSON, reason: String?, now: Now,
        in db: PostgresConnection
    ) async throws {
        try await db.query(
            """
            update import_file set state = \(state.rawValue), rows_read = \(counts.read), rows_loaded = \(counts.loaded), rows_known = \(counts.known),
                rows_rejected = \(counts.rejected), amount_total = \(amountTotal.flatMap { PostgresNumeric($0) }), detail = \(detail.postgres),
                reason = \(reason), ended_at = \(now.business)
            where import_file_id = \(id)
            """)
    }

    /// Forgets a file that was only checked.
    package static func forget(id: Int64, in db: PostgresConnection) async throws {
        try await db.query("delete from import_file where import_file_id = \(id)")
    }

    /// Keeps refused rows: number, field, reason.
    package static func insertRejects(
        id: Int64, _ rejects: [(row: Int64, field: String, reason: String)], in db: PostgresConnection
    ) async throws {
        if rejects.isEmpty { return }
        try await db.query(
            """
            insert into import_reject (import_file_id, row_number, field, reason)
            select \(id), u.row_number, u.field, u.reason
            from unnest(\(rejects.map(\.row)), \(rejects.map(\.field)), \(rejects.map(\.reason))) u (row_number, field, reason)
            on conflict do nothing
            """)
    }
}
