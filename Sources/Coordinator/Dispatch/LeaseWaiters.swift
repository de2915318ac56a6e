package import CollectionsDomain
import Synchronization

/// Lease calls that wait for work.
///
/// Waiters of one agency and stage set stand in one line and share one probe: it asks the database when the line's next task is known to be due,
/// on news, or after 5 s, and wakes as many as there are tasks. A thousand idle workers cost as much as one. News of a commit in this process
/// wakes without a probe.
package actor LeaseWaiters {
    /// Who stands in one line.
    package struct Line: Hashable, Sendable {
        package var agency: Int32
        package var stages: Set<Stage>

        package init(agency: Int32, stages: Set<Stage>) {
            self.agency = agency
            self.stages = stages
        }
    }

    /// What a probe found: how many tasks are due, and how long until the next one, if it is known.
    package struct Found: Sendable {
        package var due: Int
        package var next: Duration?

        package init(due: Int, next: Duration?) {
            self.due = due
            self.next = next
        }
    }

    /// Probes a line for at most so many tasks.
    package typealias Probe = @Sendable (Line, Int) async -> Found

    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<Bool, Never>
        /// Ends the wait at its deadline.
        let timer: Task<Void, Never>

        func resume(_ mayFindWork: Bool) {
            timer.cancel()
            continuation.resume(returning: mayFindWork)
        }
    }

    private struct Group {
        var waiters: [Waiter] = []
        /// Set while the group's probe pauses.
        var pause: CheckedContinuation<Void, Never>?
        /// News came while no pause was on: the next one is skipped.
        var hasNews = false
        var isProbed = false
        var round: UInt64 = 0
    }

    private var groups: [Line: Group] = [:]
    private var lastId: UInt64 = 0
    private let probe: Probe

    /// Lines with their probe.
    package init(probe: @escaping Probe) {
        self.probe = probe
    }

    /// The longest a line goes without a probe.
    private static let longestPause: Duration = .seconds(5)

    /// Stands in line until woken, the deadline, or cancellation.
    ///
    /// - Returns: Whether there may be work.
    package func wait(in line: Line, until deadline: ContinuousClock.Instant) async -> Bool {
        lastId += 1
        let id = lastId
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled, ContinuousClock.now < deadline else {
                    continuation.resume(returning: false)
                    return
                }
                let timer = Task {
                    // Cancelled when the waiter is woken: then there is nobody left to leave.
                    try? await Task.sleep(until: deadline, clock: .continuous)
                    self.leave(line, id)
                }
                groups[line, default: Group()].waiters.append(Waiter(id: id, continuation: continuation, timer: timer))
                startProbe(of: line)
            }
        } onCancel: {
            Task { await self.leave(line, id) }
        }
    }

    private func leave(_ line: Line, _ id: UInt64) {
        guard let index = groups[line]?.waiters.firstIndex(where: { $0.id == id }) else { return }
        groups[line]?.waiters.remove(at: index).resume(false)
        if groups[line]?.waiters.isEmpty == true { resumePause(of: line) }
    }

    /// News of due tasks: wakes as many waiters as there are tasks for them, first come first served.
    package func hint(_ hints: [WorkHint]) {
        var left: [WorkHint: Int] = [:]
        for hint in hints { left[WorkHint(part: 0, agency: hint.agency, stage: hint.stage), default: 0] += 1 }
        for (line, group) in groups where !group.waiters.isEmpty {
            var count = 0
            for stage in line.stages { count += left[WorkHint(part: 0, agency: line.agency, stage: stage)] ?? 0 }
            if count > 0 { wake(line, min(count, group.waiters.count)) }
        }
    }

    /// News that anything may have changed: every line is probed at once.
    package func probeAll() {
        for line in groups.keys {
            groups[line]?.hasNews = true
            resumePause(of: line)
        }
    }

    /// How many wait.
    package var count: Int { groups.values.reduce(0) { $0 + $1.waiters.count } }

    private func wake(_ line: Line, _ count: Int) {
        for _ in 0..<count {
            guard let group = groups[line], !group.waiters.isEmpty else { return }
            groups[line]?.waiters.removeFirst().resume(true)
        }
    }

    // MARK: The probe of a line

    private func startProbe(of line: Line) {
        guard groups[line]?.isProbed == false else { return }
        groups[line]?.isProbed = true
        Task { await self.run(line) }
    }

    private func run(_ line: Line) async {
        var next: Duration?
        while let group = groups[line], !group.waiters.isEmpty {
            await pause(line, for: min(next ?? Self.longestPause, Self.longestPause))
            guard let waiting = groups[line]?.waiters.count, waiting > 0 else { break }
            let found = await probe(line, waiting)
            next = found.next
            wake(line, min(found.due, waiting))
        }
        groups[line]?.isProbed = false
        if let group = groups[line] {
            if group.waiters.isEmpty { groups[line] = nil } else { startProbe(of: line) }
        }
    }

    /// Pauses for a while, jittered so that lines do not march in step, or until news.
    private func pause(_ line: Line, for duration: Duration) async {
        if groups[line]?.hasNews == true {
            groups[line]?.hasNews = false
            return
        }
        let jitter = duration >= .seconds(1) ? Duration.milliseconds(Int64.random(in: 0...500)) : .zero
        groups[line]?.round += 1
        let round = groups[line]?.round ?? 0
        await withCheckedContinuation { continuation in
            groups[line]?.pause = continuation
            Task {
                // Cancellation of this timer cannot happen: nobody holds it.
                try? await Task.sleep(for: max(duration, .milliseconds(5)) + jitter)
                self.endPause(of: line, round)
            }
        }
        groups[line]?.hasNews = false
    }

    private func endPause(of line: Line, _ round: UInt64) {
        if groups[line]?.round == round { resumePause(of: line) }
    }

    private func resumePause(of line: Line) {
        guard let pause = groups[line]?.pause else { return }
        groups[line]?.pause = nil
        pause.resume()
    }
}
