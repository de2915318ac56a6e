import CollectionsDomain
import Coordinator
import Foundation
import Testing

@Suite("decision cases")
struct DecisionCasesTests {
    /// Where the published cases lie beside a working copy; they are no part of this repository.
    static let published = PolicyDirectory.root.appending(path: "../shared/policy/cases.yaml")

    @Test("every published case is decided as expected, with the same reasons in the same order", .enabled(if: isPublishedThere))
    func publishedCases() throws {
        let text = try String(contentsOf: Self.published, encoding: .utf8)
        let results = try DecisionCases.run(PolicyFile.node(yaml: text, file: "cases.yaml"), policies: PolicyDirectory.policies())
        #expect(results.count >= 84)
        for result in results {
            #expect(
                result.passed,
                "\(result.id) \(result.title): expected \(String(describing: result.expected)), got \(String(describing: result.actual)) \(result.fault?.description ?? "")"
            )
        }
    }

    static var isPublishedThere: Bool { FileManager.default.fileExists(atPath: published.path) }
}
