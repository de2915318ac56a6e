package import CollectionsDomain
package import CollectionsStore
import Foundation
import PostgresDriver

extension PolicyBundle {
    /// The policy itself, without what it extends, for a comparison.
    package func side() throws -> PolicyDiff.Side {
        guard let main = files.last else { throw PolicyError(file: "policy", line: 1, path: "", reason: "file is empty") }
        return PolicyDiff.Side(node: try PolicyFile.node(yaml: main.text, file: main.name), policy: conduct)
    }

    /// What differs from `old`, parameter by parameter.
    package func changes(since old: PolicyBundle) throws -> [PolicyChange] {
        try PolicyDiff.changes(from: old.side(), to: side())
    }
}

extension PolicyService {
    /// A loaded policy with its files.
    ///
    /// - Throws: `PolicyServiceError.unknownVersion(_:)`.
    package func bundle(version number: Int32) async throws -> PolicyBundle {
        guard let version = try await database.core.withConnection({ try await PolicyVersionQueries.find(number: number, in: $0) }) else {
            throw PolicyServiceError.unknownVersion(number)
        }
        return try PolicyBundle(stored: version.yaml)
    }

    /// The loaded policy that a file would take the place of: the newest one of the same name, else the newest one.
    package func predecessor(of bundle: PolicyBundle) async throws -> (number: Int32, bundle: PolicyBundle)? {
        let known = try await list().filter { $0.sha256 != bundle.sha256 }
        guard let version = known.first(where: { $0.policyId == bundle.conduct.id }) ?? known.first else { return nil }
        return (version.number, try await self.bundle(version: version.number))
    }

    /// Publications that wait for a second operator, oldest first.
    package func waiting() async throws -> [Approval] {
        try await database.core.withConnection { try await ApprovalQueries.open(in: $0) }.filter { $0.kind == Self.approvalKind }
    }
}
