package import CollectionsDomain
package import PostgresDriver

/// A permit given at the door.
package struct PermitRow: Hashable, Sendable {
    package var permitId: Int64
    package var key: GrantKey
    package var agencyId: Int32
    package var contactPointId: Int64
    package var grantedAt: Instant
    package var allowedUntil: Instant

    package init(permitId: Int64, key: GrantKey, agencyId: Int32, contactPointId: Int64, grantedAt: Instant, allowedUntil: Instant) {
        self.permitId = permitId
        self.key = key
        self.agencyId = agencyId
        self.contactPointId = contactPointId
        self.grantedAt = grantedAt
        self.allowedUntil = allowedUntil
    }
}

/// Permits: the right to one act now.
package enum PermitQueries {
    /// Stores a permit.
    package static func insert(part: Int32, _ row: PermitRow) -> PostgresQuery {
        """
        insert into permit (part, permit_id, task_id, epoch, agency_id, contact_point_id, granted_at, allowed_until)
        values (\(part), \(row.permitId), \(row.key.taskId), \(row.key.epoch), \(row.agencyId), \(row.contactPointId), \(row.grantedAt),
            \(row.allowedUntil))
        """
    }

    /// The permits of some tasks, the newest of a grant last.
    package static func ofTasks(part: Int32, tasks: [Int64]) -> PostgresQuery {
        """
        select permit_id, task_id, epoch, agency_id, contact_point_id, granted_at, allowed_until from permit
        where task_id = any(\(tasks)) and part = \(part) order by permit_id
        """
    }

    /// The rows in an answer.
    package static func rows(_ result: PostgresResult) throws -> [PermitRow] {
        try result.map { row in
            let (permit, task, epoch, agency, point, granted, until) = try row.decode(
                (Int64, Int64, Int32, Int32, Int64, Instant, Instant).self)
            return PermitRow(
                permitId: permit, key: GrantKey(taskId: task, epoch: epoch), agencyId: agency, contactPointId: point, grantedAt: granted,
                allowedUntil: until)
        }
    }
}

extension PermitQueries {
    /// A contact point of a task's debtor, with the accounts placed in the task's case.
    package static func point(part: Int32, task: Int64, point: Int64, agency: Int32) -> PostgresQuery {
        """
        select p.contact_point_id, p.role, p.channel, case when p.do_not_contact_since is not null then 'off' else p.state end, p.provenance, p.rank,
            p.visits_off, array(select a.account_id from account a where a.part = \(part) and a.debtor_id = t.debtor_id order by a.account_id)
        from task t join contact_point p on p.part = \(part) and p.debtor_id = t.debtor_id and p.contact_point_id = \(point)
        where t.part = \(part) and t.task_id = \(task) and t.agency_id = \(agency)
        """
    }

    /// The answer to ``point(part:task:point:agency:)``; nil: the debtor has no such point.
    package static func point(_ result: PostgresResult) throws -> (row: PointRow, accounts: [Int64])? {
        try result.first.map { row in
            let (id, role, channel, state, provenance, rank, visitsOff, accounts) = try row.decode(
                (Int64, ContactPoint.Role, ContactPoint.Channel, ContactPoint.State, String, Int16, Bool, [Int64]).self)
            return (
                PointRow(id: id, role: role, channel: channel, state: state, provenance: provenance, rank: rank, visitsOff: visitsOff),
                accounts
            )
        }
    }
}
