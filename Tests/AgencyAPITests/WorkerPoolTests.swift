import AgencyAPI
import AgencyClient
import ServiceLifecycle
import Synchronization
import Testing
import WireTypes

@Suite("Worker pool", .timeLimit(.minutes(1)))
struct WorkerPoolTests {
    static func configuration(
        concurrency: Int = 8, batch: Int? = nil, drain: Duration = .seconds(30), notices: Bool = false, once: Bool = false
    ) -> WorkerPoolConfiguration {
        WorkerPoolConfiguration(
            stages: [StageName.phone], concurrency: concurrency, batch: batch, waitSeconds: 5, drain: drain, followsNotices: notices,
            stopsWhenIdle: once, giveUpAfter: once ? .seconds(20) : nil)
    }

    /// Runs a pool until `body` returns, then stops it gracefully.
    static func run(
        _ dispatch: FakeDispatch, _ configuration: WorkerPoolConfiguration, _ handler: ScriptedHandler,
        _ body: @Sendable (WorkerPool<ScriptedHandler>, LiveServer) async throws -> Void
    ) async throws -> WorkerStatistics {
        try await LiveServer.run(dispatch: dispatch) { server in
            try await with(server.client()) { client in
                let pool = WorkerPool(client: client, configuration: configuration, handler: handler, logger: quiet)
                let group = ServiceGroup(
                    configuration: .init(
                        services: [.init(service: pool, successTerminationBehavior: .gracefullyShutdownGroup)], logger: quiet))
                let running = Task { try await group.run() }
                do {
                    try await body(pool, server)
                } catch {
                    await group.triggerGracefulShutdown()
                    throw error
                }
                await group.triggerGracefulShutdown()
                try await running.value
                return pool.statistics
            }
        }
    }

    @Test("does every task once, no more at a time than allowed, and ends when there is no more")
    func once() async throws {
        let dispatch = FakeDispatch()
        dispatch.script.withLock { $0.ready = (0..<100).map { Sample.lease($0) } }
        let handler = ScriptedHandler { task in
            await Task.yield()
            return ScriptedHandler.outcome(task)
        }
        let statistics = try await LiveServer.run(dispatch: dispatch) { server in
            try await with(server.client()) { client in
                let pool = WorkerPool(
                    client: client, configuration: Self.configuration(concurrency: 7, once: true), handler: handler, logger: quiet)
                try await pool.run()
                return pool.statistics
            }
        }
        #expect(statistics.leased == 100 && statistics.accepted == 100 && statistics.rejected == 0)
        #expect(dispatch.script.withLock { $0.outcomes.count } == 100)
        #expect(Set(handler.started.withLock { $0 }).count == 100)
        #expect(handler.most.withLock { $0.most } <= 7)
        #expect(dispatch.script.withLock { $0.leaseRequests.allSatisfy { $0.max <= 7 } })
    }

    @Test("outcomes are sent until each has its receipt, whatever the coordinator says meanwhile")
    func untilReceipt() async throws {
        let dispatch = FakeDispatch()
        dispatch.script.withLock {
            $0.ready = (0..<20).map { Sample.lease($0) }
        }
        let failures = [ProblemType.outcomeUnknown, .databaseUnavailable, .overloaded, .outcomeUnknown]
        let handler = ScriptedHandler { task in
            if task.lease.taskId == Sample.lease(0).taskId {
                dispatch.script.withLock { $0.failures = failures.map { Problem($0, retryAfterMs: 10) } }
            }
            return ScriptedHandler.outcome(task)
        }
        let statistics = try await Self.run(dispatch, Self.configuration(), handler) { pool, _ in
            await dispatch.until { $0.outcomes.count == 20 }
        }
        #expect(statistics.accepted == 20)
        // Nothing that was acknowledged is sent again.
        #expect(dispatch.script.withLock { $0.reported.count } == 20)
    }

