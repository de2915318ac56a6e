/// The placeable accounts of one debtor: they are placed together or not at all.
package struct DebtorGroup: Hashable, Sendable {
    /// The debtor.
    package var debtor: Int64
    /// The accounts.
    package var accounts: [PlaceableAccount]
    /// The agency that already holds a case of this debtor (follow-on placement).
    package var holder: Int32?

    package init(debtor: Int64, accounts: [PlaceableAccount], holder: Int32? = nil) {
        self.debtor = debtor
        self.accounts = accounts
        self.holder = holder
    }
}

/// How debtors are spread over agencies; raw values are those of `placement_run.strategy`.
package enum AllocationStrategy: String, CaseIterable, Sendable {
    /// One after the other, in turn.
    case roundRobin = "round_robin"
    /// By contract share: the agency that is furthest behind its share is next.
    case weighted
}

/// What a plan says about one account.
package struct PlanItem: Hashable, Sendable {
    /// The account.
    package var account: Int64
    /// The debtor.
    package var debtor: Int64
    /// `nil`: not placed.
    package var agency: Int32?
    /// `placed`, `follow_on`, or an ``ExclusionCode``.
    package var code: String
    /// What an operator reads; no personal data.
    package var reason: String

    package init(account: Int64, debtor: Int64, agency: Int32? = nil, code: String, reason: String) {
        self.account = account
        self.debtor = debtor
        self.agency = agency
        self.code = code
        self.reason = reason
    }
}

