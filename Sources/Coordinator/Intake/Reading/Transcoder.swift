#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Turns a stream of bytes into UTF-8, piece by piece, whatever the pieces cut through.
///
/// Bytes that are no text in the file's encoding become ``invalidByte``, which is no UTF-8 either: the row they stand in is found when its
/// fields are read, and the rows around it are not touched. A byte order mark at the start is dropped.
package struct Transcoder: ~Copyable {
    /// Stands for bytes that could not be decoded; never part of valid UTF-8.
    package static let invalidByte: UInt8 = 0xFF

    private let encoding: TextEncoding
    private let converter: Converter?
    /// The first bytes of the output, held back until it is known whether they are a byte order mark; nil afterwards.
    private var head: [UInt8]? = []
    /// Bytes of a character whose rest has not come yet.
    private var rest: [UInt8] = []

    /// A transcoder from `encoding`.
    ///
    /// - Throws: ``IntakeError/unsupportedEncoding(_:)`` when the system cannot decode it.
    package init(from encoding: TextEncoding) throws(IntakeError) {
        self.encoding = encoding
        switch encoding {
        case .utf8, .latin1: converter = nil
        case .gb18030: converter = try Converter(from: "GB18030")
        }
    }

    /// Appends the UTF-8 of `input` to `output`.
    package mutating func push(_ input: [UInt8], to output: inout [UInt8]) {
        switch encoding {
        case .utf8:
            emit(input, to: &output)
        case .latin1:
            var converted: [UInt8] = []
            converted.reserveCapacity(input.count + input.count / 8)
            for byte in input {
                if byte < 0x80 {
                    converted.append(byte)
                } else {
                    converted.append(0xC0 | byte >> 6)
                    converted.append(0x80 | byte & 0x3F)
                }
            }
            emit(converted, to: &output)
        case .gb18030:
            guard let converter else { return }
            rest.append(contentsOf: input)
            let converted = converter.convert(&rest)
            emit(converted, to: &output)
        }
    }

    /// Appends what is left at the end of the stream: a character cut off there is invalid.
    package mutating func finish(to output: inout [UInt8]) {
        if !rest.isEmpty {
            rest.removeAll()
            emit([Self.invalidByte], to: &output)
        }
        if let head { output.append(contentsOf: head) }
        head = nil
    }

    private mutating func emit(_ bytes: [UInt8], to output: inout [UInt8]) {
        guard var first = head else {
            output.append(contentsOf: bytes)
            return
        }
        first.append(contentsOf: bytes)
        if first.count < 3 {
            head = first
            return
        }
        head = nil
        output.append(contentsOf: first.starts(with: [0xEF, 0xBB, 0xBF]) ? first[3...] : first[...])
    }
}

/// The C library's converter to UTF-8.
private final class Converter {
    private let handle: iconv_t

    init(from name: String) throws(IntakeError) {
        let handle = iconv_open("UTF-8", name)
        guard let handle, handle != iconv_t(bitPattern: -1) else { throw .unsupportedEncoding(name) }
        self.handle = handle
    }

    deinit { iconv_close(handle) }

    /// Converts what is complete in `input` and takes it away; an unfinished character at the end stays.
    func convert(_ input: inout [UInt8]) -> [UInt8] {
        // Four bytes of GB 18030 give at most four of UTF-8, two at most three, an invalid one gives one.
        let capacity = input.count * 2 + 16
        var used = 0
        let output = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = 0
            input.withUnsafeMutableBufferPointer { source in
                guard let start = source.baseAddress, let target = buffer.baseAddress else { return }
                let raw = UnsafeMutableRawPointer(start)
                raw.withMemoryRebound(to: CChar.self, capacity: source.count) { from in
                    UnsafeMutableRawPointer(target).withMemoryRebound(to: CChar.self, capacity: capacity) { to in
                        var cursor: UnsafeMutablePointer<CChar>? = from
                        var left = source.count
                        var sink: UnsafeMutablePointer<CChar>? = to
                        var room = capacity
                        while left > 0, iconv(handle, &cursor, &left, &sink, &room) == -1 {
                            // EINVAL: the rest of a character comes with the next piece.
                            guard errno == EILSEQ, room > 0, let at = cursor, let place = sink else { break }
                            place.pointee = CChar(bitPattern: Transcoder.invalidByte)
                            sink = place + 1
                            room -= 1
                            cursor = at + 1
                            left -= 1
                        }
                        used = source.count - left
                        count = capacity - room
                    }
                }
            }
        }
        input.removeFirst(used)
        return output
    }
}
