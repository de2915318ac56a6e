import CollectionsDomain
import CollectionsStore

/// Everything placement knows of one debtor.
struct DebtorFacts: Sendable {
    let debtorId: Int64
    /// Accounts that may be placed or not, by id.
    var accounts: [CandidateAccount]
    /// Open placements of any account of the debtor.
    var openPlacements: [HeldPlacement] = []
    /// Ended placements of ``accounts``, the latest last.
    var endedPlacements: [HeldPlacement] = []
    /// Open holds of the debtor.
    var holds: [OpenHold] = []
    /// Accounts that an approved plan is about to place, with that plan's number.
    var plannedBy: [Int64: Int64] = [:]

    /// The account's last placement that has ended.
    func lastPlacement(of account: Int64) -> HeldPlacement? { endedPlacements.last { $0.accountId == account } }
}

/// Why an account is not placed: a stable code and the words for it.
struct PlacementExclusion: Error, Hashable, Sendable {
    let code: ExclusionCode
    let reason: String

    init(_ code: ExclusionCode, _ reason: String? = nil) {
        self.code = code
        self.reason = reason ?? code.text
    }
}

/// Which accounts may be placed on a day, and where their work begins: the domain's eligibility, and what depends on earlier placements.
struct PlacementRules: Sendable {
    /// `stages.intake` of the policy.
    let intake: StagePolicy.Intake
    /// Holds that bar a placement only because the policy says so (`blocks: place_account`), beyond those that always do.
    let policyHolds: Set<HoldType>
    /// Whether an expired limitation stops everything (`expired_blocks: all`).
    let expiredBlocks: Bool
    /// The day that is reckoned with.
    let day: Day
    /// Whether the bank's own collection was attested for the portfolio.
    let internalCollectionAttested: Bool

    /// Days without any agency after a court case ended (DOMAIN section 3, law_firm rows).
    static let restAfterCourt = 90

    /// The rules of a policy for a portfolio on a day.
    init(conduct: ConductPolicy, stages: StagePolicy, portfolio: PortfolioRecord, day: Day) {
        intake = stages.intake
        policyHolds = Set(conduct.chain.flatMap { $0.holds.filter { $0.blocks.contains(.placeAccount) }.map(\.type) })
        expiredBlocks = conduct.chain.contains { $0.limitation?.expiredBlocks.value.contains(.all) ?? false }
        self.day = day
        internalCollectionAttested = portfolio.internalCollectionFrom.map { $0 <= day } ?? false
    }

    /// The account as the domain judges it.
    func placeable(_ account: CandidateAccount, in debtor: DebtorFacts) -> PlaceableAccount? {
        guard let currency = Currency(account.currency), let status = AccountStatus(rawValue: account.status) else { return nil }
        var holds = Set(
            debtor.holds.filter { $0.accountId == nil || $0.accountId == account.accountId }.compactMap { HoldType(rawValue: $0.type) })
        // What the bank has verified of the person bars a placement even after its hold was released.
        switch account.verifiedStatus {
        case "deceased": holds.insert(.deceased)
        case "incapacitated": holds.insert(.incapacity)
        case "minor": holds.insert(.minor)
        default: break
        }
        return PlaceableAccount(
            id: account.accountId, product: account.product, region: account.region,
            balance: Money(minorUnits: account.balance, currency: currency), bucket: account.bucket,
            daysPastDue: Int(account.daysPastDue) + max(0, account.asOf.days(until: day)), status: status,
            internalCollectionDone: internalCollectionAttested ? true : account.internalCollectionDone, holds: holds,
            previousAgencies: Set(debtor.endedPlacements.filter { $0.accountId == account.accountId }.map(\.agencyId)),
            startStage: isHandover(account, in: debtor) ? .fieldVisit : .informationGathering)
    }

