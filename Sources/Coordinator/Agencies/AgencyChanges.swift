package import CollectionsDomain
package import CollectionsStore

/// Agencies, contracts, rate cards and routes as they stand.
package struct AgencyDirectory: Sendable {
    package var agencies: [AgencyRecord]
    /// By agency, the oldest first.
    package var contracts: [Int32: [ContractTerms]]
    /// By agency, the oldest first.
    package var rateCards: [Int32: [RateCard]]
    package var routes: [StageRoute]
    /// Rate cards that wait for a second person, by the approval's subject.
    package var waitingFees: [String: WaitingFees]

    /// A rate card one operator asked for.
    package struct WaitingFees: Hashable, Sendable {
        package var approvalId: Int64
        package var maker: Int32
        /// ``RateCard/digest`` of the card asked for.
        package var digest: String

        package init(approvalId: Int64, maker: Int32, digest: String) {
            self.approvalId = approvalId
            self.maker = maker
            self.digest = digest
        }
    }

    package init(
        agencies: [AgencyRecord] = [], contracts: [Int32: [ContractTerms]] = [:], rateCards: [Int32: [RateCard]] = [:],
        routes: [StageRoute] = [], waitingFees: [String: WaitingFees] = [:]
    ) {
        self.agencies = agencies
        self.contracts = contracts
        self.rateCards = rateCards
        self.routes = routes
        self.waitingFees = waitingFees
    }
}

/// Why an agencies file, though well written, cannot be applied.
package enum AgencyApplyError: Error, Hashable, CustomStringConvertible {
    case kindChanged(agency: String, from: AgencyKind, to: AgencyKind)
    case feesInForce(agency: String, startsOn: Day)
    case otherFeesWaiting(agency: String, startsOn: Day, approval: Int64)
    case unknownRoute(stage: Stage, agency: String)
    case stageNotContracted(stage: Stage, agency: String)
    /// `agency_controls.evaluate_before_expiry`
    case notEvaluated(agency: String, contract: Day)

    package var description: String {
        switch self {
        case .kindChanged(let agency, let from, let to):
            "cannot make agency \(agency) a \(to.rawValue): it is a \(from.rawValue) (hint: apply it under another name)"
        case .feesInForce(let agency, let startsOn):
            "cannot change the rate card of \(agency) from \(startsOn): placements were made by it (hint: give the new one a later starts_on)"
        case .otherFeesWaiting(let agency, let startsOn, let approval):
            "another rate card of \(agency) from \(startsOn) waits for approval (number \(approval)): have it decided first"
        case .unknownRoute(let stage, let agency):
            "the route of \(stage.name) names agency \(agency), which is neither in the file nor known"
        case .notEvaluated(let agency, let contract):
            "cannot renew the contract of \(agency) from \(contract): the policy asks for an evaluation during the contract before it (hint: evaluated_on)"
        case .stageNotContracted(let stage, let agency):
            "the route of \(stage.name) names agency \(agency), whose contract does not hold that stage"
        }
    }
}

/// One thing to do so that the database says what the file says.
package struct AgencyChange: Hashable, Sendable {
    /// What is written.
    package enum Action: Hashable, Sendable {
        case create(AgencyDefinition)
        case update(AgencyDefinition)
        case contract(ContractTerms)
        /// The first rate card of an agency: one person is enough.
        case firstFees(RateCard)
        /// A further rate card is asked for; a second person applies the same file.
        case askFees(RateCard)
        /// A second person applies what the first one asked for.
        case approveFees(RateCard, approval: Int64)
        /// The same person applies again: still waiting, nothing is written.
        case feesWait(approval: Int64)
        case route(StageRoute)
        case removeRoute(StageRoute)
    }

    package let agency: String
    package let action: Action
    /// What changes, in words: `capacity_count 100 -> 200`.
    package let lines: [String]
}

extension AgencyDirectory {
    /// The key under which a rate card waits for its second person.
    package static func feeSubject(agency: String, startsOn: Day) -> String { "\(agency) \(startsOn)" }

