import CollectionsDomain
package import CollectionsStore
import Foundation
import PostgresDriver

/// What `recourse audit verify` found.
package struct AuditReport: Sendable {
    /// Entries whose hash was computed anew.
    package var entries: Int64 = 0
    package var streams: Int = 0
    package var checkpoints: Int = 0
    /// What does not fit, in words; ids only.
    package var faults: [String] = []
}

/// Computes the audit record anew: numbers without gaps, hashes, checkpoints chained and their heads still there, anchors equal, an entry for
/// every accepted outcome.
///
/// What it cannot see: a tail cut off a stream within the last minute, before a checkpoint held it, shows only by the missing entry of an outcome.
package struct AuditVerifier: Sendable {
    /// Entries read at a time.
    static let page: Int32 = 5_000
    /// Faults named before the rest is only counted.
    static let mostFaults = 50

    private let database: Database

    package init(database: Database) { self.database = database }

    /// Verifies the whole record.
    ///
    /// - Parameters:
    ///   - anchors: Hashes of checkpoints kept outside the database, by number.
    ///   - progress: Called after each page with the entries read so far.
    package func verify(anchors: [Int64: [UInt8]] = [:], progress: @Sendable (Int64) -> Void = { _ in }) async throws -> AuditReport {
        var report = AuditReport()
        let checkpoints = try await database.core.withConnection { try await AuditQueries.checkpoints(in: $0) }
        verify(checkpoints, anchors: anchors, into: &report)

        // Heads that a checkpoint saw have to be found in the streams with the same hash.
        var expected: [StreamKey: [Int64: [UInt8]]] = [:]
        for checkpoint in checkpoints {
            for head in CheckpointFormat.heads(from: checkpoint.heads) ?? [] {
                expected[StreamKey(part: head.part, writer: head.writer), default: [:]][head.seq] = head.hash
            }
        }
        let hashes = Dictionary(checkpoints.map { ($0.seq, $0.hash) }, uniquingKeysWith: { first, _ in first })

        var key: (part: Int32, writer: Int64, seq: Int64) = (-1, 0, 0)
        var stream: Stream?
        while true {
            let position = key
            let page = try await database.core.withConnection { try await AuditQueries.entries(after: position, limit: Self.page, in: $0) }
            guard let last = page.last else { break }
            for entry in page {
                let entryKey = StreamKey(part: entry.part, writer: entry.writer)
                if stream?.key != entryKey {
                    stream.map { finish($0, expected: &expected, into: &report) }
                    stream = Stream(key: entryKey, seq: 0, hash: genesis(of: entry, checkpoints: hashes))
                    report.streams += 1
                }
                check(entry, in: &stream, expected: &expected, into: &report)
            }
            report.entries += Int64(page.count)
            key = (last.part, last.writer, last.seq)
            progress(report.entries)
            try Task.checkCancellation()
        }
        stream.map { finish($0, expected: &expected, into: &report) }
        for (missing, heads) in expected where !heads.isEmpty { fault("stream \(missing.part)/\(missing.writer) is gone", &report) }
        for task in try await database.core.withConnection({ try await AuditQueries.outcomesWithoutEntry(limit: 20, in: $0) }) {
            fault("outcome of task \(task) has no entry", &report)
        }
        return report
    }

    private struct StreamKey: Hashable { let part: Int32, writer: Int64 }
    private struct Stream {
        let key: StreamKey
        var seq: Int64
        var hash: [UInt8]
    }

    private func verify(_ checkpoints: [AuditCheckpoint], anchors: [Int64: [UInt8]], into report: inout AuditReport) {
        var previous = [UInt8](repeating: 0, count: 32)
        var next: Int64 = 1
        for checkpoint in checkpoints {
            if checkpoint.seq != next { fault("checkpoints \(next) to \(checkpoint.seq - 1) are missing", &report) }
            if checkpoint.previous != previous { fault("checkpoint \(checkpoint.seq) does not follow the one before it", &report) }
            if checkpoint.root != Digest.sha256(checkpoint.heads) {
                fault("checkpoint \(checkpoint.seq) was changed: its root differs", &report)
            }
            let hash = CheckpointFormat.hash(previous: checkpoint.previous, root: checkpoint.root, seq: checkpoint.seq, at: checkpoint.at)
            if checkpoint.hash != hash { fault("checkpoint \(checkpoint.seq) was changed: its hash differs", &report) }
            if let anchor = anchors[checkpoint.seq], anchor != checkpoint.hash {
                fault("checkpoint \(checkpoint.seq) differs from its anchor", &report)
            }
            previous = checkpoint.hash
            next = checkpoint.seq + 1
            report.checkpoints += 1
        }
        for seq in anchors.keys.sorted() where seq >= next { fault("checkpoint \(seq) has an anchor and is gone", &report) }
    }

    /// What stood before the stream's first entry: that entry names the checkpoint the stream began after.
    private func genesis(of first: AuditEntry, checkpoints: [Int64: [UInt8]]) -> [UInt8] {
        let opening: Opening?
        // A body that cannot be read was changed: then its hash will not fit either.
        do { opening = try JSONDecoder().decode(Opening.self, from: Data(first.body)) } catch { opening = nil }
        let seq = opening?.checkpoint
        return AuditChain.genesis(part: first.part, writer: first.writer, checkpoint: seq.flatMap { checkpoints[$0] } ?? [])
    }

    private struct Opening: Decodable { let checkpoint: Int64? }

    private func check(
        _ entry: AuditEntry, in stream: inout Stream?, expected: inout [StreamKey: [Int64: [UInt8]]], into report: inout AuditReport
    ) {
        guard var current = stream else { return }
        let name = "entry \(entry.part)/\(entry.writer)/\(entry.seq)"
        if entry.seq != current.seq + 1 { fault("\(name) follows number \(current.seq)", &report) }
        if AuditChain.hash(previous: current.hash, body: entry.body) != entry.hash {
            fault("\(name) was changed: its hash differs", &report)
        }
        if let seen = expected[current.key]?.removeValue(forKey: entry.seq), seen != entry.hash {
            fault("\(name) differs from what a checkpoint saw", &report)
        }
        // Going on from the stored hash names each changed entry once, instead of everything after the first.
        current.seq = entry.seq
        current.hash = entry.hash
        stream = current
    }

    private func finish(_ stream: Stream, expected: inout [StreamKey: [Int64: [UInt8]]], into report: inout AuditReport) {
        for seq in (expected.removeValue(forKey: stream.key) ?? [:]).keys.sorted() {
            fault("entry \(stream.key.part)/\(stream.key.writer)/\(seq) was seen by a checkpoint and is gone", &report)
        }
    }

    private func fault(_ text: String, _ report: inout AuditReport) {
        if report.faults.count < Self.mostFaults {
            report.faults.append(text)
        } else if report.faults.count == Self.mostFaults {
            report.faults.append("more")
        }
    }
}
