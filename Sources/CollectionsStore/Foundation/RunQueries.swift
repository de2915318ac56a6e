package import CollectionsDomain
package import PostgresDriver

/// A long job: who runs it and how far it is.
package struct Run: Hashable, Sendable {
    /// How it stands; raw values are the text of `run.state`.
    package enum State: String, CaseIterable, Sendable {
        case running, done, failed
    }

    /// Key.
    package let id: Int64
    /// The job, e.g. `reconcile`.
    package let kind: String
    /// What it is about, e.g. a placement run's id; may be empty.
    package let subject: String
    /// How it stands.
    package let state: State
    /// The job's facts or result, as JSON text.
    package let detail: String
    /// Units done.
    package let done: Int64
    /// Units in all, once known.
    package let total: Int64?
    /// Lease time of its start.
    package let startedAt: Instant
    /// Business time it ran for.
    package let businessAt: Instant?
    /// Lease time of its end.
    package let endedAt: Instant?
    /// The process that runs it.
    package let holder: String?
}

/// Why a run was not started or went on without its holder.
package enum RunError: Error, Hashable, CustomStringConvertible {
    case running(kind: String, by: String)
    case lost(Int64)

    package var description: String {
        switch self {
        case .running(let kind, let holder):
            "\(kind) is running already, held by \(holder) (hint: wait; a dead holder's lease ends by itself)"
        case .lost(let id): "run \(id) is held by another process now"
        }
    }
}

/// Long jobs: the SQL. One of a kind and subject runs at a time; a dead holder's is taken over when its lease has ended.
package enum RunQueries {
    /// How long a holder may be silent.
    package static let lease: Duration = .seconds(30)

    private static let columns = "run_id, kind, subject, state, detail, done, total, started_at, business_at, ended_at, holder"

    /// Starts a job, or takes over the one that was left running by a holder whose lease ended: then `run.id` is the old one's, and it goes
    /// on where that stopped.
    ///
    /// - Parameter id: The id a new run gets.
    /// - Throws: ``RunError/running(kind:by:)`` while another holder is alive.
    package static func start(
        id: Int64, kind: String, subject: String = "", detail: CanonicalJSON = [:], total: Int64? = nil, holder: String, now: Now,
        in db: PostgresConnection
    ) async throws -> (run: Run, takenOver: Bool) {
        let made = try await db.query(
            """
            insert into run (run_id, kind, subject, state, detail, total, started_at, business_at, holder, lease_until)
            values (\(id), \(kind), \(subject), 'running', \(detail.postgres), \(total), \(now.real), \(now.business), \(holder), \(now.real + lease))
            on conflict (kind, subject) where state = 'running' do update set holder = excluded.holder, lease_until = excluded.lease_until
                where run.lease_until < excluded.started_at or run.holder = excluded.holder
            returning \(unescaped: columns)
            """)
        if let row = made.first {
            let run = try decode(row)
            return (run, run.id != id)
        }
        let other = try await db.query("select holder from run where kind = \(kind) and subject = \(subject) and state = 'running'")
        throw RunError.running(kind: kind, by: try other.first?.get(0, as: String?.self) ?? "another process")
    }

    /// Reports progress and renews the lease; in the same transaction as the work it reports, so that a takeover loses nothing.
    ///
    /// - Throws: ``RunError/lost(_:)`` when another process took the run over: the caller's transaction must not commit.
    package static func progress(
        id: Int64, holder: String, done: Int64, total: Int64? = nil, now: Now, in db: PostgresConnection
    ) async throws {
        let result = try await db.query(
            """
            update run set done = \(done), total = coalesce(\(total), total), lease_until = \(now.real + lease)
            where run_id = \(id) and holder = \(holder) and state = 'running' returning run_id
            """)
        if result.isEmpty { throw RunError.lost(id) }
    }

    /// Ends a run. Its detail is replaced if one is given.
    ///
    /// - Throws: ``RunError/lost(_:)``.
    package static func finish(
        id: Int64, holder: String, state: Run.State, detail: CanonicalJSON? = nil, now: Now, in db: PostgresConnection
    ) async throws {
        let result = try await db.query(
            """
            update run set state = \(state.rawValue), ended_at = \(now.real), lease_until = null, detail = coalesce(\(detail?.postgres), detail)
            where run_id = \(id) and holder = \(holder) and state = 'running' returning run_id
            """)
        if result.isEmpty { throw RunError.lost(id) }
    }

    /// The newest run of a kind.
    package static func latest(kind: String, in db: PostgresConnection) async throws -> Run? {
        try await db.query("select \(unescaped: columns) from run where kind = \(kind) order by run_id desc limit 1").first.map(decode)
    }

    /// The run of a number.
    package static func find(id: Int64, in db: PostgresConnection) async throws -> Run? {
        try await db.query("select \(unescaped: columns) from run where run_id = \(id)").first.map(decode)
    }

    private static func decode(_ row: PostgresRow) throws -> Run {
        let (id, kind, subject, word, detail, done, total, startedAt, businessAt, endedAt, holder) = try row.decode(
            (Int64, String, String, String, PostgresJSON, Int64, Int64?, Instant, Instant?, Instant?, String?).self)
        guard let state = Run.State(rawValue: word) else { throw PostgresError(code: .decode, message: "run \(id) has an unknown state") }
        return Run(
            id: id, kind: kind, subject: subject, state: state, detail: detail.text, done: done, total: total, startedAt: startedAt,
            businessAt: businessAt, endedAt: endedAt, holder: holder)
    }
}
