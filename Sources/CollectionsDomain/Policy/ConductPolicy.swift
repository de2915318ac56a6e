/// One version of a conduct policy: every parameter as a value, with where it comes from and why it binds.
///
/// Values are fixed once read; a policy that extends another keeps it as ``parent``, and the gate judges both: strictest wins.
/// - SeeAlso: Source: conduct policy, sections 1 and 2.
package final class ConductPolicy: Sendable {
    /// The policy's name, such as `cn-credit-card`.
    package let id: String
    /// The version's name.
    package let version: String
    /// ISO 3166 country code.
    package let jurisdiction: String
    /// First day in force.
    package let effectiveFrom: Day
    /// Last day in force; nil: open.
    package let effectiveTo: Day?
    package let sources: [PolicySource]
    /// The policy this one overlays.
    package let parent: ConductPolicy?
    package let scope: PolicyScope
    package let time: TimeRules
    package let limits: [FrequencyLimit]
    package let cooldowns: [Cooldown]
    package let people: PeopleRules
    package let optOuts: OptOutRules
    package let content: ContentRules
    package let holds: [HoldRule]
    package let plan: InstalmentPlanRule?
    package let promise: PromiseRule?
    package let visit: VisitRules
    package let recording: RecordingRules?
    package let limitation: LimitationRule?
    package let civilReferral: CivilReferralRule?
    package let criminalReferral: CriminalReferralRule?
    package let agencyControls: AgencyControlRules?
    package let agencyData: AgencyDataRules?
    package let complaint: ComplaintRules?
    /// The undecoded `stages` section.
    package let stages: PolicyNode?

    /// What the gate asks most, worked out once.
    let tables: PolicyTables

    init(parts: PolicyParts) {
        id = parts.id
        version = parts.version
        jurisdiction = parts.jurisdiction
        effectiveFrom = parts.effectiveFrom
        effectiveTo = parts.effectiveTo
        sources = parts.sources
        parent = parts.parent
        scope = parts.scope
        time = parts.time
        limits = parts.limits
        cooldowns = parts.cooldowns
        people = parts.people
        optOuts = parts.optOuts
        content = parts.content
        holds = parts.holds
        plan = parts.plan
        promise = parts.promise
        visit = parts.visit
        recording = parts.recording
        limitation = parts.limitation
        civilReferral = parts.civilReferral
        criminalReferral = parts.criminalReferral
        agencyControls = parts.agencyControls
        agencyData = parts.agencyData
        complaint = parts.complaint
        stages = parts.stages
        tables = PolicyTables(parts)
    }

    /// Whether the version is in force on `day`; both ends are included.
    package func isInForce(on day: Day) -> Bool {
        effectiveFrom <= day && (effectiveTo.map { day <= $0 } ?? true)
    }

    /// The policy and those it extends, itself first.
    package var chain: [ConductPolicy] {
        var policies = [self]
        while let next = policies[policies.count - 1].parent { policies.append(next) }
        return policies
    }
}

/// The parts of a policy while it is read.
struct PolicyParts {
    var id: String
    var version: String
    var jurisdiction: String
    var effectiveFrom: Day
    var effectiveTo: Day?
    var sources: [PolicySource]
    var parent: ConductPolicy?
    var scope: PolicyScope
    var time: TimeRules
    var limits: [FrequencyLimit]
    var cooldowns: [Cooldown]
    var people: PeopleRules
    var optOuts: OptOutRules
    var content: ContentRules
    var holds: [HoldRule]
    var plan: InstalmentPlanRule?
    var promise: PromiseRule?
    var visit: VisitRules
    var recording: RecordingRules?
    var limitation: LimitationRule?
    var civilReferral: CivilReferralRule?
    var criminalReferral: CriminalReferralRule?
    var agencyControls: AgencyControlRules?
    var agencyData: AgencyDataRules?
    var complaint: ComplaintRules?
    var stages: PolicyNode?
}

/// Rows of the policy by channel, without references, so that judging an act copies nothing.
struct PolicyTables: Sendable {
    /// A row of contact windows.
    struct Window: Sendable {
        let weekdays: UInt8
        let start: Int16
        let end: Int16
        /// Position in ``TimeRules/windows``.
        let row: Int
    }

    /// A frequency limit.
    struct Limit: Sendable {
        let event: ContactEvent
        let channels: ChannelSet
        let max: Int
        let windowKind: WindowKind
        let windowLength: Int
        let scope: CodeSet<CountScope>
        let ownEventsOnly: Bool
        let exclusions: CodeSet<CountExclusion>
        /// Position in ``ConductPolicy/limits``.
        let row: Int
    }

