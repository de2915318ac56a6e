/// What happened, as a worker reports it: every result of DOMAIN section 3.
///
/// Raw values are those of the `result` columns and never change. The words on the wire belong to their step: "delivered" of an SMS and
/// "delivered" of a letter are two codes, so a word is read with ``init(name:step:)``.
package enum ResultCode: Int16, CaseIterable, Sendable {
    // Any step (DOMAIN section 3, rows *any*).
    case complaint = 1
    case dispute = 2
    case fraudClaim = 3
    case hardship = 4
    case planRequested = 5
    case extensionRequested = 6
    case settlementRequested = 7
    case deceased = 8
    case incapacitated = 9
    case minor = 10
    case custody = 11
    case selfHarmRisk = 12
    case vulnerable = 13
    case notAttempted = 14
    case represented = 15
    case paidClaimed = 16
    case optOut = 17
    case newContactData = 18
    // Information gathering.
    case dossierComplete = 101
    case contactFound = 102
    case noContactFound = 103
    case dataError = 104
    // SMS and e-mail reminders.
    case messageSent = 201
    case messageDelivered = 202
    case messageFailed = 203
    case messageBlocked = 204
    case messageReplied = 205
    // Calls.
    case promise = 301
    case refused = 302
    case rpcNoCommitment = 303
    case callback = 304
    case hungUp = 305
    case noAnswer = 306
    case voicemail = 307
    case powerOff = 308
    case busy = 309
    case notConnected = 310
    case numberInvalid = 311
    case wrongNumber = 312
    case messageLeft = 313
    case thirdPartyRelayed = 314
    case thirdPartyRefused = 315
    case thirdPartyAnswered = 316
    // Letters.
    case letterIssued = 401
    case letterPosted = 402
    case letterRejected = 403
    case letterDelivered = 404
    case letterNoTrace = 405
    case letterReturned = 406
    case letterRefusedDelivery = 407
    case letterReplyReceived = 408
    // Field visits.
    case metPromise = 501
    case commitmentSigned = 502
    case metRefused = 503
    case metNoCommitment = 504
    case metDispute = 505
    case metHardship = 506
    case metDeceasedInfo = 507
    case absentCardLeft = 508
    case thirdPartyMet = 509
    case moved = 510
    case addressNotFound = 511
    case noEntry = 512
    case unsafe = 513
    case permitBlocked = 514
    // The legal dossier at the holder.
    case proposed = 601
    case notRecommended = 602
    // A law firm's case.
    case firmDossierAccepted = 701
    case firmLawyerLetterSent = 702
    case firmFiled = 703
    case firmMediationAgreed = 704
    case firmJudgment = 705
    case firmEnforcementFiled = 706
    case firmWithdrawn = 707
    case firmDismissed = 708
    case firmEnforcementClosed = 709

    /// The family of steps a result belongs to.
    package enum Family: CaseIterable, Sendable {
        case any, gather, message, call, letter, visit, dossier, firm

        /// Whether a task of `step` may end with a result of this family.
        package func fits(_ step: Step) -> Bool {
            switch self {
            case .any: true
            case .gather: step == .gather
            case .message: step == .smsReminder || step == .emailReminder
            case .call: step == .call
            case .letter: step == .registeredLetter
            case .visit: step == .visit
            case .dossier: step == .legalDossier
            case .firm: step == .lawFirm
            }
        }
    }

    /// The word on the wire.
    package var name: String {
        switch self {
        case .complaint: "complaint"
        case .dispute: "dispute"
        case .fraudClaim: "fraud_claim"
        case .hardship: "hardship"
        case .planRequested: "plan_requested"
        case .extensionRequested: "extension_requested"
        case .settlementRequested: "settlement_requested"
        case .deceased: "deceased"
        case .incapacitated: "incapacitated"
        case .minor: "minor"
        case .custody: "custody"
        case .selfHarmRisk: "self_harm_risk"
        case .vulnerable: "vulnerable"
        case .notAttempted: "not_attempted"
        case .represented: "represented"
        case .paidClaimed: "paid_claimed"
        case .optOut: "opt_out"
        case .newContactData: "new_contact_data"
        case .dossierComplete: "dossier_complete"
        case .contactFound: "contact_found"
        case .noContactFound: "no_contact_found"
        case .dataError: "data_error"
        case .messageSent: "sent"
        case .messageDelivered: "delivered"
        case .messageFailed: "failed"
        case .messageBlocked: "blocked"
        case .messageReplied: "replied"
        case .promise: "promise"
        case .refused: "refused"
        case .rpcNoCommitment: "rpc_no_commitment"
        case .callback: "callback"
        case .hungUp: "hung_up"
        case .noAnswer: "no_answer"
        case .voicemail: "voicemail"
        case .powerOff: "power_off"
        case .busy: "busy"
        case .notConnected: "not_connected"
        case .numberInvalid: "number_invalid"
        case .wrongNumber: "wrong_number"
        case .messageLeft: "message_left"
        case .thirdPartyRelayed: "third_party_relayed"
        case .thirdPartyRefused: "third_party_refused"
        case .thirdPartyAnswered: "third_party_answered"
        case .letterIssued: "issued"
        case .letterPosted: "posted"
        case .letterRejected: "rejected_by_lettershop"
        case .letterDelivered: "delivered"
        case .letterNoTrace: "no_trace"
        case .letterReturned: "returned"
        case .letterRefusedDelivery: "refused_delivery"
        case .letterReplyReceived: "reply_received"
        case .metPromise: "met_promise"
        case .commitmentSigned: "commitment_signed"
        case .metRefused: "met_refused"
        case .metNoCommitment: "met_no_commitment"
        case .metDispute: "met_dispute"
        case .metHardship: "met_hardship"
        case .metDeceasedInfo: "met_deceased_info"
        case .absentCardLeft: "absent_card_left"
        case .thirdPartyMet: "third_party_met"
        case .moved: "moved"
        case .addressNotFound: "address_not_found"
        case .noEntry: "no_entry"
        case .unsafe: "unsafe"
        case .permitBlocked: "permit_blocked"
        case .proposed: "proposed"
        case .notRecommended: "not_recommended"
        case .firmDossierAccepted: "dossier_accepted"
        case .firmLawyerLetterSent: "lawyer_letter_sent"
        case .firmFiled: "filed"
        case .firmMediationAgreed: "mediation_agreed"
        case .firmJudgment: "judgment"
        case .firmEnforcementFiled: "enforcement_filed"
        case .firmWithdrawn: "withdrawn"
        case .firmDismissed: "dismissed"
        case .firmEnforcementClosed: "enforcement_closed"
        }
    }

    /// The family of steps the result belongs to.
    package var family: Family {
        switch self {
        case .complaint, .dispute, .fraudClaim, .hardship, .planRequested, .extensionRequested, .settlementRequested, .deceased,
            .incapacitated, .minor, .custody, .selfHarmRisk, .vulnerable, .notAttempted, .represented, .paidClaimed, .optOut,
            .newContactData:
            .any
        case .dossierComplete, .contactFound, .noContactFound, .dataError: .gather
        case .messageSent, .messageDelivered, .messageFailed, .messageBlocked, .messageReplied: .message
        case .promise, .refused, .rpcNoCommitment, .callback, .hungUp, .noAnswer, .voicemail, .powerOff, .busy, .notConnected,
            .numberInvalid, .wrongNumber, .messageLeft, .thirdPartyRelayed, .thirdPartyRefused, .thirdPartyAnswered:
            .call
        case .letterIssued, .letterPosted, .letterRejected, .letterDelivered, .letterNoTrace, .letterReturned,
            .letterRefusedDelivery, .letterReplyReceived:
            .letter
        case .metPromise, .commitmentSigned, .metRefused, .metNoCommitment, .metDispute, .metHardship, .metDeceasedInfo,
            .absentCardLeft, .thirdPartyMet, .moved, .addressNotFound, .noEntry, .unsafe, .permitBlocked:
            .visit
        case .proposed, .notRecommended: .dossier
        case .firmDossierAccepted, .firmLawyerLetterSent, .firmFiled, .firmMediationAgreed, .firmJudgment, .firmEnforcementFiled,
            .firmWithdrawn, .firmDismissed, .firmEnforcementClosed:
            .firm
        }
    }

    /// The result named `name` in a task of `step`; `nil` when that step knows no such result.
    package init?(name: String, step: Step) {
        guard let code = Self.byName[name]?.first(where: { $0.family.fits(step) }) else { return nil }
        self = code
    }

    /// Family and word, since words are the step's own.
    package var description: String { "\(family).\(name)" }

    private static let byName = Dictionary(grouping: allCases, by: \.name)

    /// The result named `name` in a tracking fact about a letter, or in a reply to one or a ring-back (`call`), without a task.
    package init?(name: String, family: Family) {
        guard let code = Self.allCases.first(where: { $0.name == name && ($0.family == family || $0.family == .any) }) else { return nil }
        self = code
    }
}
