/// **Result -> event**: the contact a result stands for, as the limits count it (DOMAIN section 3).
package enum ResultEvent {
    /// The contact event of a result; `nil` when no act of contact took place (nobody attempted, a dossier, a print file).
    ///
    /// - Parameters:
    ///   - report: What was reported; `inbound` facts are contacts the debtor began.
    ///   - task: The lease's step and point.
    ///   - points: To find whom a point reaches.
    package static func contact(_ report: ReportedOutcome, task: ReportedTask, points: [ContactPoint]) -> ContactFact? {
        guard let (channel, outcome) = act(report, step: task.step) else { return nil }
        let id = report.point ?? task.point
        let owner = points.first { $0.id == id }?.role
        let role = reached(report, owner: owner)
        let inbound = report.inbound || outcome == .message
        return ContactFact(
            channel: channel, direction: inbound ? .inbound : .outbound, outcome: outcome, role: role, point: id,
            occurredAt: report.occurredAt)
    }

    /// Whom the act reached or tried.
    private static func reached(_ report: ReportedOutcome, owner: ContactPoint.Role?) -> ContactPoint.Role {
        if let reached = report.reached { return reached }
        let thirdParty: Set<ResultCode> = [.messageLeft, .thirdPartyRelayed, .thirdPartyRefused, .thirdPartyAnswered, .thirdPartyMet]
        guard thirdParty.contains(report.result) else { return owner ?? .debtor }
        // A third party spoke, also when the number is the debtor's own.
        return owner.flatMap { $0 == .debtor ? nil : $0 } ?? .family
    }

    private static func act(_ report: ReportedOutcome, step: Step) -> (ContactFact.Channel, ContactFact.Outcome)? {
        switch report.result {
        case .hungUp, .wrongNumber, .thirdPartyAnswered: return (.call, .connected)
        case .voicemail: return (.call, .voicemail)
        case .noAnswer, .powerOff: return (.call, .noAnswer)
        case .busy: return (.call, .busy)
        case .notConnected, .numberInvalid: return (.call, .notInService)
        case .promise, .refused, .rpcNoCommitment, .callback, .messageLeft, .thirdPartyRelayed, .thirdPartyRefused:
            // Inside a reply to a letter they are its words, not a call.
            return step == .registeredLetter ? (.letter, .message) : (.call, .conversation)
        case .messageSent: return (message(step), .sent)
        case .messageDelivered: return (message(step), .delivered)
        case .messageFailed, .messageBlocked: return (message(step), .failed)
        case .messageReplied: return (message(step), .message)
        case .letterPosted, .letterNoTrace: return (.letter, .sent)
        case .letterDelivered: return (.letter, report.signedBy == nil ? .delivered : .receiptSigned)
        case .letterRefusedDelivery: return (.letter, .delivered)
        case .letterReturned: return (.letter, .returned)
        case .letterReplyReceived: return (.letter, .message)
        case .metPromise, .commitmentSigned, .metRefused, .metNoCommitment, .metDispute, .metHardship, .metDeceasedInfo, .thirdPartyMet:
            return (.visit, .met)
        case .absentCardLeft, .moved, .addressNotFound, .noEntry, .unsafe: return (.visit, .nobodyHome)
        case .complaint, .dispute, .fraudClaim, .hardship, .planRequested, .extensionRequested, .settlementRequested, .deceased,
            .incapacitated,
            .minor, .custody, .selfHarmRisk, .vulnerable, .represented, .paidClaimed, .optOut, .newContactData:
            return spoken(step, inbound: report.inbound)
        case .notAttempted, .dossierComplete, .contactFound, .noContactFound, .dataError, .letterIssued, .letterRejected, .permitBlocked,
            .proposed,
            .notRecommended, .firmDossierAccepted, .firmLawyerLetterSent, .firmFiled, .firmMediationAgreed, .firmJudgment,
            .firmEnforcementFiled,
            .firmWithdrawn, .firmDismissed, .firmEnforcementClosed:
            return nil
        }
    }

    /// What a result of any step says about the contact: somebody spoke, at the door, on the line, or in a message.
    private static func spoken(_ step: Step, inbound: Bool) -> (ContactFact.Channel, ContactFact.Outcome)? {
        switch step {
        case .call: (.call, .conversation)
        case .visit: (.visit, .met)
        case .smsReminder, .emailReminder: (message(step), .message)
        case .registeredLetter: inbound ? (.letter, .message) : nil
        case .gather, .legalDossier, .lawFirm: inbound ? (.call, .conversation) : nil
        }
    }

    private static func message(_ step: Step) -> ContactFact.Channel { step == .emailReminder ? .email : .sms }
}
