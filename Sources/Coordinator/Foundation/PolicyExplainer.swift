package import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// Answers an operator's question: may this account's debtor be contacted on this channel, at this time, and if not, why?
///
/// The same gate judges as in dispatch, on the same ledger; nothing is reserved.
package struct PolicyExplainer: Sendable {
    /// The answer for one contact point.
    package struct Answer: Sendable {
        /// The account asked about.
        package let accountId: Int64
        /// The contact point.
        package let point: PointRow
        /// The zone the debtor is in, as far as known; else UTC.
        package let zone: Zone
        /// What the gate says.
        package let decision: GateDecision
        /// What the bank's own pace says beside it (`stages:`); a lease waits for both.
        package let pace: [ContactCadence.Wait]

        /// When a lease may be given; nil: now, if the gate allows it, else not before an event.
        package var earliest: Instant? {
            switch decision {
            case .allowed: pace.map(\.earliest).max()
            case .blocked(_, let earliest): earliest.map { max($0, pace.map(\.earliest).max() ?? $0) }
            }
        }
    }

    /// Why there is no answer.
    package enum Failure: Error, Hashable, CustomStringConvertible {
        case unknownAccount(String)
        case noPoint(Channel)

        package var description: String {
            switch self {
            case .unknownAccount(let ref): "no account has the reference \(ref)"
            case .noPoint(let channel): "the debtor has no contact point for \(channel.name)"
            }
        }
    }

    private let database: Database
    private let policies: PolicyService

    /// Answers from a database.
    package init(database: Database, policies: PolicyService) {
        self.database = database
        self.policies = policies
    }

    /// The gate's word on every contact point of the channel.
    ///
    /// - Parameters:
    ///   - ref: The bank's reference of the account.
    ///   - purpose: nil: to demand payment, or to relay a message where the point is a third party's.
    ///   - at: Business time; nil: now.
    package func explain(account ref: String, channel: Channel, purpose: ActPurpose? = nil, at: Instant? = nil) async throws -> (
        policy: ActivePolicy, at: Instant, answers: [Answer]
    ) {
        let lanes = database.lanes
        let (now, accounts) = try await database.core.withTransaction(isolation: .repeatableRead, readOnly: true) { db in
            (try await ClockQueries.read(in: db), try await ExplainQueries.accounts(ref: ref, lanes: lanes, in: db))
        }
        guard !accounts.isEmpty else { throw Failure.unknownAccount(ref) }
        let at = at ?? now.business
        let policy = try await policies.current(at: Zone.utc.day(of: at))
        var answers: [Answer] = []
        for account in accounts {
            let ledger =
                try account.ledger.map { try ConductLedger(bytes: $0) }
                ?? ConductLedger(profile: DebtorProfile(zones: Zone(identifier: account.timeZone).map { .known([$0]) } ?? .unknown))
            for point in account.points where Self.serves(point.channel, channel) {
                let isDebtor = point.role == .debtor || point.role == .guarantor
                let decision = ConductGate.judgeDispatch(
                    policy: policy.conduct, ledger: ledger, channel: channel, point: point.dispatchPoint, accounts: account.accountIds,
                    purpose: purpose ?? (isDebtor ? .demandPayment : .relay), agency: account.agencyId.map { Actor(agency: $0) } ?? .bank,
                    moment: channel == .visit ? .permit(VisitPlan()) : .lease, now: at, end: at + .seconds(86_400))
                let zone = ledger.profile.zones.value?.first ?? .utc
                answers.append(
                    Answer(
                        accountId: account.accountId, point: point, zone: zone, decision: decision,
                        pace: pace(channel, point: point, account: account, ledger: ledger, decision: decision, policy: policy, at: at)))
            }
        }
        guard !answers.isEmpty else { throw Failure.noPoint(channel) }
        return (policy, at, answers)
    }

    private func pace(
        _ channel: Channel, point: PointRow, account: ExplainedAccount, ledger: ConductLedger, decision: GateDecision, policy: ActivePolicy,
        at: Instant
    ) -> [ContactCadence.Wait] {
        let step: Step
        switch channel {
        case .call: step = .call
        case .sms: step = .smsReminder
        case .email: step = .emailReminder
        case .noticeCall, .letter, .visit: return []
        }
        let isReminder: Bool = if case .allowed(_, let conditions) = decision { conditions.isDueDayReminder } else { false }
        let routing = RoutingTable(agencies: [], contracts: [], routes: [], on: Zone.utc.day(of: at))
        let environment = CaseEnvironment(policy: policy, routing: routing, rates: ExchangeRates())
        return ContactCadence.waits(
            step: step, goal: .none, point: point.id, role: point.role, isDueDayReminder: isReminder, history: ledger.paceHistory,
            policy: policy.stages, lowRisk: account.isLowRisk, now: at, hours: environment.hours(timeZone: account.timeZone))
    }

    private static func serves(_ point: ContactPoint.Channel, _ channel: Channel) -> Bool {
        switch point {
        case .mobile: channel == .call || channel == .noticeCall || channel == .sms
        case .homePhone, .workPhone, .otherPhone: channel == .call || channel == .noticeCall
        case .email: channel == .email
        case .billingAddress, .homeAddress, .workAddress, .otherAddress: channel == .letter || channel == .visit
        }
    }
}
