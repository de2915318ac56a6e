package import CollectionsDomain
package import CollectionsStore
import PostgresDriver
import Synchronization

/// The policy that decides: its number, which every decision stores, and its rules.
package final class ActivePolicy: Sendable {
    /// `policy_version.policy_version`.
    package let version: Int32
    /// The conduct rules.
    package let conduct: ConductPolicy
    /// The stages.
    package let stages: StagePolicy

    /// An active policy by its parts.
    package init(version: Int32, conduct: ConductPolicy, stages: StagePolicy) {
        self.version = version
        self.conduct = conduct
        self.stages = stages
    }
}

/// Why there is no policy to decide by, or none was published.
package enum PolicyServiceError: Error, Hashable, CustomStringConvertible {
    /// No loaded policy holds on the day.
    case none(on: Day)
    /// A decision names a version that is not there.
    case unknownVersion(Int32)
    /// The day lies outside the file's own span.
    case notPublished(reason: String)

    package var description: String {
        switch self {
        case .none(let day): "no policy is in force on \(day) (hint: recourse policy load FILE)"
        case .unknownVersion(let number): "policy version \(number) is not in the database"
        case .notPublished(let reason): "the policy was not published: \(reason)"
        }
    }
}

/// Loaded policies: which one holds on a day, read once and kept.
package final class PolicyService: Sendable {
    /// How long the answer for a day is kept: a policy published by another process holds here after this time.
    package static let refresh: Duration = .seconds(5)

    private struct Cache {
        var byVersion: [Int32: ActivePolicy] = [:]
        var current: (day: Day, readAt: ContinuousClock.Instant, policy: ActivePolicy)?
    }

    let database: Database
    private let cache = Mutex(Cache())

    /// Policies of a database.
    package init(database: Database) {
        self.database = database
    }

    // MARK: Deciding by it

    /// The policy in force on a day.
    ///
    /// - Throws: `PolicyServiceError.none(on:)`.
    package func current(at day: Day) async throws -> ActivePolicy {
        if let kept = cache.withLock({ $0.current }), kept.day == day, .now - kept.readAt < Self.refresh { return kept.policy }
        guard let version = try await database.core.withConnection({ try await PolicyVersionQueries.current(at: day, in: $0) }) else {
            throw PolicyServiceError.none(on: day)
        }
        let policy = try read(version)
        cache.withLock { $0.current = (day, .now, policy) }
        return policy
    }

    /// The policy of a number: what an earlier decision was made by.
    ///
    /// - Throws: `PolicyServiceError.unknownVersion(_:)`.
    package func policy(version number: Int32) async throws -> ActivePolicy {
        if let kept = cache.withLock({ $0.byVersion[number] }) { return kept }
        guard let version = try await database.core.withConnection({ try await PolicyVersionQueries.find(number: number, in: $0) }) else {
            throw PolicyServiceError.unknownVersion(number)
        }
        return try read(version)
    }

    private func read(_ version: PolicyVersion) throws -> ActivePolicy {
        if let kept = cache.withLock({ $0.byVersion[version.number] }) { return kept }
        let bundle = try PolicyBundle(stored: version.yaml)
        let policy = ActivePolicy(version: version.number, conduct: bundle.conduct, stages: bundle.stages)
        cache.withLock { $0.byVersion[version.number] = policy }
        return policy
    }

    // MARK: Publishing

    /// What became of a publication.
    package enum Publication: Sendable {
        /// The policy is loaded (now, or it was before).
        case loaded(PolicyVersion)
        /// A second operator has to publish the same files.
        case waiting(approval: Int64)
    }

    /// Loads a policy file with what it extends; the same bytes are the same version.
    ///
    /// Nobody is asked: for set-up, demonstration and tests. Operators publish with ``publish(yamlPath:by:)``.
    /// - Throws: `PolicyError` with file, line and path.
    @discardableResult
    package func load(yamlPath: String) async throws -> PolicyVersion {
        let bundle = try PolicyBundle(path: yamlPath)
        return try await store(bundle, by: nil, approval: nil)
    }

    /// Publishes a policy file by four eyes: the first operator asks, a second one who publishes the same bytes loads it. The first policy of
    /// a database needs only one, because nothing can be decided before.
    ///
    /// - Throws: `PolicyError`; `ApprovalError.makerIsChecker` when the same operator comes twice; `OperatorError.roleForbids`.
    package func publish(yamlPath: String, by actor: Operator) async throws -> Publication {
        guard actor.role.mayDecide else { throw OperatorError.roleForbids(actor.role) }
        let bundle = try PolicyBundle(path: yamlPath)
        let subject = Digest.hex(bundle.sha256)
        let known = try await list()
        if let same = known.first(where: { $0.sha256 == bundle.sha256 }) { return .loaded(same) }
        if known.isEmpty { return .loaded(try await store(bundle, by: actor, approval: nil)) }
        let open = try await database.core.withConnection { db in
            try await ApprovalQueries.latest(kind: Self.approvalKind, subject: subject, in: db)
        }
        if let open, open.decision == nil {
            if open.maker == actor.id { throw ApprovalError.makerIsChecker }
            return .loaded(try await store(bundle, by: actor, approval: open.id))
        }
        let id = try await database.ids.next(.approval)
        try await database.withAuditedTransaction(database.core) { transaction in
            let now = try await ClockQueries.read(in: transaction.connection)
            try await ApprovalQueries.ask(
                id: id, kind: Self.approvalKind, subject: subject,
                detail: ["policy": .string(bundle.conduct.id), "version": .string(bundle.conduct.version)],
                maker: actor.id, now: now, in: transaction.connection)
            transaction.audit(.approval, subject: id, ["action": "asked", "kind": .string(Self.approvalKind), "by": .number(actor.id)])
        }
        return .waiting(approval: id)
    }

    static let approvalKind = "policy"

    private func store(_ bundle: PolicyBundle, by actor: Operator?, approval: Int64?) async throws -> PolicyVersion {
        let version = try await database.withAuditedTransaction(database.core) { transaction in
            let db = transaction.connection
            let now = try await ClockQueries.read(in: db)
            if let approval, let actor {
                _ = try await ApprovalQueries.decide(id: approval, .approved, checker: actor.id, reason: nil, now: now, in: db)
                transaction.audit(.approval, subject: approval, ["action": "approved", "by": .number(actor.id)])
            }
            let number = try await PolicyVersionQueries.insert(
                policyId: bundle.conduct.id, version: bundle.conduct.version, sha256: bundle.sha256, yaml: bundle.stored,
                effectiveFrom: bundle.conduct.effectiveFrom, effectiveTo: bundle.conduct.effectiveTo, now: now, in: db)
            transaction.audit(
                .policy, subject: Int64(number),
                [
                    "policy": .string(bundle.conduct.id), "version": .string(bundle.conduct.version),
                    "sha256": .string(Digest.hex(bundle.sha256)),
                    "by": .optional(actor?.id),
                ])
            guard let version = try await PolicyVersionQueries.find(number: number, in: db) else {
                throw PolicyServiceError.unknownVersion(number)
            }
            return version
        }
        cache.withLock { $0.current = nil }
        return version
    }

    /// Every load, newest first, without the texts.
    package func list() async throws -> [PolicyVersion] {
        try await database.core.withConnection { try await PolicyVersionQueries.list(in: $0) }
    }
}
