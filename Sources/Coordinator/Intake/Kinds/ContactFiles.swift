import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Contacts files: contact points of known debtors, and what they consented to.
struct ContactFiles: FileKind {
    var kind: ImportKind { .contacts }

    func read(_ reader: inout RowReader<ContactColumn>) -> ContactRow? { ContactRow(&reader) }

    func stage(_ rows: [(number: Int, row: ContactRow)], context: LoadContext) async throws -> (rows: [StagedRow], faults: [RowFault]) {
        let database = context.database
        let refs = Set(rows.map(\.row.debtorRef)).sorted()
        let known = try await database.core.withConnection { try await database.refs.find(kind: .debtor, refs, in: $0) }
        var staged: [StagedRow] = []
        var faults: [RowFault] = []
        for (number, row) in rows {
            guard let target = known[row.debtorRef] else {
                faults.append(RowFault(row: number, field: ContactColumn.debtorRef.rawValue, reason: Self.unknownDebtor))
                continue
            }
            staged.append(
                StagedRow(
                    lane: target.part, number: Int64(number), ref: "\(row.debtorRef)/\(row.contactRef)",
                    body: StagedContact.bytes(row, debtor: target.id, cipher: database.cipher)))
        }
        return (staged, faults)
    }

    private static let unknownDebtor = "no debtor with this reference"

    func load(_ rows: [StagedRow], lane: Int32, context: LoadContext) async throws -> LoadResult {
        let database = context.database
        let contacts = try rows.map { ($0, try StagedContact($0.body)) }
        let pointIds = try await database.ids.next(.contactPoint, count: contacts.count)
        let points = zip(contacts, pointIds).map { contact, id in contact.1.point(id: id) }
        let consents = try await consents(contacts.map(\.1), points: pointIds, database: database)
        let breakIds = try await database.ids.next(.breakRecord, count: contacts.count)
        return try await database.withAuditedTransaction(database.core, part: lane) { transaction in
            let db = transaction.connection
            let now = try await ClockQueries.read(in: db)
            let debtors = Set(points.map(\.debtorId)).sorted()
            let written = try await AccountIntakeQueries.existing(part: lane, debtors: debtors, in: db)
            let usable = points.filter { written.contains($0.debtorId) }
            let new =
                usable.isEmpty
                ? []
                : Set(
                    try await db.query(ContactIntakeQueries.insertPoints(part: lane, usable, now: now)).map {
                        try $0.get(0, as: Int64.self)
                    })
            let stored = try await ContactIntakeQueries.stored(
                part: lane, debtors: debtors, refs: Set(points.map(\.contactRef)).union([ContactIntakeQueries.billingRef]).sorted(), in: db)
            let given = consents.filter { consent in consent.pointId.map { new.contains($0) } ?? false }
            if !given.isEmpty {
                _ = try await db.query(ContactIntakeQueries.insertConsents(part: lane, given, now: now))
                try await enter(given, points: points, part: lane, now: now, in: db)
            }
            var result = LoadResult()
            for (index, ((staged, _), point)) in zip(contacts, points).enumerated() {
                if new.contains(point.pointId) {
                    result.accept(isNew: true)
                    try await compareAddress(
                        point, with: stored[point.debtorId]?[ContactIntakeQueries.billingRef], id: breakIds[index], part: lane, now: now,
                        in: transaction)
                } else if !written.contains(point.debtorId) {
                    result.refuse(staged, ContactColumn.debtorRef, Self.unknownDebtor)
                } else if stored[point.debtorId]?[point.contactRef]?.agrees(with: point) ?? false {
                    result.accept(isNew: false)
                } else {
                    result.refuse(staged, ContactColumn.contactRef, knownWithOtherContent)
                }
            }
            return result
        }
    }

    private func consents(_ contacts: [StagedContact], points: [Int64], database: Database) async throws -> [NewConsent] {
        let given = zip(contacts, points).filter { $0.0.consentUntil != nil }
        let ids = try await database.ids.next(.consent, count: given.count)
        return zip(given, ids).compactMap { pair, id in
            guard let until = pair.0.consentUntil else { return nil }
            let type = pair.0.consentScope.flatMap { Self.ledgerKinds[$0] != nil ? $0 : nil } ?? "contact"
            return NewConsent(
                consentId: id, debtorId: pair.0.debtorId, pointId: pair.1, type: type, scope: pair.0.consentScope, validUntil: until,
                isRecorded: pair.0.sourceDocument != nil)
        }
    }

    /// The scopes a conduct rule reads. Hours cannot be told in this file, so consents about hours are kept and decide nothing.
    private static let ledgerKinds: [String: LedgerConsent.Kind] = [
        LedgerConsent.Kind.callConsent.name: .callConsent, LedgerConsent.Kind.thirdPartyContact.name: .thirdPartyContact,
    ]

