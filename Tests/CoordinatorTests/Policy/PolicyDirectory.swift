import CollectionsDomain
import Coordinator
import Foundation
import Testing

/// The policies that are shipped, read from the source tree.
enum PolicyDirectory {
    /// The root of the source tree.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let names = ["cn-credit-card", "us-reg-f", "uk-conc", "in-rbi", "au-rg96", "ie-cca46"]

    static func text(_ name: String) throws -> String {
        try String(contentsOf: root.appending(path: "Deploy/policies/\(name).yaml"), encoding: .utf8)
    }

    static func node(_ name: String) throws -> PolicyNode {
        try PolicyFile.node(yaml: text(name), file: "\(name).yaml")
    }

    static func policies(_ extra: [PolicyNode] = []) throws -> PolicySet {
        try PolicySet(reading: names.map(node) + extra)
    }

    static func policy(_ name: String) throws -> ConductPolicy {
        try #require(policies().latest(name))
    }
}
