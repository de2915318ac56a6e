import CollectionsDomain
package import PostgresDriver

/// A debtor's conduct as stored; holding its row's lock is holding the debtor.
package struct ConductRow: Sendable {
    package var debtorId: Int64
    /// How often the ledger was written.
    package var version: Int32
    /// The ledger's stored form.
    package var ledger: [UInt8]

    package init(debtorId: Int64, version: Int32, ledger: [UInt8]) {
        self.debtorId = debtorId
        self.version = version
        self.ledger = ledger
    }
}

/// The conduct ledgers: one row per debtor, what the gate reads and the lock of the debtor.
package enum ConductQueries {
    /// Locks debtors in the order of their ids, waiting where it has to, and reads their ledgers. First step of the lock order.
    package static func lock(part: Int32, debtors: [Int64]) -> PostgresQuery {
        """
        select d.* from unnest(\(debtors.sorted())) u (id)
        cross join lateral (
            select debtor_id, version, ledger from debtor_conduct where part = \(part) and debtor_id = u.id for no key update) d
        """
    }

    /// Reads ledgers without locking them.
    package static func find(part: Int32, debtors: [Int64]) -> PostgresQuery {
        "select debtor_id, version, ledger from debtor_conduct where part = \(part) and debtor_id = any(\(debtors.sorted()))"
    }

    /// The rows in an answer.
    package static func rows(_ result: PostgresResult) throws -> [ConductRow] {
        try result.map { row in
            var cells = try row.cells(3)
            return ConductRow(debtorId: try cells.next(), version: try cells.next(), ledger: try cells.next())
        }
    }

    /// Writes ledgers; the caller holds their locks, each debtor stands once.
    package static func write(part: Int32, _ ledgers: [(debtor: Int64, bytes: [UInt8])]) -> PostgresQuery {
        let sorted = ledgers.sorted { $0.debtor < $1.debtor }
        return """
            update debtor_conduct d set ledger = u.ledger, version = d.version + 1
            from unnest(\(sorted.map(\.debtor)), \(sorted.map(\.bytes))) u (id, ledger) where d.part = \(part) and d.debtor_id = u.id
            """
    }

    /// Makes the row of debtors that have none yet.
    package static func create(part: Int32, _ ledgers: [(debtor: Int64, bytes: [UInt8])]) -> PostgresQuery {
        let sorted = ledgers.sorted { $0.debtor < $1.debtor }
        return """
            insert into debtor_conduct (part, debtor_id, ledger)
            select \(part), u.id, u.ledger from unnest(\(sorted.map(\.debtor)), \(sorted.map(\.bytes))) u (id, ledger)
            on conflict (part, debtor_id) do nothing
            """
    }
}
