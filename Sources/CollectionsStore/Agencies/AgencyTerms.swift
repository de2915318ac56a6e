package import CollectionsDomain

/// A contract in force: what an agency may be given, and how much of it (`agency_contract`).
package struct ContractTerms: Hashable, Sendable {
    /// First and last day, both included.
    package var startsOn: Day
    package var endsOn: Day
    /// Stages the agency may work itself.
    package var stages: Set<Stage>
    /// Regions by the bank's code, `*` for all.
    package var regions: Set<String>
    /// Regions in which it may visit; `*` for all.
    package var fieldRegions: Set<String>
    /// Products by the bank's code, `*` for all.
    package var products: Set<String>
    /// ISO 4217 codes, `*` for all.
    package var currencies: Set<String>
    /// Smallest and largest balance of an account, in minor units of the one currency; `nil`: no bound.
    package var minBalance: Int64?
    package var maxBalance: Int64?
    /// The most accounts it may hold at once.
    package var capacityCount: Int
    /// The most money it may hold at once, sum of refer balances in minor units of the one currency; `nil`: no bound.
    package var capacityAmount: Int64?
    /// Its share of new placements.
    package var share: BasisPoints
    /// Its weight beside others where no shares are agreed.
    package var weight: Int
    /// Whether it is paid by commission alone.
    package var commissionOnly: Bool

    package init(
        startsOn: Day, endsOn: Day, stages: Set<Stage>, regions: Set<String>, fieldRegions: Set<String>, products: Set<String>,
        currencies: Set<String>, minBalance: Int64?, maxBalance: Int64?, capacityCount: Int, capacityAmount: Int64?, share: BasisPoints,
        weight: Int, commissionOnly: Bool
    ) {
        self.startsOn = startsOn
        self.endsOn = endsOn
        self.stages = stages
        self.regions = regions
        self.fieldRegions = fieldRegions
        self.products = products
        self.currencies = currencies
        self.minBalance = minBalance
        self.maxBalance = maxBalance
        self.capacityCount = capacityCount
        self.capacityAmount = capacityAmount
        self.share = share
        self.weight = weight
        self.commissionOnly = commissionOnly
    }

    /// The word for "every one" in regions, products and currencies.
    package static let any = "*"
}

/// A rate card and since when new placements get it (`fee_schedule`).
package struct RateCard: Hashable, Sendable {
    /// The first day on which new placements get it.
    package var startsOn: Day
    /// In the order of the contract; the first row that fits decides.
    package var fees: FeeSchedule

    package init(startsOn: Day, fees: FeeSchedule) {
        self.startsOn = startsOn
        self.fees = fees
    }
}

/// Who executes a stage in a region for a product, where it is not the holder (`stage_route`).
package struct StageRoute: Hashable, Sendable {
    package var stage: Stage
    /// The bank's product code, `*` for all.
    package var product: String
    /// The bank's region code, `*` for all.
    package var region: String
    /// The executor.
    package var agency: String

    package init(stage: Stage, product: String, region: String, agency: String) {
        self.stage = stage
        self.product = product
        self.region = region
        self.agency = agency
    }
}
