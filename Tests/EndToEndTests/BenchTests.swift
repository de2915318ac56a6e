import EmbeddedPostgres
import Foundation
import Testing

@testable import recourse

/// The bench says what scripts rely on; how fast this machine is belongs in no test.
@Suite("bench", .serialized, .timeLimit(.minutes(5)))
struct BenchTests {
    @Test("report ends with one JSON object that has the fixed keys, and leaves no violation")
    func report() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("recourse-bench-\(UInt64.random(in: .min ... .max))")
            .path
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try ChildProcess.output(of: [
            Town.executable, "bench", "report", "--accounts", "200", "--rounds", "1", "--json", "--directory", directory, "--policy",
            root.appendingPathComponent("Deploy/policies/cn-credit-card.yaml").path,
        ])
        let line = try #require(text.split(separator: "\n").last)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect((object["ratio_to_limit"] as? Double).map { $0 > 0 } ?? false)
        #expect(((object["http"] as? [String: Any])?["ratio_to_limit"] as? Double).map { $0 > 0 } ?? false)
        #expect(((object["single"] as? [String: Any])?["ratio_to_one_by_one_limit"] as? Double).map { $0 > 0 } ?? false)
        #expect(object["violations"] as? Int == 0)
        try FileManager.default.removeItem(atPath: directory)
    }
}
