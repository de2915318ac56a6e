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
    package var publicList: Bool
    /// `nil`: no such rule.
    package var evaluationMonths: Int?
    package var trainingMonths: Int?
    package var subcontractAllowed: Bool
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
    package var id: Int32
    package var name: String
    package var kind: AgencyKind
    package var isActive: Bool
    package var isListed: Bool
    package var licenceUntil: Day?
    package var evaluatedOn: Day?
    package var trainedOn: Day?
    package var subcontracts: Bool
    package var commissionOnly: Bool
    /// Contract; `nil`: none in force.
    package var contract: ClosedRange<Day>?
    package var stages: Set<Stage>
    /// "*" stands for every one.
    package var regions: Set<String>
    /// Regions in which it visits.
    package var fieldRegions: Set<String>
    package var products: Set<String>
    package var currencies: Set<String>
    /// Minor units of an account's balance; `nil`: no bound.
    package var minBalance: Int64?
    package var maxBalance: Int64?
    /// Accounts it may still take.
    package var capacityCount: Int
    /// Exposure it may still take; `nil`: no bound.
    package var capacityAmount: Int64?
    package var shareBasisPoints: Int
    package var weight: Int

    package init(
        id: Int32, name: String, kind: AgencyKind = .collection, isActive: Bool = true, isListed: Bool = true, licenceUntil: Day?,
        evaluatedOn: Day?, trainedOn: Day?, subcontracts: Bool = false, commissionOnly: Bool = false, contract: ClosedRange<Day>?,
        stages: Set<Stage>, regions: Set<String> = ["*"], fieldRegions: Set<String> = [], products: Set<String> = ["*"],
        currencies: Set<String> = ["*"], minBalance: Int64? = nil, maxBalance: Int64? = nil, capacityCount: Int, capacityAmount: Int64? = nil,
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
        if !stages.contains(.phone) || !stages.contains(account.startStage) && account.startStage != .informationGathering { return .stages }
        if account.startStage == .fieldVisit, !covers(fieldRegions, account.region) { return .stages }
        if account.previousAgencies.contains(id) { return .repeatHolder }
        return nil
    }

    private func covers(_ set: Set<String>, _ value: String) -> Bool { set.contains("*") || set.contains(value) }
}