    /// A cooldown.
    struct Pause: Sendable {
        let trigger: ContactEvent
        let inboundToo: Bool
        let blocks: ChannelSet
        /// Days after the trigger's date that are blocked.
        let daysAfter: Int
        let scope: CodeSet<CountScope>
        let ownEventsOnly: Bool
        let excusedBy: CodeSet<CountExclusion>
        /// Position in ``ConductPolicy/cooldowns``.
        let row: Int
    }

    /// A row of holds, as far as it takes to see that nothing can start it.
    struct Hold: Sendable {
        let type: HoldType
        let permits: PurposeSet
        /// The event that starts it, unless only a record does.
        let mark: MarkKind?
        /// Whether a fact about the debtor starts it.
        let isFromFact: Bool
        /// Position in ``ConductPolicy/holds``.
        let row: Int
    }

    /// Rows of contact windows for points that are no workplace, by channel.
    let windows: [[Window]]
    /// Rows for workplace points: those of place `workplace` where there are any, else the general ones.
    let workplaceWindows: [[Window]]
    /// Limits an act of the channel can run into, by channel.
    let limits: [[Limit]]
    /// Every limit, for pruning.
    let allLimits: [Limit]
    /// Cooldowns that block the channel, by channel.
    let pauses: [[Pause]]
    let allPauses: [Pause]
    /// Who may be asked to pay or is treated so.
    let collectable: RoleSet
    /// Holds that can stop an act of the class, by class.
    let holds: [[Hold]]
    /// Hold types the policy has a row for.
    let holdTypes: Set<HoldType>
    /// The largest `failed_dials` and `unreachable_days` among the preconditions; 0 if there are none.
    let failedDials: Int
    /// Days between visits; 0 if there is no such rule.
    let gapDays: Int

    init(_ parts: PolicyParts) {
        var windows: [[Window]] = []
        var workplace: [[Window]] = []
        for channel in Channel.allCases {
            var general: [Window] = []
            var atWork: [Window] = []
            for (row, window) in parts.time.windows.enumerated() where window.channels.contains(channel) {
                let entry = Window(weekdays: window.weekdays, start: window.start.minutes, end: window.end.minutes, row: row)
                switch window.place {
                case .any: general.append(entry)
                case .workplace: atWork.append(entry)
                }
            }
            windows.append(general)
            workplace.append(atWork.isEmpty ? general : atWork)
        }
        self.windows = windows
        workplaceWindows = workplace

        allLimits = parts.limits.enumerated().map { row, limit in
            Limit(
                event: limit.event, channels: limit.channels, max: limit.max, windowKind: limit.windowKind,
                windowLength: limit.windowLength,
                scope: limit.scope, ownEventsOnly: limit.aggregation == .agency, exclusions: limit.exclusions, row: row)
        }
        allPauses = parts.cooldowns.enumerated().map { row, cooldown in
            Pause(
                trigger: cooldown.trigger, inboundToo: cooldown.initiatedBy == .any, blocks: cooldown.blocks,
                daysAfter: cooldown.triggerDayIsDayOne ? cooldown.days - 1 : cooldown.days, scope: cooldown.scope,
                ownEventsOnly: cooldown.aggregation == .agency, excusedBy: cooldown.excusedBy, row: row)
        }
        let everyLimit = allLimits
        let everyPause = allPauses
        limits = Channel.allCases.map { channel in
            everyLimit.filter { $0.channels.contains(channel) && $0.event.isPossible(on: channel) }
        }
        pauses = Channel.allCases.map { channel in everyPause.filter { $0.blocks.contains(channel) } }
        collectable = (parts.people.collectable?.value ?? []).union(parts.people.equivalents)
        let rows = parts.holds.enumerated().map { row, rule in
            let isOnRecord = rule.conditions.contains(.onRecord)
            return Hold(
                type: rule.type, permits: rule.permits, mark: isOnRecord ? nil : rule.type.startingMark,
                isFromFact: !isOnRecord && rule.type.isStartedByFact, row: row)
        }
        holds = ActClass.allCases.map { kind in rows.filter { parts.holds[$0.row].blocks.contains(kind) } }
        holdTypes = Set(parts.holds.map(\.type))
        let conditions = parts.people.thirdParty?.preconditions?.value ?? []
        gapDays = parts.visit.minGapDays?.value ?? 0
        failedDials = conditions.reduce(0) { max($0, $1.failedDials ?? 0, $1.unreachableDays ?? 0) }
    }
}
