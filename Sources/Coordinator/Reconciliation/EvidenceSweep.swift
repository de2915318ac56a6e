import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Evidence before purge: holds what agencies handed over against the contacts on record, orders the purge where all is there, and opens a break where
/// evidence or proof is overdue. The bank's own records are not touched.
struct EvidenceSweep: Sendable {
    let database: Database
    let environment: CaseEnvironment

    /// Evidence that is overdue or too little; the subject is the recall.
    static let evidenceKind = "evidence_incomplete"
    /// A purge ordered and not proved.
    static let proofKind = "purge_proof_missing"
    private static let chunk: Int32 = 500

    /// Looks at one lane. Safe to repeat.
    func run(part: Int32, now: Now, into report: inout ReconciliationReport) async throws {
        let hours = environment.hours(timeZone: "")
        var ready: [RecallEvidence] = []
        var drafts: [BreakDraft] = []
        var after: Int64 = 0
        while true {
            let position = after
            let recalls = try await database.core.withConnection {
                try await EvidenceQueries.unproved(part: part, after: position, limit: Self.chunk, in: $0)
            }
            guard let last = recalls.last else { break }
            after = last.recallId
            ready += recalls.filter(\.chain.isReadyForPurge)
            drafts += recalls.compactMap { recall in
                recall.chain.finding(now: now.business, zone: hours.zone, calendar: hours.calendar).map { Self.draft(recall, $0) }
            }
        }
        let (orders, found) = (ready, drafts)
        let (opened, closed) = try await database.withAuditedTransaction(database.core, part: part) { tx in
            try await order(orders, part: part, now: now, in: tx)
            var opened = 0
            for draft in found {
                let id = try await database.ids.next(.breakRecord)
                guard try await BreakQueries.open(draft, id: id, part: part, at: now.business, in: tx.connection) else { continue }
                opened += 1
                tx.audit(.breakChange, subject: id, ["action": "opened", "kind": .string(draft.kind), "recall": .int(draft.subject)])
            }
            var closed = 0
            for kind in [Self.evidenceKind, Self.proofKind] {
                let still = found.filter { $0.kind == kind }.map(\.subject)
                for id in try await BreakQueries.closeGone(part: part, kind: kind, still: still, at: now.business, in: tx.connection) {
                    closed += 1
                    tx.audit(.breakChange, subject: id, ["action": "closed", "kind": .string(kind)])
                }
            }
            return (opened, closed)
        }
        report.breaksOpened += opened
        report.breaksClosed += closed
    }

    /// The agency is told to purge its copies and to prove it.
    private func order(_ recalls: [RecallEvidence], part: Int32, now: Now, in tx: AuditedTransaction) async throws {
        if recalls.isEmpty { return }
        try await tx.connection.query(EvidenceQueries.orderPurge(part: part, recalls: recalls.map(\.recallId), at: now.business))
        var notices: [OutboxRow] = []
        for recall in recalls {
            notices.append(
                OutboxRow(
                    outboxId: try await database.ids.next(.outbox), target: .agency, agencyId: recall.agencyId, kind: "purge",
                    caseId: recall.caseId, placementId: recall.placementId, body: ["reason": "evidence_complete"]))
            tx.audit(
                .recall, subject: recall.placementId,
                [
                    "what": "purge_ordered", "evidence": .optional(recall.chain.evidenceCount),
                    "recorded": .number(recall.chain.recordedContacts),
                ])
        }
        try await tx.connection.query(OutboxQueries.insert(part: part, notices, at: now.business))
    }

    private static func draft(_ recall: RecallEvidence, _ finding: EvidenceChain.Finding) -> BreakDraft {
        let chain = recall.chain
        let (kind, ours, theirs): (String, String, String?) =
            switch finding {
            case .noEvidence: (evidenceKind, "\(chain.recordedContacts) contacts with recordings", "nothing handed over")
            case .tooLittle:
                (evidenceKind, "\(chain.recordedContacts) contacts with recordings", "\(chain.evidenceCount ?? 0) handed over")
            case .openItems: (evidenceKind, "no open items", "\(chain.openItems ?? 0) open items")
            case .noProof: (proofKind, "purge ordered \(chain.purgeOrderedAt.map(\.description) ?? "")", nil)
            }
        return BreakDraft(
            kind: kind, subjectKind: "recall", subject: recall.recallId, debtor: recall.debtorId, agency: recall.agencyId, ours: ours,
            theirs: theirs, severity: .high, rule: "evidence.\(finding.rawValue)")
    }
}
