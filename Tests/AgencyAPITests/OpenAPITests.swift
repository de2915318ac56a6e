import AgencyAPI
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing
import WireTypes

@Suite("OpenAPI document")
struct OpenAPITests {
    @Test("is served, and has every route with its method", arguments: Route.allCases)
    func routes(route: Route) async throws {
        let described = OpenAPIDocument.text.contains("\n  \(route.path):\n    \(route.method.rawValue.lowercased()):\n")
        #expect(described)
        try await AgencyAPITests.app().test(.router) { client in
            let response = try await AgencyAPITests.send(client, .get, "/openapi.yaml", nil, token: nil)
            let same = String(buffer: response.body) == OpenAPIDocument.text
            #expect(response.status == .ok && same)
        }
    }

    @Test("has a schema with every member of every message", arguments: GoldenJSON.samples)
    func members(sample: GoldenSample) throws {
        let lines = OpenAPIDocument.text.split(separator: "\n")
        let schemas = try #require(lines.firstIndex(of: "  schemas:"))
        let start = try #require(lines[schemas...].firstIndex(of: "    \(sample.name):"), "no schema for \(sample.name)")
        let block = lines[(start + 1)...].prefix { $0.hasPrefix("      ") }
        let object = try #require(try JSONSerialization.jsonObject(with: Data(sample.json.utf8)) as? [String: Any])
        let missing = object.keys.filter { !block.contains("        \($0):") }
        #expect(missing.isEmpty, "members of \(sample.name)")
        // Parts have schemas of their own; their members are there too.
        let missingParts = Self.members(of: object).filter { !lines.contains("        \($0):") }
        #expect(missingParts.isEmpty, "members of parts of \(sample.name)")
    }

    private static func members(of value: Any) -> Set<String> {
        if let object = value as? [String: Any] {
            var found: Set<String> = []
            for (key, child) in object {
                found.insert(key)
                // The fields of a letter's template are named by the template.
                if key != "fields" { found.formUnion(members(of: child)) }
            }
            return found
        }
        if let list = value as? [Any] { return list.reduce(into: []) { $0.formUnion(members(of: $1)) } }
        return []
    }

    @Test("refers to nothing that is not there")
    func references() throws {
        let text = OpenAPIDocument.text
        for match in text.matches(of: #/#/components/(\w+)/(\w+)'/#) {
            let found = text.contains("\n    \(match.2):\n")
            #expect(found, "\(match.0)")
        }
        let tabs = text.contains("\t")
        #expect(!tabs)
    }
}
