/// Who brought something about.
package enum TimelineActor: Hashable, Sendable {
    case agency(Int32)
    case person(Int32)
    /// A scheduled run of the bank: `reconcile`, `sweep`, `placement`.
    case run(String)
    /// The bank's ledger.
    case ledger
    /// The bank itself, nobody named.
    case bank
    case debtor

    /// As `hold.set_by` and audit entries name it: `agency:3`, `operator:7`, else a run.
    package init(by text: String) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        let number = parts.count > 1 ? Int32(parts[1]) : nil
        switch (parts.first, number) {
        case ("agency", let id?): self = .agency(id)
        case ("operator", let id?): self = .person(id)
        case ("ledger", _): self = .ledger
        case ("bank", _): self = .bank
        default: self = .run(text)
        }
    }
}

/// One act of contact as it was counted.
package struct TimelineContact: Hashable, Sendable {
    package var channel: Channel
    package var isInbound: Bool
    package var outcome: ContactOutcome
    package var role: PartyRole
    package var purpose: ActPurpose
    package var isLate: Bool

    package init(channel: Channel, isInbound: Bool, outcome: ContactOutcome, role: PartyRole, purpose: ActPurpose, isLate: Bool) {
        self.channel = channel
        self.isInbound = isInbound
        self.outcome = outcome
        self.role = role
        self.purpose = purpose
        self.isLate = isLate
    }
}

/// Something that happened to a debtor's case. References of accounts are the bank's; there is no personal data.
package enum TimelineFact: Hashable, Sendable {
    /// How a lease or permit ended or was refused.
    package enum LeaseEnd: String, CaseIterable, Sendable {
        case expired
        case handlerFailed = "handler_failed"
        case released
    }
    /// What became of a letter.
    package enum LetterEvent: Hashable, Sendable {
        case ordered, posted(mailNo: String?), answered
        case ended(CaseFacts.Letter.State, reason: String?)
    }
    /// How far a recall is.
    package enum RecallEvent: String, CaseIterable, Sendable { case requested, executed, confirmed }

    case caseOpened(Stage)
    case caseClosed(CloseCode?)
    /// A run or an event decided about the case; the rules say what.
    case decided(state: String)
    case placed(account: String, tier: Int16, amount: Money, until: Instant)
    case placementEnded(account: String, code: CloseCode?)
    case debtorTold(channel: String, state: String)
    case granted
    /// A lease was not given; the rules say why.
    case withheld(until: Instant?)
    case permit(until: Instant?)
    case leaseEnded(LeaseEnd)
    case outcome(Step, ResultCode, TimelineContact?)
    case lateOutcome(ResultCode, reason: String, TimelineContact?)
    case taskEnded(TaskEndReason)
    case contact(TimelineContact)
    case activity(type: String, TimelineContact?)
    case promiseTaken(PromiseType, Money, due: Day, account: String)
    case promiseJudged(PromiseType, PromiseState, paid: Money?, account: String)
    case planSigned(months: Int16, account: String)
    case money(PaymentEntry, Money, paidAt: Instant, account: String)
    case adjustment(AdjustmentType, Money, account: String)
    case holdSet(HoldType, until: Instant?, account: String?)
    case holdReleased(HoldType, account: String?)
    case requestAsked(RequestType, due: Instant)
    case requestDecided(RequestType, granted: Bool, persons: Int)
    case requestWithdrawn(RequestType)
    case letter(LetterEvent)
    case legalProposed(Money?, account: String)
    case legalDecided(approved: Bool, StagePolicy.LegalReferral.Route?, account: String)
    case cardOrdered(block: Bool, confirmBy: Instant)
    case cardConfirmed(block: Bool)
    case recall(RecallEvent, category: String, account: String)
    case complaint(String, answered: Bool)
    /// The agency is told something through its feed, or confirms that it knows.
    case noticed(kind: String, confirmed: Bool)
    case violation(String)
    case breakOpened(kind: String, Severity)
    case breakClosed(kind: String)
    case quarantined
    case quarantineReleased

    /// Among facts of one instant: what leads to the other stands first.
    var rank: Int {
        switch self {
        case .caseOpened: 0
        case .placed, .debtorTold: 1
        case .withheld: 2
        case .granted: 3
        case .permit: 4
        case .outcome, .lateOutcome, .activity, .money, .adjustment: 5
        case .contact: 6
        case .leaseEnded, .taskEnded, .quarantined: 7
        case .promiseTaken, .planSigned, .requestAsked, .letter, .legalProposed, .recall(.requested, _, _), .complaint(_, answered: false):
            8
        case .cardOrdered: 9
        case .holdSet: 10
        case .violation, .breakOpened, .noticed(_, confirmed: false): 11
        case .decided: 12
        case .promiseJudged, .requestDecided, .requestWithdrawn, .legalDecided, .cardConfirmed, .recall(.executed, _, _),
            .recall(.confirmed, _, _), .complaint(_, answered: true), .noticed(_, confirmed: true), .breakClosed, .quarantineReleased:
            13
        case .holdReleased: 14
        case .placementEnded: 15
        case .caseClosed: 16
        }
    }

    /// A stable word for programs.
    package var kind: String {
        switch self {
        case .caseOpened: "case_opened"
        case .caseClosed: "case_closed"
        case .decided: "decided"
        case .placed: "placed"
        case .placementEnded: "placement_ended"
        case .debtorTold: "debtor_told"
        case .granted: "lease_granted"
        case .withheld: "lease_withheld"
        case .permit(let until): until == nil ? "permit_refused" : "permit_granted"
        case .leaseEnded(let how): "lease_\(how.rawValue)"
        case .outcome: "outcome"
        case .lateOutcome: "late_outcome"
        case .taskEnded: "task_ended"
        case .contact: "contact"
        case .activity: "activity"
        case .promiseTaken: "promise_taken"
        case .promiseJudged: "promise_judged"
        case .planSigned: "plan_signed"
        case .money(let entry, _, _, _): entry.rawValue
        case .adjustment: "adjustment"
        case .holdSet: "hold_set"
        case .holdReleased: "hold_released"
        case .requestAsked: "request_asked"
        case .requestDecided: "request_decided"
        case .requestWithdrawn: "request_withdrawn"
        case .letter(.ordered): "letter_ordered"
        case .letter(.posted): "letter_posted"
        case .letter(.answered): "letter_answered"
        case .letter(.ended(let state, _)): "letter_\(state.rawValue)"
        case .legalProposed: "legal_proposed"
        case .legalDecided: "legal_decided"
        case .cardOrdered(let block, _): block ? "card_block_ordered" : "card_unblock_ordered"
        case .cardConfirmed(let block): block ? "card_block_confirmed" : "card_unblock_confirmed"
        case .recall(let event, _, _): "recall_\(event.rawValue)"
        case .complaint(_, let answered): answered ? "complaint_answered" : "complaint_received"
        case .noticed(_, let confirmed): confirmed ? "notice_confirmed" : "notice"
        case .violation: "violation"
        case .breakOpened: "break_opened"
        case .breakClosed: "break_closed"
        case .quarantined: "quarantined"
        case .quarantineReleased: "quarantine_released"
        }
    }
}

