package import CollectionsDomain
package import PostgresDriver

/// What an operator may do; raw values are the text of `operator.role`.
package enum OperatorRole: String, CaseIterable, Sendable {
    /// Looks.
    case viewer
    /// Works cases: holds, recalls, complaints, requests within authority.
    case `operator`
    /// Decides what needs a second person; releases holds.
    case supervisor
    /// Conduct, complaints, policy.
    case compliance
    /// Everything, and operators themselves.
    case admin

    /// Whether the role may change anything.
    package var mayChange: Bool { self != .viewer }
    /// Whether the role may decide what another person asked for.
    package var mayDecide: Bool {
        switch self {
        case .viewer, .operator: false
        case .supervisor, .compliance, .admin: true
        }
    }
    /// Whether the role may add and disable operators.
    package var mayManageOperators: Bool { self == .admin }
}

/// A person of the bank who acts through this system.
package struct Operator: Hashable, Sendable {
    /// Key.
    package let id: Int32
    /// Unique name.
    package let name: String
    /// What the person may do.
    package let role: OperatorRole
    /// False once disabled: the row stays, because decisions name it.
    package let active: Bool
    /// Business time of the entry.
    package let createdAt: Instant

    /// An operator by its columns.
    package init(id: Int32, name: String, role: OperatorRole, active: Bool, createdAt: Instant) {
        self.id = id
        self.name = name
        self.role = role
        self.active = active
        self.createdAt = createdAt
    }
}

/// Why an operator was not made, found or believed.
package enum OperatorError: Error, Hashable, CustomStringConvertible {
    case nameTaken(String)
    case firstMustBeAdmin
    case unknown(String)
    case refused
    case roleForbids(OperatorRole)
    case lastAdmin

    package var description: String {
        switch self {
        case .nameTaken(let name): "an operator named \(name) exists"
        case .firstMustBeAdmin: "the first operator of a database must be an admin (hint: --role admin)"
        case .unknown(let name): "no operator is named \(name)"
        case .refused: "operator and token do not match, or the operator is disabled"
        case .roleForbids(let role): "role \(role.rawValue) may not do this"
        case .lastAdmin: "the last admin cannot be disabled"
        }
    }
}

/// Operators: the SQL.
package enum OperatorQueries {
    /// Whether the database has no operator yet: then the first may be added by nobody.
    package static func isEmpty(in db: PostgresConnection) async throws -> Bool {
        try await db.query("select not exists (select from operator)").value()
    }

    /// Adds an operator. Inside a transaction: two first operators at once must not both pass for the first.
    ///
    /// - Throws: ``OperatorError/nameTaken(_:)``, ``OperatorError/firstMustBeAdmin``.
    package static func add(
        name: String, role: OperatorRole, tokenHash: [UInt8], now: Now, in db: PostgresConnection
    ) async throws -> Operator {
        try await db.query("lock table operator in share row exclusive mode")
        if try await isEmpty(in: db), role != .admin { throw OperatorError.firstMustBeAdmin }
        let result = try await db.query(
            """
            insert into operator (name, role, token_hash, created_at) values (\(name), \(role.rawValue), \(tokenHash), \(now.business))
            on conflict (name) do nothing returning operator_id
            """)
        guard let row = result.first else { throw OperatorError.nameTaken(name) }
        return Operator(id: try row.get(0), name: name, role: role, active: true, createdAt: now.business)
    }

    /// The operator a token belongs to.
    ///
    /// - Parameter name: Must match, if given.
    /// - Throws: ``OperatorError/refused``, the same for an unknown name, a wrong token and a disabled operator.
    package static func authenticate(name: String?, tokenHash: [UInt8], in db: PostgresConnection) async throws -> Operator {
        let result = try await db.query(
            "select operator_id, name, role, active, created_at from operator where token_hash = \(tokenHash) and active")
        guard let found = try result.first.map(decode), name == nil || found.name == name else { throw OperatorError.refused }
        return found
    }

    /// Everybody, by name.
    package static func list(in db: PostgresConnection) async throws -> [Operator] {
        try await db.query("select operator_id, name, role, active, created_at from operator order by name").map(decode)
    }

    /// The operator of an id.
    package static func find(id: Int32, in db: PostgresConnection) async throws -> Operator? {
        try await db.query("select operator_id, name, role, active, created_at from operator where operator_id = \(id)").first.map(decode)
    }

    /// Disables an operator: the token stops working at once. Inside a transaction.
    ///
    /// - Throws: ``OperatorError/unknown(_:)``; ``OperatorError/lastAdmin``, because then nobody could add another.
    package static func disable(name: String, in db: PostgresConnection) async throws -> Operator {
        try await db.query("lock table operator in share row exclusive mode")
        let result = try await db.query(
            "update operator set active = false where name = \(name) returning operator_id, name, role, active, created_at")
        guard let found = try result.first.map(decode) else { throw OperatorError.unknown(name) }
        let adminLeft: Bool = try await db.query("select exists (select from operator where role = 'admin' and active)").value()
        guard adminLeft else { throw OperatorError.lastAdmin }
        return found
    }

    private static func decode(_ row: PostgresRow) throws -> Operator {
        let (id, name, word, active, createdAt) = try row.decode((Int32, String, String, Bool, Instant).self)
        guard let role = OperatorRole(rawValue: word) else {
            throw PostgresError(code: .decode, message: "operator \(id) has an unknown role")
        }
        return Operator(id: id, name: name, role: role, active: active, createdAt: createdAt)
    }
}
