package import CollectionsDomain
package import PostgresDriver

/// An outcome that came after its lease had ended: kept as evidence.
package struct LateOutcomeRow: Hashable, Sendable {
    package var key: GrantKey
    package var agencyId: Int32
    package var debtorId: Int64
    package var result: ResultCode
    /// Business time of the act's start.
    package var occurredAt: Instant
    package var bodyHash: [UInt8]
    package var body: [UInt8]
    /// Why it came late: how its lease ended.
    package var reason: String

    package init(
        key: GrantKey, agencyId: Int32, debtorId: Int64, result: ResultCode, occurredAt: Instant, bodyHash: [UInt8], body: [UInt8],
        reason: String
    ) {
        self.key = key
        self.agencyId = agencyId
        self.debtorId = debtorId
        self.result = result
        self.occurredAt = occurredAt
        self.bodyHash = bodyHash
        self.body = body
        self.reason = reason
    }
}

/// Late outcomes: evidence, and the receipt that makes their safety facts count once.
package enum LateOutcomeQueries {
    /// Late receipts of some tasks' grants, with why they came late.
    package static func receipts(part: Int32, tasks: [Int64]) -> PostgresQuery {
        "select task_id, epoch, body_hash, reason from late_outcome where part = \(part) and task_id = any(\(tasks.sorted()))"
    }

    /// The answer to ``receipts(part:tasks:)``.
    package static func receipts(_ result: PostgresResult) throws -> [GrantKey: (bodyHash: [UInt8], reason: String)] {
        var receipts: [GrantKey: (bodyHash: [UInt8], reason: String)] = [:]
        for row in result {
            let (task, epoch, hash, reason) = try row.decode((Int64, Int32, [UInt8], String).self)
            receipts[GrantKey(taskId: task, epoch: epoch)] = (hash, reason)
        }
        return receipts
    }

    /// Stores late outcomes.
    package static func insert(part: Int32, _ rows: [LateOutcomeRow], now: Now) -> PostgresQuery {
        """
        insert into late_outcome (part, task_id, epoch, agency_id, debtor_id, result, occurred_at, received_at, body_hash, body, reason)
        select \(part), u.task, u.epoch, u.agency, u.debtor, u.result, u.occurred, \(now.real), u.hash, u.body, u.reason
        from unnest(\(rows.map(\.key.taskId)), \(rows.map(\.key.epoch)), \(rows.map(\.agencyId)), \(rows.map(\.debtorId)),
            \(rows.map(\.result.rawValue)), \(rows.map(\.occurredAt)), \(rows.map(\.bodyHash)), \(rows.map(\.body)), \(rows.map(\.reason)))
            u (task, epoch, agency, debtor, result, occurred, hash, body, reason)
        """
    }
}
