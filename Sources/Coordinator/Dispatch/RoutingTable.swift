package import CollectionsDomain
package import CollectionsStore

/// Who executes which stage: routes, contracts and kinds of agencies on one day.
package struct RoutingTable: Sendable {
    /// Agencies by id.
    package let agencies: [Int32: AgencyRecord]
    private let contracts: [Int32: ContractTerms]
    private let routes: [(route: StageRoute, agencyId: Int32)]

    /// The table on a day.
    package init(agencies: [AgencyRecord], contracts: [(agencyId: Int32, terms: ContractTerms)], routes: [StageRoute], on day: Day) {
        self.agencies = Dictionary(agencies.map { ($0.agencyId, $0) }, uniquingKeysWith: { _, last in last })
        var binding: [Int32: ContractTerms] = [:]
        for (id, terms) in contracts where terms.startsOn <= day {
            if let other = binding[id], other.startsOn > terms.startsOn { continue }
            binding[id] = terms
        }
        self.contracts = binding.filter { $0.value.endsOn >= day }
        let ids = Dictionary(agencies.map { ($0.name, $0.agencyId) }, uniquingKeysWith: { _, last in last })
        self.routes = routes.compactMap { route in ids[route.agency].map { (route, $0) } }
    }

    /// Agencies that execute for others and hold nothing: their rows belong to other holders' cases.
    package var executors: [Int32] {
        agencies.values.filter { $0.kind != .collection }.map(\.agencyId).sorted()
    }

    /// Whether an agency is a law firm.
    package func isLawFirm(_ agency: Int32) -> Bool { agencies[agency]?.kind == .lawFirm }

    /// The executors a case of this holder, product and region has.
    package func executors(holder: Int32, product: String, region: String) -> CaseFacts.Executors {
        CaseFacts.Executors(
            letter: routed(.letter, product: product, region: region) ?? first { $0.kind == .lettershop },
            field: field(holder: holder, product: product, region: region),
            legal: works(.legalReferral, holder) ? holder : first { $0.kind == .inHouse })
    }

    /// The law firm that takes an approved case.
    package func lawFirm(product: String, region: String) -> Int32? {
        routed(.legalReferral, product: product, region: region) ?? first { $0.kind == .lawFirm }
    }

    private func field(holder: Int32, product: String, region: String) -> CaseFacts.Executors.Field {
        if let routed = routed(.fieldVisit, product: product, region: region) { return .available(routed) }
        if visits(holder, region: region) { return .available(holder) }
        let other = agencies.values.contains { agency in
            agency.agencyId != holder && isActive(agency.agencyId) && agency.kind.mayHold && visits(agency.agencyId, region: region)
        }
        return other ? .handover : .none
    }

    /// The agency a route names; the most specific route wins, product before region.
    private func routed(_ stage: Stage, product: String, region: String) -> Int32? {
        let any = ContractTerms.any
        for (wantedProduct, wantedRegion) in [(product, region), (product, any), (any, region), (any, any)] {
            if let found = routes.first(where: {
                $0.route.stage == stage && $0.route.product == wantedProduct && $0.route.region == wantedRegion && isActive($0.agencyId)
            }) {
                return found.agencyId
            }
        }
        return nil
    }

    /// The agency with the lowest id that fits and is active.
    private func first(_ fits: (AgencyRecord) -> Bool) -> Int32? {
        agencies.values.filter { fits($0) && $0.state == .active }.map(\.agencyId).min()
    }

    private func isActive(_ agency: Int32) -> Bool { agencies[agency]?.state == .active }

    private func works(_ stage: Stage, _ agency: Int32) -> Bool { contracts[agency]?.stages.contains(stage) ?? false }

    private func visits(_ agency: Int32, region: String) -> Bool {
        guard let terms = contracts[agency], terms.stages.contains(.fieldVisit) else { return false }
        return terms.fieldRegions.contains(ContractTerms.any) || terms.fieldRegions.contains(region)
    }
}
