// The transition table of DOMAIN section 3, results: one place that names every result and the row it takes.

extension CaseDraft {
    /// Takes the row of a result. No `default`: a new result has to be given its row.
    mutating func row(_ task: ReportedTask, _ report: ReportedOutcome) throws(MoneyError) {
        let point = report.point ?? task.point
        switch report.result {
        // any
        case .complaint: complaint()
        case .dispute: dispute(report.accounts)
        case .fraudClaim: reported(.fraudClaim, rule: "any.fraud_claim")
        case .hardship: ask(.hardship, report)
        case .planRequested: ask(.plan, report)
        case .extensionRequested: ask(.extension, report)
        case .settlementRequested: ask(.settlement, report)
        case .deceased: reported(.deceased, rule: "any.deceased")
        case .incapacitated: reported(.incapacity, rule: "any.incapacitated")
        case .minor: reported(.minor, rule: "any.minor")
        case .custody: reported(.custody, rule: "any.custody")
        case .selfHarmRisk: selfHarmRisk()
        case .vulnerable:
            vulnerable()
            try goOn(task, at: days(1))
        case .notAttempted: notAttempted(task)
        case .represented: try represented()
        case .paidClaimed: try paidClaimed(report.claimedOn)
        case .optOut:
            optOut(task, report)
            try goOn(task, at: days(1))
        case .newContactData:
            newContactData(report)
            try goOn(task, at: days(1))
        // info
        case .dossierComplete: try dossierComplete(rule: "info.dossier_complete")
        case .contactFound: try contactFound(report)
        case .noContactFound: try noContactFound(rule: "info.no_contact_found")
        case .dataError: dataError()
        // phone: messages
        case .messageSent, .messageDelivered: try messageOut(report.result)
        case .messageFailed, .messageBlocked: try messageFailed(report.result, point)
        case .messageReplied: try messageReplied(report)
        // phone: calls
        case .promise: try promised(report, rule: "phone.promise", window: promiseWindow)
        case .refused: try refused(point)
        case .rpcNoCommitment: try noCommitment(point, report)
        case .callback: try callback(report, point)
        case .hungUp: try hungUp(point)
        case .noAnswer, .voicemail, .powerOff:
            rule("phone.\(report.result.name)")
            try noAnswer(point)
        case .busy, .notConnected: try busy(task, report.result, point)
        case .numberInvalid: try numberGone(point, .invalid, rule: "phone.number_invalid")
        case .wrongNumber: try numberGone(point, .wrongPerson, rule: "phone.wrong_number")
        case .messageLeft, .thirdPartyRelayed: try relayed(task, report.result, point)
        case .thirdPartyRefused: try thirdPartyRefused(point)
        case .thirdPartyAnswered:
            rule("phone.third_party_answered")
            try noAnswer(point)
        // letter
        case .letterIssued: try letterIssued(task)
        case .letterPosted: try letterPosted(report.occurredAt)
        case .letterRejected: try letterRejected(task)
        case .letterDelivered: try letterDelivered(report.occurredAt)
        case .letterNoTrace: try letterNoTrace(report.occurredAt)
        case .letterReturned: try letterReturned(report)
        case .letterRefusedDelivery: try letterRefused(report.occurredAt)
        case .letterReplyReceived: try letterReply(task, report)
        // field
        case .metPromise: try visitPromise(report, rule: "field.met_promise")
        case .commitmentSigned: try visitPromise(report, rule: "field.commitment_signed")
        case .metRefused, .metNoCommitment: try visitWithoutResult(report)
        case .metDispute: dispute(report.accounts)
        case .metHardship: ask(.hardship, report)
        case .metDeceasedInfo: reported(.deceased, rule: "any.deceased")
        case .absentCardLeft, .noEntry: try visitAbsent(report)
        case .thirdPartyMet: try visitThirdParty(task, report)
        case .moved, .addressNotFound: try addressGone(point, report)
        case .unsafe: try unsafeAddress(point)
        case .permitBlocked: try permitBlocked(task, report)
        // legal
        case .proposed: try legalProposed(report)
        case .notRecommended: notRecommended()
        // law_firm
        case .firmDossierAccepted, .firmLawyerLetterSent, .firmFiled, .firmMediationAgreed, .firmJudgment, .firmEnforcementFiled:
            try firmEvent(report)
        case .firmWithdrawn: firmEnded(report, .withdrawn)
        case .firmDismissed: firmEnded(report, .dismissed)
        case .firmEnforcementClosed: firmEnded(report, .enforcementClosed)
        }
    }

    /// What a late result still does: facts that protect a person, once (DOMAIN section 1, late outcomes). Everything else was for the record.
    mutating func lateRow(_ task: ReportedTask, _ report: ReportedOutcome) throws(MoneyError) {
        let point = report.point ?? task.point
        switch report.result {
        case .complaint: complaint()
        case .dispute, .metDispute: dispute(report.accounts)
        case .fraudClaim: reported(.fraudClaim, rule: "any.fraud_claim")
        case .hardship, .metHardship: ask(.hardship, report)
        case .deceased, .metDeceasedInfo: reported(.deceased, rule: "any.deceased")
        case .incapacitated: reported(.incapacity, rule: "any.incapacitated")
        case .minor: reported(.minor, rule: "any.minor")
        case .custody: reported(.custody, rule: "any.custody")
        case .selfHarmRisk: selfHarmRisk()
        case .vulnerable:
            vulnerable()
            try dropForbiddenVisit()
        case .represented: try representedLate()
        case .optOut:
            optOut(task, report)
            try replaceLostPoint()
        case .wrongNumber:
            switchOff(point, .wrongPerson)
            try replaceLostPoint()
        case .thirdPartyRefused:
            refuseThirdParty(point)
            try replaceLostPoint()
        case .promise, .metPromise, .commitmentSigned: try claimedPromise(report)
        case .letterPosted: lateLetterPosted(report.occurredAt)
        case .planRequested, .extensionRequested, .settlementRequested, .notAttempted, .paidClaimed, .newContactData, .dossierComplete,
            .contactFound, .noContactFound, .dataError, .messageSent, .messageDelivered, .messageFailed, .messageBlocked, .messageReplied,
            .refused,
            .rpcNoCommitment, .callback, .hungUp, .noAnswer, .voicemail, .powerOff, .busy, .notConnected, .numberInvalid, .messageLeft,
            .thirdPartyRelayed, .thirdPartyAnswered, .letterIssued, .letterRejected, .letterDelivered, .letterNoTrace, .letterReturned,
            .letterRefusedDelivery, .letterReplyReceived, .metRefused, .metNoCommitment, .absentCardLeft, .thirdPartyMet, .moved,
            .addressNotFound, .noEntry, .unsafe, .permitBlocked, .proposed, .notRecommended, .firmDossierAccepted, .firmLawyerLetterSent,
            .firmFiled, .firmMediationAgreed, .firmJudgment, .firmEnforcementFiled, .firmWithdrawn, .firmDismissed, .firmEnforcementClosed:
            break
        }
    }
}
