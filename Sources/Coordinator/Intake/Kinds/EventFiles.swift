import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Events files: the bank's own contacts. They count like an agency's in every limit, and in the case's pace.
struct EventFiles: FileKind {
    /// By what open cases decide; nil: no policy is in force, and only the ledgers take notice.
    let environments: CaseEnvironmentSource?

    var kind: ImportKind { .events }

    func read(_ reader: inout RowReader<EventColumn>) -> EventRow? { EventRow(&reader) }

    func stage(_ rows: [(number: Int, row: EventRow)], context: LoadContext) async throws -> (rows: [StagedRow], faults: [RowFault]) {
        let database = context.database
        let refs = Set(rows.map(\.row.debtorRef)).sorted()
        let known = try await database.core.withConnection { try await database.refs.find(kind: .debtor, refs, in: $0) }
        let now = try await database.core.withConnection { try await ClockQueries.read(in: $0) }
        var staged: [StagedRow] = []
        var faults: [RowFault] = []
        for (number, row) in rows {
            guard let target = known[row.debtorRef] else {
                faults.append(RowFault(row: number, field: EventColumn.debtorRef.rawValue, reason: "no debtor with this reference"))
                continue
            }
            // A contact that is yet to come would count now.
            guard row.occurredAt <= now.business else {
                faults.append(RowFault(row: number, field: EventColumn.occurredAt.rawValue, reason: "in the future"))
                continue
            }
            staged.append(
                StagedRow(lane: target.part, number: Int64(number), ref: row.eventRef, body: StagedEvent.bytes(row, debtor: target.id)))
        }
        return (staged, faults)
    }

    func load(_ rows: [StagedRow], lane: Int32, context: LoadContext) async throws -> LoadResult {
        let database = context.database
        let events = try rows.map { ($0, try StagedEvent($0.body)) }
        let ids = try await database.core.withTransaction { db in
            try await ClaimedIds.claim(
                kind: .event, ids: .event, events.map { ($0.0.ref, $0.1.bodyHash, lane) }, database: database, in: db)
        }
        try context.options.afterClaim?()
        return try await database.withAuditedTransaction(database.core, part: lane) { transaction in
            let db = transaction.connection
            let now = try await ClockQueries.read(in: db)
            let debtors = Set(events.map(\.1.debtorId)).sorted()
            let ledgers = try await EventIntakeQueries.lock(part: lane, debtors: debtors, in: db)
            let stored = try await EventIntakeQueries.stored(part: lane, ids: ids.values.sorted(), in: db)
            let points = try await EventIntakeQueries.points(part: lane, debtors: debtors, in: db)
            let accounts = try await EventIntakeQueries.accounts(part: lane, debtors: debtors, in: db)
            var result = LoadResult()
            var new: [BankContact] = []
            for (staged, event) in events {
                guard let id = ids[staged.ref] else {
                    result.refuse(staged, EventColumn.eventRef, knownWithOtherContent)
                    continue
                }
                let point = event.contactRef.flatMap { points[event.debtorId]?[$0] }
                if event.contactRef != nil, point == nil {
                    result.refuse(staged, EventColumn.contactRef, "no contact point of this debtor with this reference")
                    continue
                }
                let account = event.accountRef.flatMap { accounts[event.debtorId]?[$0] }
                if event.accountRef != nil, account == nil {
                    result.refuse(staged, EventColumn.accountRef, "no account of this debtor with this reference")
                    continue
                }
                result.accept(isNew: !stored.contains(id))
                if !stored.contains(id) { new.append(BankContact(id: id, event: event, point: point, accounts: account ?? [])) }
            }
            new.sort { ($0.event.occurredAt, $0.id) < ($1.event.occurredAt, $1.id) }
            try await enter(new, ledgers: ledgers, lane: lane, now: now, database: database, in: transaction)
            return result
        }
    }

    /// One contact, with what its references stand for.
    private struct BankContact {
        var id: Int64
        var event: StagedEvent
        var point: PointRow?
        /// Empty: all accounts.
        var accounts: [Int64]

        var fact: ContactFact {
            ContactFact(
                channel: event.channel, direction: event.direction, outcome: event.result, role: point?.role ?? .debtor, point: point?.id,
                occurredAt: event.occurredAt)
        }

