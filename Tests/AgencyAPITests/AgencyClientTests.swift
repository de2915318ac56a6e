import AgencyAPI
import AgencyClient
import Glibc
import ServiceLifecycle
import Synchronization
import Testing
import WireTypes

@Suite("Client against a live server", .timeLimit(.minutes(1)))
struct AgencyClientTests {
    @Test("makes every call, and keeps business time from the replies")
    func everyCall() async throws {
        try await LiveServer.run { server in
            server.dispatch.script.withLock {
                $0.ready = [Sample.lease(1)]
                $0.notices = [Notice(seq: 4, kind: NoticeKind.hold, at: WireInstant(microseconds: 0))]
            }
            try await with(server.client()) { client in
                let leases = try await client.lease(LeaseRequest(requestId: "r", stages: ["phone"])).leases
                #expect(leases == [Sample.lease(1)])
                let now = try #require(client.clock.now())
                #expect(now >= WireInstant("2026-11-02T02:00:00Z")!)
                #expect(try await client.heartbeat(["t"]).leases.count == 1)
                #expect(try await client.release(["t"], reason: .declined).leases == [ReleaseItem(released: true)])
                #expect(
                    try await client.permit(PermitRequest(leaseToken: "t", contactPointId: "1", act: "visit", collectors: 2)).permitId
                        == "1")
                #expect(try await client.report([Sample.outcome(Sample.lease(1))]).map(\.status) == [.accepted])
                let activity = ActivityItem(activityRef: "a", type: "inbound_call", occurredAt: WireInstant(microseconds: 0))
                #expect(try await client.activities([activity]).map(\.receiptId) == ["a-a"])
                #expect(try await client.notices(after: 0).next == 4)
                #expect(try await client.acknowledge([NoticeAck(seq: 4)]).notices.map(\.acknowledged) == [true])
            }
        }
    }

    @Test(
        "tries again what may pass, with the same request id",
        arguments: [ProblemType.rateLimited, .overloaded, .databaseUnavailable, .outcomeUnknown, .shuttingDown, .internalError])
    func triesAgain(kind: ProblemType) async throws {
        try await LiveServer.run { server in
            server.dispatch.script.withLock {
                $0.ready = [Sample.lease(1)]
                $0.failures = [Problem(kind, retryAfterMs: 20), Problem(kind, retryAfterMs: 20)]
            }
            try await with(server.client()) { client in
                let reply = try await client.lease(LeaseRequest(requestId: "same", stages: ["phone"]))
                #expect(reply.leases.count == 1)
                #expect(server.dispatch.script.withLock { $0.leaseRequests.map(\.requestId) } == ["same", "same", "same"])
            }
        }
    }

    @Test("waits as long as the coordinator asks")
    func retryAfter() async throws {
        try await LiveServer.run { server in
            server.dispatch.script.withLock { $0.failures = [Problem(.rateLimited, retryAfterMs: 300)] }
            try await with(server.client(initial: .milliseconds(1))) { client in
                let duration = try await ContinuousClock().measure { _ = try await client.heartbeat(["t"]) }
                #expect(duration >= .milliseconds(300))
            }
        }
    }

    @Test("stops at once when the credential or the call is refused")
    func stops() async throws {
        try await LiveServer.run { server in
            try await with(server.client(token: "wrong")) { client in
                await #expect {
                    try await client.heartbeat([])
                } throws: { error in
                    guard case AgencyClientError.unauthorized(let problem) = error else { return false }
                    return problem.kind == .unauthorized
                }
            }
            try await with(server.client()) { client in
                await #expect {
                    try await client.lease(LeaseRequest(requestId: "r", stages: ["sea"]))
                } throws: { error in
                    guard case AgencyClientError.refused(let problem) = error else { return false }
                    return problem.kind == .validation
                        && problem.pointers == [ProblemPointer(pointer: "/stages/0", reason: "unknown_stage")]
                }
            }
        }
    }

    @Test("waits for a coordinator that is not there yet, and gives up only if asked to")
    func unreachable() async throws {
        let port = LiveServer.lastingPort()
        let dispatch = FakeDispatch()
        let client = AgencyClient(
            configuration: AgencyClientConfiguration(
                url: "http://127.0.0.1:\(port)", token: FakeAuthenticator.token,
                backoff: Backoff(initial: .milliseconds(10), max: .milliseconds(50))), logger: quiet)
        try await with(client) { client in
            await #expect {
                try await client.heartbeat([], giveUpAfter: .seconds(2))
            } throws: { error in
                guard case AgencyClientError.unreachable(let attempts, _) = error else { return false }
                return attempts >= 2
            }
            let waiting = Task { try await client.lease(LeaseRequest(requestId: "r", stages: ["phone"])) }
            dispatch.script.withLock { $0.ready = [Sample.lease(1)] }
            try await LiveServer.run(dispatch: dispatch, port: port) { _ in
                let leases = try await waiting.value.leases
                #expect(leases.count == 1)
            }
        }
    }

    @Test("a long-poll gets new work, ends when its caller goes, and does not hold up the server's stop")
    func longPoll() async throws {
        let dispatch = FakeDispatch()
        try await LiveServer.run(dispatch: dispatch) { server in
            try await with(server.client()) { client in
                let request = LeaseRequest(requestId: "r", stages: ["phone"], waitSeconds: 30)
                let got = Task { try await client.lease(request) }
                await dispatch.until { $0.parked == 1 }
                dispatch.script.withLock { $0.ready = [Sample.lease(1)] }
                let leases = try await got.value.leases
                #expect(leases.count == 1)

                // The caller goes: what it waited for must not be granted to nobody.
                let gone = Task { try await client.lease(LeaseRequest(requestId: "gone", stages: ["phone"], waitSeconds: 30)) }
                await dispatch.until { $0.parked == 1 }
                gone.cancel()
                await dispatch.until { $0.parked == 0 }
                await #expect(throws: (any Error).self) { try await gone.value }

                let notices = Task { try await client.notices(after: 0, waitSeconds: 30, giveUpAfter: .milliseconds(200)) }
                await dispatch.until { $0.parked == 1 }
                let stopping = ContinuousClock.now
                await server.group.triggerGracefulShutdown()
                await dispatch.until { $0.parked == 0 }
                await #expect(throws: AgencyClientError.self) { try await notices.value }
                #expect(ContinuousClock.now - stopping < .seconds(10))
            }
        }
    }

    @Test("hundreds of long-polls are parked at once without taking a place from others")
    func manyParked() async throws {
        var limits = AdmissionLimits()
        limits.inFlightMax = 4
        let dispatch = FakeDispatch()
        try await LiveServer.run(dispatch: dispatch, admission: limits) { server in
            try await with(server.client(connections: 400)) { client in
                let polls = (0..<300).map { number in
                    Task {
                        try await client.lease(
                            LeaseRequest(requestId: "r\(number)", stages: ["letter"], waitSeconds: 60))
                    }
                }
                await dispatch.until { $0.parked == 300 }
                dispatch.script.withLock { $0.ready = [Sample.lease(1)] }
                let leases = try await client.lease(LeaseRequest(requestId: "mine", stages: ["phone"])).leases
                #expect(leases.count == 1)
                polls.forEach { $0.cancel() }
                await dispatch.until { $0.parked == 0 }
            }
        }
    }
}

@Suite("Sockets of the server", .timeLimit(.minutes(1)))
struct SocketTests {
    @Test("are not inherited by child processes")
    func closeOnExec() async throws {
        try await LiveServer.run { server in
            try await with(server.client()) { client in
                _ = try await client.heartbeat([])
                // Of this process's sockets, those bound to the server's port must be marked: the listening one and the accepted one.
                var marked = 0
                for descriptor in Int32(3)..<1024 {
                    var address = sockaddr_in()
                    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
                    let found = withUnsafeMutablePointer(to: &address) { pointer in
                        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
                    }
                    guard found == 0, address.sin_family == sa_family_t(AF_INET), Int(UInt16(bigEndian: address.sin_port)) == server.port
                    else {
                        continue
                    }
                    #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
                    marked += 1
                }
                #expect(marked >= 2)
            }
        }
    }
}
