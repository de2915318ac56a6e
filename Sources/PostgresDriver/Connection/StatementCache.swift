/// A statement as one connection knows it.
final class PreparedStatement {
    /// The name on the server, unique within the connection and never used twice.
    let name: UnsafeMutablePointer<CChar>
    let verb: SQLVerb
    /// Whether the server has it; `false` while its Parse is under way.
    var isPrepared = false
    fileprivate var lastUse: UInt64 = 0

    init(number: UInt64, verb: SQLVerb) {
        let text = "s\(number)".utf8CString
        name = .allocate(capacity: text.count)
        _ = UnsafeMutableBufferPointer(start: name, count: text.count).initialize(from: text)
        self.verb = verb
    }

    deinit { name.deallocate() }
}

/// The prepared statements of one connection: bounded, the least recently used goes first.
struct StatementCache {
    private struct Key: Hashable {
        let sql: String, types: [UInt32]
        // The types hardly ever tell two statements apart: comparing them is enough.
        func hash(into hasher: inout Hasher) { hasher.combine(sql) }
    }
    private var entries: [Key: PreparedStatement] = [:]
    private var clock: UInt64 = 0
    private var lastNumber: UInt64 = 0
    private let limit: Int
    /// Statements the server still holds and nobody will use.
    private(set) var garbage: [PreparedStatement] = []

    init(limit: Int) { self.limit = max(1, limit) }

    var count: Int { entries.count }

    /// The statement of a query, new when it is not there.
    mutating func statement(for query: PostgresQuery) -> PreparedStatement {
        clock += 1
        let key = Key(sql: query.sql, types: query.binds.types)
        if let found = entries[key] {
            found.lastUse = clock
            return found
        }
        if entries.count >= limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            entries.removeValue(forKey: oldest.key)
            discard(oldest.value)
        }
        lastNumber += 1
        let statement = PreparedStatement(number: lastNumber, verb: SQLVerb(query.sql))
        statement.lastUse = clock
        entries[key] = statement
        return statement
    }

    /// Forgets a query's statement: its Parse failed, or its plan is stale.
    mutating func forget(_ query: PostgresQuery) {
        guard let statement = entries.removeValue(forKey: Key(sql: query.sql, types: query.binds.types)) else { return }
        discard(statement)
    }

    /// Forgets everything: the server has.
    mutating func forgetAll() {
        entries.removeAll()
        garbage.removeAll()
    }

    /// Hands over what is to be deallocated.
    mutating func takeGarbage() -> [PreparedStatement] {
        defer { garbage.removeAll() }
        return garbage
    }

    private mutating func discard(_ statement: PreparedStatement) {
        if statement.isPrepared { garbage.append(statement) }
    }
}
