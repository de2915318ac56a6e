import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Claiming references and giving their owners ids in one step.
enum ClaimedIds {
    /// Claims references and returns the ids of those whose content is the caller's; one known with another body is left out.
    ///
    /// Claim and target are one transaction. A claim whose owner was never written belongs to an import that stopped: the same row brings the
    /// same id again and completes it. Content that differs is refused even then, because the other import may be writing it right now.
    /// - Parameter claims: Reference, body hash and the lane its owner belongs to.
    static func claim(
        kind: RefKind, ids idKind: IdKind, _ claims: [(ref: String, bodyHash: [UInt8], part: Int32)], database: Database,
        in db: PostgresConnection
    ) async throws -> [String: Int64] {
        let answers = try await database.refs.claim(kind: kind, claims.map { ($0.ref, $0.bodyHash) }, in: db)
        var taken: [String: Int64] = [:]
        var fresh: [Int] = []
        for (index, answer) in answers.enumerated() {
            switch answer {
            case .new, .knownSame(nil): fresh.append(index)
            case .knownSame(let target?): taken[claims[index].ref] = target.id
            case .knownDifferent: break
            }
        }
        if !fresh.isEmpty {
            let ids = try await database.ids.next(idKind, count: fresh.count)
            try await database.refs.setTargets(
                kind: kind, zip(fresh, ids).map { (ref: claims[$0].ref, target: RefTarget(part: claims[$0].part, id: $1)) }, in: db)
            for (index, id) in zip(fresh, ids) { taken[claims[index].ref] = id }
        }
        return taken
    }
}
