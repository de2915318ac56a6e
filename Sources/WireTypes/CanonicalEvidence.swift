/// What a stored outcome or activity says of its evidence: references and hashes, read back from the canonical bytes the receipt is made of.
///
/// Only the fields up to the evidence are walked; what follows (new contact data among it) is not looked at.
package struct CanonicalEvidence: Hashable, Sendable {
    /// Where the recording is kept.
    package var recordingRef: String?
    /// SHA-256 of the recording, hexadecimal.
    package var recordingSha256: String?
    /// Everything else that proves the act.
    package var evidence: [Evidence]

    /// How a field's value is laid out.
    private enum Layout { case text, number, texts, evidence }

    /// Fields of an outcome by their numbers, from 1: see ``OutcomeItem/canonicalBytes``.
    private static let outcomeFields: [Layout] = [
        .text, .number, .number, .text, .texts, .number, .text, .text, .text, .text, .evidence,
    ]
    /// Fields of an activity by their numbers, from 1: see ``ActivityItem/canonicalBytes``.
    private static let activityFields: [Layout] = [
        .text, .text, .text, .number, .number, .text, .text, .text, .text, .text, .text, .text, .evidence,
    ]

    /// Reads the evidence of an outcome; nil when the bytes are not whole.
    package init?(outcome bytes: [UInt8]) {
        self.init(bytes, fields: Self.outcomeFields, recording: 9, hash: 10)
    }

    /// Reads the evidence of an activity; nil when the bytes are not whole.
    package init?(activity bytes: [UInt8]) {
        self.init(bytes, fields: Self.activityFields, recording: 12, hash: nil)
    }

    private init?(_ bytes: [UInt8], fields: [Layout], recording: Int, hash: Int?) {
        var reader = Reader(bytes: bytes[...])
        evidence = []
        while let number = reader.bytes.first.map(Int.init), number >= 1, number <= fields.count {
            reader.bytes.removeFirst()
            switch fields[number - 1] {
            case .text:
                guard let text = reader.text() else { return nil }
                if number == recording { recordingRef = text }
                if number == hash { recordingSha256 = text }
            case .number:
                guard reader.number() != nil else { return nil }
            case .texts:
                guard let count = reader.count() else { return nil }
                for _ in 0..<count { guard reader.text() != nil else { return nil } }
            case .evidence:
                guard let count = reader.count() else { return nil }
                for _ in 0..<count {
                    guard let item = reader.evidence() else { return nil }
                    evidence.append(item)
                }
            }
        }
    }

    private struct Reader {
        var bytes: ArraySlice<UInt8>

        mutating func count() -> Int? {
            guard bytes.count >= 4 else { return nil }
            let value = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            bytes.removeFirst(4)
            // Each item takes at least a byte: a count beyond that is damage.
            return value <= bytes.count ? value : nil
        }

        mutating func text() -> String? {
            guard let length = count() else { return nil }
            let text = String(validating: bytes.prefix(length), as: UTF8.self)
            bytes.removeFirst(length)
            return text
        }

        mutating func number() -> Int64? {
            guard bytes.count >= 8 else { return nil }
            let value = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            bytes.removeFirst(8)
            return Int64(bitPattern: value)
        }

        /// One item of evidence: its fields by number, then the end of the part.
        mutating func evidence() -> Evidence? {
            var kind: String?
            var ref: String?
            var sha256: String?
            var length: Int64?
            while let number = bytes.popFirst() {
                switch number {
                case 1: kind = text()
                case 2: ref = text()
                case 3: sha256 = text()
                case 4: length = self.number()
                case 255:
                    guard let kind, let ref else { return nil }
                    return Evidence(kind: kind, ref: ref, sha256: sha256, bytes: length)
                default: return nil
                }
            }
            return nil
        }
    }
}