    /// What has to be written so that the database says what `file` says; empty when it says so already.
    ///
    /// Agencies that are not in the file stay as they are. Rate cards need two persons once an agency has one (DOMAIN section 2, operators).
    ///
    /// - Parameters:
    ///   - operatorId: Who applies: the maker of a rate card only waits, anybody else approves it.
    ///   - evaluatesBeforeExpiry: Whether a contract is renewed only after an evaluation during the one before (conduct policy, semantics 11).
    package func changes(
        to file: AgencyFile, by operatorId: Int32, evaluatesBeforeExpiry: Bool = false
    ) throws(AgencyApplyError) -> [AgencyChange] {
        var changes: [AgencyChange] = []
        let known = Dictionary(agencies.map { ($0.name, $0) }) { first, _ in first }
        for wanted in file.agencies {
            let current = known[wanted.name]
            if let current {
                guard current.kind == wanted.kind else {
                    throw .kindChanged(agency: wanted.name, from: current.kind, to: wanted.kind)
                }
                let lines = Self.differences(from: current, to: wanted)
                if !lines.isEmpty { changes.append(AgencyChange(agency: wanted.name, action: .update(wanted), lines: lines)) }
            } else {
                changes.append(AgencyChange(agency: wanted.name, action: .create(wanted), lines: ["created as \(wanted.kind.rawValue)"]))
            }
            let old = current.flatMap { current in contracts[current.agencyId]?.first { $0.startsOn == wanted.contract.startsOn } }
            if evaluatesBeforeExpiry, old == nil,
                let before = current.flatMap({ current in
                    contracts[current.agencyId]?.last { $0.startsOn < wanted.contract.startsOn }
                }), !(wanted.evaluatedOn.map { (before.startsOn...before.endsOn).contains($0) } ?? false)
            {
                throw .notEvaluated(agency: wanted.name, contract: wanted.contract.startsOn)
            }
            let lines = Self.differences(from: old, to: wanted.contract)
            if !lines.isEmpty { changes.append(AgencyChange(agency: wanted.name, action: .contract(wanted.contract), lines: lines)) }
            if let fees = wanted.fees, let change = try feeChange(to: fees, of: wanted.name, current: current, by: operatorId) {
                changes.append(change)
            }
        }
        if let wantedRoutes = file.routes { changes += try routeChanges(to: wantedRoutes, file: file, known: known) }
        return changes
    }

    private func feeChange(
        to fees: RateCard, of name: String, current: AgencyRecord?, by operatorId: Int32
    ) throws(AgencyApplyError) -> AgencyChange? {
        let line = "rate card from \(fees.startsOn): " + fees.fees.rates.map(\.summary).joined(separator: ", ")
        let existing = current.flatMap { rateCards[$0.agencyId] } ?? []
        if existing.isEmpty { return AgencyChange(agency: name, action: .firstFees(fees), lines: [line]) }
        if let same = existing.first(where: { $0.startsOn == fees.startsOn }) {
            guard same.fees == fees.fees else { throw .feesInForce(agency: name, startsOn: fees.startsOn) }
            return nil
        }
        guard let waiting = waitingFees[Self.feeSubject(agency: name, startsOn: fees.startsOn)] else {
            return AgencyChange(
                agency: name, action: .askFees(fees), lines: [line + " (asked for: a second operator applies the same file)"])
        }
        guard waiting.digest == fees.digest else {
            throw .otherFeesWaiting(agency: name, startsOn: fees.startsOn, approval: waiting.approvalId)
        }
        if waiting.maker == operatorId {
            return AgencyChange(
                agency: name, action: .feesWait(approval: waiting.approvalId),
                lines: [line + " (waits for a second operator to apply the same file)"])
        }
        return AgencyChange(agency: name, action: .approveFees(fees, approval: waiting.approvalId), lines: [line + " (approved)"])
    }

