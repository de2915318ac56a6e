package import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// Why nothing was done about a complaint.
package enum ComplaintError: Error, Hashable, CustomStringConvertible {
    case unknown(String)
    case ambiguous(String)
    case otherContent(String)
    case otherDebtor(String)
    case unknownAgency(String)
    case inFuture
    case extendedTwice(String)
    case notOpen(String, ComplaintRecord.State)
    case notAnswered(String)

    package var description: String {
        switch self {
        case .unknown(let ref): "no complaint has the reference or number \(ref) (hint: recourse complaint list --all)"
        case .ambiguous(let number): "several complaints have the number \(number): name one by its reference (recourse complaint list)"
        case .otherContent(let ref): "another complaint has the reference \(ref) already"
        case .otherDebtor(let ref): "the complaint \(ref) is on record as another debtor's"
        case .unknownAgency(let name): "no agency is named \(name) (hint: recourse agency list)"
        case .inFuture: "the complaint was received in the future; business time is shown by recourse clock show"
        case .extendedTwice(let ref): "\(ref) was extended twice: there is no third time"
        case .notOpen(let ref, let state): "\(ref) is \(state.rawValue): nothing is left to extend or to answer"
        case .notAnswered(let ref): "\(ref) is not answered yet: two persons answer it first (recourse complaint answer)"
        }
    }
}

/// What became of a step that two persons take.
package enum ComplaintStep: Hashable, Sendable {
    /// This is the first person; another one has to say the same.
    case noted(ComplaintRecord)
    case done(ComplaintRecord)

    package var record: ComplaintRecord {
        switch self {
        case .noted(let record), .done(let record): record
        }
    }
}

