import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// Breaks about agencies as such: recalls they do not confirm, notices they do not fetch. They stand in the control lane, one per agency and kind.
struct AgencySweep: Sendable {
    let database: Database
    let environment: CaseEnvironment

    /// A recall unconfirmed for two days: the agency is on the call list.
    static let unconfirmedKind = "stop_work_unconfirmed"
    /// Unconfirmed for three: a supervisor decides on the suspension; nothing is suspended by itself.
    static let decisionKind = "stop_work_decision"
    /// Notices that wait to be fetched.
    static let silenceKind = "notices_not_fetched"

    /// A document of a holder that ends within 30 days; once it has, the daily run suspends the agency.
    static func lapseKind(_ document: AgencyLapse.Document) -> String { "agency_\(document.rawValue)_ends" }

    /// Opens what is due and closes what is over. Safe to repeat.
    func run(into report: inout ReconciliationReport) async throws {
        let (opened, closed) = try await database.withAuditedTransaction(database.core) { tx in
            let now = try await ClockQueries.read(in: tx.connection)
            var opened = 0
            var closed = 0
            for (kind, drafts) in try await found(now: now, in: tx.connection) {
                for draft in drafts where try await open(draft, now: now, in: tx) { opened += 1 }
                let still = drafts.map(\.subject)
                for id in try await BreakQueries.closeGone(
                    part: Database.controlPart, kind: kind, still: still, at: now.business, in: tx.connection)
                {
                    closed += 1
                    tx.audit(.breakChange, subject: id, ["action": "closed", "kind": .string(kind)])
                }
            }
            return (opened, closed)
        }
        report.breaksOpened += opened
        report.breaksClosed += closed
    }

    private func open(_ draft: BreakDraft, now: Now, in tx: AuditedTransaction) async throws -> Bool {
        let id = try await database.ids.next(.breakRecord)
        guard try await BreakQueries.open(draft, id: id, part: Database.controlPart, at: now.business, in: tx.connection) else {
            return false
        }
        tx.audit(.breakChange, subject: id, ["action": "opened", "kind": .string(draft.kind), "agency": .int(draft.subject)])
        return true
    }

    private func found(now: Now, in db: PostgresConnection) async throws -> [(kind: String, drafts: [BreakDraft])] {
        let late = try await RecallQueries.unconfirmed(before: now.business - .seconds(StopWork.callHours * 3_600), in: db)
        func drafts(_ kind: String, from step: StopWork, _ severity: Severity, hours: Int64, owner: String) -> [BreakDraft] {
            late.filter { StopWork(unconfirmedSince: $0.since, now: now.business) >= step }.map {
                BreakDraft(
                    kind: kind, subjectKind: "agency", subject: Int64($0.agencyId), agency: $0.agencyId, ours: "recalled \($0.since)",
                    severity: severity, rule: "stop_work.\(hours)h", owner: owner)
            }
        }
        let hours = environment.hours(timeZone: "")
        let silent = try await NoticeQueries.unfetched(in: db).filter {
            NoticeSilence.isTooLong(since: $0.oldest, now: now.business, hours: hours)
        }.map {
            BreakDraft(
                kind: Self.silenceKind, subjectKind: "agency", subject: Int64($0.agency), agency: $0.agency,
                ours: "waiting since \($0.oldest)",
                severity: .warning, rule: "notices.\(NoticeSilence.hours)_business_hours")
        }
        return try await lapses(now: now, in: db) + [
            (
                Self.unconfirmedKind,
                drafts(Self.unconfirmedKind, from: .call, .high, hours: StopWork.callHours, owner: "operations")
            ),
            (
                Self.decisionKind, drafts(Self.decisionKind, from: .decide, .critical, hours: StopWork.decideHours, owner: "supervisor")
            ),
            (Self.silenceKind, silent),
        ]
    }

    /// Documents that end soon, of holders that may work; a contract that another one follows without a gap does not end.
    private func lapses(now: Now, in db: PostgresConnection) async throws -> [(kind: String, drafts: [BreakDraft])] {
        let context = try await PlacementEnvironment.read(policy: environment.policy, now: now, countsInventory: false, in: db)
        let contracts = Dictionary(grouping: try await AgencyQueries.contracts(in: db), by: \.agencyId).mapValues { $0.map(\.terms) }
        var found: [AgencyLapse.Document: [BreakDraft]] = [:]
        for holder in context.holders where holder.offer.isActive && holder.offer.kind.mayHold {
            for lapse in AgencyLapse.nearing(holder.offer, controls: context.controls, on: context.day) {
                guard let lastDay = lapse.lastDay else { continue }
                let isFollowed =
                    lapse.document == .contract
                    && (contracts[holder.id] ?? []).contains { $0.startsOn <= lastDay.adding(days: 1) && $0.endsOn > lastDay }
                if isFollowed { continue }
                found[lapse.document, default: []].append(
                    BreakDraft(
                        kind: Self.lapseKind(lapse.document), subjectKind: "agency", subject: Int64(holder.id), agency: holder.id,
                        ours: "last day \(lastDay)", severity: .warning, rule: "E10.\(lapse.document.rawValue)"))
            }
        }
        return AgencyLapse.Document.allCases.map { (Self.lapseKind($0), found[$0] ?? []) }
    }
}
