package import PostgresDriver
import Synchronization

/// The audit streams this process writes: one per lane and connection.
///
/// A connection's stream continues from its last *known* commit. Entries of a transaction are chained here and inserted by one statement
/// per lane just before COMMIT. After a commit that may or may not have happened the connection begins new streams under a new writer, so a
/// chain is never continued from a guess. Writers are also renewed after a day, so that streams end with their month's partition.
///
/// Easiest used through ``Database/withAuditedTransaction(_:part:agencies:body:)``.
///
/// - SeeAlso: Source: dispatch protocol, section 13.
package final class AuditStreams: Sendable {
    /// How long a writer is used.
    package static let longestUse: Duration = .seconds(86_400)

    private struct Writer {
        let id: Int64
        let checkpointSeq: Int64?
        let checkpointHash: [UInt8]
        let openedAt: ContinuousClock.Instant
        var known: [Int32: AuditHead] = [:]
        var pending: [Int32: AuditHead] = [:]
    }

    private let ids: IdBlocks
    private let pool: PostgresPool
    private let writers = Mutex<[UInt64: Writer]>([:])

    /// Streams of a database.
    ///
    /// - Parameters:
    ///   - ids: Where writers get their numbers.
    ///   - pool: Where the last checkpoint is read; not the pool of the transactions that write.
    package init(ids: IdBlocks, pool: PostgresPool) {
        self.ids = ids
        self.pool = pool
    }

    /// The statement that inserts the entries of one lane, to be run on `connection` in its open transaction.
    ///
    /// Several calls before the commit chain on. Afterwards call ``committed(_:)``, ``rolledBack(_:)`` or ``doubtful(_:)``, *before* the
    /// connection goes back to its pool: the next borrower chains on what they say.
    package func entries(part: Int32, connection: PostgresConnection, drafts: [AuditDraft]) async throws -> PostgresQuery {
        precondition(!drafts.isEmpty, "an audit statement without entries")
        // Chained outside the lock: the stream is its connection's, whoever has borrowed that is alone, and others would wait for a hundred hashes.
        let writer = try await writer(of: connection)
        var all = drafts
        var head: AuditHead
        if let last = writer.pending[part] ?? writer.known[part] {
            head = last
        } else {
            head = AuditHead(seq: 0, hash: AuditChain.genesis(part: part, writer: writer.id, checkpoint: writer.checkpointHash))
            all.insert(AuditChain.opening(writer: writer.id, checkpointSeq: writer.checkpointSeq), at: 0)
        }
        var seqs: [Int64] = []
        var bodies: [[UInt8]] = []
        var hashes: [[UInt8]] = []
        for draft in all {
            let body = draft.storedBytes
            head = AuditHead(seq: head.seq + 1, hash: AuditChain.hash(previous: head.hash, body: body))
            seqs.append(head.seq)
            bodies.append(body)
            hashes.append(head.hash)
        }
        writers.withLock { $0[connection.id]?.pending[part] = head }
        return """
            insert into audit_entry (part, writer, seq, at, kind, subject, body, hash)
            select \(part), \(writer.id), u.seq, now(), u.kind, u.subject, u.body, u.hash
            from unnest(\(seqs), \(all.map(\.kind.rawValue)), \(all.map(\.subject)), \(bodies), \(hashes)) u (seq, kind, subject, body, hash)
            """
    }

    /// The transaction on `connection` is known to have committed: its entries are the streams' ends now.
    package func committed(_ connection: PostgresConnection) {
        writers.withLock { writers in
            guard var writer = writers[connection.id] else { return }
            writer.known.merge(writer.pending) { _, new in new }
            writer.pending = [:]
            writers[connection.id] = writer
        }
    }

    /// The transaction on `connection` is known not to have committed: its entries never were.
    package func rolledBack(_ connection: PostgresConnection) {
        writers.withLock { $0[connection.id]?.pending = [:] }
    }

    /// Nobody knows whether the transaction on `connection` committed: its streams are left as they are and new ones begin.
    package func doubtful(_ connection: PostgresConnection) {
        _ = writers.withLock { $0.removeValue(forKey: connection.id) }
    }

    private func writer(of connection: PostgresConnection) async throws -> Writer {
        while true {
            let now = ContinuousClock.now
            let writer = writers.withLock { $0[connection.id] }
            if let writer, !writer.pending.isEmpty || now - writer.openedAt <= Self.longestUse { return writer }
            try await openWriter(connection)
        }
    }

    private func openWriter(_ connection: PostgresConnection) async throws {
        let id = try await ids.next(.auditWriter)
        let last = try await pool.query("select seq, hash from audit_checkpoint order by seq desc limit 1").first?.decode(
            (Int64, [UInt8]).self)
        let writer = Writer(id: id, checkpointSeq: last?.0, checkpointHash: last?.1 ?? [], openedAt: .now)
        writers.withLock { writers in
            // Writers of connections long closed are forgotten; a stream simply ends.
            if writers.count >= 512 {
                writers = writers.filter { !$0.value.pending.isEmpty || writer.openedAt - $0.value.openedAt < Self.longestUse }
            }
            writers[connection.id] = writer
        }
    }
}
