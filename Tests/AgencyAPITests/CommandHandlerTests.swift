import Foundation
import Glibc
import Testing
import WireTypes

@testable import AgencyClient

@Suite("Handler commands", .timeLimit(.minutes(2)))
struct CommandHandlerTests {
    /// Runs one command for one task.
    static func run(
        _ command: String, timeout: Duration = .seconds(30), lease: Lease = Sample.lease(1), hidden: [String] = []
    ) async throws -> TaskResult {
        let client = AgencyClient(configuration: AgencyClientConfiguration(url: "http://127.0.0.1:1", token: "unused"), logger: quiet)
        return try await with(client) { client in
            client.clock.update(serverTime: WireInstant("2026-11-02T02:00:00Z")!, rate: 0, sent: .now)
            let handler = CommandHandler(command: command, timeout: timeout, hiddenVariables: hidden, logger: quiet)
            return try await handler.handle(LeasedTask(lease: lease, client: client))
        }
    }

    /// A directory that is removed afterwards.
    static func withDirectory<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("recourse-handler-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        do {
            let value = try await body(url.path)
            try FileManager.default.removeItem(at: url)
            return value
        } catch {
            try FileManager.default.removeItem(at: url)
            throw error
        }
    }

    /// Waits for a file to have content, and returns it: what another process does can only be looked for.
    static func content(of path: String) async throws -> String {
        while true {
            if let data = FileManager.default.contents(atPath: path), data.last == UInt8(ascii: "\n") {
                return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Waits until no process has this id; it is nobody's child here whose end would be told.
    static func gone(_ pid: String) async throws {
        let number = try #require(pid_t(pid))
        while kill(number, 0) == 0 { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test("get the task without its token, and their outcome is completed from the lease and business time")
    func exchange() async throws {
        try await Self.withDirectory { directory in
            let result = try await Self.run(
                #"cat > \#(directory)/in; echo '{"result":"promise","contact_point_id":"77","promise":{"amount":"12.00","date":"2026-11-06"}}'"#
            )
            guard case .outcome(let outcome) = result else { return #expect(Bool(false), "an outcome was written") }
            #expect(outcome.leaseToken == Sample.lease(1).leaseToken && outcome.result == "promise")
            #expect(outcome.occurredAt == WireInstant("2026-11-02T02:00:00Z") && outcome.endedAt == outcome.occurredAt)
            let read = try #require(FileManager.default.contents(atPath: "\(directory)/in"))
            let input = try #require(try JSONSerialization.jsonObject(with: read) as? [String: Any])
            #expect(input["lease_token"] == nil)
            #expect(input["task_id"] as? String == Sample.lease(1).taskId)
            #expect(input["server_time"] as? String == "2026-11-02T02:00:00.000000Z")
            #expect((input["work_card"] as? [String: Any])?["case_ref"] as? String == "C1")
        }
    }

    @Test("may name their own time, and may decline")
    func own() async throws {
        let named = try await Self.run(#"echo '{"result":"busy","occurred_at":"2026-11-02T09:59:00+08:00","lease_token":"forged"}'"#)
        #expect(
            named
                == .outcome(
                    OutcomeItem(leaseToken: Sample.lease(1).leaseToken, result: "busy", occurredAt: WireInstant("2026-11-02T01:59:00Z")!)))
        #expect(try await Self.run(#"echo '{"release":"declined"}'"#) == .release(.declined))
    }

    @Test(
        "fail by exit code, signal, missing, broken, foreign or endless output",
        arguments: [
            ("exit 1", CommandFailure.exit(1)), (#"echo '{"result":"busy"}'; exit 7"#, .exit(7)), ("kill -9 $$", .exit(137)),
            ("kill -TERM $$", .exit(143)),
            ("true", .garbage("not JSON")), ("echo hello", .garbage("not JSON")), ("echo '[1]'", .garbage("not a JSON object")),
            ("echo '{}'", .garbage("result")), (#"echo '{"result":7}'"#, .garbage("result")),
            (#"echo '{"result":"busy","occurred_at":"yesterday"}'"#, .garbage("occurred_at")),
            (#"echo '{"result":"promise","promise":{"amount":"1","date":"never"}}'"#, .garbage("promise/date")),
            (#"echo '{"release":"tired"}'"#, .garbage("release")), ("printf '\\377\\376'", .garbage("not JSON")), ("yes", .tooMuchOutput),
            ("head -c 300000 /dev/zero", .tooMuchOutput), ("no-such-command-here", .exit(127)),
        ])
    func failures(command: String, failure: CommandFailure) async throws {
        let thrown = await #expect(throws: CommandFailure.self) { try await Self.run(command) }
        #expect(thrown == failure)
    }

    @Test("may leave their input unread, also a large one, and write any amount to standard error")
    func streams() async throws {
        var lease = Sample.lease(1)
        lease.workCard.disclosures = [String(repeating: "x", count: 2 << 20)]
        #expect(try await Self.run(#"exec <&-; echo '{"release":"declined"}'"#, lease: lease) == .release(.declined))
        #expect(try await Self.run(#"head -c 3000000 /dev/zero >&2; echo '{"release":"declined"}'"#) == .release(.declined))
        #expect(try await Self.run(#"test "$(wc -c)" -gt 2000000 && echo '{"release":"declined"}'"#, lease: lease) == .release(.declined))
    }

    @Test("do not see the variables that are hidden from them")
    func environment() async throws {
        setenv("RECOURSE_TEST_SECRET", "s3cret", 1)
        defer { unsetenv("RECOURSE_TEST_SECRET") }
        #expect(try await Self.run(#"test "$RECOURSE_TEST_SECRET" = s3cret && echo '{"release":"declined"}'"#) == .release(.declined))
        #expect(
            try await Self.run(#"test -z "$RECOURSE_TEST_SECRET" && echo '{"release":"declined"}'"#, hidden: ["RECOURSE_TEST_SECRET"])
                == .release(.declined))
    }

    @Test("inherit nothing but the three standard streams")
    func descriptors() async throws {
        try await LiveServer.run { server in
            try await with(server.client()) { client in
                _ = try await client.heartbeat([])
                // `ls` itself has one more open, for the directory it reads.
                let command = #"test "$(ls /proc/self/fd | tr '\n' ' ')" = "0 1 2 3 " && echo '{"release":"declined"}'"#
                #expect(try await Self.run(command) == .release(.declined))
            }
        }
    }

    @Test("that do not end in time are ended, with everything they started")
    func timeout() async throws {
        try await Self.withDirectory { directory in
            let started = ContinuousClock.now
            await #expect(throws: CommandFailure.timeout) {
                try await Self.run("sleep 600 & echo $! > \(directory)/child; wait", timeout: .seconds(3))
            }
            #expect(ContinuousClock.now - started < .seconds(20))
            try await Self.gone(try await Self.content(of: "\(directory)/child"))
        }
    }

    @Test("get SIGTERM when their lease is over, and may clean up")
    func cancelled() async throws {
        try await Self.withDirectory { directory in
            let running = Task {
                try await Self.run(
                    "trap 'echo cleaned > \(directory)/cleaned; exit 0' TERM; echo ready > \(directory)/ready; sleep 600 & wait")
            }
            _ = try await Self.content(of: "\(directory)/ready")
            running.cancel()
            await #expect(throws: CancellationError.self) { try await running.value }
            #expect(try await Self.content(of: "\(directory)/cleaned") == "cleaned")
        }
    }

    @Test("that do not heed SIGTERM are killed")
    func stubborn() async throws {
        try await Self.withDirectory { directory in
            let running = Task { try await Self.run("trap '' TERM; echo $$ > \(directory)/pid; while :; do sleep 1; done") }
            let pid = try await Self.content(of: "\(directory)/pid")
            running.cancel()
            await #expect(throws: CancellationError.self) { try await running.value }
            try await Self.gone(pid)
        }
    }

    @Test("run many at once")
    func many() async throws {
        try await withThrowingTaskGroup(of: TaskResult.self) { group in
            for number in 0..<40 {
                group.addTask { try await Self.run(#"cat > /dev/null; echo '{"result":"busy","report_ref":"\#(number)"}'"#) }
            }
            var seen: Set<String> = []
            for try await case .outcome(let outcome) in group { seen.insert(outcome.reportRef ?? "") }
            #expect(seen.count == 40)
        }
    }
}