    @Test("a failed handler gives its task back as failed, a declined one as declined")
    func failures() async throws {
        struct Broken: Error {}
        let dispatch = FakeDispatch()
        dispatch.script.withLock { $0.ready = (1...3).map { Sample.lease($0) } }
        let handler = ScriptedHandler { task in
            switch task.lease.taskId {
            case Sample.lease(1).taskId: throw Broken()
            case Sample.lease(2).taskId: return .release(.declined)
            default: return ScriptedHandler.outcome(task)
            }
        }
        let statistics = try await Self.run(dispatch, Self.configuration(), handler) { _, _ in
            await dispatch.until { $0.released.count == 2 && $0.outcomes.count == 1 }
        }
        let released = Dictionary(uniqueKeysWithValues: dispatch.script.withLock { $0.released })
        #expect(released == [Sample.lease(1).leaseToken: "handler_failed", Sample.lease(2).leaseToken: "declined"])
        #expect(statistics.failed == 1 && statistics.released == 2 && statistics.accepted == 1)
    }

    @Test("an outcome refused as invalid goes back as failed: its lease is still in force")
    func invalid() async throws {
        let dispatch = FakeDispatch()
        dispatch.script.withLock { $0.ready = [Sample.lease(1)] }
        let handler = ScriptedHandler { ScriptedHandler.outcome($0, "nonsense") }
        let statistics = try await Self.run(dispatch, Self.configuration(), handler) { _, _ in
            await dispatch.until { $0.released.count == 1 }
        }
        #expect(dispatch.script.withLock { $0.released.map(\.reason) } == ["handler_failed"])
        #expect(statistics.rejected == 1)
    }

    @Test("says at a third of the lease time that it still works, and ends a handler whose lease is over")
    func heartbeat() async throws {
        let dispatch = FakeDispatch()
        let lease = Sample.lease(1, ttl: .milliseconds(600))
        dispatch.script.withLock { $0.ready = [lease] }
        let handler = ScriptedHandler { _ in
            try await ScriptedHandler.forever()
            return .release(.declined)
        }
        let statistics = try await Self.run(dispatch, Self.configuration(), handler) { _, _ in
            await dispatch.until { $0.beats.count { $0 == lease.leaseToken } >= 2 }
            #expect(handler.ended.withLock { $0 }.isEmpty)
            dispatch.script.withLock { $0.cancelled[lease.leaseToken] = "recall" }
            await handler.ended.until { !$0.isEmpty }
        }
        #expect(statistics.cancelled == 1)
        // What is over cannot be given back, and nothing was done that could be reported.
        #expect(dispatch.script.withLock { $0.released.isEmpty && $0.reported.isEmpty })
    }

    @Test("what was done in spite of a cancelled lease is reported all the same")
    func doneAllTheSame() async throws {
        let dispatch = FakeDispatch()
        let lease = Sample.lease(1, ttl: .milliseconds(600))
        dispatch.script.withLock {
            $0.ready = [lease]
            $0.cancelled[lease.leaseToken] = "hold"
        }
        let handler = ScriptedHandler { task in
            do { try await ScriptedHandler.forever() } catch {}
            return ScriptedHandler.outcome(task, "promise")
        }
        _ = try await Self.run(dispatch, Self.configuration(), handler) { _, _ in
            await dispatch.until { !$0.reported.isEmpty }
        }
        #expect(dispatch.script.withLock { $0.reported.map(\.result) } == ["promise"])
    }

    @Test("a notice of recall ends the handlers of its case, and is confirmed once they have ended")
    func notices() async throws {
        let dispatch = FakeDispatch()
        dispatch.script.withLock { $0.ready = [Sample.lease(1, caseRef: "recalled"), Sample.lease(2, caseRef: "other")] }
        let handler = ScriptedHandler { _ in
            try await ScriptedHandler.forever()
            return .release(.declined)
        }
        _ = try await Self.run(dispatch, Self.configuration(drain: .zero, notices: true), handler) { _, _ in
            await handler.started.until { $0.count >= 2 }
            dispatch.script.withLock {
                $0.notices = [
                    Notice(seq: 1, kind: NoticeKind.recall, at: WireInstant(microseconds: 0), caseRef: "recalled", needsAck: true),
                    Notice(seq: 2, kind: NoticeKind.payment, at: WireInstant(microseconds: 0), caseRef: "other"),
                ]
            }
            await dispatch.until { !$0.acknowledged.isEmpty }
            #expect(handler.ended.withLock { $0 } == [Sample.lease(1).taskId])
        }
        let acknowledged = dispatch.script.withLock { $0.acknowledged }
        #expect(acknowledged.map(\.seq) == [1] && acknowledged[0].stoppedAt != nil)
    }

