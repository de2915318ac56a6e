package import PostgresDriver
import Synchronization

/// How rows of the hot table are written by key: many keys in one statement, or one statement a key.
///
/// `part = $1 and task_id = any($2)` is the cheap form (0.33 ms for 100 deletes, against 0.85 ms for 100 pipelined statements and 1.5 ms for a
/// plpgsql loop; PostgreSQL 15, 100,000 rows in 16 lanes). But where the planner believes the table nearly empty it prefers one walk over the lane,
/// `Index Cond: (part = $1)` with the keys as a filter, to one descent a key; with dead rows behind a long transaction that walk passes all of
/// them. A bank with few cases, or a cold start, is that case. So arrays are used only while the planner's own idea of the table says that a lane
/// is much longer than a batch; otherwise each key gets an equality on the whole primary key, which no plan can miss. The hint changes speed alone.
package enum TaskAccess {
    /// A lane has to be believed this long for arrays to be used: ten times the usual batch.
    package static let rowsPerLane: Int64 = 1_000

    private static let arrays = Atomic<Bool>(false)

    /// Whether arrays are used now.
    package static var usesArrays: Bool { arrays.load(ordering: .relaxed) }

    /// Takes the planner's idea of the table as a hint.
    package static func note(rows: Int64, lanes: Int32) {
        arrays.store(rows >= rowsPerLane * Int64(lanes), ordering: .relaxed)
    }

    /// What the planner believes of the table.
    package static let statistics: PostgresQuery = "select reltuples::bigint from pg_class where oid = 'task'::regclass"

    static func statements(
        _ tasks: [Int64], many: ([Int64]) -> PostgresQuery, single: (Int64) -> PostgresQuery
    ) -> [PostgresQuery] {
        let sorted = tasks.sorted()
        if usesArrays, sorted.count > 1 { return [many(sorted)] }
        return sorted.map(single)
    }
}