/// Complaints at the bank: hold at once, an answer in 15, 30 or 60 days, two persons for every extension and for the answer.
///
/// - SeeAlso: Source: domain section 2, complaint; CN9.
package struct ComplaintService: Sendable {
    private static let extensionKind = "complaint_extension"
    private static let answerKind = "complaint_answer"

    private let database: Database
    private let environments: CaseEnvironmentSource

    package init(database: Database, environments: CaseEnvironmentSource) {
        self.database = database
        self.environments = environments
    }

    /// The zone a time of receipt without one is taken in.
    package func zone() async throws -> Zone { try await environment().zone }

    /// Business time.
    package func now() async throws -> Instant {
        try await database.core.withConnection { try await ClockQueries.read(in: $0).business }
    }

    /// The agency of a name.
    package func agency(_ name: String) async throws -> Int32 {
        guard let agency = try await database.core.withConnection({ try await AgencyQueries.named(name, in: $0) }) else {
            throw ComplaintError.unknownAgency(name)
        }
        return agency.agencyId
    }

    /// Enters a complaint; the same one again changes nothing.
    ///
    /// - Throws: ``ComplaintError``, `OperatorError.roleForbids`.
    package func open(_ report: ComplaintReport, of target: HoldTarget, by person: Operator) async throws -> ComplaintOpening {
        guard person.role.mayChange else { throw OperatorError.roleForbids(person.role) }
        let environment = try await environment()
        let present = try await database.core.withConnection { try await ClockQueries.read(in: $0) }
        guard report.receivedAt <= present.business else { throw ComplaintError.inFuture }
        var report = report
        report.accountId = report.accountId ?? target.account
        let id = try await Self.claim([(report, target.debtor, target.part)], database: database)[0]
        guard let id else { throw ComplaintError.otherDebtor(report.identity ?? "") }
        let entered = report
        return try await database.withAuditedTransaction(database.core, part: target.part) { tx in
            let now = try await ClockQueries.read(in: tx.connection)
            return try await ComplaintDesk(database: database, environment: environment, part: target.part, now: now)
                .open(entered, id: id, debtor: target.debtor, by: "operator:\(person.id)", in: tx)
        }
    }

    /// Takes the identities of complaints for their debtors, each with an id; nil where another debtor has it.
    static func claim(
        _ reports: [(report: ComplaintReport, debtor: Int64, part: Int32)], database: Database
    ) async throws -> [Int64?] {
        let claims = reports.compactMap { item in
            item.report.identity.map { (ref: $0, bodyHash: Digest.sha256(Array(String(item.debtor).utf8)), part: item.part) }
        }
        let ids = try await database.core.withTransaction { db in
            try await ClaimedIds.claim(kind: .complaint, ids: .complaint, claims, database: database, in: db)
        }
        var found: [Int64?] = []
        for item in reports {
            if let identity = item.report.identity {
                found.append(ids[identity])
            } else {
                found.append(try await database.ids.next(.complaint))
            }
        }
        return found
    }

    /// Complaints by their last day, and the day their days are reckoned at.
    ///
    /// - Parameter all: The closed ones too.
    package func list(all: Bool, limit: Int) async throws -> (complaints: [ComplaintRecord], today: Day) {
        let zone = try await environment().zone
        var found: [ComplaintRecord] = []
        for part in database.lanes.all {
            found += try await database.core.withConnection {
                try await ComplaintQueries.list(part: part, closed: all, limit: limit, in: $0)
            }
        }
        let now = try await database.core.withConnection { try await ClockQueries.read(in: $0) }
        return (
            Array(found.sorted { ($0.dueOn, $0.id) < ($1.dueOn, $1.id) }.prefix(limit)), zone.day(of: now.business)
        )
    }

    /// Moves the last day: to 30 days from receipt for a complex complaint, then 30 more. The first person asks, another one agrees; the
    /// complainant is told.
    package func extend(_ reference: String, reason: String, by person: Operator) async throws -> ComplaintStep {
        let environment = try await environment()
        return try await twoPersons(reference, kind: Self.extensionKind, proposal: nil, by: person) {
            complaint in
            guard complaint.extensions < ComplaintClock.extensionsMax else { throw ComplaintError.extendedTwice(complaint.reference) }
            return "\(complaint.id):\(complaint.extensions + 1)"
        } act: { complaint, _, now, tx in
            let due = environment.complaintDue(received: complaint.receivedAt, extensions: Int(complaint.extensions) + 1)
            try await ComplaintQueries.extend(part: complaint.part, id: complaint.id, to: due, in: tx.connection)
            try await tell(complaint, "complaint_extended", ["due": .string(due.description)], now: now, in: tx)
            return ["action": "extended", "due": .string(due.description), "reason": .string(reason)]
        }
    }

    /// Answers a complaint. The first person has written the letter of reply, another one agrees: the letter goes out and the hold ends, unless
    /// another complaint of the debtor is open. Work resumes no sooner than the next day's window.
    ///
    /// - Parameter replyHash: SHA-256 of the letter of reply. A second person who names none agrees to the first one's letter; one who names
    ///   another makes a proposal, which somebody else has to agree to.
    package func answer(_ reference: String, replyHash: [UInt8]?, by person: Operator) async throws -> ComplaintStep {
        let environment = try await environment()
        let proposal: CanonicalJSON? = replyHash.map { ["reply": .string(Digest.hex($0))] }
        return try await twoPersons(reference, kind: Self.answerKind, proposal: proposal, by: person) {
            "\($0.id)"
        } act: { complaint, agreed, now, tx in
            var hash: String?
            if case .object(let said) = agreed, case .string(let hex)? = said["reply"] { hash = hex }
            try await ComplaintQueries.answer(
                part: complaint.part, id: complaint.id, replyHash: hash.flatMap { Digest.bytes(hex: $0) }, at: now.business,
                in: tx.connection)
            try await tell(complaint, "complaint_answer", ["reply": .optional(hash)], now: now, in: tx)
            var isReleased = false
            if try await !ComplaintQueries.hasOther(
                part: complaint.part, than: complaint.id, debtor: complaint.debtorId, in: tx.connection)
            {
                isReleased = try await HoldDesk(database: database, environment: environment, part: complaint.part, now: now)
                    .release(.complaint, debtor: complaint.debtorId, by: "operator:\(person.id)", in: tx)
            }
            return ["action": "answered", "reply": .optional(hash), "released": .bool(isReleased)]
        }
    }

    /// Closes an answered complaint: nothing more is to come of it.
    package func close(_ reference: String, by person: Operator) async throws -> ComplaintRecord {
        guard person.role.mayChange else { throw OperatorError.roleForbids(person.role) }
        let found = try await find(reference)
        return try await database.withAuditedTransaction(database.core, part: found.part) { tx in
            let now = try await ClockQueries.read(in: tx.connection)
            guard let complaint = try await ComplaintQueries.lock(part: found.part, id: found.id, in: tx.connection) else {
                throw ComplaintError.unknown(reference)
            }
            if complaint.state == .open { throw ComplaintError.notAnswered(complaint.reference) }
            try await ComplaintQueries.close(part: found.part, id: found.id, at: now.business, in: tx.connection)
            tx.audit(.complaint, subject: found.id, ["action": "closed", "operator": .number(person.id)])
            return try await ComplaintQueries.lock(part: found.part, id: found.id, in: tx.connection) ?? complaint
        }
    }

    // MARK: Two persons

    /// Asks for the second person, or acts as the second one says the same.
    ///
    /// - Parameter proposal: What is proposed beside the act itself; nil: nothing, or whatever the first person proposed.
    private func twoPersons(
        _ reference: String, kind: String, proposal: CanonicalJSON?, by person: Operator,
        subject: @Sendable (ComplaintRecord) throws -> String,
        act: @Sendable (ComplaintRecord, CanonicalJSON, Now, AuditedTransaction) async throws -> CanonicalObject
    ) async throws -> ComplaintStep {
        guard person.role.mayChange else { throw OperatorError.roleForbids(person.role) }
        let found = try await find(reference)
        let approval = try await database.ids.next(.approval)
        return try await database.withAuditedTransaction(database.core, part: found.part) { tx in
            let db = tx.connection
            let now = try await ClockQueries.read(in: db)
            // The debtor before his complaint: the order in which everybody locks.
            _ = try await EventIntakeQueries.lock(part: found.part, debtors: [found.debtorId], in: db)
            guard let complaint = try await ComplaintQueries.lock(part: found.part, id: found.id, in: db) else {
                throw ComplaintError.unknown(reference)
            }
            guard complaint.state == .open else { throw ComplaintError.notOpen(complaint.reference, complaint.state) }
            let subject = try subject(complaint)
            var open = try await ApprovalQueries.latest(kind: kind, subject: subject, in: db)
            if let other = open, other.decision == nil, let proposal, try CanonicalJSON(parsing: other.detail) != proposal {
                _ = try await ApprovalQueries.decide(
                    id: other.id, .rejected, checker: person.id, reason: "another proposal", now: now, in: db)
                tx.audit(.approval, subject: other.id, ["kind": .string(kind), "decision": "rejected", "operator": .number(person.id)])
                open = nil
            }
            guard let asked = open, asked.decision == nil else {
                try await ApprovalQueries.ask(
                    id: approval, kind: kind, subject: subject, detail: proposal ?? [:], maker: person.id, now: now, in: db)
                tx.audit(.approval, subject: approval, ["kind": .string(kind), "asked_by": .number(person.id)])
                return .noted(complaint)
            }
            guard asked.maker != person.id else { throw ApprovalError.makerIsChecker }
            guard person.role.mayDecide else { throw OperatorError.roleForbids(person.role) }
            _ = try await ApprovalQueries.decide(id: asked.id, .approved, checker: person.id, reason: nil, now: now, in: db)
            var entry = try await act(complaint, try CanonicalJSON(parsing: asked.detail), now, tx)
            entry["maker"] = .number(asked.maker)
            entry["operator"] = .number(person.id)
            tx.audit(.approval, subject: asked.id, ["kind": .string(kind), "decision": "approved", "operator": .number(person.id)])
            tx.audit(.complaint, subject: complaint.id, .object(entry))
            try await WorkNewsQueries.announceEverything(in: db)
            return .done(try await ComplaintQueries.lock(part: found.part, id: found.id, in: db) ?? complaint)
        }
    }

    /// The bank's letter to the complainant.
    private func tell(
        _ complaint: ComplaintRecord, _ kind: String, _ facts: CanonicalObject, now: Now, in tx: AuditedTransaction
    ) async throws {
        var body = facts
        body["complaint"] = .string(complaint.reference)
        body["debtor"] = .int(complaint.debtorId)
        try await tx.connection.query(
            OutboxQueries.insert(
                part: complaint.part,
                [OutboxRow(outboxId: try await database.ids.next(.outbox), target: .letter, kind: kind, body: .object(body))],
                at: now.business))
    }

    private func environment() async throws -> CaseEnvironment {
        try await environments.current(at: try await database.core.withConnection { try await ClockQueries.read(in: $0) })
    }

    /// The complaint of a reference, else the one of a number: several sources may have given the same number.
    private func find(_ reference: String) async throws -> ComplaintRecord {
        let parts = Array(database.lanes.all)
        let found = try await database.core.withConnection { try await ComplaintQueries.find(reference, parts: parts, in: $0) }
        if let own = found.first(where: { $0.reference == reference }) { return own }
        guard found.count <= 1 else { throw ComplaintError.ambiguous(reference) }
        guard let only = found.first else { throw ComplaintError.unknown(reference) }
        return only
    }
}
