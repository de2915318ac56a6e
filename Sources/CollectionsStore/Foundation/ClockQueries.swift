package import CollectionsDomain
package import PostgresDriver

/// Why the clock was not changed.
package enum ClockError: Error, Hashable, CustomStringConvertible {
    /// The database was not made for rehearsals: its clock is the world's.
    case notRehearsal
    /// Business time never goes back.
    case backwards(present: Instant, wanted: Instant)
    /// Another process paces the clock.
    case driven(by: String)
    /// The clock row is missing: the database was not migrated by `recourse migrate`.
    case missing

    package var description: String {
        switch self {
        case .notRehearsal:
            "the clock of this database cannot be set: it was not made for rehearsals (hint: recourse migrate --rehearsal on a new database)"
        case .backwards(let present, let wanted): "business time never goes back: it is \(present), asked for was \(wanted)"
        case .driven(let driver): "the clock is paced by \(driver); stop it first"
        case .missing: "the database has no clock row (hint: recourse migrate)"
        }
    }
}

/// The clock row: reading business time, and on rehearsal databases moving it.
///
/// - SeeAlso: Source: dispatch protocol, section 12.
package enum ClockQueries {
    /// Reads both presents; put it into a pipeline and hand its answer to ``decode(_:)``.
    package static let readStatement: PostgresQuery = "select now(), anchor_real, anchor_business, rate, run_until from clock"

    /// The presents in an answer to ``readStatement``.
    package static func decode(_ result: PostgresResult) throws -> Now {
        let (real, anchor) = try anchor(in: result)
        return anchor.now(at: real)
    }

    private static func anchor(in result: PostgresResult) throws -> (Instant, ClockAnchor) {
        guard let row = result.first else { throw ClockError.missing }
        let (real, anchorReal, anchorBusiness, rate, runUntil) = try row.decode((Instant, Instant, Instant, Double, Instant).self)
        return (real, ClockAnchor(anchorReal: anchorReal, anchorBusiness: anchorBusiness, rate: rate, runUntil: runUntil))
    }

    /// Both presents of this transaction.
    package static func read(in db: PostgresConnection) async throws -> Now {
        try decode(try await db.query(readStatement))
    }

    /// The whole clock row, for `clock show`.
    package static func show(in db: PostgresConnection) async throws -> (now: Now, anchor: ClockAnchor, driver: String?) {
        let result = try await db.query(
            """
            select now(), anchor_real, anchor_business, rate, run_until, case when driver_until > now() then driver end from clock
            """)
        guard let row = result.first else { throw ClockError.missing }
        let (real, anchorReal, anchorBusiness, rate, runUntil, driver) = try row.decode(
            (Instant, Instant, Instant, Double, Instant, String?).self)
        let anchor = ClockAnchor(anchorReal: anchorReal, anchorBusiness: anchorBusiness, rate: rate, runUntil: runUntil)
        return (anchor.now(at: real), anchor, driver)
    }

    /// Makes the production clock: rate 1, equal anchors, no end. Does nothing if there is one.
    package static func create(in db: PostgresConnection) async throws {
        try await db.query(
            """
            insert into clock (anchor_real, anchor_business, rate, run_until) values (now(), now(), 1, 'infinity')
            on conflict (only_one) do nothing
            """)
    }

    // MARK: Moving it (rehearsal databases only; inside a transaction, because the row is locked)

    /// Sets business time to `time`, where it stands, or goes on at `rate` if that is given.
    ///
    /// A rehearsal begins wherever it likes: until the first portfolio is there, nothing has happened that a step back could contradict.
    /// - Throws: ``ClockError`` on a production database, for a time that has passed, or while another process paces the clock.
    package static func set(to time: Instant, rate: Double = 0, in db: PostgresConnection) async throws -> Now {
        let isUnused: Bool = try await db.query("select not exists (select from portfolio)").value()
        return try await move(in: db) { real, anchor in
            let present = anchor.business(at: real)
            if time < present, isUnused { return ClockAnchor(anchorReal: real, anchorBusiness: time, rate: rate, runUntil: .distantFuture) }
            guard time >= present else { throw ClockError.backwards(present: present, wanted: time) }
            return anchor.moved(to: real, business: time, rate: rate, runUntil: .distantFuture)
        }
    }

    /// Moves business time on by `duration`; its rate stays unless one is given.
    package static func advance(by duration: Duration, rate: Double? = nil, in db: PostgresConnection) async throws -> Now {
        try await move(in: db) { real, anchor in
            let present = anchor.business(at: real)
            guard duration >= .zero else { throw ClockError.backwards(present: present, wanted: present + duration) }
            return anchor.moved(to: real, business: present + duration, rate: rate ?? anchor.rate, runUntil: .distantFuture)
        }
    }

    private static func move(
        in db: PostgresConnection, _ step: (_ real: Instant, _ anchor: ClockAnchor) throws -> ClockAnchor
    ) async throws -> Now {
        guard try await SettingQueries.isRehearsal(in: db) else { throw ClockError.notRehearsal }
        let (real, anchor, driver) = try await lock(in: db)
        if let driver { throw ClockError.driven(by: driver) }
        let next = try step(real, anchor)
        try await store(next, driver: nil, until: nil, in: db)
        return next.now(at: max(real, next.anchorReal))
    }

    /// Locks the row. `now()` is the transaction's start and may lie before a change waited for here: ``ClockAnchor`` allows for that.
    private static func lock(in db: PostgresConnection) async throws -> (real: Instant, anchor: ClockAnchor, driver: String?) {
        let result = try await db.query(
            """
            select now(), anchor_real, anchor_business, rate, run_until, case when driver_until > now() then driver end from clock for update
            """)
        guard let row = result.first else { throw ClockError.missing }
        let (real, anchorReal, anchorBusiness, rate, runUntil, driver) = try row.decode(
            (Instant, Instant, Instant, Double, Instant, String?).self)
        return (real, ClockAnchor(anchorReal: anchorReal, anchorBusiness: anchorBusiness, rate: rate, runUntil: runUntil), driver)
    }

    private static func store(_ anchor: ClockAnchor, driver: String?, until: Instant?, in db: PostgresConnection) async throws {
        let end: PostgresTimestamp =
            anchor.runUntil >= .distantFuture ? .infinity : PostgresTimestamp(microseconds: anchor.runUntil.microseconds)
        try await db.query(
            """
            update clock set anchor_real = \(anchor.anchorReal), anchor_business = \(anchor.anchorBusiness), rate = \(anchor.rate),
                run_until = \(end), driver = \(driver), driver_until = \(until)
            """)
    }

    // MARK: Paced mode: one process moves business time on when the work of an instant is done

    /// Becomes (or stays) the process that paces the clock, and moves business time to `target` if that is later.
    ///
    /// Business time runs at rate 1 from there until the driver's lease ends, and then stands: a dead driver freezes it, and the next one
    /// goes on at the frozen value.
    /// - Parameters:
    ///   - driver: Names the process.
    ///   - lease: How long the clock may run without word from its driver.
    /// - Throws: ``ClockError/driven(by:)`` while another driver's lease runs.
    package static func pace(driver: String, to target: Instant? = nil, lease: Duration = .seconds(5), in db: PostgresConnection)
        async throws -> Now
    {
        guard try await SettingQueries.isRehearsal(in: db) else { throw ClockError.notRehearsal }
        let (real, anchor, other) = try await lock(in: db)
        if let other, other != driver { throw ClockError.driven(by: other) }
        let until = real + lease
        let next = anchor.moved(to: real, business: target, rate: 1, runUntil: until)
        try await store(next, driver: driver, until: until, in: db)
        return next.now(at: max(real, next.anchorReal))
    }

    /// Lets go of the clock: business time stands where it is until somebody sets, advances or paces it.
    package static func stopPacing(driver: String, in db: PostgresConnection) async throws {
        let (real, anchor, other) = try await lock(in: db)
        if let other, other != driver { throw ClockError.driven(by: other) }
        try await store(anchor.moved(to: real, rate: 0, runUntil: .distantFuture), driver: nil, until: nil, in: db)
    }
}
