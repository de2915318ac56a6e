package import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// Why a hold was not set or released.
package enum HoldError: Error, Hashable, CustomStringConvertible {
    case unknownDebtor(String)
    case noCase(String)
    case notHeld(HoldType)
    case setByEvents(HoldType)

    package var description: String {
        switch self {
        case .unknownDebtor(let ref): "no debtor or account has the reference \(ref)"
        case .noCase(let ref): "\(ref) has no case: nothing is being worked that a hold could stop"
        case .notHeld(let type): "there is no open hold of type \(type.rawValue)"
        case .setByEvents(let type): "a hold of type \(type.rawValue) is set and released by what happens to the case, not by hand"
        }
    }
}

/// What became of a release.
package enum HoldProgress: Hashable, Sendable {
    case done
    /// A second person has to agree: this is the approval's number.
    case awaitsSecond(Int64)
}

/// Holds by hand: whom nobody may contact, and who may lift that.
package struct HoldService: Sendable {
    /// Holds that two persons release (DOMAIN section 1, operators).
    static let twoPersons: Set<HoldType> = [.complaint, .deceased]

    /// Holds that what happens to a case sets and releases.
    static let byEvents: Set<HoldType> = [.promise, .bankRequest]

    private let database: Database
    private let environments: CaseEnvironmentSource

    package init(database: Database, environments: CaseEnvironmentSource) {
        self.database = database
        self.environments = environments
    }

    /// Sets a hold on a debtor, or on one account, with a case or without. Leases are revoked at once; the agency is told.
    package func set(
        _ type: HoldType, on target: HoldTarget, until: Instant?, reason: String, by person: Operator
    ) async throws {
        guard person.role.mayChange else { throw OperatorError.roleForbids(person.role) }
        if Self.byEvents.contains(type) { throw HoldError.setByEvents(type) }
        try await atDesk(target) { desk, tx in
            _ = try await desk.set(
                type, debtor: target.debtor, account: target.account, until: until, reason: reason, by: "operator:\(person.id)", in: tx)
        }
    }

    /// Releases a hold: the case goes back to where it was, never before the next day's window. Complaint and deceased holds need a second
    /// person: the first call asks, the second one by somebody else releases.
    package func release(_ type: HoldType, on target: HoldTarget, by person: Operator) async throws -> HoldProgress {
        guard person.role.mayDecide else { throw OperatorError.roleForbids(person.role) }
        if Self.byEvents.contains(type) { throw HoldError.setByEvents(type) }
        let approval = try await database.ids.next(.approval)
        return try await atDesk(target) { desk, tx in
            if Self.twoPersons.contains(type), try await !isSecond(person, approval: approval, type, target, now: desk.now, in: tx) {
                return .awaitsSecond(approval)
            }
            let isReleased = try await desk.release(
                type, debtor: target.debtor, account: target.account, by: "operator:\(person.id)", in: tx)
            guard isReleased else { throw HoldError.notHeld(type) }
            try await WorkNewsQueries.announceEverything(in: tx.connection)
            return .done
        }
    }

    /// Whether this is the second person to ask for the release; the first one's wish is written down.
    private func isSecond(
        _ person: Operator, approval: Int64, _ type: HoldType, _ target: HoldTarget, now: Now, in tx: AuditedTransaction
    ) async throws -> Bool {
        let db = tx.connection
        let subject = "\(type.rawValue):\(target.debtor):\(target.account.map(String.init) ?? "all")"
        if let open = try await ApprovalQueries.latest(kind: "hold_release", subject: subject, in: db), open.decision == nil {
            _ = try await ApprovalQueries.decide(id: open.id, .approved, checker: person.id, reason: nil, now: now, in: db)
            tx.audit(.approval, subject: open.id, ["kind": "hold_release", "decision": "approved", "operator": .number(person.id)])
            return true
        }
        guard try await !HoldQueries.open(part: target.part, debtor: target.debtor, account: target.account, type: type, in: db).isEmpty
        else { throw HoldError.notHeld(type) }
        try await ApprovalQueries.ask(id: approval, kind: "hold_release", subject: subject, maker: person.id, now: now, in: db)
        tx.audit(.approval, subject: approval, ["kind": "hold_release", "asked_by": .number(person.id)])
        return false
    }

    private func atDesk<Value: Sendable>(
        _ target: HoldTarget, _ body: @Sendable (HoldDesk, AuditedTransaction) async throws -> Value
    ) async throws -> Value {
        let present = try await database.core.withConnection { try await ClockQueries.read(in: $0) }
        let environment = try await environments.current(at: present)
        return try await database.withAuditedTransaction(database.core, part: target.part) { tx in
            let now = try await ClockQueries.read(in: tx.connection)
            return try await body(HoldDesk(database: database, environment: environment, part: target.part, now: now), tx)
        }
    }

    /// What a reference given on the command line means: a debtor, or one account.
    package func target(_ reference: String) async throws -> HoldTarget {
        try await database.core.withConnection { db in
            if let debtor = try await database.refs.find(kind: .debtor, [reference], in: db)[reference] {
                return HoldTarget(part: debtor.part, debtor: debtor.id, account: nil, reference: reference)
            }
            guard let (part, account, debtor) = try await AccountLookup.find(reference, lanes: database.lanes, in: db) else {
                throw HoldError.unknownDebtor(reference)
            }
            return HoldTarget(part: part, debtor: debtor, account: account, reference: reference)
        }
    }
}

/// Whom a hold is on.
package struct HoldTarget: Hashable, Sendable {
    package let part: Int32
    package let debtor: Int64
    /// `nil`: the whole debtor.
    package let account: Int64?
    /// As it was given.
    package let reference: String

    package init(part: Int32, debtor: Int64, account: Int64?, reference: String) {
        self.part = part
        self.debtor = debtor
        self.account = account
        self.reference = reference
    }
}
