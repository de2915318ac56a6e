import Coordinator
import Testing

@Suite("Encodings")
struct TranscoderTests {
    static func decode(_ bytes: [UInt8], _ encoding: TextEncoding, pieces: Int = .max) throws -> [UInt8] {
        var transcoder = try Transcoder(from: encoding)
        var output: [UInt8] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            transcoder.push(Array(rest.prefix(pieces)), to: &output)
            rest = rest.dropFirst(pieces)
        }
        transcoder.finish(to: &output)
        return output
    }

    /// 张三,上海 and 㐂 (four bytes) in GB 18030.
    static let chinese: [UInt8] = [0xD5, 0xC5, 0xC8, 0xFD, 0x2C, 0xC9, 0xCF, 0xBA, 0xA3, 0x0A, 0x81, 0x39, 0xEF, 0x32]

    @Test("GB 18030 becomes UTF-8, whatever the pieces cut through", arguments: [1, 2, 3, 5, 100])
    func gb18030(pieces: Int) throws {
        let decoded = try Self.decode(Self.chinese, .gb18030, pieces: pieces)
        #expect(String(validating: decoded, as: UTF8.self)?.hasPrefix("张三,上海\n") == true)
        #expect(String(validating: decoded, as: UTF8.self)?.unicodeScalars.count == 7)
    }

    @Test("bytes that are no GB 18030 spoil their own row and no other")
    func invalidGB18030() throws {
        let bytes: [UInt8] = [0xD5, 0xC5, 0x0A, 0x81, 0xFF, 0x0A, 0xC8, 0xFD, 0x0A, 0x81]
        let lines = try Self.decode(bytes, .gb18030).split(separator: 10, omittingEmptySubsequences: false)
        #expect(lines.map { String(validating: $0, as: UTF8.self) } == ["张", nil, "三", nil])
    }

    @Test("Latin 1: every byte is a character")
    func latin1() throws {
        let all = [UInt8](1...255)
        #expect(
            String(decoding: try Self.decode(all, .latin1, pieces: 7), as: UTF8.self).unicodeScalars.map(\.value) == all.map { UInt32($0) })
    }

    @Test("a byte order mark is dropped, and nothing that only begins like one", arguments: [1, 2, 3, 100])
    func byteOrderMark(pieces: Int) throws {
        #expect(try Self.decode([0xEF, 0xBB, 0xBF, 0x61, 0x62], .utf8, pieces: pieces) == [0x61, 0x62])
        #expect(try Self.decode([0xEF, 0xBB], .utf8, pieces: pieces) == [0xEF, 0xBB])
        #expect(try Self.decode([0x61], .utf8, pieces: pieces) == [0x61])
        #expect(try Self.decode([0x84, 0x31, 0x95, 0x33, 0x61], .gb18030, pieces: pieces) == [0x61])
    }
}
