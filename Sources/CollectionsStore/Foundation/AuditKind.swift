/// What an audit entry is about; raw values are `audit_entry.kind` and never change.
package enum AuditKind: Int16, CaseIterable, Sendable {
    /// First entry of a stream: its genesis. Subject: the writer.
    case streamOpened = 0
    /// An accepted outcome with the transition it made. Subject: the task.
    case outcomeAccepted = 1
    /// An outcome that came too late: evidence and safety facts. Subject: the task.
    case outcomeLate = 2
    /// One lease call: task ids, epochs, policy version, blocked with reasons. Subject: the agency.
    case lease = 3
    /// A permit given or refused. Subject: the task.
    case permit = 4
    /// A task given back by its worker. Subject: the task.
    case release = 5
    /// A lease that ran out, with what was presumed. Subject: the task.
    case expiry = 6
    /// A task put aside, or handed back from there. Subject: the task.
    case quarantine = 7
    /// An activity reported outside any lease. Subject: the activity.
    case activity = 8
    /// A violation of conduct. Subject: the violation.
    case violation = 9
    /// A hold set or released. Subject: the hold.
    case hold = 10
    /// A recall asked for, executed or confirmed. Subject: the placement.
    case recall = 11
    /// A placement made. Subject: the placement.
    case placement = 12
    /// A placement plan made, approved or ended. Subject: the run.
    case placementRun = 13
    /// A case opened or closed other than by an outcome. Subject: the case.
    case caseChange = 14
    /// A decision of reconciliation. Subject: what was decided about.
    case reconciliation = 15
    /// A request to the bank asked or decided. Subject: the request.
    case request = 16
    /// A complaint received, answered or closed. Subject: the complaint.
    case complaint = 17
    /// A payment, reversal or adjustment posted. Subject: the payment or adjustment.
    case posting = 18
    /// A file read. Subject: the import file.
    case importFile = 19
    /// An operator's account: added, disabled. Subject: the operator.
    case operatorChange = 20
    /// An agency: applied, token made, suspended, resumed. Subject: the agency.
    case agencyChange = 21
    /// A policy loaded. Subject: its version.
    case policy = 22
    /// The clock of a rehearsal moved by an operator. Subject: 0.
    case clock = 23
    /// An attestation by an operator. Subject: the portfolio.
    case attestation = 24
    /// An approval asked for or decided. Subject: the approval.
    case approval = 25
    /// A break opened or resolved. Subject: the break.
    case breakChange = 26
    /// A letter or dossier: ordered, posted, returned. Subject: the letter.
    case letter = 27
    /// A legal referral: proposed, decided, filed. Subject: the referral.
    case legal = 28
    /// Personal data shown to an operator. Subject: the debtor.
    case reveal = 29
    /// A partition of history dropped. Subject: its month.
    case partitionDropped = 30
    /// Another outcome was reported for a grant that has one: its hash, nothing else. Subject: the task.
    case outcomeConflict = 31
    /// An outcome the database would not store. Subject: the task.
    case outcomeRefused = 32
    /// A message handed over to a system of the bank. Subject: the message.
    case message = 33

    /// The kind's word in bodies and exports.
    package var word: String {
        switch self {
        case .streamOpened: "stream_opened"
        case .outcomeAccepted: "outcome_accepted"
        case .outcomeLate: "outcome_late"
        case .lease: "lease"
        case .permit: "permit"
        case .release: "release"
        case .expiry: "expiry"
        case .quarantine: "quarantine"
        case .activity: "activity"
        case .violation: "violation"
        case .hold: "hold"
        case .recall: "recall"
        case .placement: "placement"
        case .placementRun: "placement_run"
        case .caseChange: "case"
        case .reconciliation: "reconciliation"
        case .request: "request"
        case .complaint: "complaint"
        case .posting: "posting"
        case .importFile: "import_file"
        case .operatorChange: "operator"
        case .agencyChange: "agency"
        case .policy: "policy"
        case .clock: "clock"
        case .attestation: "attestation"
        case .approval: "approval"
        case .breakChange: "break"
        case .letter: "letter"
        case .legal: "legal"
        case .reveal: "reveal"
        case .partitionDropped: "partition_dropped"
        case .outcomeConflict: "outcome_conflict"
        case .outcomeRefused: "outcome_refused"
        case .message: "message"
        }
    }
}

/// An audit entry to be: what happened, to what, with which facts. Ids, codes, rule ids and amounts; never personal data.
package struct AuditDraft: Hashable, Sendable {
    /// What happened.
    package let kind: AuditKind
    /// The id of what it happened to; see ``AuditKind``.
    package let subject: Int64
    /// The facts.
    package let body: CanonicalJSON

    /// A draft by its parts.
    package init(kind: AuditKind, subject: Int64, body: CanonicalJSON) {
        self.kind = kind
        self.subject = subject
        self.body = body
    }

    /// The bytes that are stored and hashed: the facts with kind and subject among them, so that the chain covers those columns too.
    package var storedBytes: [UInt8] {
        body.adding(["kind": .string(kind.word), "subject": .int(subject)]).bytes
    }
}
