import CollectionsDomain
import Coordinator
import Foundation

/// The decision cases of this project, as they lie beside the policies.
enum ProjectCases {
    static let files = ["cn-credit-card.yaml", "us-reg-f.yaml", "uk-conc.yaml", "other-countries.yaml"]

    static func text(_ file: String) throws -> String {
        try String(contentsOf: PolicyDirectory.root.appending(path: "Deploy/policies/cases/\(file)"), encoding: .utf8)
    }

    static func node(_ file: String) throws -> PolicyNode {
        try PolicyFile.node(yaml: text(file), file: file)
    }

    /// What the gate says to every case of a file under the shipped policies.
    static func run(_ file: String) throws -> [DecisionCaseResult] {
        try DecisionCases.run(node(file), policies: PolicyDirectory.policies())
    }
}
