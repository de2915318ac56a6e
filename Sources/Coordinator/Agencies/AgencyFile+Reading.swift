import CollectionsDomain
import CollectionsStore

extension AgencyFile {
    /// The most agencies one file may hold; a bank's whitelist has a few dozen.
    static let maximumAgencies = 10_000

    /// The longest name of an agency, in characters; the column's own limit.
    static let maximumNameLength = 100

    /// Reads an agencies file strictly.
    ///
    /// ```yaml
    /// agencies:
    ///   - name: north-star
    ///     display_name: North Star Collections Ltd
    ///     kind: collection                 # collection | field | lettershop | law_firm | in_house
    ///     listed: true
    ///     license_until: 2027-12-31        # dates and amounts with or without quotes
    ///     evaluated_on: 2026-06-01
    ///     trained_on: 2026-06-01
    ///     subcontracts: false
    ///     contract:
    ///       starts_on: 2026-01-01
    ///       ends_on: 2027-12-31
    ///       stages: [information_gathering, phone, field_visit, legal_referral]
    ///       regions: ["*"]                 # "*": every one, also for products and currencies
    ///       field_regions: [CN-44]
    ///       products: ["*"]
    ///       currencies: [CNY]              # exactly one where an amount is given
    ///       min_balance: "100.00"
    ///       max_balance: null
    ///       capacity_count: 2000
    ///       capacity_amount: "5000000.00"
    ///       share: 30%                     # or "0.30"
    ///       weight: 3
    ///       commission_only: false
    ///     fees:
    ///       starts_on: 2026-01-01          # left out: the contract's
    ///       rates: [{band: M2, tier: 1, rate: 15%}, {band: "*", rate: 20%}]
    /// routes:
    ///   - {stage: letter, product: "*", region: "*", agency: bank-lettershop}
    /// ```
    ///
    /// - Throws: ``PolicyError`` with file, line and path of the first fault.
    package init(yaml: String, file: String) throws {
        let reader = try PolicyReader(try PolicyFile.node(yaml: yaml, file: file))
        self = try reader.mapping { keys in
            let list = try keys.required("agencies")
            let items = try list.items()
            guard items.count <= Self.maximumAgencies else { throw list.fault("more than \(Self.maximumAgencies) agencies") }
            var agencies: [AgencyDefinition] = []
            var names: Set<String> = []
            for item in items {
                let agency = try item.agency()
                guard names.insert(agency.name).inserted else { throw item.fault("agency '\(agency.name)' stands twice") }
                agencies.append(agency)
            }
            return AgencyFile(agencies: agencies, routes: try keys.optional("routes").map { try $0.routes() })
        }
    }
}

extension PolicyReader {
    fileprivate func agency() throws -> AgencyDefinition {
        try mapping { keys in
            let name = try keys.required("name")
            let display = try keys.optional("display_name")
            let kindReader = try keys.required("kind")
            let kind = try kindReader.word(AgencyKind.self)
            let contract = try keys.required("contract").contract()
            let fees = try keys.optional("fees").map { try $0.fees(from: contract.startsOn) }
            if kind == .collection || kind == .field, fees == nil {
                throw keys.fault("missing key 'fees': a \(kind.rawValue) agency is paid by its rate card")
            }
            return AgencyDefinition(
                name: try name.agencyName(),
                displayName: try display?.text(upTo: AgencyFile.maximumNameLength) ?? name.agencyName(),
                kind: kind,
                listed: try keys.optional("listed")?.bool() ?? false,
                licenseUntil: try keys.optional("license_until")?.date(),
                evaluatedOn: try keys.optional("evaluated_on")?.date(),
                trainedOn: try keys.optional("trained_on")?.date(),
                subcontracts: try keys.optional("subcontracts")?.bool() ?? false,
                contract: contract,
                fees: fees)
        }
    }

    private func contract() throws -> ContractTerms {
        try mapping { keys in
            let starts = try keys.required("starts_on").date()
            let ends = try keys.required("ends_on")
            let endsOn = try ends.date()
            guard endsOn >= starts else { throw ends.fault("ends_on \(endsOn) is before starts_on \(starts)") }
            let stagesReader = try keys.required("stages")
            let stages = Set(try stagesReader.distinct { try $0.stage() })
            let regions = try keys.optional("regions")?.codes() ?? [ContractTerms.any]
            let fieldReader = try keys.optional("field_regions")
            let fieldRegions = try fieldReader?.codes() ?? []
            if let fieldReader, !fieldRegions.isEmpty, !stages.contains(.fieldVisit) {
                throw fieldReader.fault("field_regions need the stage field_visit")
            }
            if stages.contains(.fieldVisit), fieldRegions.isEmpty { throw stagesReader.fault("the stage field_visit needs field_regions") }
            let currencies = try keys.optional("currencies")?.codes { _ = try $0.currency() } ?? [ContractTerms.any]
            let minimum = try keys.optional("min_balance")
            let maximum = try keys.optional("max_balance")
            let capacity = try keys.optional("capacity_amount")
            let minBalance = try minimum?.amount(of: currencies)
            let maxBalance = try maximum?.amount(of: currencies)
            if let maximum, let minBalance, let maxBalance, maxBalance < minBalance {
                throw maximum.fault("max_balance is below min_balance")
            }
            return ContractTerms(
                startsOn: starts, endsOn: endsOn, stages: stages, regions: regions, fieldRegions: fieldRegions,
                products: try keys.optional("products")?.codes() ?? [ContractTerms.any], currencies: currencies, minBalance: minBalance,
                maxBalance: maxBalance, capacityCount: try keys.required("capacity_count").int(0...Int(Int32.max)),
                capacityAmount: try capacity?.amount(of: currencies), share: try keys.optional("share")?.share() ?? .zero,
                weight: try keys.optional("weight")?.int(1...1_000_000) ?? 1,
                commissionOnly: try keys.optional("commission_only")?.bool() ?? false)
        }
    }