    private func routeChanges(
        to wanted: [StageRoute], file: AgencyFile, known: [String: AgencyRecord]
    ) throws(AgencyApplyError) -> [AgencyChange] {
        var changes: [AgencyChange] = []
        for route in wanted {
            let stages: Set<Stage>
            if let inFile = file.agencies.first(where: { $0.name == route.agency }) {
                stages = inFile.contract.stages
            } else if let record = known[route.agency] {
                stages = contracts[record.agencyId]?.last?.stages ?? []
            } else {
                throw .unknownRoute(stage: route.stage, agency: route.agency)
            }
            guard stages.contains(route.stage) else { throw .stageNotContracted(stage: route.stage, agency: route.agency) }
            if !routes.contains(route) {
                let old = routes.first { $0.sameKey(as: route) }?.agency
                changes.append(
                    AgencyChange(
                        agency: route.agency, action: .route(route),
                        lines: [Self.line("route \(route.stage.name) \(route.product) \(route.region)", old, route.agency)]))
            }
        }
        for route in routes where !wanted.contains(where: { $0.sameKey(as: route) }) {
            changes.append(
                AgencyChange(
                    agency: route.agency, action: .removeRoute(route),
                    lines: [Self.line("route \(route.stage.name) \(route.product) \(route.region)", route.agency, nil)]))
        }
        return changes
    }

    // MARK: Differences in words

    private static func differences(from old: AgencyRecord, to new: AgencyDefinition) -> [String] {
        var lines: [String] = []
        func compare<Value: Equatable>(_ name: String, _ old: Value?, _ new: Value?) {
            if old != new { lines.append(line(name, old.map { "\($0)" }, new.map { "\($0)" })) }
        }
        compare("display_name", old.displayName, new.displayName)
        compare("listed", old.listed, new.listed)
        compare("license_until", old.licenseUntil, new.licenseUntil)
        compare("evaluated_on", old.evaluatedOn, new.evaluatedOn)
        compare("trained_on", old.trainedOn, new.trainedOn)
        compare("subcontracts", old.subcontracts, new.subcontracts)
        return lines
    }

    private static func differences(from old: ContractTerms?, to new: ContractTerms) -> [String] {
        guard let old else {
            return [
                "contract \(new.startsOn) to \(new.endsOn): \(new.stages.sorted().map(\.name).joined(separator: ", ")), \(new.capacityCount) accounts"
            ]
        }
        var lines: [String] = []
        func compare<Value: Equatable>(_ name: String, _ old: Value?, _ new: Value?, _ text: (Value) -> String = { "\($0)" }) {
            if old != new { lines.append(line(name, old.map(text), new.map(text))) }
        }
        let list: (Set<String>) -> String = { "[" + $0.sorted().joined(separator: ", ") + "]" }
        compare("ends_on", old.endsOn, new.endsOn)
        compare("stages", old.stages, new.stages) { list(Set($0.map(\.name))) }
        compare("regions", old.regions, new.regions, list)
        compare("field_regions", old.fieldRegions, new.fieldRegions, list)
        compare("products", old.products, new.products, list)
        compare("currencies", old.currencies, new.currencies, list)
        compare("min_balance", old.minBalance, new.minBalance)
        compare("max_balance", old.maxBalance, new.maxBalance)
        compare("capacity_count", old.capacityCount, new.capacityCount)
        compare("capacity_amount", old.capacityAmount, new.capacityAmount)
        compare("share", old.share, new.share)
        compare("weight", old.weight, new.weight)
        compare("commission_only", old.commissionOnly, new.commissionOnly)
        return lines.map { "contract \(new.startsOn): \($0)" }
    }

    private static func line(_ name: String, _ old: String?, _ new: String?) -> String { "\(name) \(old ?? "none") -> \(new ?? "none")" }
}

extension StageRoute {
    fileprivate func sameKey(as other: StageRoute) -> Bool { stage == other.stage && product == other.product && region == other.region }
}

extension RateCard {
    /// SHA-256 (hex) of the rates' canonical text: tells one card from another in an approval.
    package var digest: String { Digest.hex(Digest.sha256(fees.json.bytes)) }
}

extension FeeSchedule.Rate {
    fileprivate var summary: String {
        "\(band)/\(tier.map(String.init) ?? ContractTerms.any) \(rate)"
    }
}
