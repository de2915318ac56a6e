package import CollectionsDomain
package import PostgresDriver

/// A contact point about to be stored, its value sealed.
package struct ContactPointDraft: Hashable, Sendable {
    package var pointId: Int64
    package var debtorId: Int64
    /// Unique within the debtor.
    package var contactRef: String
    package var role: PartyRole
    /// `contact_point.relation`.
    package var relation: String
    /// `contact_point.debt_relation`.
    package var debtRelation: String
    package var kind: PointKind
    package var valueSealed: [UInt8]
    package var valueIndex: [UInt8]
    package var rank: Int16
    package var provenance: String
    package var doNotContactSince: Instant?
    package var verifiedAt: Instant?

    package init(
        pointId: Int64, debtorId: Int64, contactRef: String, role: PartyRole, relation: String, debtRelation: String, kind: PointKind,
        valueSealed: [UInt8], valueIndex: [UInt8], rank: Int16, provenance: String, doNotContactSince: Instant? = nil,
        verifiedAt: Instant? = nil
    ) {
        self.pointId = pointId
        self.debtorId = debtorId
        self.contactRef = contactRef
        self.role = role
        self.relation = relation
        self.debtRelation = debtRelation
        self.kind = kind
        self.valueSealed = valueSealed
        self.valueIndex = valueIndex
        self.rank = rank
        self.provenance = provenance
        self.doNotContactSince = doNotContactSince
        self.verifiedAt = verifiedAt
    }
}

/// A consent about to be stored.
package struct NewConsent: Hashable, Sendable {
    package var consentId: Int64
    package var debtorId: Int64
    package var pointId: Int64?
    /// `consent.type`: a kind of ``LedgerConsent``, else `contact`.
    package var type: String
    package var scope: String?
    /// The last day, included.
    package var validUntil: Day
    package var isRecorded: Bool

    package init(consentId: Int64, debtorId: Int64, pointId: Int64?, type: String, scope: String?, validUntil: Day, isRecorded: Bool) {
        self.consentId = consentId
        self.debtorId = debtorId
        self.pointId = pointId
        self.type = type
        self.scope = scope
        self.validUntil = validUntil
        self.isRecorded = isRecorded
    }
}

/// Storing contact points: the SQL. Every statement names one lane, and running it again changes nothing.
package enum ContactIntakeQueries {
    /// The reference of the letter address that an accounts file brings.
    package static let billingRef = "billing_address"

    /// Stores points that are not there yet, and returns the ids of those it stored.
    package static func insertPoints(part: Int32, _ points: [ContactPointDraft], now: Now) -> PostgresQuery {
        """
        insert into contact_point (part, contact_point_id, debtor_id, contact_ref, role, relation, debt_relation, channel, value_enc, value_bidx, rank,
            state, state_reason, provenance, do_not_contact_since, verified_at, created_at)
        select \(part), u.id, u.debtor, u.ref, u.role, u.relation, u.debt_relation, u.channel, u.value, u.bidx, u.rank,
            case when u.stopped is null then 'valid' else 'off' end, case when u.stopped is null then null else 'do_not_contact' end,
            u.provenance, u.stopped, u.verified, \(now.business)
        from unnest(\(points.map(\.pointId)), \(points.map(\.debtorId)), \(points.map(\.contactRef)), \(points.map(\.role.name)), \(points.map(\.relation)),
            \(points.map(\.debtRelation)), \(points.map(\.kind.name)), \(points.map(\.valueSealed)), \(points.map(\.valueIndex)), \(points.map(\.rank)),
            \(points.map(\.provenance)), \(points.map(\.doNotContactSince)), \(points.map(\.verifiedAt)))
            u (id, debtor, ref, role, relation, debt_relation, channel, value, bidx, rank, provenance, stopped, verified)
        on conflict do nothing returning contact_point_id
        """
    }

    /// A stored point as far as a file's row can differ from it.
    package struct StoredPoint: Hashable, Sendable {
        package let role: String
        package let relation: String
        package let debtRelation: String
        package let channel: String
        package let valueIndex: [UInt8]
        package let rank: Int16
        package let provenance: String

        /// Whether the row says the same.
        package func agrees(with point: ContactPointDraft) -> Bool {
            role == point.role.name && relation == point.relation && debtRelation == point.debtRelation && channel == point.kind.name
                && valueIndex == point.valueIndex && rank == point.rank && provenance == point.provenance
        }
    }

    /// The stored points of some debtors, by debtor and reference.
    package static func stored(
        part: Int32, debtors: [Int64], refs: [String], in db: PostgresConnection
    ) async throws -> [Int64: [String: StoredPoint]] {
        var found: [Int64: [String: StoredPoint]] = [:]
        let result = try await db.query(
            """
            select debtor_id, contact_ref, role, relation, debt_relation, channel, value_bidx, rank, provenance from contact_point
            where part = \(part) and debtor_id = any(\(debtors)) and contact_ref = any(\(refs))
            """)
        for row in result {
            let (debtor, ref, role, relation, debtRelation, channel, index, rank, provenance) = try row.decode(
                (Int64, String, String, String, String, String, [UInt8], Int16, String).self)
            found[debtor, default: [:]][ref] = StoredPoint(
                role: role, relation: relation, debtRelation: debtRelation, channel: channel, valueIndex: index, rank: rank,
                provenance: provenance)
        }
        return found
    }

    /// Stores consents.
    package static func insertConsents(part: Int32, _ consents: [NewConsent], now: Now) -> PostgresQuery {
        """
        insert into consent (part, consent_id, debtor_id, contact_point_id, type, scope, valid_until, given_at, recorded)
        select \(part), u.id, u.debtor, u.point, u.type, u.scope, u.until, \(now.business), u.recorded
        from unnest(\(consents.map(\.consentId)), \(consents.map(\.debtorId)), \(consents.map(\.pointId)), \(consents.map(\.type)),
            \(consents.map(\.scope)), \(consents.map(\.validUntil)), \(consents.map(\.isRecorded))) u (id, debtor, point, type, scope, until, recorded)
        """
    }
}
