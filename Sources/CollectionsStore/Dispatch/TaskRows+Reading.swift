import CollectionsDomain
import PostgresDriver

// Rows by the columns of a select list, from left to right.

extension TaskRow {
    /// `task_id, agency_id, step, state, due_at, epoch, leased_until, lease_seconds, debtor_id, case_id, attempt, expiries`
    init(_ cells: inout PostgresCells) throws {
        self.init(
            taskId: try cells.next(), agencyId: try cells.next(), step: try cells.next(), isLeased: try cells.next(Int16.self) == 1,
            dueAt: try cells.next(), epoch: try cells.next(), leasedUntil: try cells.next(), leaseSeconds: try cells.next(),
            debtorId: try cells.next(), caseId: try cells.next(), attempt: try cells.next(), expiries: try cells.next())
    }
}

extension PointRow {
    /// `contact_point_id, role, channel, state, provenance, rank, visits_off`
    init(_ cells: inout PostgresCells) throws {
        let id = try cells.next(Int64.self)
        try self.init(id: id, rest: &cells)
    }

    /// The same columns of an outer join; nil: there is no point.
    static func optional(_ cells: inout PostgresCells) throws -> PointRow? {
        guard let id = try cells.next(Int64?.self) else {
            cells.skip(6)
            return nil
        }
        return try PointRow(id: id, rest: &cells)
    }

    private init(id: Int64, rest cells: inout PostgresCells) throws {
        self.init(
            id: id, role: try cells.next(), channel: try cells.next(), state: try cells.next(), provenance: try cells.next(),
            rank: try cells.next(), visitsOff: try cells.next())
    }
}