    private func fees(from contractStart: Day) throws -> RateCard {
        try mapping { keys in
            let starts = try keys.optional("starts_on")?.date() ?? contractStart
            let ratesReader = try keys.required("rates")
            var rates: [FeeSchedule.Rate] = []
            for item in try ratesReader.items() {
                let rate = try item.mapping { keys in
                    let tier = try keys.optional("tier")
                    return FeeSchedule.Rate(
                        band: try keys.optional("band")?.text(upTo: 10) ?? ContractTerms.any,
                        tier: try tier.flatMap { try $0.isAny ? nil : $0.int(1...100) },
                        rate: try keys.required("rate").share())
                }
                if rates.contains(where: { $0.band == rate.band && $0.tier == rate.tier }) {
                    throw item.fault("this band and tier stand twice")
                }
                rates.append(rate)
            }
            guard rates.contains(where: { $0.band == ContractTerms.any && $0.tier == nil }) else {
                throw ratesReader.fault("no rate for every band and tier: add {band: \"*\", rate: …} as the last one")
            }
            return RateCard(startsOn: starts, fees: FeeSchedule(rates: rates))
        }
    }

    fileprivate func routes() throws -> [StageRoute] {
        var routes: [StageRoute] = []
        for item in try items() {
            let route = try item.mapping { keys in
                StageRoute(
                    stage: try keys.required("stage").stage(), product: try keys.optional("product")?.text(upTo: 100) ?? ContractTerms.any,
                    region: try keys.optional("region")?.text(upTo: 100) ?? ContractTerms.any,
                    agency: try keys.required("agency").agencyName())
            }
            if routes.contains(where: { $0.stage == route.stage && $0.product == route.product && $0.region == route.region }) {
                throw item.fault("a route for this stage, product and region stands already")
            }
            routes.append(route)
        }
        return routes
    }

    // MARK: Scalars of agencies files

    /// A name without blanks at its ends or control characters.
    private func agencyName() throws -> String {
        let name = try text(upTo: AgencyFile.maximumNameLength)
        guard !name.contains(where: \.isWhitespace) else { throw fault("expected a name without blanks, found '\(name)'") }
        return name
    }

    private func text(upTo limit: Int) throws -> String {
        let text = try string()
        guard text.count <= limit else { throw fault("longer than \(limit) characters") }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f }) else {
            throw fault("control characters are not allowed")
        }
        guard text.first?.isWhitespace != true, text.last?.isWhitespace != true else { throw fault("blanks at the ends are not allowed") }
        return text
    }

    private func stage() throws -> Stage {
        let name = try string()
        guard let stage = Stage(name: name) else {
            throw fault("expected one of \(Stage.allCases.map(\.name).joined(separator: ", ")), found '\(name)'")
        }
        return stage
    }

    private var isAny: Bool {
        if case .scalar(let text, _) = node.content { text == ContractTerms.any } else { false }
    }

    /// A date with or without quotes: agencies files are written by hand more often than policies.
    private func date() throws -> Day {
        guard case .scalar(let text, _) = node.content, let day = Day(iso: text) else { throw fault("expected a date such as 2026-12-01") }
        return day
    }

    private func share() throws -> BasisPoints {
        guard case .scalar(let text, _) = node.content, let share = BasisPoints(parsing: text) else {
            throw fault("expected a share such as 15% or 0.15, at most 100% and two decimals of a percent")
        }
        return share
    }

    /// An amount of the contract's one currency: a bound without a currency means nothing.
    private func amount(of currencies: Set<String>) throws -> Int64 {
        guard currencies.count == 1, let code = currencies.first, let currency = Currency(code) else {
            throw fault("an amount needs exactly one currency in 'currencies'")
        }
        guard case .scalar(let text, _) = node.content, let money = try? Money(parsing: text, currency: currency), money.minorUnits >= 0
        else {
            throw fault("expected an amount such as \"5000.00\", zero or more")
        }
        return money.minorUnits
    }

    private func codes(_ check: (PolicyReader) throws -> Void = { _ in }) throws -> Set<String> {
        let codes = try distinct { item in
            if item.isAny { return ContractTerms.any }
            try check(item)
            return try item.text(upTo: 100)
        }
        guard !codes.isEmpty else { throw fault("empty list: name at least one, or \"*\" for all") }
        guard codes == [ContractTerms.any] || !codes.contains(ContractTerms.any) else { throw fault("\"*\" stands alone or not at all") }
        return Set(codes)
    }

    private func distinct<Value: Hashable>(_ value: (PolicyReader) throws -> Value) throws -> [Value] {
        var seen: Set<Value> = []
        return try items().map { item in
            let read = try value(item)
            guard seen.insert(read).inserted else { throw item.fault("stands twice") }
            return read
        }
    }
}

extension BasisPoints {
    /// Nothing.
    static var zero: BasisPoints {
        guard let zero = BasisPoints(0) else { preconditionFailure("0 lies in 0...10,000") }
        return zero
    }
}