        func entry(accounts: AccountSet) -> ContactEntry {
            let fact = fact
            return fact.entry(
                purpose: ActPurpose(step: .call, goal: .getDate, role: fact.role, allowed: []),
                party: fact.role.party(rank: point?.rank ?? 0), accounts: accounts, by: .bank,
                pointIsReserved: point.map { isReservedPoint(provenance: $0.provenance) } ?? false, consented: false)
        }
    }

    /// Enters contacts into the ledgers, tells open cases, and writes the events.
    private func enter(
        _ contacts: [BankContact], ledgers: [Int64: [UInt8]], lane: Int32, now: Now, database: Database, in transaction: AuditedTransaction
    ) async throws {
        guard !contacts.isEmpty else { return }
        let db = transaction.connection
        var writes = CaseWrites()
        var cases: [Int64: CaseContext] = [:]
        var transition: CaseTransition?
        if let environments {
            let environment = try await environments.current(at: now)
            cases = try await CaseContext.load(
                part: lane, debtors: Set(contacts.map(\.event.debtorId)).sorted(), environment: environment, now: now, in: db)
            transition = CaseTransition(part: lane, environment: environment, now: now, database: database)
        }
        for contact in contacts {
            let debtor = contact.event.debtorId
            let entry: ContactEntry
            if var context = cases[debtor], !context.facts.state.isClosed {
                entry = contact.entry(accounts: contact.accounts.isEmpty ? .all : context.ledger.register(contact.accounts))
                context.ledger.add(entry)
                context.facts.history.append(contact.fact)
                try await transition?.take(.bankContact(contact.fact), on: &context, cause: TransitionCause(by: "bank"))
                cases[debtor] = context
            } else {
                guard let stored = writes.ledgers[debtor] ?? ledgers[debtor] else { continue }
                var ledger = try ConductLedger(bytes: stored)
                entry = contact.entry(accounts: contact.accounts.isEmpty ? .all : ledger.register(contact.accounts))
                ledger.add(entry)
                writes.ledgers[debtor] = ledger.bytes
            }
            writes.contactEvents.append(
                CaseWrites.ContactEvent(
                    eventId: contact.id, debtorId: debtor, pointId: contact.point?.id, agencyId: nil, entry: entry, grant: nil,
                    activityId: nil, endedAt: contact.event.durationSeconds.map { contact.event.occurredAt + .seconds(Int64($0)) },
                    collector: contact.event.actor, recording: nil, isLate: false))
        }
        if var decided = transition { transaction.audit(try await decided.write(in: db)) }
        _ = try await db.pipeline(writes.statements(part: lane, now: now))
    }
}

/// An event as it is staged.
private struct StagedEvent: Sendable {
    var debtorId: Int64
    var accountRef: String?
    var contactRef: String?
    var channel: ContactFact.Channel
    var direction: ContactFact.Direction
    var result: ContactFact.Outcome
    var occurredAt: Instant
    var durationSeconds: Int32?
    var actor: String?
    var bodyHash: [UInt8]

    static func bytes(_ row: EventRow, debtor: Int64) -> [UInt8] {
        var writer = FieldWriter()
        writer.put(debtor)
        writer.put(row.accountRef)
        writer.put(row.contactRef)
        writer.put(row.channel.rawValue)
        writer.put(row.direction.rawValue)
        writer.put(row.result.rawValue)
        writer.put(row.occurredAt)
        writer.put(row.durationSeconds)
        writer.put(row.actor)
        writer.put(Digest.sha256(writer.bytes))
        return writer.bytes
    }

    init(_ bytes: [UInt8]) throws(IntakeError) {
        var reader = FieldReader(bytes)
        debtorId = try present(reader.number())
        accountRef = try reader.text()
        contactRef = try reader.text()
        channel = try present(ContactFact.Channel(rawValue: present(reader.text())))
        direction = try present(ContactFact.Direction(rawValue: present(reader.text())))
        result = try present(ContactFact.Outcome(rawValue: present(reader.text())))
        occurredAt = try present(reader.instant())
        durationSeconds = try reader.integer()
        actor = try reader.text()
        bodyHash = try present(reader.blob())
    }
}
