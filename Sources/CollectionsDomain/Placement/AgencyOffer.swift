/// Kinds of agencies; raw values are those of `agency.kind`.
package enum AgencyKind: String, CaseIterable, Sendable {
    case collection, field, lettershop
    case lawFirm = "law_firm"
    case inHouse = "in_house"

    /// Whether accounts are placed with it as holder.
    package var mayHold: Bool { self == .collection || self == .inHouse }
}

/// What the conduct policy asks of an agency before accounts are placed with it (`agency.agency_controls`; CN13, CN16).
package struct AgencyControls: Hashable, Sendable {
    /// The agency must be on the bank's public list.
    package var publicList: Bool
    /// `nil`: no such rule.
    package var evaluationMonths: Int?
    /// Months a training holds; `nil`: no such rule.
    package var trainingMonths: Int?
    /// Whether it may pass work on.
    package var subcontractAllowed: Bool
    /// Whether it may live by commission alone.
    package var commissionOnlyAllowed: Bool

    package init(
        publicList: Bool = true, evaluationMonths: Int? = 12, trainingMonths: Int? = 12, subcontractAllowed: Bool = false,
        commissionOnlyAllowed: Bool = false
    ) {
        self.publicList = publicList
        self.evaluationMonths = evaluationMonths
        self.trainingMonths = trainingMonths
        self.subcontractAllowed = subcontractAllowed
        self.commissionOnlyAllowed = commissionOnlyAllowed
    }
}

/// An agency with its contract and what is left of its capacity.
package struct AgencyOffer: Hashable, Sendable {
    /// The agency's id.
    package var id: Int32
    /// Its name, as operators know it.
    package var name: String
    /// Its kind.
    package var kind: AgencyKind
    /// Not suspended.
    package var isActive: Bool
    /// On the bank's public list.
    package var isListed: Bool
    /// Last day of its licence; `nil`: it needs none.
    package var licenceUntil: Day?
    /// Its last evaluation.
    package var evaluatedOn: Day?
    /// Its last training.
    package var trainedOn: Day?
    /// Whether it passes work on.
    package var subcontracts: Bool
    /// Whether it is paid by commission alone.
    package var commissionOnly: Bool
    /// Contract; `nil`: none in force.
    package var contract: ClosedRange<Day>?
    /// Stages in its contract.
    package var stages: Set<Stage>
    /// "*" stands for every one.
    package var regions: Set<String>
    /// Regions in which it visits.
    package var fieldRegions: Set<String>
    /// Products in its contract; "*" stands for every one.
    package var products: Set<String>
    /// Currencies in its contract; "*" stands for every one.
    package var currencies: Set<String>
    /// Minor units of an account's balance; `nil`: no bound.
    package var minBalance: Int64?
    /// Upper bound, as ``minBalance``.
    package var maxBalance: Int64?
    /// Accounts it may still take.
    package var capacityCount: Int
    /// Exposure it may still take; `nil`: no bound.
    package var capacityAmount: Int64?
    /// Its contract share, in basis points; 0 where none is agreed.
    package var shareBasisPoints: Int
    /// Its weight where no shares are agreed.
    package var weight: Int

    package init(
        id: Int32, name: String, kind: AgencyKind = .collection, isActive: Bool = true, isListed: Bool = true, licenceUntil: Day?,
        evaluatedOn: Day?, trainedOn: Day?, subcontracts: Bool = false, commissionOnly: Bool = false, contract: ClosedRange<Day>?,
        stages: Set<Stage>, regions: Set<String> = ["*"], fieldRegions: Set<String> = [], products: Set<String> = ["*"],
        currencies: Set<String> = ["*"], minBalance: Int64? = nil, maxBalance: Int64? = nil, capacityCount: Int,
        capacityAmount: Int64? = nil,
        shareBasisPoints: Int = 0, weight: Int = 1
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.isActive = isActive
        self.isListed = isListed
        self.licenceUntil = licenceUntil
        self.evaluatedOn = evaluatedOn
        self.trainedOn = trainedOn
        self.subcontracts = subcontracts
        self.commissionOnly = commissionOnly
        self.contract = contract
        self.stages = stages
        self.regions = regions
        self.fieldRegions = fieldRegions
        self.products = products
        self.currencies = currencies
        self.minBalance = minBalance
        self.maxBalance = maxBalance
        self.capacityCount = capacityCount
        self.capacityAmount = capacityAmount
        self.shareBasisPoints = shareBasisPoints
        self.weight = weight
    }

    /// Why the agency may take nothing at all on `day`; `nil`: it may. An evaluation or training holds through its last day.
    package func exclusion(on day: Day, termEnd: Day, controls: AgencyControls) -> ExclusionCode? {
        if !kind.mayHold { return .agencyKind }
        if !isActive { return .suspended }
        if controls.publicList && !isListed { return .notListed }
        if let licenceUntil, licenceUntil < day { return .licence }
        if let months = controls.evaluationMonths, evaluatedOn.map({ $0.adding(months: months) < day }) ?? true { return .evaluation }
        if let months = controls.trainingMonths, trainedOn.map({ $0.adding(months: months) < day }) ?? true { return .training }
        if subcontracts && !controls.subcontractAllowed { return .subcontracts }
        if commissionOnly && !controls.commissionOnlyAllowed { return .commissionOnly }
        guard let contract, contract.contains(day) else { return .contract }
        return nil
    }

    /// Why the agency may not take this account, its capacity aside.
    package func exclusion(of account: PlaceableAccount) -> ExclusionCode? {
        if !covers(regions, account.region) { return .region }
        if !covers(products, account.product) { return .product }
        if !covers(currencies, account.balance.currency.code) { return .currency }
        if let minBalance, account.balance.minorUnits < minBalance { return .balanceBand }
        if let maxBalance, account.balance.minorUnits > maxBalance { return .balanceBand }
        // Every holder gathers and calls; the stage an account starts with (handover) must be the holder's own.
        if !stages.contains(.phone) || !stages.contains(account.startStage) && account.startStage != .informationGathering {
            return .stages
        }
        if account.startStage == .fieldVisit, !covers(fieldRegions, account.region) { return .stages }
        if account.previousAgencies.contains(id) { return .repeatHolder }
        return nil
    }

    private func covers(_ set: Set<String>, _ value: String) -> Bool { set.contains("*") || set.contains(value) }
}
