package import CollectionsDomain
import Synchronization

/// One place where tasks wait: an executor's tasks of a stage in a lane.
package struct LaneKey: Hashable, Sendable {
    package var part: Int32
    package var agency: Int32
    package var stage: Stage

    package init(part: Int32, agency: Int32, stage: Stage) {
        self.part = part
        self.agency = agency
        self.stage = stage
    }
}

/// What this process remembers of each key: where a scan starts, and whether there is anything to look for.
///
/// *Scan floor*: the due time of the oldest row the last pick returned. Whatever makes a row ready writes a due time of its transaction's
/// business time or later, and dispatch transactions live 5 s at most, so nothing appears far below the floor; every 10 s one look, a pick or a
/// probe, starts from the floor of 20 s ago, which finds rows that were locked or committed late. The first look after start has no floor. Lost
/// memory costs one slow look, never a task. (When every probe began 20 s back, a lease walked 3.5 times the rows beside a held transaction.)
///
/// *Next*: a key that had nothing is not asked again before its next due time, news, or 5 s.
package final class LaneFloors: Sendable {
    /// How often a pick starts from an old floor.
    package static let deepEvery: Duration = .seconds(10)
    /// How old that floor is.
    package static let deepAge: Duration = .seconds(20)
    /// The longest a key without work is left alone.
    package static let emptyFor: Duration = .seconds(5)
    /// Floors are remembered in steps of this size.
    private static let step: Duration = .seconds(2)

    private struct Entry {
        var floor: Instant?
        /// Earlier floors by the time they were set, oldest first, as far back as ``deepAge``.
        var earlier: [(at: ContinuousClock.Instant, floor: Instant)] = []
        var deepAt: ContinuousClock.Instant?
        /// The next due time found by a probe; nil: nothing known.
        var nextDue: Instant?
        var emptyUntil: ContinuousClock.Instant?
    }

    private let entries = Mutex<[LaneKey: Entry]>([:])

    package init() {}

    /// Where a look at the key, a pick or a probe, starts now. Whose look fails says so with ``failed(_:)``.
    package func start(of key: LaneKey, at time: ContinuousClock.Instant = .now) -> Instant {
        entries.withLock { entries in
            guard var entry = entries[key], let floor = entry.floor else { return .distantPast }
            guard let deepAt = entry.deepAt, time - deepAt < Self.deepEvery else {
                entry.deepAt = time
                entries[key] = entry
                // The newest floor that is old enough; before there is one, no floor at all.
                return entry.earlier.last { time - $0.at >= Self.deepAge }?.floor ?? .distantPast
            }
            return floor
        }
    }

    /// Looks at these keys failed: one may have been the one below the floor, so the next begins there again.
    package func failed(_ keys: [LaneKey]) {
        entries.withLock { entries in
            for key in keys { entries[key]?.deepAt = nil }
        }
    }

    /// A pick of the key returned rows, the oldest due at `oldest`; or nothing.
    ///
    /// - Parameter isExhausted: Fewer rows came than were asked for.
    package func picked(_ key: LaneKey, oldest: Instant?, isExhausted: Bool, at time: ContinuousClock.Instant = .now) {
        entries.withLock { entries in
            var entry = entries[key] ?? Entry()
            if let oldest {
                if let floor = entry.floor, entry.earlier.last.map({ time - $0.at >= Self.step }) ?? true {
                    entry.earlier.append((time, floor))
                }
                while entry.earlier.count > 1, time - entry.earlier[1].at >= Self.deepAge { entry.earlier.removeFirst() }
                entry.floor = max(entry.floor ?? oldest, oldest)
                if entry.deepAt == nil { entry.deepAt = time }
            } else if entry.floor == nil {
                entry.floor = .distantPast
                entry.deepAt = time
            }
            entry.nextDue = nil
            entry.emptyUntil = isExhausted ? time + Self.emptyFor + .milliseconds(Int64.random(in: 0...1_000)) : nil
            entries[key] = entry
        }
    }

    /// A probe found when the key has its next task; nil: it has none. Picks begin there if that is below the floor.
    package func probed(_ key: LaneKey, nextDue: Instant?, at time: ContinuousClock.Instant = .now) {
        entries.withLock { entries in
            var entry = entries[key] ?? Entry()
            if let nextDue, let floor = entry.floor { entry.floor = min(floor, nextDue) }
            entry.nextDue = nextDue
            entry.emptyUntil = time + Self.emptyFor + .milliseconds(Int64.random(in: 0...1_000))
            entries[key] = entry
        }
    }

    /// News: the key has a task that is due.
    package func hint(_ key: LaneKey) {
        entries.withLock { $0[key]?.emptyUntil = nil }
    }

    /// News: look everywhere (business time has moved, or messages were missed).
    ///
    /// The floors go as well: a step of business time makes rows due that a floor may have passed by, and to wait for the next deep look would
    /// hold a paced clock up for seconds. Production hears this only after missed messages.
    package func hintAll() {
        entries.withLock { $0 = [:] }
    }

    /// What is known of a key's work.
    package enum Outlook: Hashable, Sendable {
        /// Nobody has looked, or not for a while.
        case unknown
        /// A probe saw a task due at the instant, which has come.
        case due(Instant)
        /// Nothing is due; the next task is known to be due then, if any is known.
        case later(Instant?)
    }

    /// What is known of a key at business time `now`.
    package func outlook(of key: LaneKey, now: Instant, at time: ContinuousClock.Instant = .now) -> Outlook {
        entries.withLock { entries in
            guard let entry = entries[key] else { return .unknown }
            if let due = entry.nextDue, due <= now { return .due(due) }
            guard let until = entry.emptyUntil, time < until else { return .unknown }
            return .later(entry.nextDue)
        }
    }

    /// The oldest due time known for an agency's stages: a hint of which lane waits longest.
    package func oldestDue(agency: Int32, stages: [Stage], lanes: Range<Int32>) -> Int32? {
        entries.withLock { entries in
            var oldest: (part: Int32, due: Instant)?
            for part in lanes {
                for stage in stages {
                    guard let entry = entries[LaneKey(part: part, agency: agency, stage: stage)], let due = entry.nextDue ?? entry.floor,
                        due > .distantPast, entry.emptyUntil == nil || entry.nextDue != nil
                    else { continue }
                    if oldest == nil || due < (oldest?.due ?? .distantFuture) { oldest = (part, due) }
                }
            }
            return oldest?.part
        }
    }
}
