import CollectionsStore
import Synchronization
import WireTypes

/// One outcome on its way into the database. An object: it is handed on a dozen times, and its item has as many fields as an outcome can have.
final class PendingOutcome: Sendable {
    /// The verified token.
    let token: LeaseToken
    /// The reporting agency.
    let agency: Int32
    let item: OutcomeItem
    /// The canonical fields, and their SHA-256.
    let body: [UInt8]
    let bodyHash: [UInt8]
    /// When it was handed in.
    let queuedAt: ContinuousClock.Instant
    /// Its place in the call it came with.
    let index: Int
    let collector: OutcomeCollector

    init(
        token: LeaseToken, agency: Int32, item: OutcomeItem, body: [UInt8], bodyHash: [UInt8], queuedAt: ContinuousClock.Instant,
        index: Int,
        collector: OutcomeCollector
    ) {
        self.token = token
        self.agency = agency
        self.item = item
        self.body = body
        self.bodyHash = bodyHash
        self.queuedAt = queuedAt
        self.index = index
        self.collector = collector
    }

    /// Answers it.
    func answer(_ answer: OutcomeAnswer) { collector.answer(index, answer) }
}

/// What came of one outcome.
enum OutcomeAnswer: Sendable {
    case reply(OutcomeReply)
    /// A commit may or may not have happened, and could not be looked up in time.
    case unknown
    /// It was not stored: the database is away.
    case unavailable
}

/// Gathers the answers of one call's outcomes; each is given once.
final class OutcomeCollector: Sendable {
    private struct State {
        var answers: [OutcomeAnswer?]
        var open: Int
        var continuation: CheckedContinuation<[OutcomeAnswer], Never>?
    }

    private let state: Mutex<State>

    init(count: Int) {
        state = Mutex(State(answers: Array(repeating: nil, count: count), open: count))
    }

    func answer(_ index: Int, _ answer: OutcomeAnswer) {
        let ready = state.withLock { state -> CheckedContinuation<[OutcomeAnswer], Never>? in
            guard state.answers[index] == nil else { return nil }
            state.answers[index] = answer
            state.open -= 1
            guard state.open == 0 else { return nil }
            defer { state.continuation = nil }
            return state.continuation
        }
        ready?.resume(returning: all)
    }

    private var all: [OutcomeAnswer] { state.withLock { $0.answers.map { $0 ?? .unknown } } }

    /// The answers, in order, once each is there.
    func wait() async -> [OutcomeAnswer] {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                if state.open == 0 { return true }
                state.continuation = continuation
                return false
            }
            if isDone { continuation.resume(returning: all) }
        }
    }
}

/// The outcomes that wait, by lane: group commit as a value.
///
/// Per lane one transaction is in flight; when it ends, the next takes all that waits. There is no timer, so a lone outcome does not wait. A batch
/// holds one outcome per debtor: the next one of the same debtor waits for the next batch and is judged on what the first has made of the case,
/// which folds them in order without folding states in memory.
struct OutcomeQueue {
    private var lanes: [Int32: [PendingOutcome]] = [:]
    /// Lanes with something waiting and nothing in flight, in the order they became so.
    private var ready: [Int32] = []
    private var inFlight: Set<Int32> = []
    private(set) var waiting = 0
    private let limits: DispatchLimits

    init(limits: DispatchLimits) {
        self.limits = limits
    }

    /// Whether so many more may wait.
    func hasRoom(for count: Int) -> Bool { waiting + count <= limits.outcomesWaiting }

    /// Adds outcomes; they are taken in order of their acts within a lane.
    mutating func add(_ outcomes: [PendingOutcome]) {
        for outcome in outcomes {
            let part = outcome.token.part
            if lanes[part]?.isEmpty ?? true, !inFlight.contains(part), !ready.contains(part) { ready.append(part) }
            lanes[part, default: []].append(outcome)
        }
        waiting += outcomes.count
    }

    /// The next batch to run, if one may run now.
    mutating func next() -> (part: Int32, batch: [PendingOutcome])? {
        guard inFlight.count < limits.batchesInFlight, !ready.isEmpty else { return nil }
        let part = ready.removeFirst()
        guard let batch = takeBatch(part) else { return nil }
        inFlight.insert(part)
        return (part, batch)
    }

    /// The batch of a lane has ended.
    mutating func ended(_ part: Int32) {
        inFlight.remove(part)
        if !(lanes[part]?.isEmpty ?? true), !ready.contains(part) { ready.append(part) }
    }

    /// Whether nothing waits and nothing is in flight.
    var isIdle: Bool { waiting == 0 && inFlight.isEmpty }

    private mutating func takeBatch(_ part: Int32) -> [PendingOutcome]? {
        guard let all = lanes[part], !all.isEmpty else { return nil }
        let sorted = all.sorted {
            ($0.item.occurredAt.microseconds, $0.token.taskId, $0.token.epoch) < (
                $1.item.occurredAt.microseconds, $1.token.taskId, $1.token.epoch
            )
        }
        var batch: [PendingOutcome] = []
        var left: [PendingOutcome] = []
        var debtors: Set<Int64> = []
        var bytes = 0
        for outcome in sorted {
            let fits = batch.count < limits.outcomesPerBatch && (batch.isEmpty || bytes + outcome.body.count <= limits.bytesPerBatch)
            if fits, debtors.insert(outcome.token.debtorId).inserted {
                batch.append(outcome)
                bytes += outcome.body.count
            } else {
                left.append(outcome)
            }
        }
        lanes[part] = left.isEmpty ? nil : left
        waiting -= batch.count
        return batch
    }
}
