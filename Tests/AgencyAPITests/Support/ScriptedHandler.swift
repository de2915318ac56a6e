import AgencyClient
import Synchronization
import WireTypes

/// Does tasks as a test says, and remembers them.
final class ScriptedHandler: TaskHandler {
    let started = Watched<[String]>([])
    let ended = Watched<[String]>([])
    let most = Mutex<(now: Int, most: Int)>((0, 0))
    private let work: @Sendable (LeasedTask) async throws -> TaskResult

    init(_ work: @escaping @Sendable (LeasedTask) async throws -> TaskResult) {
        self.work = work
    }

    func handle(_ task: LeasedTask) async throws -> TaskResult {
        started.withLock { $0.append(task.lease.taskId) }
        most.withLock { count in
            count.now += 1
            count.most = max(count.most, count.now)
        }
        defer {
            most.withLock { $0.now -= 1 }
            ended.withLock { $0.append(task.lease.taskId) }
        }
        return try await work(task)
    }

    static func outcome(_ task: LeasedTask, _ result: String = "no_answer") -> TaskResult {
        .outcome(OutcomeItem(leaseToken: "", result: result, occurredAt: task.now()))
    }

    /// Waits until cancelled.
    static func forever() async throws {
        while true { try await Task.sleep(for: .seconds(3600)) }
    }
}