    /// Enters consents in the debtors' conduct ledgers, where the gate finds them.
    private func enter(_ consents: [NewConsent], points: [ContactPointDraft], part: Int32, now: Now, in db: PostgresConnection) async throws
    {
        let effective = consents.filter { Self.ledgerKinds[$0.type] != nil }
        if effective.isEmpty { return }
        let owners = Dictionary(uniqueKeysWithValues: points.map { ($0.pointId, $0) })
        let byDebtor = Dictionary(grouping: effective, by: \.debtorId)
        let rows = try ConductQueries.rows(try await db.query(ConductQueries.lock(part: part, debtors: byDebtor.keys.sorted())))
        var written: [(debtor: Int64, bytes: [UInt8])] = []
        for row in rows {
            var ledger = try ConductLedger(bytes: row.ledger)
            for consent in byDebtor[row.debtorId] ?? [] {
                guard let kind = Self.ledgerKinds[consent.type], let point = consent.pointId, let owner = owners[point] else { continue }
                ledger.add(
                    LedgerConsent(
                        kind: kind, party: kind == .thirdPartyContact ? 0 : owner.role.party(rank: owner.rank),
                        isRecorded: consent.isRecorded, givenOn: Zone.utc.day(of: now.business), validUntil: consent.validUntil,
                        role: owner.role))
            }
            written.append((row.debtorId, ledger.bytes))
        }
        _ = try await db.query(ConductQueries.write(part: part, written))
    }

    /// A billing address that is not the one of the accounts file is a break for somebody to settle; letters go on to that of the accounts.
    private func compareAddress(
        _ point: ContactPointDraft, with billing: ContactIntakeQueries.StoredPoint?, id: Int64, part: Int32, now: Now,
        in transaction: AuditedTransaction
    ) async throws {
        guard point.kind == .billingAddress, let billing, billing.valueIndex != point.valueIndex else { return }
        let draft = BreakDraft(
            kind: "address_conflict", subjectKind: "contact_point", subject: point.pointId, debtor: point.debtorId, severity: .warning,
            rule: "intake.address")
        if try await BreakQueries.open(draft, id: id, part: part, at: now.business, in: transaction.connection) {
            transaction.audit(.breakChange, subject: id, ["break": "address_conflict", "contact_point": .int(point.pointId)])
        }
    }
}

/// A contact row as it is staged, its value sealed.
struct StagedContact: Sendable {
    var debtorId: Int64
    var contactRef: String
    var role: PartyRole
    var relation: String
    var debtRelation: String
    var kind: PointKind
    var valueSealed: [UInt8]
    var valueIndex: [UInt8]
    var rank: Int16
    var provenance: String
    var doNotContactSince: Instant?
    var verifiedAt: Instant?
    var sourceDocument: String?
    var consentUntil: Day?
    var consentScope: String?

    static func bytes(_ row: ContactRow, debtor: Int64, cipher: PersonalCipher) -> [UInt8] {
        var writer = FieldWriter()
        writer.put(debtor)
        writer.put(row.contactRef)
        writer.put(row.role.party.rawValue)
        writer.put(row.relation.rawValue)
        writer.put(row.debtRelation.rawValue)
        writer.put(row.point.rawValue)
        writer.put(cipher.seal(row.value))
        writer.put(cipher.blindIndex(row.value))
        writer.put(row.rank)
        writer.put(row.provenance)
        writer.put(row.doNotContactSince)
        writer.put(row.verifiedAt)
        writer.put(row.sourceDocument)
        writer.put(row.consentUntil)
        writer.put(row.consentScope)
        return writer.bytes
    }

    init(_ bytes: [UInt8]) throws(IntakeError) {
        var reader = FieldReader(bytes)
        debtorId = try present(reader.number())
        contactRef = try present(reader.text())
        role = try present(PartyRole(rawValue: present(reader.integer(UInt8.self))))
        relation = try present(reader.text())
        debtRelation = try present(reader.text())
        kind = try present(PointKind(rawValue: present(reader.integer(UInt8.self))))
        valueSealed = try present(reader.blob())
        valueIndex = try present(reader.blob())
        rank = try present(reader.integer())
        provenance = try present(reader.text())
        doNotContactSince = try reader.instant()
        verifiedAt = try reader.instant()
        sourceDocument = try reader.text()
        consentUntil = try reader.day()
        consentScope = try reader.text()
    }

    func point(id: Int64) -> ContactPointDraft {
        ContactPointDraft(
            pointId: id, debtorId: debtorId, contactRef: contactRef, role: role, relation: relation, debtRelation: debtRelation, kind: kind,
            valueSealed: valueSealed, valueIndex: valueIndex, rank: rank, provenance: provenance, doNotContactSince: doNotContactSince,
            verifiedAt: verifiedAt)
    }
}
