/// Why a case waits without a demand; raw values are the `reason` of a waiting case.
package enum WaitReason: String, CaseIterable, Sendable {
    /// A posted or delivered letter waits for its answer; the light calls go on.
    case letterAnswer = "letter_answer"
    /// Somebody says he has paid; the ledger has not spoken yet.
    case paidClaimed = "paid_claimed"
    /// All accounts are paid up to date; the bank's next update closes them as cured.
    case curePending = "cure_pending"
    /// A representative was contacted; the policy's silent days run.
    case representative
    /// No point and no address is left; the bank searches.
    case skipTrace = "skip_trace"
    /// The stage's attempts are used, its minimum days are not.
    case stageMinimum = "stage_minimum"
    /// Calls are not allowed yet (days past due), and no message can be sent.
    case callsLater = "calls_later"
    /// Nothing is left to do before the term ends.
    case termEnd = "term_end"
    /// The law firm's next event is due.
    case lawFirmEvent = "law_firm_event"
}

/// Why a placement ended; raw values are those of `close_code` (DOMAIN section 3, close codes).
package enum CloseCode: String, CaseIterable, Sendable {
    case cured
    case paidInFull = "paid_in_full"
    case settledInFull = "settled_in_full"
    case untraceable
    case exhausted
    case expired
    case legal
    case stageNotContracted = "stage_not_contracted"
    case recalled
    case compliance
    case deceased
    case withdrawn
    case dismissed
    case enforcementClosed = "enforcement_closed"

    /// Whether the debt is done with, so that only a reversal may bring the case back (E4).
    package var isPaid: Bool {
        switch self {
        case .cured, .paidInFull, .settledInFull: true
        case .untraceable, .exhausted, .expired, .legal, .stageNotContracted, .recalled, .compliance, .deceased, .withdrawn, .dismissed,
            .enforcementClosed:
            false
        }
    }
}

/// Where a case stands (DOMAIN section 3).
///
/// `leased` is not stored in `case_file`: the task row says it. In SQL a state is ``Code`` in `state`, ``reason`` in `reason`, ``until`` in
/// `until`.
package enum CaseState: Hashable, Sendable {
    /// The live task is due, or has a due time of its own.
    case ready
    /// A worker holds the live contact task.
    case leased
    /// Demands rest until the instant, for the reason named.
    case waiting(until: Instant, WaitReason)
    /// A promise runs; the instant is the end of due date and grace. The ledger judges it after its watermark has passed that instant.
    case promised(until: Instant)
    /// An instalment plan is kept.
    case planned
    /// The bank has to decide, at the latest at `sla`.
    case requested(RequestType, sla: Instant)
    /// A hold on the whole debtor stops contact.
    case held(HoldType)
    /// The holder cannot do the next stage; the handover plan takes the accounts.
    case handover
    /// A recall runs.
    case recalling
    /// The holder's work is over.
    case closed(CloseCode)

    /// The states without their details; raw values are those of `case_file.state`, and `leased` beside them.
    package enum Code: String, CaseIterable, Sendable {
        case ready, leased, waiting, promised, planned, requested, held, handover, recalling, closed
    }

    /// The state without its details.
    package var code: Code {
        switch self {
        case .ready: .ready
        case .leased: .leased
        case .waiting: .waiting
        case .promised: .promised
        case .planned: .planned
        case .requested: .requested
        case .held: .held
        case .handover: .handover
        case .recalling: .recalling
        case .closed: .closed
        }
    }

    /// The text of `case_file.state`; a leased case is stored as ready.
    package var storedCode: String { self == .leased ? Code.ready.rawValue : code.rawValue }

    /// The text of `case_file.reason`: wait reason, request type, hold type or close code.
    package var reason: String? {
        switch self {
        case .waiting(_, let reason): reason.rawValue
        case .requested(let type, _): type.rawValue
        case .held(let type): type.rawValue
        case .closed(let code): code.rawValue
        case .ready, .leased, .promised, .planned, .handover, .recalling: nil
        }
    }

    /// The instant of `case_file.until`.
    package var until: Instant? {
        switch self {
        case .waiting(let until, _), .promised(let until): until
        case .requested(_, let sla): sla
        case .ready, .leased, .planned, .held, .handover, .recalling, .closed: nil
        }
    }

    /// The state stored as (`state`, `reason`, `until`); `nil` when the three do not fit together.
    package init?(code: String, reason: String?, until: Instant?) {
        guard let code = Code(rawValue: code) else { return nil }
        switch code {
        case .ready: self = .ready
        case .leased: self = .leased
        case .planned: self = .planned
        case .handover: self = .handover
        case .recalling: self = .recalling
        case .waiting:
            guard let until, let reason = reason.flatMap(WaitReason.init(rawValue:)) else { return nil }
            self = .waiting(until: until, reason)
        case .promised:
            guard let until else { return nil }
            self = .promised(until: until)
        case .requested:
            guard let until, let type = reason.flatMap(RequestType.init(rawValue:)) else { return nil }
            self = .requested(type, sla: until)
        case .held:
            guard let type = reason.flatMap(HoldType.init(rawValue:)) else { return nil }
            self = .held(type)
        case .closed:
            guard let code = reason.flatMap(CloseCode.init(rawValue:)) else { return nil }
            self = .closed(code)
        }
    }

    /// Whether a live task must exist: in every other state a reason says until when, or who decides.
    package var needsTask: Bool {
        switch self {
        case .ready, .leased: true
        case .waiting, .promised, .planned, .requested, .held, .handover, .recalling, .closed: false
        }
    }

    /// Whether the holder's work is over.
    package var isClosed: Bool { code == .closed }
}
