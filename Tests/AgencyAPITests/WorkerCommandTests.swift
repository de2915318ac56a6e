import AgencyAPI
import Foundation
import ServiceLifecycle
import Subprocess
import Synchronization
import SystemPackage
import Testing
import WireTypes

@Suite("recourse-worker", .timeLimit(.minutes(2)))
struct WorkerCommandTests {
    struct Run {
        var code: Int32
        var output: String
        var errors: String
    }

    /// The command built with these tests.
    static var binary: FilePath {
        FilePath(URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent("recourse-worker").path)
    }

    /// Runs the worker; `meanwhile` may send it signals.
    static func run(
        _ arguments: [String], token: String? = FakeAuthenticator.token,
        meanwhile: @Sendable (@Sendable (Signal.Kind) -> Void) async throws -> Void = { _ in }
    ) async throws -> Run {
        var environment: [Subprocess.Environment.Key: String?] = [:]
        let name = try #require(Subprocess.Environment.Key(rawValue: "RECOURSE_AGENCY_TOKEN"))
        environment.updateValue(token, forKey: name)
        let result = try await Subprocess.run(
            .path(binary), arguments: Arguments(arguments), environment: .inherit.updating(environment), input: .none,
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20)
        ) { execution in
            try await meanwhile { signal in
                do { try execution.send(signal: signal == .terminate ? .terminate : .kill) } catch {}
            }
        }
        let code: Int32
        switch result.terminationStatus {
        case .exited(let exit): code = exit
        case .signaled(let signal): code = 128 + signal
        }
        return Run(code: code, output: result.standardOutput, errors: result.standardError)
    }

    static let good = ["--url", "http://127.0.0.1:9", "--stages", "phone", "--handler", "true"]

    @Test(
        "wrong usage exits 2 and says what is wrong",
        arguments: [
            ([], "--url"), (["--url", "http://127.0.0.1:9", "--stages", "phone"], "--handler is required"),
            (["--url", "http://127.0.0.1:9", "--stages", "phone,sea", "--handler", "true"], "no stage 'sea'"),
            (["--url", "http://127.0.0.1:9", "--stages", ",", "--handler", "true"], "at least one stage"),
            (["--url", "ftp://x", "--stages", "phone", "--handler", "true"], "--url must be"),
            (good + ["--concurrency", "0"], "--concurrency"),
            (good + ["--batch", "501"], "--batch"), (good + ["--ttl-seconds", "0"], "--ttl-seconds"),
            (good + ["--wait-seconds", "61"], "--wait-seconds"),
            (good + ["--dry-run"], "exclude each other"), (good + ["--log-level", "loud"], "--log-level"),
            (good + ["--nonsense"], "nonsense"),
        ])
    func usage(arguments: [String], complaint: String) async throws {
        let run = try await Self.run(arguments)
        #expect(run.code == 2)
        #expect(run.errors.contains(complaint), "\(run.errors)")
    }

    @Test("without a credential exits 2; with one that is refused exits 3")
    func credential() async throws {
        let missing = try await Self.run(Self.good, token: nil)
        #expect(missing.code == 2 && missing.errors.contains("RECOURSE_AGENCY_TOKEN"))
        try await LiveServer.run { server in
            let refused = try await Self.run(["--url", server.url, "--stages", "phone", "--handler", "true"], token: "wrong")
            #expect(refused.code == 3)
            #expect(refused.errors.contains("unauthorized") && !refused.errors.contains("wrong"))
        }
    }

    @Test("--once does what there is with the handler and exits 0")
    func once() async throws {
        let dispatch = FakeDispatch()
        dispatch.script.withLock { $0.ready = (1...20).map { Sample.lease($0) } }
        try await LiveServer.run(dispatch: dispatch) { server in
            let handler =
                #"test -z "$RECOURSE_AGENCY_TOKEN" && grep -q '"case_ref":"C' && echo '{"result":"no_answer","contact_point_id":"77"}'"#
            let run = try await Self.run(["--url", server.url, "--stages", "phone", "--concurrency", "5", "--handler", handler, "--once"])
            #expect(run.code == 0, "\(run.errors)")
            #expect(dispatch.script.withLock { $0.outcomes.count } == 20)
            #expect(run.errors.contains("outcomes.accepted=20"))
        }
    }

    @Test("--dry-run prints what a handler would read and gives it back")
    func dryRun() async throws {
        let dispatch = FakeDispatch()
        dispatch.script.withLock { $0.ready = (1...3).map { Sample.lease($0) } }
        try await LiveServer.run(dispatch: dispatch) { server in
            let run = try await Self.run(["--url", server.url, "--stages", "phone", "--dry-run"])
            #expect(run.code == 0, "\(run.errors)")
            #expect(run.output.split(separator: "\n").count == 3 && !run.output.contains("lease_token"))
            #expect(dispatch.script.withLock { $0.released.map(\.reason) } == ["declined", "declined", "declined"])
        }
    }

    @Test("SIGTERM lets the running handler finish, reports it and exits 0")
    func terminate() async throws {
        let dispatch = FakeDispatch()
        dispatch.script.withLock { $0.ready = [Sample.lease(1)] }
        try await CommandHandlerTests.withDirectory { directory in
            try await LiveServer.run(dispatch: dispatch) { server in
                let handler =
                    "echo started > \(directory)/started; while [ ! -e \(directory)/go ]; do sleep 0.02; done; echo '{\"result\":\"busy\"}'"
                let run = try await Self.run(["--url", server.url, "--stages", "phone", "--handler", handler]) { send in
                    _ = try await CommandHandlerTests.content(of: "\(directory)/started")
                    send(.terminate)
                    // The stop shows as the end of its parked call for more work.
                    await dispatch.until { $0.parkedEnds >= 1 }
                    #expect(FileManager.default.createFile(atPath: "\(directory)/go", contents: nil))
                }
                #expect(run.code == 0, "\(run.errors)")
                #expect(dispatch.script.withLock { $0.reported.map(\.result) } == ["busy"])
            }
        }
    }

    enum Signal { enum Kind { case terminate, kill } }
}
