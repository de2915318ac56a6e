import Foundation
import Testing
import WireTypes

/// The two routes that are read and written by hand say and understand exactly what `Codable` does.
@Suite("Hot routes: JSON by hand", .timeLimit(.minutes(2)))
struct HotRouteJSONTests {
    private static let values: UInt64 = 1_000

    /// Which members and elements a text has, whatever their values.
    private indirect enum Shape: Decodable, Hashable {
        case object([String: Shape]), list([Shape]), null, value

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let members = try? container.decode([String: Shape].self) {
                self = .object(members)
            } else if let elements = try? container.decode([Shape].self) {
                self = .list(elements)
            } else {
                self = .value
            }
        }
    }

    private static func written(_ value: some JSONWritable) -> Data {
        var json = JSONWriter(capacity: 64)
        value.write(to: &json)
        return Data(json.bytes)
    }

    private static func read<Value: JSONReadable>(_ type: Value.Type, _ data: Data) -> Value? {
        data.withUnsafeBytes { JSONReader.read(type, from: $0) }
    }

    /// Writes random values by hand; `JSONDecoder` has to read them back, and find the same members as in its own writing.
    private static func writes<Value: JSONWritable & Codable & Hashable>(_ type: Value.Type) throws {
        for seed in 1...values {
            let value = try RandomValue.make(type, seed: seed)
            let data = written(value)
            #expect(try JSONDecoder().decode(type, from: data) == value, "seed \(seed)")
            guard seed <= 500 else { continue }
            let (own, other) = (
                try JSONDecoder().decode(Shape.self, from: data), try JSONDecoder().decode(Shape.self, from: JSONEncoder().encode(value))
            )
            #expect(own == other, "seed \(seed)")
        }
    }

    /// Reads by hand what `JSONEncoder` wrote, in any layout; all of it is usual.
    private static func reads<Value: JSONReadable & Codable & Hashable>(_ type: Value.Type) throws {
        for seed in 1...values {
            let value = try RandomValue.make(type, seed: seed)
            let encoder = JSONEncoder()
            encoder.outputFormatting = seed.isMultiple(of: 3) ? [.prettyPrinted] : seed.isMultiple(of: 2) ? [.withoutEscapingSlashes] : []
            #expect(read(type, try encoder.encode(value)) == value, "seed \(seed)")
        }
    }

    /// Breaks texts at random: what is read by hand is read the same by `JSONDecoder`.
    private static func neverReadsMore<Value: JSONReadable & Codable & Hashable>(_ type: Value.Type) throws {
        var generator = SplitMix(state: 7)
        let marks = Array("{}[],:\"\\ntfu0123456789.eE-+ \u{0}é".utf8)
        var taken = 0
        for seed in 1...values {
            var bytes = Array(try JSONEncoder().encode(try RandomValue.make(type, seed: seed)))
            for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes.remove(at: place)
                case 1: bytes[place] = marks.randomElement(using: &generator) ?? 0
                case 2: bytes.insert(marks.randomElement(using: &generator) ?? 0, at: place)
                default: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                }
            }
            if seed.isMultiple(of: 5) { bytes.removeLast(Int.random(in: 0...bytes.count, using: &generator)) }
            guard let own = read(type, Data(bytes)) else { continue }
            taken += 1
            let other = try? JSONDecoder().decode(type, from: Data(bytes))
            #expect(own == other, "\(String(decoding: bytes, as: UTF8.self))")
        }
        #expect(taken > 20)
    }

    @Test("lease replies are written as Codable writes them") func leaseReplies() throws { try Self.writes(LeaseReply.self) }
    @Test("work cards are written as Codable writes them") func cards() throws { try Self.writes(WorkCard.self) }
    @Test("outcome replies are written as Codable writes them") func outcomeReplies() throws { try Self.writes(OutcomeReportReply.self) }
    @Test("lease requests are read as Codable reads them") func leaseRequests() throws { try Self.reads(LeaseRequest.self) }
    @Test("outcomes are read as Codable reads them") func outcomes() throws { try Self.reads(OutcomeItem.self) }
    @Test("reports are read as Codable reads them") func reports() throws { try Self.reads(OutcomeReport.self) }
    @Test("a broken lease request is never read by hand alone") func brokenRequests() throws { try Self.neverReadsMore(LeaseRequest.self) }
    @Test("a broken report is never read by hand alone") func brokenReports() throws { try Self.neverReadsMore(OutcomeReport.self) }

    @Test(
        "what is unusual is left to Codable",
        arguments: [
            #"{"request_id":"a","stages":["phone"],"max":null}"#, #"{"request_id":"a","stages":["phone"],"max":1.0}"#,
            #"{"request_id":"a","stages":["phone"],"max":1e1}"#, #"{"request_id":"a","stages":["phone"],"max":01}"#,
            #"{"request_id":"a","stages":["phone"],"max":9223372036854775808}"#, #"{"request_id":"a","request_id":"b","stages":[]}"#,
            #"{"request_id":"a","stages":["phone"],"other":{"deep":[1]}}"#, #"{"request_id":"a"}"#,
            #"{"request_id":"a","stages":["phone",]}"#,
            #"{"request_id":"\ud800","stages":[]}"#, #"{"request_id":"a","stages":[]} x"#, "", "[]", "{", "null",
            #"{"request_id":"a","stages":[]"#,
        ])
    func unusual(_ text: String) {
        #expect(Self.read(LeaseRequest.self, Data(text.utf8)) == nil)
    }

    @Test("escapes of every kind are read", arguments: [#""\u5f20\u4f1f""#, #""\ud83d\ude00""#, #""\"\\\/\b\f\n\r\t""#, #""\u0000""#])
    func escapes(_ text: String) throws {
        let json = Data(#"{"request_id":\#(text),"stages":[ ]}"#.utf8)
        #expect(Self.read(LeaseRequest.self, json)?.requestId == (try JSONDecoder().decode(LeaseRequest.self, from: json)).requestId)
    }
}
