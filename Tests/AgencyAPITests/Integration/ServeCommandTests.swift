import AgencyClient
import AsyncHTTPClient
import Foundation
import NIOCore
import RecourseTesting
import Subprocess
import SystemPackage
import Testing
import WireTypes

@Suite("recourse serve", .tags(.database, .slow), .timeLimit(.minutes(5)))
struct ServeCommandTests {
    /// The command built with these tests.
    static var binary: FilePath {
        FilePath(URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent("recourse").path)
    }

    struct Run {
        var code: Int32
        var output: String
        var errors: String
    }

    /// Runs `recourse serve`; `meanwhile` gets its address once it listens and is done when the server may stop.
    static func run(
        _ arguments: [String], key: String, meanwhile: @Sendable @escaping (String) async throws -> Void = { _ in }
    ) async throws -> Run {
        let name = try #require(Subprocess.Environment.Key(rawValue: "RECOURSE_DATA_KEY"))
        let result = try await Subprocess.run(
            .path(binary), arguments: Arguments(["serve"] + arguments), environment: .inherit.updating([name: key]), input: .none,
            output: .sequence, error: .string(limit: 1 << 20)
        ) { execution in
            var output = ""
            for try await line in execution.standardOutput.strings() {
                output += line
                guard let start = line.range(of: "listening on ") else { continue }
                try await meanwhile(line[start.upperBound...].trimmingCharacters(in: .whitespacesAndNewlines))
                try execution.send(signal: .terminate)
            }
            return output
        }
        let code: Int32
        switch result.terminationStatus {
        case .exited(let exit): code = exit
        case .signaled(let signal): code = 128 + signal
        }
        return Run(code: code, output: result.closureResult, errors: result.standardError)
    }

    @Test("listens, answers, and ends with 0 on SIGTERM, also with a call parked")
    func serves() async throws {
        try await TestDatabase.withRestartableServer { server in
            let run = try await Self.run(
                ["--database-url", server.url(), "--listen", "127.0.0.1:0"], key: server.dataKeyText
            ) { url in
                let ready = try await Self.get(url + "/readyz")
                #expect(ready.contains("ready"))
                #expect(try await Self.get(url + "/openapi.yaml").hasPrefix("openapi: 3.1.0"))
                let client = AgencyClient(configuration: AgencyClientConfiguration(url: url, token: "nobody"), logger: quiet)
                try await with(client) { client in
                    let refused = await #expect(throws: AgencyClientError.self) { try await client.heartbeat([]) }
                    guard case .unauthorized? = refused else { return #expect(Bool(false), "an unknown credential is refused") }
                }
            }
            #expect(run.code == 0, "\(run.errors)")
        }
    }

    @Test("says so and exits 3 when the database is not there, or the address is taken")
    func cannotServe() async throws {
        try await TestDatabase.withRestartableServer { server in
            let key = server.dataKeyText
            let away = try await Self.run(
                ["--database-url", "postgres://nobody@127.0.0.1:1/none", "--database-wait", "1", "--listen", "127.0.0.1:0"], key: key)
            #expect(away.code == 3 && away.errors.contains("trying again"), "\(away.errors)")
            let twice = try await Self.run(["--database-url", server.url(), "--listen", "127.0.0.1:0"], key: key) { url in
                let address = String(url.dropFirst("http://".count))
                let second = try await Self.run(["--database-url", server.url(), "--listen", address], key: key)
                #expect(second.code == 3 && second.errors.contains("could not serve on \(address)"), "\(second.errors)")
            }
            #expect(twice.code == 0, "\(twice.errors)")
        }
    }

    @Test(
        "wrong usage exits 2",
        arguments: [
            ["--listen", "8080x"], ["--listen", "a:b:1"], ["--listen", "h:70000"], ["--connections", "1"], ["--log-level", "loud"],
        ])
    func usage(arguments: [String]) async throws {
        let run = try await Self.run(arguments, key: "")
        #expect(run.code == 2 && run.errors.contains(arguments[0]), "\(run.errors)")
    }

    /// One GET without a credential.
    static func get(_ url: String) async throws -> String {
        let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(20))
        return String(buffer: try await response.body.collect(upTo: 1 << 20))
    }
}
