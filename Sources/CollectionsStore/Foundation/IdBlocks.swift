package import PostgresDriver
import Synchronization

/// Hands out ids from blocks fetched ahead, so that making an id costs no round trip and touches no shared row.
///
/// Ids are `month << 40 | n`, the month in real time when the block was taken; a block is dropped after a day, so that ids (and with them
/// rows) do not land in a month long past. Block sizes are multiples of the lane count, so that consecutive ids fill the lanes evenly.
/// Ids not handed out are lost; gaps mean nothing.
///
/// - SeeAlso: Source: dispatch protocol, section 10.
package final class IdBlocks: Sendable {
    /// Ids per block, before rounding up to a multiple of the lane count.
    package static let standardSize: Int64 = 100_000
    /// The age at which a block is dropped.
    package static let longestUse: Duration = .seconds(86_400)

    private struct Block {
        var next: Int64
        var end: Int64
        var takenAt: ContinuousClock.Instant
    }

    private struct Supply {
        var blocks: [Block] = []
        var fetch: Task<Void, any Error>?
        var available: Int64 { blocks.reduce(0) { $0 + $1.end - $1.next } }
    }

    private let pool: PostgresPool
    private let size: Int64
    private let supplies = Mutex<[IdKind: Supply]>([:])

    /// Blocks for a database.
    ///
    /// - Parameters:
    ///   - pool: Where blocks are taken from; not the pool of the transactions that ask, which may all be waiting for an id.
    ///   - lanes: The database's lanes.
    ///   - size: Ids per block.
    package init(pool: PostgresPool, lanes: Lanes, size: Int64 = IdBlocks.standardSize) {
        self.pool = pool
        let lanes = Int64(lanes.count)
        self.size = (max(1, size) + lanes - 1) / lanes * lanes
    }

    /// The next id of a kind.
    package func next(_ kind: IdKind) async throws -> Int64 {
        if let id = take(kind, 1)?.first { return id }
        return try await slow(kind, 1)[0]
    }

    /// The next `count` ids of a kind, ascending.
    package func next(_ kind: IdKind, count: Int) async throws -> [Int64] {
        if count <= 0 { return [] }
        if let ids = take(kind, count) { return ids }
        return try await slow(kind, count)
    }

    /// The next id of a debtor: consecutive ones fall into consecutive lanes.
    package func nextDebtor() async throws -> Int64 { try await next(.debtor) }

    private func slow(_ kind: IdKind, _ count: Int) async throws -> [Int64] {
        while true {
            try await fetch(kind, atLeast: Int64(count)).value
            if let ids = take(kind, count) { return ids }
        }
    }

    /// Ids from what is here; nil if there are not enough. Asks for more in good time.
    private func take(_ kind: IdKind, _ count: Int) -> [Int64]? {
        let now = ContinuousClock.now
        let (ids, low) = supplies.withLock { supplies -> ([Int64]?, Bool) in
            var supply = supplies[kind, default: Supply()]
            supply.blocks.removeAll { $0.next == $0.end || now - $0.takenAt > Self.longestUse }
            guard supply.available >= Int64(count) else {
                supplies[kind] = supply
                return (nil, false)
            }
            var ids: [Int64] = []
            ids.reserveCapacity(count)
            var index = 0
            while ids.count < count {
                let upTo = min(supply.blocks[index].end, supply.blocks[index].next + Int64(count - ids.count))
                ids.append(contentsOf: supply.blocks[index].next..<upTo)
                supply.blocks[index].next = upTo
                index += 1
            }
            let low = supply.available < self.size / 10 && supply.fetch == nil
            supplies[kind] = supply
            return (ids, low)
        }
        if low { _ = fetch(kind, atLeast: 1) }  // ahead of need; whoever finds too little fetches again and sees the error
        return ids
    }

    /// The fetch under way for a kind, or a new one.
    private func fetch(_ kind: IdKind, atLeast count: Int64) -> Task<Void, any Error> {
        supplies.withLock { supplies in
            if let running = supplies[kind]?.fetch { return running }
            let blocks = (max(count, 1) + size - 1) / size
            let task = Task { [pool, size] in
                do {
                    let (month, first) = try await Self.takeBlock(kind, size: blocks * size, pool: pool)
                    let start = IdLayout.first(ofMonth: month) + first
                    self.add(kind, Block(next: start, end: start + blocks * size, takenAt: .now))
                } catch {
                    self.add(kind, nil)
                    throw error
                }
            }
            supplies[kind, default: Supply()].fetch = task
            return task
        }
    }

    private func add(_ kind: IdKind, _ block: Block?) {
        supplies.withLock { supplies in
            supplies[kind, default: Supply()].fetch = nil
            if let block { supplies[kind, default: Supply()].blocks.append(block) }
        }
    }

    private static func takeBlock(_ kind: IdKind, size: Int64, pool: PostgresPool) async throws -> (month: Int32, first: Int64) {
        let result = try await pool.query(
            """
            insert into id_block (kind, month, next)
            select \(kind.rawValue), (extract(year from t)::int - 2020) * 12 + extract(month from t)::int - 1, \(size)
            from (select now() at time zone 'UTC' as t) present
            on conflict (kind, month) do update set next = id_block.next + \(size)
            returning month, next - \(size)
            """)
        guard let row = result.first else { throw PostgresError(code: .protocolViolation, message: "no id block was returned") }
        let (month, first) = try row.decode((Int32, Int64).self)
        guard first + size <= IdLayout.perMonth else {
            throw PostgresError(code: .invalidUse, message: "the ids of kind \(kind.rawValue) are used up for this month")
        }
        return (month, first)
    }
}
