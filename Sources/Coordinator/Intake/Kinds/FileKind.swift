import CollectionsDomain
import CollectionsStore
import PostgresDriver
import Synchronization

/// One kind of file: how a row is read, staged and loaded. The run around it is the same for all.
protocol FileKind: Sendable {
    associatedtype Column: ImportColumn
    /// A validated row.
    associatedtype Row: Sendable

    var kind: ImportKind { get }

    /// Reads a row; nil if anything is wrong with it. Pure.
    func read(_ reader: inout RowReader<Column>) -> Row?

    /// What the row adds to the control total, good or not.
    func controlAmount(_ reader: RowReader<Column>) -> (Currency, Int64)?

    /// The day of the figures: as the row says, and as its numbers give it.
    func asOf(_ row: Row) -> (own: Day?, derived: Day)?

    /// Resolves what rows refer to, seals what is personal, and says in which lane each belongs.
    ///
    /// - Returns: The rows to stage, and faults of those that refer to nothing.
    func stage(_ rows: [(number: Int, row: Row)], context: LoadContext) async throws -> (rows: [StagedRow], faults: [RowFault])

    /// Loads rows of one lane, in as few transactions as it takes. Loading the same rows again changes nothing.
    func load(_ rows: [StagedRow], lane: Int32, context: LoadContext) async throws -> LoadResult
}

extension FileKind {
    func controlAmount(_ reader: RowReader<Column>) -> (Currency, Int64)? { nil }
    func asOf(_ row: Row) -> (own: Day?, derived: Day)? { nil }
}

/// What loading needs to know of its import.
struct LoadContext: Sendable {
    let database: Database
    let fileId: Int64
    /// 0 until it is known, and for kinds without one.
    var portfolioId: Int32 = 0
    /// The day of figures of rows that do not say.
    var asOf: Day?
    let debtorIds: DebtorIds
    let options: IntakeOptions
    let latestPayment = LatestInstant()
}

/// What became of some rows.
struct LoadResult: Sendable {
    var loaded: Int64 = 0
    var known: Int64 = 0
    var totals: [Currency: Int128] = [:]
    var faults: [RowFault] = []

    /// Counts an accepted row.
    mutating func accept(isNew: Bool, _ currency: Currency? = nil, _ amount: Int64 = 0) {
        if isNew { loaded += 1 } else { known += 1 }
        if let currency { totals[currency, default: 0] += Int128(amount) }
    }

    /// Counts a refused row.
    mutating func refuse(_ row: StagedRow, _ field: some ImportColumn, _ reason: String) {
        faults.append(RowFault(row: Int(row.number), field: field.rawValue, reason: reason))
    }

    mutating func add(_ other: LoadResult) {
        loaded += other.loaded
        known += other.known
        for (currency, sum) in other.totals { totals[currency, default: 0] += sum }
        faults += other.faults
    }
}

/// The reason of a row whose key is known with other content.
let knownWithOtherContent = "known before with other content"

/// The latest of the instants it was told.
final class LatestInstant: Sendable {
    private let latest = Mutex<Instant?>(nil)

    var value: Instant? { latest.withLock { $0 } }
    func see(_ instant: Instant) { latest.withLock { $0 = max($0 ?? instant, instant) } }
}

/// Ids for new debtors by lane.
///
/// A new debtor gets the lane in which its reference stands in the directory, so that claim and rows of a lane's chunk are one lane's work;
/// references spread evenly, and so do the ids.
actor DebtorIds {
    private let database: Database
    private var stock: [Int32: [Int64]] = [:]

    init(database: Database) {
        self.database = database
    }

    func take(_ count: Int, lane: Int32) async throws -> [Int64] {
        while (stock[lane]?.count ?? 0) < count {
            let missing = count - (stock[lane]?.count ?? 0)
            for id in try await database.ids.next(.debtor, count: max(missing, 16) * Int(database.lanes.count)) {
                stock[database.lanes.part(of: id), default: []].append(id)
            }
        }
        let ids = Array(stock[lane, default: []].prefix(count))
        stock[lane, default: []].removeFirst(count)
        return ids
    }
}
