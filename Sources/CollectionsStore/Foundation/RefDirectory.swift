package import PostgresDriver

/// Where the owner of a business key stands.
package struct RefTarget: Hashable, Sendable {
    /// The owner's lane.
    package let part: Int32
    /// The owner's id.
    package let id: Int64

    /// A target by its parts.
    package init(part: Int32, id: Int64) {
        self.part = part
        self.id = id
    }
}

/// What claiming a business key found.
package enum RefClaim: Hashable, Sendable {
    /// Nobody had it; it is the caller's to give a target.
    case new
    /// It was claimed before with the same body. Without a target that import stopped half-way, and the caller completes it.
    case knownSame(RefTarget?)
    /// It was claimed before with another body: the row is refused.
    case knownDifferent(RefTarget?)
}

/// The directory of business keys: which debtor, account, payment, … a reference names, and the hash of the row that brought it.
///
/// Import claims references first, in a transaction of its own that can be repeated, then writes the owners' lanes and sets the targets.
///
/// - SeeAlso: Source: dispatch protocol, section 10.
package struct RefDirectory: Sendable {
    private let lanes: Lanes

    /// The directory of a database.
    package init(lanes: Lanes) {
        self.lanes = lanes
    }

    /// Claims references in bulk, one result for each, in order. A reference that stands twice is new once.
    ///
    /// References are locked in order, lane by lane, so that imports at the same time cannot deadlock.
    /// - Parameters:
    ///   - kind: What the references name.
    ///   - claims: Reference and hash of the row's body (32 bytes).
    package func claim(
        kind: RefKind, _ claims: [(ref: String, bodyHash: [UInt8])], in db: PostgresConnection
    ) async throws -> [RefClaim] {
        let byPart = grouped(claims.indices, kind: kind) { claims[$0].ref }
        var statements: [PostgresQuery] = []
        for (part, indices) in byPart {
            // The first row of a reference in this call is the one that claims it.
            var first: [String: Int] = [:]
            for index in indices where first[claims[index].ref] == nil { first[claims[index].ref] = index }
            let sorted = first.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            statements.append(
                """
                insert into ref (part, kind, ref, body_hash)
                select \(part), \(kind.rawValue), u.ref, u.hash from unnest(\(sorted.map(\.key)), \(sorted.map { claims[$0.value].bodyHash })) u (ref, hash)
                on conflict do nothing returning ref
                """)
            statements.append(
                """
                select ref, body_hash, target_part, target_id from ref
                where part = \(part) and kind = \(kind.rawValue) and ref = any(\(sorted.map(\.key)))
                """)
        }
        let results = try await db.pipeline(statements)
        var answers = [RefClaim](repeating: .new, count: claims.count)
        for (offset, (_, indices)) in byPart.enumerated() {
            var made = Set(try results[offset * 2].map { try $0.get(0, as: String.self) })
            var known: [String: (hash: [UInt8], target: RefTarget?)] = [:]
            for row in results[offset * 2 + 1] {
                let (ref, hash, part, id) = try row.decode((String, [UInt8], Int32?, Int64?).self)
                known[ref] = (hash, Self.target(part, id))
            }
            for index in indices {
                let (ref, hash) = claims[index]
                if made.remove(ref) != nil { continue }
                guard let entry = known[ref] else {
                    throw PostgresError(
                        code: .protocolViolation, message: "a claimed reference of kind \(kind.rawValue) is not in the directory")
                }
                answers[index] = entry.hash == hash ? .knownSame(entry.target) : .knownDifferent(entry.target)
            }
        }
        return answers
    }

    /// Says where the owners of claimed references stand. Setting the same target again changes nothing.
    package func setTargets(kind: RefKind, _ targets: [(ref: String, target: RefTarget)], in db: PostgresConnection) async throws {
        let byPart = grouped(targets.indices, kind: kind) { targets[$0].ref }
        let statements = byPart.map { part, indices -> PostgresQuery in
            let sorted = indices.map { targets[$0] }.sorted { $0.ref.utf8.lexicographicallyPrecedes($1.ref.utf8) }
            return """
                update ref set target_part = u.target_part, target_id = u.target_id
                from unnest(\(sorted.map(\.ref)), \(sorted.map(\.target.part)), \(sorted.map(\.target.id))) u (ref, target_part, target_id)
                where ref.part = \(part) and ref.kind = \(kind.rawValue) and ref.ref = u.ref
                """
        }
        _ = try await db.pipeline(statements)
    }

    /// Replaces the body hash of references whose row may change in later files (an account's daily update).
    package func setBodyHashes(kind: RefKind, _ hashes: [(ref: String, bodyHash: [UInt8])], in db: PostgresConnection) async throws {
        let byPart = grouped(hashes.indices, kind: kind) { hashes[$0].ref }
        let statements = byPart.map { part, indices -> PostgresQuery in
            let sorted = indices.map { hashes[$0] }.sorted { $0.ref.utf8.lexicographicallyPrecedes($1.ref.utf8) }
            return """
                update ref set body_hash = u.hash from unnest(\(sorted.map(\.ref)), \(sorted.map(\.bodyHash))) u (ref, hash)
                where ref.part = \(part) and ref.kind = \(kind.rawValue) and ref.ref = u.ref
                """
        }
        _ = try await db.pipeline(statements)
    }

    /// The targets of references; those unknown or without a target are left out.
    package func find(kind: RefKind, _ refs: [String], in db: PostgresConnection) async throws -> [String: RefTarget] {
        let byPart = grouped(refs.indices, kind: kind) { refs[$0] }
        let statements = byPart.map { part, indices -> PostgresQuery in
            """
            select ref, target_part, target_id from ref
            where part = \(part) and kind = \(kind.rawValue) and ref = any(\(indices.map { refs[$0] })) and target_id is not null
            """
        }
        var found: [String: RefTarget] = [:]
        for row in try await db.pipeline(statements).joined() {
            let (ref, part, id) = try row.decode((String, Int32, Int64).self)
            found[ref] = RefTarget(part: part, id: id)
        }
        return found
    }

    private static func target(_ part: Int32?, _ id: Int64?) -> RefTarget? {
        guard let part, let id else { return nil }
        return RefTarget(part: part, id: id)
    }

    /// Indices by lane, lanes ascending.
    private func grouped(_ indices: Range<Int>, kind: RefKind, _ ref: (Int) -> String) -> [(part: Int32, indices: [Int])] {
        var groups: [Int32: [Int]] = [:]
        for index in indices { groups[lanes.refPart(kind: kind, ref: ref(index)), default: []].append(index) }
        return groups.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
