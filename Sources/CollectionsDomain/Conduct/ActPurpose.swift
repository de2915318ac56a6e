/// What a contact is for.
package enum ActPurpose: UInt8, NamedCode {
    case demandPayment = 0
    /// Reminds of a payment that was promised or is due.
    case reminder = 1
    /// Asks a third party how the debtor can be reached.
    case askContact = 2
    /// "Please ask X to call the bank."
    case relay = 3
    /// Where the debtor can be found, nothing else.
    case location = 4
    /// What somebody needs to know who has offered to pay.
    case repaymentInfo = 5
    case optOutConfirmation = 6
    case optOutReply = 7
    case terminationNotice = 8
    case remedyNotice = 9
    case disputeReply = 10
    case complaintReply = 11
    case verification = 12

    package static let names = [
        "demand_payment", "reminder", "ask_contact", "relay", "location", "repayment_info", "opt_out_confirmation", "opt_out_reply",
        "termination_notice", "remedy_notice", "dispute_reply", "complaint_reply", "verification",
    ]

    /// Whether the person is asked to pay.
    package var isDemand: Bool { self == .demandPayment || self == .reminder }
}

/// A set of purposes.
package typealias PurposeSet = CodeSet<ActPurpose>
