package import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// The arithmetic of checkpoints: what their root and hash are made of.
package enum CheckpointFormat {
    /// The heads in their stored form: lane (4 bytes), writer (8), number (8), hash (32), all big-endian, in key order.
    package static func bytes(of heads: [AuditStreamHead]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(heads.count * 52)
        for head in heads {
            withUnsafeBytes(of: head.part.bigEndian) { bytes.append(contentsOf: $0) }
            withUnsafeBytes(of: head.writer.bigEndian) { bytes.append(contentsOf: $0) }
            withUnsafeBytes(of: head.seq.bigEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: head.hash)
        }
        return bytes
    }

    /// The heads a checkpoint holds; `nil` if the bytes are not whole.
    package static func heads(from bytes: [UInt8]) -> [AuditStreamHead]? {
        guard bytes.count % 52 == 0 else { return nil }
        return stride(from: 0, to: bytes.count, by: 52).map { start in
            func number(_ offset: Int, _ length: Int) -> Int64 {
                bytes[(start + offset)..<(start + offset + length)].reduce(0) { $0 << 8 | Int64($1) }
            }
            return AuditStreamHead(
                part: Int32(truncatingIfNeeded: number(0, 4)), writer: number(4, 8), seq: number(12, 8),
                hash: Array(bytes[(start + 20)..<(start + 52)]))
        }
    }

    /// The hash that chains a checkpoint: over the previous one's hash, the root, the number and the time.
    package static func hash(previous: [UInt8], root: [UInt8], seq: Int64, at: Instant) -> [UInt8] {
        var bytes = previous + root
        withUnsafeBytes(of: seq.bigEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: at.microseconds.bigEndian) { bytes.append(contentsOf: $0) }
        return Digest.sha256(bytes)
    }

    /// The next checkpoint over `heads`.
    package static func next(after last: AuditCheckpoint?, heads: [AuditStreamHead], at: Instant) -> AuditCheckpoint {
        let bytes = bytes(of: heads)
        let root = Digest.sha256(bytes)
        let seq = (last?.seq ?? 0) + 1
        let previous = last?.hash ?? [UInt8](repeating: 0, count: 32)
        return AuditCheckpoint(
            seq: seq, at: at, previous: previous, heads: bytes, root: root, hash: hash(previous: previous, root: root, seq: seq, at: at))
    }
}

/// Writes the minute's checkpoint. Every node may try: the key lets one of them through.
package struct CheckpointWriter: Sendable {
    private let database: Database

    package init(database: Database) { self.database = database }

    /// Writes a checkpoint if the newest is older than `age`.
    ///
    /// - Returns: The checkpoint written; `nil` if none was due or another node wrote it first. Its hash belongs outside the database as well
    ///   (log line, anchor file): whoever rewrites the record would have to rewrite that too.
    package func write(ifOlderThan age: Duration = .seconds(60)) async throws -> AuditCheckpoint? {
        do {
            return try await database.core.withTransaction { db in
                let now = try await ClockQueries.read(in: db)
                let last = try await AuditQueries.latestCheckpoint(in: db)
                if let last, now.real - last.at < age { return nil }
                let heads = try await AuditQueries.heads(in: db)
                guard !heads.isEmpty else { return nil }
                let new = CheckpointFormat.next(after: last, heads: heads, at: now.real)
                try await AuditQueries.insert(new, in: db)
                return new
            }
        } catch let error as PostgresError where error.sqlState == "23505" {
            return nil  // another node wrote it between our look and our insert
        }
    }
}
