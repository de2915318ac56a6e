/// Why an outcome cannot be accepted: a JSON pointer into the item, and a stable reason. Never the value itself.
package struct OutcomeFault: Error, Hashable, Sendable {
    /// RFC 6901 pointer, such as `/promise/date`.
    package var pointer: String
    /// Stable code, such as `bad_promise`.
    package var reason: String

    package init(pointer: String, reason: String) {
        self.pointer = pointer
        self.reason = reason
    }
}

extension CaseMachine {
    /// How far ahead of business time an instant may lie, for clocks that differ: 5 minutes at the clock's rate.
    package static let clockTolerance = Duration.seconds(300)

    /// Checks a decoded outcome against its step and case: row 4 of the outcome table (`outcome-invalid`). Empty: the outcome is sound.
    ///
    /// What is missing but not decisive (collector, recording, …) is no fault: the outcome is accepted and raised as a violation.
    ///
    /// - Parameter clockRate: Business seconds per real second; a fast rehearsal clock gets a wider tolerance.
    package static func validate(
        _ report: ReportedOutcome, task: ReportedTask, facts: CaseFacts, now: Instant, hours: WorkingHours, clockRate: Double = 1
    ) -> [OutcomeFault] {
        var faults: [OutcomeFault] = []
        func fault(_ pointer: String, _ reason: String) { faults.append(OutcomeFault(pointer: pointer, reason: reason)) }

        if !report.result.family.fits(task.step) { fault("/result", "result_of_other_step") }
        let tolerance = Duration.seconds(300 * max(clockRate, 1))
        if report.occurredAt > now + tolerance { fault("/occurred_at", "in_the_future") }
        if let ended = report.endedAt {
            if ended > now + tolerance { fault("/ended_at", "in_the_future") }
            if ended < report.occurredAt { fault("/ended_at", "before_start") }
        }
        if let point = report.point, !facts.points.contains(where: { $0.id == point }) { fault("/contact_point_id", "unknown") }
        if report.accounts.contains(where: { id in !facts.accounts.contains { $0.id == id } }) { fault("/account_refs", "unknown") }
        if let goal = report.nextGoal, !goal.mayBeAskedFor { fault("/next_goal", "unknown") }
        if let costs = report.costs, costs.minorUnits < 0 { fault("/legal/costs", "negative") }

        var result = report.result
        if result == .letterReplyReceived {
            guard let reply = report.reply, reply.family == .call || reply.family == .any, reply != .notAttempted else {
                fault("/reply/result", "missing")
                return faults
            }
            result = reply
        }
        switch result {
        case .promise, .metPromise, .commitmentSigned:
            faults += promiseFaults(report, facts: facts, today: hours.day(of: now))
        case .callback:
            if report.callbackAt == nil { fault("/callback_at", "missing") }
            if let at = report.callbackAt, at < report.occurredAt { fault("/callback_at", "in_the_past") }
        case .paidClaimed:
            if report.claimedOn == nil && !report.proof { fault("/paid_on", "missing") }
            if let day = report.claimedOn, day > hours.day(of: now) { fault("/paid_on", "in_the_future") }
        case .optOut:
            if case .point(let id) = report.optOut, !facts.points.contains(where: { $0.id == id }) { fault("/opt_out", "unknown") }
            if report.optOut == nil, report.point == nil, task.point == nil { fault("/opt_out", "missing") }
        case .newContactData, .contactFound:
            if report.newPoint == nil, result == .newContactData { fault("/new_contact_points", "missing") }
        case .letterPosted:
            if report.mailNumber == nil { fault("/letter/mail_no", "missing") }
        case .letterReturned:
            if let reason = report.returnReason {
                if !["moved", "unknown", "insufficient"].contains(reason) { fault("/letter/return_reason", "unknown") }
            } else {
                fault("/letter/return_reason", "missing")
            }
        case .complaint, .dispute, .fraudClaim, .hardship, .planRequested, .extensionRequested, .settlementRequested, .deceased,
            .incapacitated,
            .minor, .custody, .selfHarmRisk, .vulnerable, .notAttempted, .represented, .dossierComplete, .noContactFound, .dataError,
            .messageSent, .messageDelivered, .messageFailed, .messageBlocked, .messageReplied, .refused, .rpcNoCommitment, .hungUp,
            .noAnswer,
            .voicemail, .powerOff, .busy, .notConnected, .numberInvalid, .wrongNumber, .messageLeft, .thirdPartyRelayed, .thirdPartyRefused,
            .thirdPartyAnswered, .letterIssued, .letterRejected, .letterDelivered, .letterNoTrace, .letterRefusedDelivery,
            .letterReplyReceived, .metRefused, .metNoCommitment, .metDispute, .metHardship, .metDeceasedInfo, .absentCardLeft,
            .thirdPartyMet,
            .moved, .addressNotFound, .noEntry, .unsafe, .permitBlocked, .proposed, .notRecommended, .firmDossierAccepted,
            .firmLawyerLetterSent, .firmFiled, .firmMediationAgreed, .firmJudgment, .firmEnforcementFiled, .firmWithdrawn, .firmDismissed,
            .firmEnforcementClosed:
            break
        }
        return faults
    }

    /// Row "promise | date < today, amount <= 0 or > balance": `bad_promise`, the field named; the lease stays.
    private static func promiseFaults(_ report: ReportedOutcome, facts: CaseFacts, today: Day) -> [OutcomeFault] {
        guard let promise = report.promise else { return [OutcomeFault(pointer: "/promise", reason: "missing")] }
        var faults: [OutcomeFault] = []
        if promise.due < today { faults.append(OutcomeFault(pointer: "/promise/date", reason: "bad_promise")) }
        let accounts = facts.accounts.filter { $0.status.isCollected && (promise.account == nil || $0.id == promise.account) }
        if accounts.isEmpty, promise.account != nil { faults.append(OutcomeFault(pointer: "/promise/account_ref", reason: "unknown")) }
        let meant = accounts.filter { $0.balance.currency == promise.amount.currency }
        if meant.isEmpty, !accounts.isEmpty {
            faults.append(OutcomeFault(pointer: "/promise/currency", reason: "bad_promise"))
        } else {
            let balance = meant.reduce(Int128(0)) { $0 + Int128(max($1.balance.minorUnits, 0)) }
            if promise.amount.minorUnits <= 0 || Int128(promise.amount.minorUnits) > balance {
                faults.append(OutcomeFault(pointer: "/promise/amount", reason: "bad_promise"))
            }
        }
        return faults
    }
}
