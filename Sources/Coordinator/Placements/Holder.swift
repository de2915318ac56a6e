import CollectionsDomain
import CollectionsStore

/// An agency as placement sees it on one day: the domain's offer, and what stands beside it in the tables.
struct Holder: Sendable {
    let offer: AgencyOffer
    /// The name a debtor is told.
    let displayName: String
    /// The rate card new placements get; `nil`: none has begun.
    let feeScheduleId: Int32?
    /// Why it may get nothing, for a reason the offer does not show.
    var barred: ExclusionCode?
    /// Why it may get nothing today, whatever the reason; `nil`: it may.
    var exclusion: ExclusionCode?

    var id: Int32 { offer.id }

    /// An agency on a day.
    ///
    /// - Parameters:
    ///   - inventory: What it holds and what is kept free for approved plans.
    ///   - stopWork: What follows from its oldest recall that is not confirmed.
    init(
        _ agency: AgencyRecord, terms: ContractTerms?, feeScheduleId: Int32?, controls: AgencyControls, day: Day, termEnd: Day,
        inventory: AgencyQueries.Inventory, stopWork: StopWork = .inTime
    ) {
        displayName = agency.displayName
        self.feeScheduleId = feeScheduleId
        offer = AgencyOffer(
            id: agency.agencyId, name: agency.name, kind: agency.kind, isActive: agency.state == .active, isListed: agency.listed,
            licenceUntil: agency.licenseUntil, evaluatedOn: agency.evaluatedOn, trainedOn: agency.trainedOn,
            subcontracts: agency.subcontracts,
            commissionOnly: terms?.commissionOnly ?? false, contract: terms.map { $0.startsOn...$0.endsOn }, stages: terms?.stages ?? [],
            regions: terms?.regions ?? [], fieldRegions: terms?.fieldRegions ?? [], products: terms?.products ?? [],
            currencies: terms?.currencies ?? [], minBalance: terms?.minBalance, maxBalance: terms?.maxBalance,
            capacityCount: max(0, (terms?.capacityCount ?? 0) - inventory.accounts),
            capacityAmount: terms?.capacityAmount.map { max(0, $0 - inventory.amount) }, shareBasisPoints: terms?.share.value ?? 0,
            weight: terms?.weight ?? 1)
        // The bank's own team works without commission.
        if feeScheduleId == nil, agency.kind != .inHouse { barred = .noRateCard }
        if stopWork >= .noNewPlacements { barred = .stopWorkUnconfirmed }
        exclusion = offer.exclusion(on: day, termEnd: termEnd, controls: controls) ?? barred
    }

    /// Bars agencies beyond the number the policy allows: those that hold accounts stay, others come in the order of their ids.
    static func limit(_ holders: inout [Holder], to maximum: Int?, holding: Set<Int32>) {
        guard let maximum else { return }
        let ranked = holders.indices.filter { holders[$0].exclusion == nil }.sorted {
            let (left, right) = (holders[$0].id, holders[$1].id)
            let (leftHolds, rightHolds) = (holding.contains(left), holding.contains(right))
            return leftHolds == rightHolds ? left < right : leftHolds
        }
        for index in ranked.dropFirst(maximum) {
            holders[index].barred = .maxAgencies
            holders[index].exclusion = .maxAgencies
        }
    }
}

extension AgencyControls {
    /// `agency_controls` of a policy and of those it extends; the strictest wins. What no policy mentions is allowed.
    init(_ policy: ConductPolicy) {
        let rules = policy.chain.compactMap(\.agencyControls)
        self.init(
            publicList: rules.contains { $0.publicList?.value == true },
            evaluationMonths: rules.compactMap { $0.evaluationMonths?.value }.min(),
            trainingMonths: rules.compactMap { $0.trainingMonths?.value }.min(),
            subcontractAllowed: !rules.contains { $0.subcontract?.value == false },
            commissionOnlyAllowed: !rules.contains { $0.commissionOnly?.value == false })
    }
}
