import CollectionsDomain
import CollectionsStore
import Logging
import PostgresDriver
import Synchronization

/// News of due tasks between nodes: one NOTIFY for what gathers in 20 ms, on a connection of its own turn, outside data transactions. A hint, never
/// relied upon: who misses it looks again within 5 s.
package final class WorkNotifier: Sendable {
    /// The channel.
    package static let channel = WorkNewsQueries.channel
    /// "Look everywhere".
    package static let everything = "*"
    /// How long news gathers.
    private static let gather: Duration = .milliseconds(20)
    /// More different keys than this are one "everything".
    private static let mostKeys = 200

    private struct State {
        var pending: Set<WorkHint> = []
        var isSending = false
    }

    private let database: Database
    private let logger: Logger
    private let state = Mutex(State())
    /// Whether other nodes may be listening; a single process saves the statements.
    private let isOn = Mutex(false)

    init(database: Database, logger: Logger) {
        self.database = database
        self.logger = logger
    }

    /// Starts telling others.
    func turnOn() { isOn.withLock { $0 = true } }

    /// Posts news; returns at once.
    func post(_ hints: [WorkHint]) {
        guard isOn.withLock({ $0 }) else { return }
        let mustStart = state.withLock { state in
            state.pending.formUnion(hints)
            if state.isSending { return false }
            state.isSending = true
            return true
        }
        if mustStart { Task { await self.send() } }
    }

    private func send() async {
        // Cancellation cannot happen: nobody holds this task.
        try? await Task.sleep(for: Self.gather)
        let hints = state.withLock { state in
            defer {
                state.pending = []
                state.isSending = false
            }
            return state.pending
        }
        guard !hints.isEmpty else { return }
        let payload = hints.count > Self.mostKeys ? Self.everything : Self.payload(hints)
        do {
            try await database.api.query("select pg_notify(\(Self.channel), \(payload))")
        } catch {
            logger.debug("could not tell other nodes of new work", metadata: ["error": "\(LoggableError(error))"])
        }
    }

    /// `part:agency:stage,…`
    static func payload(_ hints: some Collection<WorkHint>) -> String {
        hints.map { "\($0.part):\($0.agency):\($0.stage.rawValue)" }.sorted().joined(separator: ",")
    }

    /// The keys of a payload; nil: look everywhere.
    static func hints(_ payload: String) -> [WorkHint]? {
        var hints: [WorkHint] = []
        for item in payload.split(separator: ",") {
            let fields = item.split(separator: ":")
            guard fields.count == 3, let part = Int32(fields[0]), let agency = Int32(fields[1]),
                let stage = Int16(fields[2]).flatMap(Stage.init(rawValue:))
            else { return nil }
            hints.append(WorkHint(part: part, agency: agency, stage: stage))
        }
        return hints.isEmpty ? nil : hints
    }
}
