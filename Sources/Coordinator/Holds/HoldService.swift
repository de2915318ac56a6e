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

    private let database: Database
    private let environments: CaseEnvironmentSource

    package init(database: Database, environments: CaseEnvironmentSource) {
        self.database = database
        self.environments = environments
    }

    /// Sets a hold on a debtor, or on one account. Leases are revoked at once; the agency is told.
    package func set(
        _ type: HoldType, on target: HoldTarget, until: Instant?, reason: String, by person: Operator
    ) async throws {
        guard person.role.mayChange else { throw OperatorError.roleForbids(person.role) }
        if type == .promise || type == .bankRequest { throw HoldError.setByEvents(type) }
        try await change(target) { transition, context in
            try await transition.setHold(
                type, account: target.account, until: until, reason: reason, cause: TransitionCause(by: "operator:\(person.id)"),
                on: &context)
        }
    }

    /// Releases a hold: the case goes back to where it was, never before the next day's window. Complaint and deceased holds need a second
    /// person: the first call asks, the second one by somebody else releases.
    package func release(_ type: HoldType, on target: HoldTarget, by person: Operator) async throws -> HoldProgress {
        guard person.role.mayDecide else { throw OperatorError.roleForbids(person.role) }
        if type == .promise || type == .bankRequest { throw HoldError.setByEvents(type) }
        if Self.twoPersons.contains(type), let waiting = try await secondPerson(type, target, person) { return .awaitsSecond(waiting) }
        try await change(target) { transition, context in
            guard context.facts.holds.contains(where: { $0.type == type && $0.account == target.account }) else {
                throw HoldError.notHeld(type)
            }
            try await transition.releaseHold(
                type, account: target.account, cause: TransitionCause(by: "operator:\(person.id)"), on: &context)
        }
        return .done
    }

    /// Asks for the second person, or takes this one as the second. Returns the approval that still waits.
    private func secondPerson(_ type: HoldType, _ target: HoldTarget, _ person: Operator) async throws -> Int64? {
        let subject = "\(type.rawValue):\(target.debtor):\(target.account.map(String.init) ?? "all")"
        let id = try await database.ids.next(.approval)
        return try await database.withAuditedTransaction(database.core) { tx in
            let now = try await ClockQueries.read(in: tx.connection)
            if let open = try await ApprovalQueries.latest(kind: "hold_release", subject: subject, in: tx.connection), open.decision == nil
            {
                _ = try await ApprovalQueries.decide(id: open.id, .approved, checker: person.id, reason: nil, now: now, in: tx.connection)
                tx.audit(.approval, subject: open.id, ["kind": "hold_release", "decision": "approved", "operator": .number(person.id)])
                return nil
            }
            try await ApprovalQueries.ask(id: id, kind: "hold_release", subject: subject, maker: person.id, now: now, in: tx.connection)
            tx.audit(.approval, subject: id, ["kind": "hold_release", "asked_by": .number(person.id)])
            return id
        }
    }

    private func change(
        _ target: HoldTarget, _ body: @Sendable (inout CaseTransition, inout CaseContext) async throws -> Void
    ) async throws {
        let present = try await database.core.withConnection { try await ClockQueries.read(in: $0) }
        let environment = try await environments.current(at: present)
        try await database.withAuditedTransaction(database.core, part: target.part) { tx in
            let now = try await ClockQueries.read(in: tx.connection)
            let contexts = try await CaseContext.load(
                part: target.part, debtors: [target.debtor], environment: environment, now: now, in: tx.connection)
            guard var context = contexts[target.debtor] else { throw HoldError.noCase(target.reference) }
            var transition = CaseTransition(part: target.part, environment: environment, now: now, database: database)
            try await body(&transition, &context)
            tx.audit(try await transition.write(in: tx.connection))
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
}
