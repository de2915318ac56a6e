package import CollectionsDomain
package import CollectionsStore
import Foundation
package import Logging
package import PostgresDriver

/// What `recourse agency apply` did.
package struct AgencyApplyReport: Sendable {
    /// What was changed, in the order it was written; with a dry run, what would be.
    package let changes: [AgencyChange]
    /// Agencies of the file.
    package let agencies: Int
    /// Whether nothing was written.
    package let dryRun: Bool
}

/// Why a command about an agency was refused.
package enum AgencyError: Error, Hashable, CustomStringConvertible {
    case unknown(String)
    case alreadySuspended(String)
    case notSuspended(String)
    case reasonMissing

    package var description: String {
        switch self {
        case .unknown(let name): "no agency is named \(name) (hint: recourse agency list)"
        case .alreadySuspended(let name): "agency \(name) is suspended already"
        case .notSuspended(let name): "agency \(name) is not suspended"
        case .reasonMissing: "a reason is needed: it goes into the record"
        }
    }
}

/// Agencies: what they may be given, their tokens, and stopping them.
package struct AgencyService: Sendable {
    package let database: Database
    let logger: Logger

    package init(database: Database, logger: Logger) {
        self.database = database
        self.logger = logger
    }

    // MARK: Apply

    /// Brings agencies, contracts, rate cards and routes to what the file says. The same file again changes nothing.
    ///
    /// - Throws: ``AgencyApplyError``, and ``OperatorError/roleForbids(_:)`` for a viewer, or for an approval by a role that may not decide.
    package func apply(_ file: AgencyFile, by person: Operator, dryRun: Bool = false) async throws -> AgencyApplyReport {
        guard person.role.mayChange else { throw OperatorError.roleForbids(person.role) }
        let evaluates = try await evaluatesBeforeExpiry()
        if dryRun {
            let changes = try await database.core.withConnection { db in
                try await directory(in: db).changes(to: file, by: person.id, evaluatesBeforeExpiry: evaluates)
            }
            return AgencyApplyReport(changes: changes, agencies: file.agencies.count, dryRun: true)
        }
        let changes = try await database.withAuditedTransaction(database.core) { transaction in
            let db = transaction.connection
            try await AgencyQueries.lockAll(in: db)
            let now = try await ClockQueries.read(in: db)
            let current = try await directory(in: db)
            let changes = try current.changes(to: file, by: person.id, evaluatesBeforeExpiry: evaluates)
            var ids = Dictionary(current.agencies.map { ($0.name, $0.agencyId) }) { first, _ in first }
            for change in changes {
                try await write(change, ids: &ids, by: person, now: now, in: db)
                transaction.audit(
                    .agencyChange, subject: Int64(ids[change.agency] ?? 0),
                    ["operator": .number(person.id), "agency": .string(change.agency), "changes": .strings(change.lines)])
            }
            return changes
        }
        return AgencyApplyReport(changes: changes, agencies: file.agencies.count, dryRun: false)
    }

    /// What the policy in force says of renewals; agencies may be applied before there is a policy.
    private func evaluatesBeforeExpiry() async throws -> Bool {
        let now = try await database.core.withConnection { db in try await ClockQueries.read(in: db) }
        do {
            let policy = try await PolicyService(database: database).current(at: Zone.utc.day(of: now.business))
            return policy.conduct.chain.contains { $0.agencyControls?.evaluateBeforeExpiry?.value == true }
        } catch let error as PolicyServiceError {
            switch error {
            case .none: return false
            case .unknownVersion, .notPublished: throw error
            }
        }
    }

    private func write(_ change: AgencyChange, ids: inout [String: Int32], by person: Operator, now: Now, in db: PostgresConnection)
        async throws
    {
        func id() throws(AgencyError) -> Int32 {
            guard let id = ids[change.agency] else { throw .unknown(change.agency) }
            return id
        }
        switch change.action {
        case .create(let agency):
            ids[agency.name] = try await AgencyQueries.insert(
                name: agency.name, displayName: agency.displayName, kind: agency.kind, listed: agency.listed,
                licenseUntil: agency.licenseUntil,
                evaluatedOn: agency.evaluatedOn, trainedOn: agency.trainedOn, subcontracts: agency.subcontracts, at: now.business, in: db)
        case .update(let agency):
            try await AgencyQueries.update(
                try id(), displayName: agency.displayName, listed: agency.listed, licenseUntil: agency.licenseUntil,
                evaluatedOn: agency.evaluatedOn, trainedOn: agency.trainedOn, subcontracts: agency.subcontracts, in: db)
        case .contract(let terms): try await AgencyQueries.put(terms, of: try id(), in: db)
        case .firstFees(let fees): _ = try await AgencyQueries.insert(fees, of: try id(), in: db)
        case .askFees(let fees):
            try await ApprovalQueries.ask(
                id: try await database.ids.next(.approval), kind: Self.feeApproval,
                subject: AgencyDirectory.feeSubject(agency: change.agency, startsOn: fees.startsOn),
                detail: ["digest": .string(fees.digest), "rates": fees.fees.json], maker: person.id, now: now, in: db)
        case .approveFees(let fees, let approval):
            guard person.role.mayDecide else { throw OperatorError.roleForbids(person.role) }
            _ = try await ApprovalQueries.decide(id: approval, .approved, checker: person.id, reason: nil, now: now, in: db)
            _ = try await AgencyQueries.insert(fees, of: try id(), in: db)
        case .feesWait: break
        case .route(let route): try await AgencyQueries.put(route, to: try id(), in: db)
        case .removeRoute(let route): try await AgencyQueries.remove(route, in: db)
        }
    }

    /// `approval.kind` of a rate card that waits for a second person.
    static let feeApproval = "fee_schedule"

    private struct FeeDetail: Decodable {
        let digest: String
    }

    /// Agencies and everything agreed with them, as of this transaction.
    package func directory(in db: PostgresConnection) async throws -> AgencyDirectory {
        var waiting: [String: AgencyDirectory.WaitingFees] = [:]
        for approval in try await ApprovalQueries.open(in: db) where approval.kind == Self.feeApproval {
            let detail = try JSONDecoder().decode(FeeDetail.self, from: Data(approval.detail.utf8))
            waiting[approval.subject] = AgencyDirectory.WaitingFees(approvalId: approval.id, maker: approval.maker, digest: detail.digest)
        }
        return AgencyDirectory(
            agencies: try await AgencyQueries.all(in: db),
            contracts: Dictionary(grouping: try await AgencyQueries.contracts(in: db), by: \.agencyId).mapValues { $0.map(\.terms) },
            rateCards: Dictionary(grouping: try await AgencyQueries.feeSchedules(in: db), by: \.agencyId).mapValues { $0.map(\.card) },
            routes: try await AgencyQueries.routes(in: db), waitingFees: waiting)
    }

    // MARK: Tokens

    /// What an agency's tokens begin with, so that a leaked one is recognised.
    package static let tokenPrefix = "rag_"

    /// Makes a token for an agency. The text is returned once and never stored.
    package func token(_ name: String, label: String = "default", by person: Operator) async throws -> NewToken {
        guard person.role.mayChange else { throw OperatorError.roleForbids(person.role) }
        let token = NewToken(prefix: Self.tokenPrefix)
        try await database.withAuditedTransaction(database.core) { transaction in
            let db = transaction.connection
            guard let agency = try await AgencyQueries.named(name, in: db) else { throw AgencyError.unknown(name) }
            let now = try await ClockQueries.read(in: db)
            try await CredentialQueries.insert(hash: token.hash, agencyId: agency.agencyId, label: label, at: now.business, in: db)
            transaction.audit(
                .agencyChange, subject: Int64(agency.agencyId),
                ["operator": .number(person.id), "agency": .string(name), "what": "token_made", "label": .string(label)])
        }
        return token
    }

    /// Ends an agency's tokens, all or those of one label, and returns how many.
    package func revokeTokens(_ name: String, label: String?, by person: Operator) async throws -> Int {
        guard person.role.mayChange else { throw OperatorError.roleForbids(person.role) }
        return try await database.withAuditedTransaction(database.core) { transaction in
            let db = transaction.connection
            guard let agency = try await AgencyQueries.named(name, in: db) else { throw AgencyError.unknown(name) }
            let now = try await ClockQueries.read(in: db)
            let ended = try await CredentialQueries.revoke(agencyId: agency.agencyId, label: label, at: now.business, in: db)
            transaction.audit(
                .agencyChange, subject: Int64(agency.agencyId),
                [
                    "operator": .number(person.id), "agency": .string(name), "what": "tokens_revoked", "label": .optional(label),
                    "count": .number(ended),
                ])
            return ended
        }
    }

    /// The agency a token's hash belongs to; nil for an unknown or revoked one. Runs in the API's role.
    package func authenticate(tokenHash: [UInt8]) async throws -> AgencyIdentity? {
        try await database.api.withConnection { db in try await CredentialQueries.agency(ofTokenHash: tokenHash, in: db) }
    }

    // MARK: List

    /// One agency with what it holds.
    package struct Listing: Sendable {
        package let agency: AgencyRecord
        /// The contract that binds today; nil: none has begun.
        package let contract: ContractTerms?
        /// What it holds and what is kept free for it.
        package let inventory: AgencyQueries.Inventory
        /// Tokens in force.
        package let tokens: Int
        /// Since when notices wait that it never fetched; nil: it has fetched all.
        package let noticesWaitSince: Instant?
    }

    /// Every agency with its contract in force and what it holds, by name.
    package func list() async throws -> [Listing] {
        try await database.core.withConnection { db in
            let now = try await ClockQueries.read(in: db)
            let directory = try await directory(in: db)
            let inventory = try await AgencyQueries.inventory(in: db)
            let today = Zone.utc.day(of: now.business)
            let waiting = Dictionary(try await NoticeQueries.unfetched(in: db).map { ($0.agency, $0.oldest) }) { first, _ in first }
            var list: [Listing] = []
            for agency in directory.agencies.sorted(by: { $0.name < $1.name }) {
                let tokens = try await CredentialQueries.list(agencyId: agency.agencyId, in: db).count { $0.revokedAt == nil }
                list.append(
                    Listing(
                        agency: agency, contract: directory.contracts[agency.agencyId]?.inForce(on: today),
                        inventory: inventory[agency.agencyId] ?? .init(), tokens: tokens, noticesWaitSince: waiting[agency.agencyId]))
            }
            return list
        }
    }
}

extension [ContractTerms] {
    /// The contract that binds on a day: the newest that has begun; it may have ended.
    package func inForce(on day: Day) -> ContractTerms? { filter { $0.startsOn <= day }.max { $0.startsOn < $1.startsOn } }
}

extension [RateCard] {
    /// The rate card new placements get on a day: the newest that has begun.
    package func inForce(on day: Day) -> RateCard? { filter { $0.startsOn <= day }.max { $0.startsOn < $1.startsOn } }
}
