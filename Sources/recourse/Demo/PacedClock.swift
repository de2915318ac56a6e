import CollectionsDomain
import CollectionsStore
import Foundation
import PostgresDriver

/// Moves business time on whenever the agencies have done what was due, so that no window is missed on a slow machine and none wrongly used.
///
/// The driver holds a lease on the clock's row: if it dies, business time stands.
struct PacedClock: Sendable {
    /// How long one instant of business time may hold the clock up.
    static let patience: Duration = .seconds(1)
    /// How long due work may lie before the coordinators are told again.
    static let reminder: Duration = .milliseconds(150)
    static let lease: Duration = .seconds(30)

    let database: Database
    let stride: Duration
    private let driver = "demo-\(ProcessInfo.processInfo.processIdentifier)"

    init(database: Database, stride: Duration) {
        self.database = database
        self.stride = stride
    }

    /// Waits until nothing is due or leased any more, at most ``patience``.
    func settle() async throws -> PaceQueries.Load {
        let deadline = ContinuousClock.now + Self.patience
        var pause = Duration.milliseconds(4)
        var remind = ContinuousClock.now + Self.reminder
        while true {
            let load = try await database.core.withConnection { try await PaceQueries.load(in: $0) }
            if load.isQuiet || ContinuousClock.now >= deadline { return load }
            if load.leased == 0, ContinuousClock.now >= remind {
                // Due and nobody has it: a look was made while its row was locked.
                try await database.core.withConnection { try await WorkNewsQueries.announceEverything(in: $0) }
                remind = ContinuousClock.now + Self.reminder
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(25))
        }
    }

    /// Moves on by one stride, or to the next due instant if that is later, but never past `limit`.
    func step(from load: PaceQueries.Load, notPast limit: Instant) async throws -> Instant {
        var target = load.now + stride
        if load.isQuiet, let next = load.nextDue, next > target { target = next }
        if load.isQuiet, load.nextDue == nil { target = limit }
        return try await move(to: max(min(target, limit), load.now))
    }

    /// Moves to an instant and tells the coordinators.
    func move(to instant: Instant) async throws -> Instant {
        try await database.core.withTransaction { db in
            let now = try await ClockQueries.pace(driver: driver, to: instant, lease: Self.lease, in: db)
            try await WorkNewsQueries.announceEverything(in: db)
            return now.business
        }
    }

    /// Lets go of the clock, which then stands.
    func stop() async throws {
        try await database.core.withTransaction { try await ClockQueries.stopPacing(driver: driver, in: $0) }
    }
}