    @Test("a graceful stop lets handlers finish and reports them")
    func stopFinishes() async throws {
        let dispatch = FakeDispatch()
        dispatch.script.withLock { $0.ready = (1...4).map { Sample.lease($0) } }
        let gate = Gate()
        gate.close()
        let handler = ScriptedHandler { task in
            await gate.pass()
            return ScriptedHandler.outcome(task)
        }
        let statistics = try await Self.run(dispatch, Self.configuration(), handler) { pool, _ in
            await gate.held.until { $0 >= 4 }
            pool.stop()
            // Work that comes now is not taken.
            dispatch.script.withLock { $0.ready = [Sample.lease(9)] }
            gate.open()
        }
        #expect(statistics.accepted == 4)
        #expect(dispatch.script.withLock { $0.outcomes[Sample.lease(9).leaseToken] == nil })
        // Whatever the last call was granted went straight back.
        #expect(statistics.released == dispatch.script.withLock { 1 - $0.ready.count })
    }

    @Test("a graceful stop gives back what does not finish in time")
    func stopReleases() async throws {
        let dispatch = FakeDispatch()
        dispatch.script.withLock { $0.ready = (1...4).map { Sample.lease($0) } }
        let handler = ScriptedHandler { _ in
            try await ScriptedHandler.forever()
            return .release(.declined)
        }
        let statistics = try await Self.run(dispatch, Self.configuration(drain: .milliseconds(50)), handler) { _, _ in
            await handler.started.until { $0.count >= 4 }
        }
        #expect(statistics.released == 4 && statistics.failed == 0)
        #expect(dispatch.script.withLock { Set($0.released.map(\.reason)) } == ["shutdown"])
    }

    @Test("a lease that comes with a receipt is worked at once")
    func nextLease() async throws {
        let dispatch = FakeDispatch()
        dispatch.script.withLock {
            $0.ready = [Sample.lease(1)]
            $0.next = [Sample.lease(2), Sample.lease(3)]
        }
        let handler = ScriptedHandler { task in
            .outcome(OutcomeItem(leaseToken: "", result: "busy", occurredAt: task.now(), requestNextLease: true))
        }
        let statistics = try await Self.run(dispatch, Self.configuration(), handler) { _, _ in
            await dispatch.until { $0.outcomes.count == 3 }
        }
        #expect(statistics.leased == 3 && statistics.accepted == 3)
    }

    @Test("a refused credential ends the pool; a coordinator that is away does not")
    func credential() async throws {
        let dispatch = FakeDispatch()
        try await LiveServer.run(dispatch: dispatch) { server in
            try await with(server.client(token: "wrong")) { client in
                let pool = WorkerPool(
                    client: client, configuration: Self.configuration(), handler: ScriptedHandler { ScriptedHandler.outcome($0) },
                    logger: quiet)
                await #expect(throws: AgencyClientError.self) { try await pool.run() }
            }
        }
    }

    @Test("goes on after the coordinator was away: nothing is lost, nothing is counted twice")
    func coordinatorAway() async throws {
        let dispatch = FakeDispatch()
        dispatch.script.withLock { $0.ready = (0..<10).map { Sample.lease($0) } }
        let gate = Gate()
        gate.close()
        let handler = ScriptedHandler { task in
            await gate.pass()
            return ScriptedHandler.outcome(task)
        }
        let port = LiveServer.lastingPort()
        let client = AgencyClient(
            configuration: AgencyClientConfiguration(
                url: "http://127.0.0.1:\(port)", token: FakeAuthenticator.token,
                backoff: Backoff(initial: .milliseconds(10), max: .milliseconds(100))), logger: quiet)
        try await with(client) { client in
            let pool = WorkerPool(client: client, configuration: Self.configuration(concurrency: 10), handler: handler, logger: quiet)
            let running = Task { try await pool.run() }
            try await LiveServer.run(dispatch: dispatch, port: port) { _ in
                await gate.held.until { $0 >= 10 }
            }
            // The coordinator is gone; the handlers finish.
            gate.open()
            await handler.ended.until { $0.count >= 10 }
            try await LiveServer.run(dispatch: dispatch, port: port) { _ in
                await dispatch.until { $0.outcomes.count == 10 }
                pool.stop()
                try await running.value
            }
            #expect(pool.statistics.accepted == 10)
            #expect(dispatch.script.withLock { $0.reported.count } == 10)
        }
    }
}
