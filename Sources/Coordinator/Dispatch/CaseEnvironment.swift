package import CollectionsDomain
package import CollectionsStore
import PostgresDriver
import Synchronization

/// What every decision of a moment shares: the policy in force, who executes what, exchange rates.
///
/// An object, because a policy is some forty collections: as a value each decision copied it several times.
package final class CaseEnvironment: Sendable {
    /// The policy in force; its version is stored with every decision.
    package let policy: ActivePolicy
    /// Who executes which stage.
    package let routing: RoutingTable
    /// The bank's latest rates.
    package let rates: ExchangeRates
    /// Where business days are looked up.
    package let calendar: BusinessCalendar
    /// Up to when the bank's payments were known when this was read, and whether a source promises a daily file.
    package let ledger: (watermark: Instant?, hasDailyFeed: Bool)
    private let window: (start: TimeOfDay, end: TimeOfDay)
    private let fixedZone: Zone?
    /// What the conduct policy says where a case depends on it.
    package let terms: CaseFacts.ConductTerms
    /// The shortest period of limitation the policy knows, in months from the default; nil: none.
    package let limitationMonths: Int?

    /// An environment by its parts.
    package init(
        policy: ActivePolicy, routing: RoutingTable, rates: ExchangeRates, calendar: BusinessCalendar = BusinessCalendar(),
        ledger: (watermark: Instant?, hasDailyFeed: Bool) = (nil, false)
    ) {
        self.ledger = ledger
        self.policy = policy
        self.routing = routing
        self.rates = rates
        self.calendar = calendar
        let rows = policy.conduct.time.windows.filter { $0.place == .any && $0.channels.contains(.call) && $0.start < $0.end }
        window = (rows.map(\.start).min() ?? .midnight, rows.map(\.end).max() ?? .endOfDay)
        fixedZone = policy.conduct.time.mode == .fixed ? policy.conduct.time.zone : nil
        terms = Self.terms(of: policy)
        limitationMonths = ConductGate.shortestLimitation(policy.conduct)
    }

    /// Hours of contact for a debtor whose bank record names this zone; an unknown name falls back to the policy's zone, else to UTC.
    package func hours(timeZone: String) -> WorkingHours {
        let zone = fixedZone ?? Zone(identifier: timeZone) ?? policy.conduct.time.zone ?? .utc
        return WorkingHours(start: window.start, end: window.end, zone: zone, calendar: calendar)
    }

    /// The zone of the bank's own days.
    package var zone: Zone { policy.conduct.time.zone ?? .utc }

    /// The last day on which the answer to a complaint is in time (CN9).
    package func complaintDue(received: Instant, extensions: Int = 0) -> Day {
        ComplaintClock(policy.conduct.complaint).due(received: zone.day(of: received), extensions: extensions)
    }

    /// Why no lease of a stage is given at `now`, whatever the task; nil: leases are given.
    ///
    /// The bank's payments are too old where it promises a daily file (no demand for money that was paid), or the contact window is closed for
    /// everybody: then no task is even looked at, and the night costs no write.
    package func closed(_ stage: Stage, at now: Instant) -> (rule: String, until: Instant?)? {
        let rules = policy.stages.ledger
        if rules.blocks.contains(stage), ledger.hasDailyFeed || !rules.onlyIfDailyFeed {
            let isStale = ledger.watermark.map { now - $0 > .seconds(Int64(rules.maxAgeHours) * 3_600) } ?? ledger.hasDailyFeed
            if isStale { return ("ledger_stale", nil) }
        }
        // A consent may widen the windows; then each task is judged for itself.
        let mayWiden = policy.conduct.time.consent.map { $0.allowed && !$0.narrowsOnly } ?? false
        if stage == .phone, let fixedZone, !mayWiden, policy.conduct.parent == nil {
            let hours = WorkingHours(start: window.start, end: window.end, zone: fixedZone, calendar: calendar)
            if !hours.isOpen(at: now) { return ("contact_windows", hours.nextOpen(from: now)) }
        }
        return nil
    }

    private static func terms(of policy: ActivePolicy) -> CaseFacts.ConductTerms {
        var terms = CaseFacts.ConductTerms()
        let conduct = policy.conduct
        if let promise = conduct.promise {
            terms.promiseMaxDays = promise.maxDays?.value ?? policy.stages.promise.windows.map(\.days).max() ?? terms.promiseMaxDays
            terms.promiseGraceDays = promise.graceDays
            terms.reminderOnDueDay = promise.contactInWindow != .none
        }
        terms.optOutHonoured = conduct.optOuts.channel?.honoured ?? true
        terms.representativeSilentDays = conduct.people.representative?.silentDays
        terms.letterAddresses = (conduct.content.letterAddresses?.value.elements ?? []).compactMap {
            ContactPoint.Channel(rawValue: $0.name)
        }
        terms.visitMinCollectors = conduct.visit.minCollectors?.value ?? terms.visitMinCollectors
        return terms
    }
}

/// Reads environments and keeps them for a few seconds: a change by an operator holds on every node within that time.
package final class CaseEnvironmentSource: Sendable {
    /// How long routes, contracts and rates are kept, in lease time.
    package static let refresh: Duration = .seconds(5)

    private let database: Database
    private let policies: PolicyService
    private let kept = Mutex<(day: Day, readAt: ContinuousClock.Instant, version: Int32, environment: CaseEnvironment)?>(nil)

    /// The environments of a database.
    package init(database: Database, policies: PolicyService) {
        self.database = database
        self.policies = policies
    }

    /// The environment of the present.
    ///
    /// - Throws: ``PolicyServiceError/none(on:)`` while no policy is in force.
    package func current(at now: Now) async throws -> CaseEnvironment {
        // The policy itself goes by the local date of its zone; a zone's distance from UTC moves a version's first hours at most.
        let day = Zone.utc.day(of: now.business)
        if let kept = kept.withLock({ $0 }), kept.day == day, .now - kept.readAt < Self.refresh { return kept.environment }
        let policy = try await policies.current(at: day)
        let local = policy.conduct.time.zone?.day(of: now.business) ?? day
        let active = local == day ? policy : try await policies.current(at: local)
        let environment = try await database.core.withConnection { db in
            let routing = RoutingTable(
                agencies: try await AgencyQueries.all(in: db), contracts: try await AgencyQueries.contracts(in: db),
                routes: try await AgencyQueries.routes(in: db), on: local)
            return CaseEnvironment(
                policy: active, routing: routing, rates: try await RateQueries.latest(on: local, in: db),
                ledger: try await RateQueries.ledger(in: db))
        }
        kept.withLock { $0 = (day, .now, active.version, environment) }
        return environment
    }

    /// Forgets what is kept: the next decision sees what an operator has just changed.
    package func forget() { kept.withLock { $0 = nil } }
}