/// Spreads debtors over agencies, group by group, so that a portfolio of any size streams through it.
///
/// The value is the whole state: agencies with their remaining capacity, and how much each got. The same groups in the same order with the
/// same seed give the same plan. A debtor is never split, and no capacity is ever exceeded.
package struct AllocationPlan: Sendable {
    /// Totals of one agency.
    package struct Total: Hashable, Sendable {
        /// The accounts.
        package var accounts = 0
        /// Their exposure, in minor units of the capacity's currency.
        package var exposure: Int128 = 0
    }

    /// Agencies with what is left of their capacity.
    package private(set) var agencies: [AgencyOffer]
    /// What each agency got in this plan.
    package private(set) var totals: [Int32: Total] = [:]
    private let strategy: AllocationStrategy
    private let intake: StagePolicy.Intake
    /// Agencies that may take nothing, and why.
    private let closed: [Int32: ExclusionCode]
    /// Order of the turn, and of ties: fixed by the seed.
    private let order: [Int]
    private var turn = 0
    private var placedAccounts = 0

    /// - Parameters:
    ///   - agencies: In any order; they are taken by id.
    ///   - day: The day of the plan.
    ///   - seed: Where the turn begins and how ties fall.
    ///   - barred: Agencies that may take nothing for a reason the offer does not show.
    package init(
        agencies: [AgencyOffer], strategy: AllocationStrategy, intake: StagePolicy.Intake, controls: AgencyControls, day: Day, seed: UInt64,
        barred: [Int32: ExclusionCode] = [:]
    ) {
        self.agencies = agencies.sorted { $0.id < $1.id }
        self.strategy = strategy
        self.intake = intake
        let termEnd = day.adding(days: intake.termDays)
        var closed: [Int32: ExclusionCode] = [:]
        for agency in self.agencies {
            closed[agency.id] = agency.exclusion(on: day, termEnd: termEnd, controls: controls) ?? barred[agency.id]
        }
        self.closed = closed
        var random = SplitMix(seed: seed)
        var order = Array(self.agencies.indices)
        for index in order.indices.dropLast() {
            order.swapAt(index, index + Int(random.next() % UInt64(order.count - index)))
        }
        self.order = order
    }

    /// What becomes of one debtor's accounts; capacity is taken at once.
    package mutating func place(_ group: DebtorGroup) -> [PlanItem] {
        var items: [PlanItem] = []
        var open: [PlaceableAccount] = []
        for account in group.accounts {
            if let code = Eligibility.exclusion(account, policy: intake) {
                items.append(excluded(account, group, code, code.text))
            } else {
                open.append(account)
            }
        }
        guard !open.isEmpty else { return items }
        if let holder = group.holder { return items + followOn(open, group, holder) }

        var able: [Int] = []
        var refusals: [(name: String, code: ExclusionCode)] = []
        for index in order {
            if let code = exclusion(agencies[index], open) {
                refusals.append((agencies[index].name, code))
            } else {
                able.append(index)
            }
        }
        guard let chosen = choose(able) else {
            let codes = Set(refusals.map(\.code))
            let code = codes.count == 1 ? refusals[0].code : .noAgency
            let text = refusals.sorted { $0.name < $1.name }.map { "\($0.name): \($0.code.text)" }.joined(separator: "; ")
            return items + open.map { excluded($0, group, code, text.isEmpty ? ExclusionCode.noAgency.text : text) }
        }
        let reason = self.reason(chosen, among: able.count, open)
        take(chosen, open)
        let id = agencies[chosen].id
        return items + open.map { PlanItem(account: $0.id, debtor: group.debtor, agency: id, code: "placed", reason: reason) }
    }

    /// A further account of a placed debtor joins its holder, or waits unplaced.
    private mutating func followOn(_ open: [PlaceableAccount], _ group: DebtorGroup, _ holder: Int32) -> [PlanItem] {
        guard let index = agencies.firstIndex(where: { $0.id == holder }) else {
            return open.map { excluded($0, group, .debtorAtOtherHolder, ExclusionCode.debtorAtOtherHolder.text) }
        }
        return open.map { account in
            // The holder may have had the account before: it is the debtor's holder now, and a debtor is never split.
            var joining = account
            joining.previousAgencies.remove(holder)
            if let code = exclusion(agencies[index], [joining]) {
                return excluded(account, group, .debtorAtOtherHolder, "\(agencies[index].name): \(code.text)")
            }
            take(index, [account])
            return PlanItem(
                account: account.id, debtor: group.debtor, agency: holder, code: "follow_on",
                reason: "debtor is with \(agencies[index].name)")
        }
    }

    private func exclusion(_ agency: AgencyOffer, _ accounts: [PlaceableAccount]) -> ExclusionCode? {
        if let code = closed[agency.id] { return code }
        for account in accounts {
            if let code = agency.exclusion(of: account) { return code }
        }
        if accounts.count > agency.capacityCount { return .capacityCount }
        if let amount = agency.capacityAmount, exposure(accounts) > Int128(amount) { return .capacityAmount }
        return nil
    }

    private mutating func choose(_ able: [Int]) -> Int? {
        guard !able.isEmpty else { return nil }
        switch strategy {
        case .roundRobin:
            // The first able agency from the turn on; the turn goes on behind it.
            for step in order.indices {
                let position = (turn + step) % order.count
                if able.contains(order[position]) {
                    turn = (position + 1) % order.count
                    return order[position]
                }
            }
            return nil
        case .weighted:
            // placed / share is smallest; ties by the seed's order, in which `able` stands.
            return able.min { left, right in
                Int128(placed(left)) * Int128(share(right)) < Int128(placed(right)) * Int128(share(left))
            }
        }
    }

    private func share(_ index: Int) -> Int {
        let hasShares = agencies.contains { $0.shareBasisPoints > 0 }
        return hasShares ? max(agencies[index].shareBasisPoints, 1) : max(agencies[index].weight, 1)
    }

    private func placed(_ index: Int) -> Int { totals[agencies[index].id]?.accounts ?? 0 }

    private func reason(_ index: Int, among count: Int, _ accounts: [PlaceableAccount]) -> String {
        switch strategy {
        case .roundRobin:
            return "next in turn among \(count) able agencies"
        case .weighted:
            let whole = agencies.indices.reduce(0) { $0 + share($1) }
            return
                "furthest behind its share: \(placed(index)) of \(placedAccounts) placed, share \(share(index)) of \(whole), \(count) able agencies"
        }
    }

    private mutating func take(_ index: Int, _ accounts: [PlaceableAccount]) {
        agencies[index].capacityCount -= accounts.count
        let exposure = exposure(accounts)
        if let amount = agencies[index].capacityAmount { agencies[index].capacityAmount = amount - Int64(clamping: exposure) }
        var total = totals[agencies[index].id] ?? Total()
        total.accounts += accounts.count
        total.exposure += exposure
        totals[agencies[index].id] = total
        placedAccounts += accounts.count
    }

    private func exposure(_ accounts: [PlaceableAccount]) -> Int128 { accounts.reduce(0) { $0 + Int128(max($1.exposure, 0)) } }

    private func excluded(_ account: PlaceableAccount, _ group: DebtorGroup, _ code: ExclusionCode, _ text: String) -> PlanItem {
        PlanItem(account: account.id, debtor: group.debtor, agency: nil, code: code.rawValue, reason: text)
    }
}

/// A small generator whose numbers depend on nothing but the seed (splitmix64): plans and simulations repeat exactly.
package struct SplitMix: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// The next number of the sequence.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
