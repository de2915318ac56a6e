/// An account that may be placed.
package struct PlaceableAccount: Hashable, Sendable {
    /// The account's id.
    package var id: Int64
    /// Its product.
    package var product: String
    /// Its region.
    package var region: String
    /// What is owed.
    package var balance: Money
    /// The balance in minor units of the currency capacities are counted in.
    package var exposure: Int64
    /// The bank's class of age, such as M2.
    package var bucket: String
    /// Today's days past due.
    package var daysPastDue: Int
    /// Its status.
    package var status: AccountStatus
    /// `nil`: nobody said so; an attestation counts as `true`.
    package var internalCollectionDone: Bool?
    /// Open holds on the account or its debtor.
    package var holds: Set<HoldType>
    /// Agencies that held it before.
    package var previousAgencies: Set<Int32>
    /// The stage the next holder starts with, when it comes from the handover pool.
    package var startStage: Stage

    package init(
        id: Int64, product: String, region: String, balance: Money, exposure: Int64? = nil, bucket: String, daysPastDue: Int,
        status: AccountStatus = .open, internalCollectionDone: Bool?, holds: Set<HoldType> = [], previousAgencies: Set<Int32> = [],
        startStage: Stage = .informationGathering
    ) {
        self.id = id
        self.product = product
        self.region = region
        self.balance = balance
        self.exposure = exposure ?? balance.minorUnits
        self.bucket = bucket
        self.daysPastDue = daysPastDue
        self.status = status
        self.internalCollectionDone = internalCollectionDone
        self.holds = holds
        self.previousAgencies = previousAgencies
        self.startStage = startStage
    }
}

/// Why an account is not placed, or not with an agency; raw values are stable codes of `plan_item.reason_code`.
package enum ExclusionCode: String, CaseIterable, Sendable {
    // The account.
    case notOpen = "not_open"
    case minDpd = "min_dpd"
    case internalCollectionUnknown = "internal_collection_unknown"
    case internalCollectionNotDone = "internal_collection_not_done"
    case hold
    case dispute
    case nothingOwed = "nothing_owed"
    case noticeMissing = "debtor_notice_missing"
    case noticeTooRecent = "debtor_notice_days"
    case alreadyPlaced = "already_placed"
    /// An approved plan is about to place it.
    case inPlan = "in_plan"
    case limitation = "limitation_expired"
    /// A court case ended less than 90 days ago.
    case restAfterCourt = "rest_after_court"
    // The agency.
    case debtorAtOtherHolder = "debtor_at_other_holder"
    case agencyKind = "agency_kind"
    case suspended
    /// A recall took effect more than 24 hours ago, and the agency has not confirmed that work has stopped.
    case stopWorkUnconfirmed = "stop_work_unconfirmed"
    case notListed = "not_listed"
    case licence
    case evaluation
    case training
    case subcontracts
    case commissionOnly = "commission_only"
    case contract
    case noRateCard = "no_rate_card"
    case maxAgencies = "max_agencies"
    case region
    case product
    case currency
    case balanceBand = "balance_band"
    case stages
    case repeatHolder = "repeat_holder"
    case capacityCount = "capacity_count"
    case capacityAmount = "capacity_amount"
    /// No agency may take the debtor's accounts together; the text says why for each.
    case noAgency = "no_agency"

    /// What an operator reads.
    package var text: String {
        switch self {
        case .notOpen: "account is not open"
        case .minDpd: "not long enough past due"
        case .internalCollectionUnknown: "the bank's own collection is not known to be done"
        case .internalCollectionNotDone: "the bank's own collection is not done"
        case .hold: "a hold is open"
        case .dispute: "a dispute is open"
        case .nothingOwed: "nothing is owed"
        case .noticeMissing: "the debtor was not told of the placement"
        case .noticeTooRecent: "the debtor was told too recently"
        case .alreadyPlaced: "the account is with an agency"
        case .inPlan: "another plan is about to place the account"
        case .limitation: "the limitation has ended"
        case .restAfterCourt: "a court case ended recently"
        case .debtorAtOtherHolder: "the debtor is with a holder that cannot take this account"
        case .agencyKind: "not a collection agency"
        case .suspended: "suspended"
        case .stopWorkUnconfirmed: "a recall is not confirmed after 24 hours"
        case .notListed: "not on the public list"
        case .licence: "licence ends before the term"
        case .evaluation: "evaluation is overdue"
        case .training: "training is overdue"
        case .subcontracts: "subcontracts"
        case .commissionOnly: "paid by commission alone"
        case .contract: "no contract in force"
        case .noRateCard: "no rate card in force"
        case .maxAgencies: "more agencies than the policy allows"
        case .region: "region not in contract"
        case .product: "product not in contract"
        case .currency: "currency not in contract"
        case .balanceBand: "balance outside the contract's band"
        case .stages: "a stage needed is not in contract"
        case .repeatHolder: "held this account before"
        case .capacityCount: "no capacity left (accounts)"
        case .capacityAmount: "no capacity left (amount)"
        case .noAgency: "no agency may take this debtor"
        }
    }
}

/// Whether accounts may be placed at all (DOMAIN section 2; policy `intake`).
package enum Eligibility {
    /// Why an account stays out of a plan; `nil`: it may be planned. The debtor's notice follows the plan's approval and is checked by
    /// ``notice(sentAt:now:policy:zone:)`` when the plan runs.
    package static func exclusion(_ account: PlaceableAccount, policy: StagePolicy.Intake) -> ExclusionCode? {
        switch account.status {
        case .open, .chargedOff: break
        case .curePending, .cured, .paid, .settled, .sold, .closed: return .notOpen
        }
        if account.balance.minorUnits <= 0 { return .nothingOwed }
        if account.daysPastDue < policy.minDpd { return .minDpd }
        if policy.internalCollectionDone {
            switch account.internalCollectionDone {
            case nil: return .internalCollectionUnknown
            case false?: return .internalCollectionNotDone
            case true?: break
            }
        }
        if account.holds.contains(.dispute) { return .dispute }
        // A promise binds the next holder too, and a vulnerable debtor may be called: neither keeps an account out.
        if account.holds.contains(where: { $0 != .promise && $0 != .vulnerableVisit }) { return .hold }
        return nil
    }

    /// Whether the debtor was told long enough ago: an account is taken from notice + `debtor_notice_days` on (CN8).
    ///
    /// - Returns: `nil` when it may be placed now; else the reason, and from when on (`nil`: not told yet).
    package static func notice(
        sentAt: Instant?, now: Instant, policy: StagePolicy.Intake, zone: Zone
    ) -> (code: ExclusionCode, from: Day?)? {
        guard let sentAt else { return (.noticeMissing, nil) }
        let from = zone.day(of: sentAt).adding(days: policy.debtorNoticeDays)
        return zone.day(of: now) >= from ? nil : (.noticeTooRecent, from)
    }
}
