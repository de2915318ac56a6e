/// The bank's own pace of calls and messages (policy steps `sms_reminder` and `call`): a ceiling beside the law's limits, asked when a lease is
/// given.
///
/// Acts of anybody count: the bank's and every agency's. The law's limits, holds and windows are the gate's; this only adds what the stage
/// policy says, so the later of both instants holds.
package enum ContactCadence {
    /// Why an act has to wait.
    package struct Wait: Hashable, Sendable {
        /// Stable id: `stages.phone.<step>.<key>`.
        package var rule: String
        /// The first instant this rule allows, never before a window start where it names a date.
        package var earliest: Instant
    }

    /// The rules that make an act wait at `now`; empty: the pace allows it.
    ///
    /// - Parameters:
    ///   - goal: A call the debtor asked for (``WorkGoal/callBack``) keeps neither the distance between dials nor the one after a talk.
    ///   - role: Whom the point reaches. Third parties and representatives have the limit per point only.
    ///   - isDueDayReminder: The one reminder on a promise's due day keeps no distance from other messages.
    ///   - history: Acts with the debtor and his contacts, oldest first; open and presumed reservations as dials nobody answered.
    package static func waits(
        step: Step, goal: WorkGoal, point: Int64?, role: ContactPoint.Role, isDueDayReminder: Bool = false, history: [ContactFact],
        policy: StagePolicy, lowRisk: Bool, now: Instant, hours: WorkingHours
    ) -> [Wait] {
        switch step {
        case .call:
            return calls(
                goal: goal, point: point, role: role, history: history, limits: policy.callLimits(lowRisk: lowRisk), now: now, hours: hours)
        case .smsReminder, .emailReminder:
            return messages(isDueDayReminder: isDueDayReminder, history: history, reminder: policy.phone.reminder, now: now, hours: hours)
        case .gather, .registeredLetter, .visit, .legalDossier, .lawFirm:
            return []
        }
    }

    private static func calls(
        goal: WorkGoal, point: Int64?, role: ContactPoint.Role, history: [ContactFact], limits: StagePolicy.Phone.Call, now: Instant,
        hours: WorkingHours
    ) -> [Wait] {
        let today = hours.day(of: now)
        let midnight = hours.zone.startOfDay(today)
        var toPoint = 0
        var toDebtor = 0
        var lastDial: ContactFact?
        var lastTalk: Instant?
        for act in history where act.channel == .call || act.channel == .visit {
            if act.isConversation, act.role == .debtor { lastTalk = max(lastTalk ?? .distantPast, act.occurredAt) }
            guard act.channel == .call, act.direction == .outbound else { continue }
            if act.occurredAt >= midnight {
                if act.point == point { toPoint += 1 }
                if act.role == .debtor { toDebtor += 1 }
            }
            if act.role == role { lastDial = act }
        }
        var waits: [Wait] = []
        let tomorrow = hours.opening(of: today.adding(days: 1))
        if toPoint >= limits.maxPerPointDay { waits.append(Wait(rule: "stages.phone.call.max_per_point_day", earliest: tomorrow)) }
        guard role == .debtor else { return waits }
        if toDebtor >= limits.maxPerPartyDay { waits.append(Wait(rule: "stages.phone.call.max_per_party_day", earliest: tomorrow)) }
        guard goal != .callBack else { return waits }
        if let lastTalk {
            let from = hours.opening(daysAfter: lastTalk, limits.afterTalkDays)
            if limits.afterTalkDays > 0, from > now { waits.append(Wait(rule: "stages.phone.call.after_talk_days", earliest: from)) }
        }
        if let lastDial {
            // A busy line is tried once more after half an hour (row "busy, not_connected").
            let isRetry = (lastDial.outcome == .busy || lastDial.outcome == .notInService) && lastDial.point == point
            let minutes = isRetry ? min(30, limits.spacingMinutes) : limits.spacingMinutes
            let from = lastDial.occurredAt + .seconds(Int64(minutes) * 60)
            if from > now { waits.append(Wait(rule: "stages.phone.call.spacing_minutes", earliest: hours.nextOpen(from: from))) }
        }
        return waits
    }

    private static func messages(
        isDueDayReminder: Bool, history: [ContactFact], reminder: StagePolicy.Phone.Reminder, now: Instant, hours: WorkingHours
    ) -> [Wait] {
        let today = hours.day(of: now)
        let sent = history.filter { ($0.channel == .sms || $0.channel == .email) && $0.direction == .outbound && $0.role == .debtor }
            .map { hours.day(of: $0.occurredAt) }
        var waits: [Wait] = []
        if sent.count(where: { $0 == today }) >= reminder.maxPerDay {
            waits.append(Wait(rule: "stages.phone.sms_reminder.max_per_day", earliest: hours.opening(of: today.adding(days: 1))))
        }
        guard !isDueDayReminder else { return waits }
        if sent.count >= reminder.maxPer7Days {
            let from = sent[sent.count - reminder.maxPer7Days].adding(days: 7)
            if from > today { waits.append(Wait(rule: "stages.phone.sms_reminder.max_per_7_days", earliest: hours.opening(of: from))) }
        }
        if let last = sent.last {
            let from = last.adding(days: reminder.spacingDays)
            if from > today { waits.append(Wait(rule: "stages.phone.sms_reminder.spacing_days", earliest: hours.opening(of: from))) }
        }
        return waits
    }
}
