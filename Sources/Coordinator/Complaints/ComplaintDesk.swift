package import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// A complaint as the bank's staff or its files tell it.
package struct ComplaintReport: Hashable, Sendable {
    /// The bank's key of it; nil: made from source and number, else from its own id.
    package var reference: String?
    package var source: ComplaintSource
    /// The number its source gave it: the same number of the same source is the same complaint.
    package var externalNo: String?
    package var receivedAt: Instant
    package var accountId: Int64?
    /// Whom it is about; nil: the holder of the debtor's case.
    package var agencyId: Int32?
    /// The collector it is about: the agency's staff number.
    package var collector: String?
    /// The bank's own code of what it is about.
    package var code: String?
    /// SHA-256 of its text, or of the text's reference in the bank's archive.
    package var textHash: [UInt8]?

    package init(
        reference: String? = nil, source: ComplaintSource, externalNo: String? = nil, receivedAt: Instant, accountId: Int64? = nil,
        agencyId: Int32? = nil, collector: String? = nil, code: String? = nil, textHash: [UInt8]? = nil
    ) {
        self.reference = reference
        self.source = source
        self.externalNo = externalNo
        self.receivedAt = receivedAt
        self.accountId = accountId
        self.agencyId = agencyId
        self.collector = collector
        self.code = code
        self.textHash = textHash
    }

    /// What makes two complaints the same one, as the directory of references keeps it; nil: nothing does.
    var identity: String? { externalNo.map { "\(source.rawValue):\($0)" } ?? reference }

    /// The reference it goes by.
    func reference(id: Int64) -> String { reference ?? externalNo.map { "\(source.rawValue)-\($0)" } ?? "C-\(id)" }
}

/// What became of a complaint that was told.
package enum ComplaintOpening: Hashable, Sendable {
    /// It is new: the debtor is on hold.
    case opened(ComplaintRecord)
    /// It is new, and the same was said before so often that a supervisor looks at it instead of a new hold.
    case forSupervisor(ComplaintRecord)
    /// It is known.
    case known(ComplaintRecord)

    package var record: ComplaintRecord {
        switch self {
        case .opened(let record), .forSupervisor(let record), .known(let record): record
        }
    }
}

/// Enters complaints inside a transaction of the debtor's lane: row, hold, revoked leases, notice and record are one.
struct ComplaintDesk {
    /// The break of a complaint that was made before with the same content.
    static let repeatedKind = "complaint_repeated"

    let database: Database
    let environment: CaseEnvironment
    let part: Int32
    let now: Now

    /// Enters a complaint of a debtor, or finds it entered.
    ///
    /// - Throws: ``ComplaintError/otherContent(_:)`` when its reference belongs to another complaint.
    func open(_ report: ComplaintReport, id: Int64, debtor: Int64, by: String, in tx: AuditedTransaction) async throws -> ComplaintOpening {
        let db = tx.connection
        // Whoever tells of the same debtor waits here: one of two enters it.
        _ = try await EventIntakeQueries.lock(part: part, debtors: [debtor], in: db)
        let reference = report.reference(id: id)
        if let known = try await ComplaintQueries.same(
            part: part, reference: reference, source: report.source.rawValue, externalNo: report.externalNo, in: db)
        {
            guard known.debtorId == debtor, known.source == report.source.rawValue, known.externalNo == report.externalNo else {
                throw ComplaintError.otherContent(reference)
            }
            return .known(known)
        }
        var before = 0
        if let hash = report.textHash {
            before = try await ComplaintQueries.sameContent(part: part, debtor: debtor, textHash: hash, in: db)
        }
        let isForSupervisor = ComplaintClock.goesToSupervisor(sameBefore: before)
        var agency = report.agencyId
        if agency == nil {
            agency = try CaseQueries.files(try await db.query(CaseQueries.files(part: part, debtors: [debtor]))).first?.agencyId
        }
        let hold =
            isForSupervisor
            ? nil
            : try await HoldDesk(database: database, environment: environment, part: part, now: now)
                .set(.complaint, debtor: debtor, reason: "complaint.\(report.source.rawValue)", by: by, in: tx).id
        let due = environment.complaintDue(received: report.receivedAt)
        try await db.query(
            ComplaintQueries.insert(
                part: part,
                NewComplaint(
                    id: id, reference: reference, debtorId: debtor, accountId: report.accountId, agencyId: agency,
                    source: report.source.rawValue, externalNo: report.externalNo, code: report.code, collector: report.collector,
                    textHash: report.textHash, receivedAt: report.receivedAt, dueOn: due, holdId: hold)))
        guard let record = try await ComplaintQueries.lock(part: part, id: id, in: db) else { throw ComplaintError.otherContent(reference) }
        tx.audit(
            .complaint, subject: id,
            [
                "action": "opened", "source": .string(report.source.rawValue), "debtor": .int(debtor), "agency": .optional(agency),
                "due": .string(due.description), "hold": .optional(hold), "same_before": .number(before), "by": .string(by),
            ])
        guard isForSupervisor else { return .opened(record) }
        let draft = BreakDraft(
            kind: Self.repeatedKind, subjectKind: "complaint", subject: id, debtor: debtor, agency: agency,
            ours: "complaint \(before + 1) with the same content", severity: .high, rule: "complaint.repeats", owner: "supervisor")
        let breakId = try await database.ids.next(.breakRecord)
        if try await BreakQueries.open(draft, id: breakId, part: part, at: now.business, in: db) {
            tx.audit(.breakChange, subject: breakId, ["action": "opened", "kind": .string(draft.kind), "complaint": .int(id)])
        }
        return .forSupervisor(record)
    }
}
