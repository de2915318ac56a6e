package import CollectionsDomain
package import CollectionsStore

/// Everything an operator may know of a case: where it stands, what happened, what may lawfully happen next. Nothing personal.
package struct CaseReport: Sendable {
    /// The gate's word on one act, as of now.
    package struct NextAct: Sendable {
        package let channel: Channel
        /// The stage whose work the act is.
        package let stage: Stage
        /// The gate's word and the bank's own pace; nil: the debtor has no contact point for the channel.
        package let answer: PolicyExplainer.Answer?
    }

    package let head: CaseOverviewQueries.Head
    package let state: CaseState
    package let placed: [CaseOverviewQueries.Placed]
    package let tasks: [CaseOverviewQueries.LiveTask]
    package let names: TimelineNames
    /// Oldest first; facts of other cases of the debtor are among them, with their case.
    package let timeline: [TimelineEntry]
    /// By channel, in the order of the stages.
    package let next: [NextAct]
    /// Whether legal steps may be proposed, by account id.
    package let guards: [CivilGuard]
    /// References of the accounts by id.
    package let accountRefs: [Int64: String]
    package let policy: ActivePolicy
    /// Business time of the report.
    package let at: Instant
    /// The zone times are shown in: the policy's, else the debtor's.
    package let zone: Zone

    /// The reference of a case as people write it.
    package static func reference(_ caseId: Int64) -> String { "C-\(caseId)" }
}

extension Channel {
    /// The stage whose work an act on the channel is.
    var stage: Stage {
        switch self {
        case .call, .noticeCall, .sms, .email: .phone
        case .letter: .letter
        case .visit: .fieldVisit
        }
    }
}