/// One line of a case's record.
package struct TimelineEntry: Hashable, Sendable {
    /// Business time.
    package var at: Instant
    package var fact: TimelineFact
    package var actor: TimelineActor
    /// Stable ids of the rules that decided, first the most telling.
    package var rules: [String]
    /// The case it belongs to, where that is known; facts of the debtor have none.
    package var caseId: Int64?
    /// The task and the number of the grant, where the fact belongs to one.
    package var task: Int64?
    package var epoch: Int32?
    /// The row that tells of it.
    package var row: Int64

    package init(
        at: Instant, _ fact: TimelineFact, by actor: TimelineActor, rules: [String] = [], caseId: Int64? = nil, task: Int64? = nil,
        epoch: Int32? = nil, row: Int64 = 0
    ) {
        self.at = at
        self.fact = fact
        self.actor = actor
        self.rules = rules
        self.caseId = caseId
        self.task = task
        self.epoch = epoch
        self.row = row
    }
}

/// The record of a case: facts from many tables as one list.
package enum CaseTimeline {
    private struct Grant: Hashable {
        let task: Int64
        let epoch: Int32
    }

    /// One list in order of time; of one instant, causes before effects. An act that came with an outcome is told by the outcome's line.
    ///
    /// - Parameters:
    ///   - entries: In any order.
    ///   - activities: The activity each contact without a task came with, by the contact's row.
    package static func merged(_ entries: [TimelineEntry], activities: [Int64: Int64] = [:]) -> [TimelineEntry] {
        var contacts: [Grant: (index: Int, contact: TimelineContact)] = [:]
        var told: [Int64: (index: Int, contact: TimelineContact)] = [:]
        for (index, entry) in entries.enumerated() {
            guard case .contact(let contact) = entry.fact else { continue }
            if let task = entry.task, let epoch = entry.epoch {
                contacts[Grant(task: task, epoch: epoch)] = (index, contact)
            } else if let activity = activities[entry.row] {
                told[activity] = (index, contact)
            }
        }
        var folded: Set<Int> = []
        var merged: [TimelineEntry] = []
        for entry in entries {
            var entry = entry
            let grant = entry.task.flatMap { task in entry.epoch.map { Grant(task: task, epoch: $0) } }
            switch entry.fact {
            case .outcome(let step, let result, _):
                if let found = grant.flatMap({ contacts[$0] }) {
                    entry.fact = .outcome(step, result, found.contact)
                    folded.insert(found.index)
                }
            case .lateOutcome(let result, let reason, _):
                if let found = grant.flatMap({ contacts[$0] }) {
                    entry.fact = .lateOutcome(result, reason: reason, found.contact)
                    folded.insert(found.index)
                }
            case .activity(let type, _):
                if let found = told[entry.row] {
                    entry.fact = .activity(type: type, found.contact)
                    folded.insert(found.index)
                }
            default: break
            }
            merged.append(entry)
        }
        return sorted(zip(merged.indices, merged).filter { !folded.contains($0.0) }.map(\.1))
    }

    /// By time; at one instant an earlier case before a later one, and causes before effects.
    private static func sorted(_ entries: [TimelineEntry]) -> [TimelineEntry] {
        var cases: [Int64: Int64] = [:]
        for entry in entries { if let task = entry.task, let id = entry.caseId { cases[task] = id } }
        // What names no case is told with its task's, or with the debtor's first.
        let first = entries.compactMap(\.caseId).min() ?? 0
        func key(_ entry: TimelineEntry) -> (Instant, Int64, Int, Int64, String) {
            let id = entry.caseId ?? entry.task.flatMap { cases[$0] } ?? first
            return (entry.at, id, entry.fact.rank, entry.row, entry.fact.kind)
        }
        return entries.map { (key($0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