    /// Why an account may not be placed on the day; `nil`: it may, as far as the account goes.
    func exclusion(of account: CandidateAccount, in debtor: DebtorFacts) -> PlacementExclusion? {
        if debtor.openPlacements.contains(where: { $0.accountId == account.accountId }) { return PlacementExclusion(.alreadyPlaced) }
        if let run = debtor.plannedBy[account.accountId] { return PlacementExclusion(.inPlan, "plan \(run) is about to place the account") }
        guard let placeable = placeable(account, in: debtor) else { return PlacementExclusion(.notOpen) }
        if let code = Eligibility.exclusion(placeable, policy: intake) { return PlacementExclusion(code, words(code, placeable)) }
        if let hold = placeable.holds.intersection(policyHolds).map(\.rawValue).min(), debtor.openPlacements.isEmpty {
            return PlacementExclusion(.hold, "hold \(hold) bars a placement by the policy")
        }
        if expiredBlocks, let end = account.limitationEnd, end < day {
            return PlacementExclusion(.limitation, "the limitation ended \(end)")
        }
        if let last = debtor.lastPlacement(of: account.accountId), let closed = last.closedAt,
            last.closeCode.flatMap(CloseCode.init(rawValue:))?.restsAfterwards ?? false
        {
            let until = Zone.utc.day(of: closed).adding(days: Self.restAfterCourt)
            if day < until { return PlacementExclusion(.restAfterCourt, "a court case ended; no agency before \(until)") }
        }
        return nil
    }

    /// More than the code says, where the account says more.
    private func words(_ code: ExclusionCode, _ account: PlaceableAccount) -> String? {
        if code == .minDpd { return "\(account.daysPastDue) days past due, \(intake.minDpd) are needed" }
        if code == .hold || code == .dispute { return "open: " + account.holds.map(\.rawValue).sorted().joined(separator: ", ") }
        if code == .notOpen { return "the account is \(account.status.rawValue)" }
        return nil
    }

    /// The group of a debtor's placeable accounts for the plan, and the others with their reasons.
    ///
    /// Accounts handed over and new ones of the same debtor begin together, at the handed-over stage: there is one case, and it has one stage.
    func group(_ debtor: DebtorFacts) -> (group: DebtorGroup?, excluded: [(account: CandidateAccount, why: PlacementExclusion)]) {
        var placeable: [PlaceableAccount] = []
        var excluded: [(account: CandidateAccount, why: PlacementExclusion)] = []
        let open = debtor.openPlacements.first
        let isEnding = open.map { $0.state == "recalling" || $0.caseState == "recalling" || $0.caseState == "handover" } ?? false
        for account in debtor.accounts {
            if let why = exclusion(of: account, in: debtor) {
                excluded.append((account, why))
            } else if isEnding {
                excluded.append((account, PlacementExclusion(.debtorAtOtherHolder, "the debtor's present placement is ending")))
            } else if let candidate = self.placeable(account, in: debtor) {
                placeable.append(candidate)
            }
        }
        if placeable.isEmpty { return (nil, excluded) }
        if open != nil {
            // A follow-on joins the case in its stage; where the account's own last placement ended says nothing any more.
            for index in placeable.indices { placeable[index].startStage = .informationGathering }
        } else if placeable.contains(where: { $0.startStage == .fieldVisit }) {
            for index in placeable.indices { placeable[index].startStage = .fieldVisit }
        }
        return (DebtorGroup(debtor: debtor.debtorId, accounts: placeable, holder: open?.agencyId), excluded)
    }

    /// Whether the account waits in the handover pool: its last holder could not do the next stage, a visit.
    func isHandover(_ account: CandidateAccount, in debtor: DebtorFacts) -> Bool {
        debtor.lastPlacement(of: account.accountId)?.closeCode == CloseCode.stageNotContracted.rawValue
    }

    /// The tier of an account's next placement (手别): one more than its last, except that a handover keeps it (DOMAIN section 2).
    func tier(of account: CandidateAccount, in debtor: DebtorFacts) -> Int16 {
        guard let last = debtor.lastPlacement(of: account.accountId) else { return max(1, account.tier) }
        return last.closeCode == CloseCode.stageNotContracted.rawValue ? last.tier : last.tier + 1
    }
}

extension CloseCode {
    /// Whether a court case ended with it, after which no agency calls for a while.
    fileprivate var restsAfterwards: Bool {
        switch self {
        case .withdrawn, .dismissed, .enforcementClosed: true
        case .cured, .paidInFull, .settledInFull, .untraceable, .exhausted, .expired, .legal, .stageNotContracted, .recalled, .compliance,
            .deceased:
            false
        }
    }
}
