import AgencyAPI
import CollectionsDomain
import Coordinator
import Foundation

/// JSON as a tree that tells its kinds apart.
indirect enum JSONTree: Decodable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([JSONTree])
    case object([String: JSONTree])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONTree].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSONTree].self))
        }
    }

    /// The value as the wire would carry it.
    init(encoding value: some Encodable) throws {
        self = try JSONDecoder().decode(JSONTree.self, from: JSONEncoder().encode(value))
    }

    /// All texts in it, keys left out.
    var texts: [String] {
        switch self {
        case .text(let text): [text]
        case .list(let items): items.flatMap(\.texts)
        case .object(let entries): entries.values.flatMap(\.texts)
        case .null, .bool, .integer, .number: []
        }
    }

    subscript(key: String) -> JSONTree? {
        if case .object(let entries) = self { return entries[key] }
        return nil
    }

    var keys: Set<String> {
        if case .object(let entries) = self { return Set(entries.keys) }
        return []
    }
}

/// Holds messages against the schemas of the OpenAPI document, strictly: a member the document does not name is a fault.
struct SchemaCheck {
    private let schemas: PolicyNode

    init() throws {
        let root = try PolicyFile.node(yaml: OpenAPIDocument.text, file: "openapi.yaml")
        guard let schemas = root["components"]?["schemas"] else {
            throw PolicyError(file: "openapi.yaml", line: 1, path: "", reason: "no schemas")
        }
        self.schemas = schemas
    }

    /// What is wrong with a message of the schema's name; empty when it keeps to it.
    func faults(_ value: JSONTree, schema name: String) -> [String] {
        guard let schema = schemas[name] else { return ["no schema \(name)"] }
        return faults(value, schema, at: name)
    }

    private func faults(_ value: JSONTree, _ schema: PolicyNode, at path: String) -> [String] {
        if let reference = Self.text(schema["$ref"]) {
            return faults(value, schema: reference.split(separator: "/").last.map(String.init) ?? "")
                .map { path + ": " + $0 }
        }
        var found: [String] = []
        let allowed = Self.texts(schema["enum"])
        if !allowed.isEmpty, case .text(let text) = value, !allowed.contains(text) {
            found.append("\(path): '\(text)' is none of \(allowed)")
        }
        switch (Self.text(schema["type"]), value) {
        case ("object", .object(let entries)):
            for required in Self.texts(schema["required"]) where entries[required] == nil {
                found.append("\(path): \(required) is missing")
            }
            for (key, child) in entries.sorted(by: { $0.key < $1.key }) {
                if let property = schema["properties"]?[key] ?? schema["additionalProperties"] {
                    found += faults(child, property, at: "\(path)/\(key)")
                } else {
                    found.append("\(path): \(key) is not in the schema")
                }
            }
        case ("array", .list(let items)):
            guard let schema = schema["items"] else { return ["\(path): the schema names no items"] }
            for (index, item) in items.enumerated() { found += faults(item, schema, at: "\(path)/\(index)") }
        case ("string", .text), ("integer", .integer), ("number", .integer), ("number", .number), ("boolean", .bool): break
        default: found.append("\(path): another type than \(Self.text(schema["type"]) ?? "none")")
        }
        return found
    }

    private static func text(_ node: PolicyNode?) -> String? {
        if case .scalar(let text, _) = node?.content { text } else { nil }
    }

    private static func texts(_ node: PolicyNode?) -> [String] {
        if case .sequence(let items) = node?.content { items.compactMap { text($0) } } else { [] }
    }
}
