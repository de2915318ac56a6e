/// A statement as one connection knows it.
final class PreparedStatement {
    fileprivate let sql: String
    /// The types of its parameters: the same text with others is another statement.
    fileprivate let types: [UInt32]
    /// The name on the server, unique within the connection and never used twice.
    let name: UnsafeMutablePointer<CChar>
    let verb: SQLVerb
    /// Whether the server has it.
    var isPrepared = false
    /// Whether its Parse is under way.
    var isBeingPrepared = false
    fileprivate var lastUse: UInt64 = 0
    /// The next one with the same text.
    fileprivate var sibling: PreparedStatement?

    init(number: UInt64, sql: String, types: [UInt32]) {
        self.sql = sql
        self.types = types
        let text = "s\(number)".utf8CString
        name = .allocate(capacity: text.count)
        _ = UnsafeMutableBufferPointer(start: name, count: text.count).initialize(from: text)
        verb = SQLVerb(sql)
    }

    deinit { name.deallocate() }
}

/// The prepared statements of one connection: bounded, the least recently used goes first.
struct StatementCache {
    private var entries: [String: PreparedStatement] = [:]
    private(set) var count = 0
    /// A batch often holds the same statement many times.
    private var last: PreparedStatement?
    private var clock: UInt64 = 0
    private var lastNumber: UInt64 = 0
    private let limit: Int
    /// Statements the server still holds and nobody will use.
    private(set) var garbage: [PreparedStatement] = []

    init(limit: Int) { self.limit = max(1, limit) }

    /// The statement of a query, new when it is not there.
    mutating func statement(for query: borrowing PostgresQuery) -> PreparedStatement {
        clock += 1
        if let last, query.binds.hasTypes(last.types), last.sql == query.sql {
            last.lastUse = clock
            return last
        }
        var found = entries[query.sql]
        while let candidate = found, !query.binds.hasTypes(candidate.types) { found = candidate.sibling }
        let statement = found ?? add(query.sql, query.binds.types)
        statement.lastUse = clock
        last = statement
        return statement
    }

    private mutating func add(_ sql: String, _ types: [UInt32]) -> PreparedStatement {
        if count >= limit { evictOldest() }
        lastNumber += 1
        let statement = PreparedStatement(number: lastNumber, sql: sql, types: types)
        statement.sibling = entries[sql]
        entries[sql] = statement
        count += 1
        return statement
    }

    private mutating func evictOldest() {
        var oldest: PreparedStatement?
        for first in entries.values {
            var next: PreparedStatement? = first
            while let one = next {
                if one.lastUse < oldest?.lastUse ?? .max { oldest = one }
                next = one.sibling
            }
        }
        if let oldest { forget(oldest) }
    }

    /// Forgets a statement: its Parse failed, its plan is stale, or there are too many.
    mutating func forget(_ statement: PreparedStatement) {
        var kept: PreparedStatement?
        var next = entries[statement.sql]
        var isFound = false
        while let one = next {
            next = one.sibling
            if one === statement {
                isFound = true
            } else {
                one.sibling = kept
                kept = one
            }
        }
        guard isFound else { return }
        entries[statement.sql] = kept
        statement.sibling = nil
        count -= 1
        if last === statement { last = nil }
        if statement.isPrepared || statement.isBeingPrepared { garbage.append(statement) }
    }

    /// Forgets everything: the server has.
    mutating func forgetAll() {
        entries.removeAll()
        garbage.removeAll()
        last = nil
        count = 0
    }

    /// Hands over what is to be deallocated.
    mutating func takeGarbage() -> [PreparedStatement] {
        defer { garbage.removeAll() }
        return garbage
    }
}
