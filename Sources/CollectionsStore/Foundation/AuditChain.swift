/// The arithmetic of audit streams. A stream is one (lane, writer); its entries are chained by hash.
package enum AuditChain {
    /// The hash of an entry: SHA-256 over the previous entry's hash and the stored body bytes.
    package static func hash(previous: [UInt8], body: [UInt8]) -> [UInt8] {
        Digest.sha256(previous + body)
    }

    /// What stands before a stream's first entry: SHA-256 over lane (4 bytes), writer (8 bytes, both big-endian) and the hash of the last
    /// checkpoint before the stream began (nothing, if there was none).
    package static func genesis(part: Int32, writer: Int64, checkpoint: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        withUnsafeBytes(of: part.bigEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: writer.bigEndian) { bytes.append(contentsOf: $0) }
        return Digest.sha256(bytes + checkpoint)
    }

    /// The first entry of every stream: names the checkpoint its genesis was made from, so that a verifier can make it again.
    package static func opening(writer: Int64, checkpointSeq: Int64?) -> AuditDraft {
        AuditDraft(kind: .streamOpened, subject: writer, body: ["checkpoint": .optional(checkpointSeq)])
    }
}

/// Where one stream stands: its last entry.
package struct AuditHead: Hashable, Sendable {
    /// The number of the last entry; 0 before the first.
    package var seq: Int64
    /// The hash of the last entry, or the genesis.
    package var hash: [UInt8]
}
