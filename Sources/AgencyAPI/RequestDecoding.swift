import Foundation
import NIOCore
import WireTypes

/// Reads request bodies, and says by JSON pointer what is wrong with them.
enum RequestDecoding {
    /// The body as `Value`. Throws ``Problem`` `malformed-json` if it is no JSON, `validation` if a member is missing or of the wrong type.
    static func decode<Value: Decodable>(_ type: Value.Type, from body: ByteBuffer) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(body.readableBytesView))
        } catch let error as DecodingError {
            let fault = DecodingFault(error, below: 0)
            if fault.mayBeSyntax, !isJSON(body) { throw Problem(.malformedJSON) }
            throw Problem(.validation, pointers: [fault.pointer])
        }
    }

    /// ``decode(_:from:)`` of a hot route: usual JSON is read by hand.
    static func decode<Value: Decodable & JSONReadable>(hot type: Value.Type, from body: ByteBuffer) throws -> Value {
        if let value = body.withUnsafeReadableBytes({ JSONReader.read(type, from: $0) }) { return value }
        return try decode(type, from: body)
    }

    /// The items of a report, each for itself.
    static func outcomes(from body: ByteBuffer) throws -> [LenientItem<OutcomeItem>] {
        if let report = body.withUnsafeReadableBytes({ JSONReader.read(OutcomeReport.self, from: $0) }) {
            return report.outcomes.map { LenientItem($0) }
        }
        return try decode(LenientOutcomeReport.self, from: body).outcomes
    }

    /// Whether the body is JSON at all. The decoder says the same of broken text and of a number that does not fit its member.
    private static func isJSON(_ body: ByteBuffer) -> Bool {
        do {
            _ = try JSONSerialization.jsonObject(with: Data(body.readableBytesView), options: [.fragmentsAllowed])
            return true
        } catch {
            return false
        }
    }

    /// A reply of a hot route as JSON bytes.
    static func encode(hot value: some JSONWritable, capacity: Int) -> ByteBuffer {
        var json = JSONWriter(capacity: capacity)
        value.write(to: &json)
        return ByteBuffer(bytes: json.bytes)
    }

    /// A reply as JSON bytes.
    static func encode(_ value: some Encodable) throws -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        return ByteBuffer(bytes: try encoder.encode(value))
    }
}

/// Where decoding failed and why, without the value that was there.
struct DecodingFault: Error {
    let pointer: ProblemPointer
    /// The text may be no JSON at all.
    let mayBeSyntax: Bool

    /// Takes position and kind from `error`; the first `depth` steps of its path are left out.
    init(_ error: DecodingError, below depth: Int) {
        let path: [any CodingKey]
        let reason: String
        var syntax = false
        switch error {
        case .keyNotFound(let key, let context): (path, reason) = (context.codingPath + [key], "missing")
        case .valueNotFound(_, let context): (path, reason) = (context.codingPath, "null")
        case .typeMismatch(_, let context): (path, reason) = (context.codingPath, "wrong_type")
        case .dataCorrupted(let context):
            (path, reason) = (context.codingPath, "bad_value")
            syntax = context.codingPath.isEmpty
        @unknown default: (path, reason) = ([], "bad_value")
        }
        pointer = ProblemPointer(pointer: Self.pointer(path.dropFirst(depth)), reason: reason)
        mayBeSyntax = syntax
    }

    private static func pointer(_ path: ArraySlice<any CodingKey>) -> String {
        path.map { key in
            if let index = key.intValue { return "/\(index)" }
            return "/" + key.stringValue.replacing("~", with: "~0").replacing("/", with: "~1")
        }.joined()
    }
}

/// An item of a batch that may be unreadable without spoiling the others.
struct LenientItem<Item: Decodable & Sendable>: Decodable, Sendable {
    let result: Result<Item, DecodingFault>

    /// The item, if it could be read.
    var item: Item? {
        switch result {
        case .success(let item): item
        case .failure: nil
        }
    }

    init(_ item: Item) { result = .success(item) }

    init(from decoder: any Decoder) throws {
        do {
            result = .success(try Item(from: decoder))
        } catch let error as DecodingError {
            result = .failure(DecodingFault(error, below: decoder.codingPath.count))
        }
    }
}

/// ``OutcomeReport`` as it is read: item by item.
struct LenientOutcomeReport: Decodable {
    let outcomes: [LenientItem<OutcomeItem>]
}

/// ``ActivityReport`` as it is read: item by item.
struct LenientActivityReport: Decodable {
    let activities: [LenientItem<ActivityItem>]
}
