/// An element that a letter, a talk or a plan has to contain.
package enum ContentElement: UInt8, NamedCode {
    // Letters.
    case name = 0
    case balance = 1
    case reason = 2
    case law = 3
    case rightsDuties = 4
    case queryChannel = 5
    case repayChannel = 6
    case objectChannel = 7
    case evidenceChannel = 8
    case issuerContact = 9
    case businessSeal = 10
    // Disclosures.
    case institution = 11
    case agency = 12
    case collectorId = 13
    case purpose = 14
    case debtCollector = 15
    case callerIdentity = 16
    case optOutInstruction = 17
    // Plans.
    case planBalance = 18
    case planRepayment = 19
    case planFees = 20
    case planNoNewCards = 21
    case planDefault = 22
    case planOther = 23

    package static let names = [
        "name", "balance", "reason", "law", "rights_duties", "query_channel", "repay_channel", "object_channel", "evidence_channel",
        "issuer_contact", "business_seal", "institution", "agency", "collector_id", "purpose", "debt_collector", "caller_identity",
        "opt_out_instruction", "plan_balance", "plan_repayment", "plan_fees", "plan_no_new_cards", "plan_default", "plan_other",
    ]
}

/// A set of content elements.
package typealias ElementSet = CodeSet<ContentElement>

/// Data about the debt that somebody could be told.
package enum DebtField: UInt8, NamedCode {
    case debtExists = 0
    case overdue = 1
    case amount = 2
    case dates = 3
    case accountData = 4
    case repayAccount = 5

    package static let names = ["debt_exists", "overdue", "amount", "dates", "account_data", "repay_account"]
}

/// A set of debt fields.
package typealias FieldSet = CodeSet<DebtField>

/// Something on a letter or card that must not be there.
package enum ContentMark: UInt8, NamedCode {
    case postcard = 0
    case visibleDebtMark = 1
    case senderNameHintsDebt = 2
    /// The abolished late fee (滞纳金).
    case lateFeeTerm = 3
    /// Dress of a court, prosecutor or police (公检法).
    case stateOrganStyling = 4
    case misleadingCard = 5

    package static let names = [
        "postcard", "visible_debt_mark", "sender_name_hints_debt", "late_fee_term", "state_organ_styling", "misleading_card",
    ]
}

/// A set of marks.
package typealias MarkSet = CodeSet<ContentMark>

/// What the person is threatened with.
package enum Threat: UInt8, NamedCode {
    case suit = 0

    package static let names = ["suit"]
}

/// What an act says and leaves out. Empty: every required element is there, nothing forbidden is said or shown.
package struct ActContent: Hashable, Sendable {
    /// Required elements that are left out.
    package var missing: ElementSet
    /// Debt data told to a third party.
    package var fields: FieldSet
    /// Forbidden marks it carries.
    package var marks: MarkSet
    /// What it threatens with.
    package var threats: CodeSet<Threat>

    package init(missing: ElementSet = [], fields: FieldSet = [], marks: MarkSet = [], threats: CodeSet<Threat> = []) {
        self.missing = missing
        self.fields = fields
        self.marks = marks
        self.threats = threats
    }

    /// Complete, and nothing forbidden.
    package static let clean = ActContent()
}
