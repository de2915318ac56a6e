import CollectionsDomain
import Testing

@Suite("Eligibility for placement")
struct EligibilityTests {
    static let intake = StagePolicy.bankDefault.intake

    static func account(_ id: Int64 = 1, balance: String = "8000.00", change: (inout PlaceableAccount) -> Void = { _ in })
        -> PlaceableAccount
    {
        var account = PlaceableAccount(
            id: id, product: "credit_card", region: "CN-44", balance: CaseSample.cny(balance), bucket: "M2", daysPastDue: 45,
            internalCollectionDone: true)
        change(&account)
        return account
    }

    static func offer(_ id: Int32 = 7, capacity: Int = 1_000, change: (inout AgencyOffer) -> Void = { _ in }) -> AgencyOffer {
        var offer = AgencyOffer(
            id: id, name: "agency-\(id)", licenceUntil: CaseSample.day("2027-12-31"), evaluatedOn: CaseSample.day("2026-10-01"),
            trainedOn: CaseSample.day("2026-10-01"), contract: CaseSample.day("2026-01-01")...CaseSample.day("2027-12-31"),
            stages: [.informationGathering, .phone, .letter], capacityCount: capacity)
        change(&offer)
        return offer
    }

    /// One thing that keeps an account out, and the code it is named by.
    enum Flaw: CaseIterable {
        case dpd, unknownCollection, noCollection, dispute, complaint, cured, paid

        var code: ExclusionCode {
            switch self {
            case .dpd: .minDpd
            case .unknownCollection: .internalCollectionUnknown
            case .noCollection: .internalCollectionNotDone
            case .dispute: .dispute
            case .complaint: .hold
            case .cured: .notOpen
            case .paid: .nothingOwed
            }
        }

        func spoil(_ account: inout PlaceableAccount) {
            switch self {
            case .dpd: account.daysPastDue = 30
            case .unknownCollection: account.internalCollectionDone = nil
            case .noCollection: account.internalCollectionDone = false
            case .dispute: account.holds = [.dispute]
            case .complaint: account.holds = [.complaint]
            case .cured: account.status = .cured
            case .paid: account.balance = .zero(.cny)
            }
        }
    }

    @Test("each exclusion of an account has its code and text", arguments: Flaw.allCases)
    func accounts(_ flaw: Flaw) {
        let account = Self.account { flaw.spoil(&$0) }
        #expect(Eligibility.exclusion(account, policy: EligibilityTests.intake) == flaw.code && !flaw.code.text.isEmpty)
        #expect(Eligibility.exclusion(Self.account(), policy: EligibilityTests.intake) == nil)
    }

    @Test("a promise and a visit hold do not keep an account out", arguments: [HoldType.promise, .vulnerableVisit])
    func harmlessHolds(_ type: HoldType) {
        #expect(Eligibility.exclusion(Self.account { $0.holds = [type] }, policy: EligibilityTests.intake) == nil)
    }

    @Test("the debtor's notice: missing, too recent, old enough from its third day on")
    func notice() {
        func code(_ sent: String?, _ now: String) -> ExclusionCode? {
            Eligibility.notice(
                sentAt: sent.map(CaseSample.at), now: CaseSample.at(now), policy: EligibilityTests.intake, zone: CaseSample.zone)?.code
        }
        #expect(code(nil, "2026-11-02T10:00:00+08:00") == .noticeMissing)
        #expect(code("2026-11-01T10:00:00+08:00", "2026-11-03T23:59:59+08:00") == .noticeTooRecent)
        #expect(code("2026-11-01T23:59:00+08:00", "2026-11-04T00:00:00+08:00") == nil)
    }

    /// One thing that keeps an agency from a placement.
    enum Bar: CaseIterable {
        case kind, suspended, unlisted, licence, unevaluated, evaluation, training, subcontracts, commissionOnly, contract, region, product,
            currency,
            tooSmall, tooLarge, stage, fieldRegion, repeatHolder, count, amount

        var code: ExclusionCode {
            switch self {
            case .kind: .agencyKind
            case .suspended: .suspended
            case .unlisted: .notListed
            case .licence: .licence
            case .unevaluated, .evaluation: .evaluation
            case .training: .training
            case .subcontracts: .subcontracts
            case .commissionOnly: .commissionOnly
            case .contract: .contract
            case .region: .region
            case .product: .product
            case .currency: .currency
            case .tooSmall, .tooLarge: .balanceBand
            case .stage, .fieldRegion: .stages
            case .repeatHolder: .repeatHolder
            case .count: .capacityCount
            case .amount: .capacityAmount
            }
        }

        func spoil(_ offer: inout AgencyOffer, _ account: inout PlaceableAccount) {
            switch self {
            case .kind: offer.kind = .lettershop
            case .suspended: offer.isActive = false
            case .unlisted: offer.isListed = false
            case .licence: offer.licenceUntil = CaseSample.day("2026-11-01")
            case .unevaluated: offer.evaluatedOn = nil
            case .evaluation: offer.evaluatedOn = CaseSample.day("2025-11-01")
            case .training: offer.trainedOn = CaseSample.day("2025-11-01")
            case .subcontracts: offer.subcontracts = true
            case .commissionOnly: offer.commissionOnly = true
            case .contract: offer.contract = CaseSample.day("2025-01-01")...CaseSample.day("2026-11-01")
            case .region: offer.regions = ["CN-65"]
            case .product: offer.products = ["loan"]
            case .currency: offer.currencies = ["TWD"]
            case .tooSmall: offer.minBalance = 800_001
            case .tooLarge: offer.maxBalance = 799_999
            case .stage: offer.stages = [.letter]
            case .fieldRegion:
                offer.stages.insert(.fieldVisit)
                offer.fieldRegions = ["CN-65"]
                account.startStage = .fieldVisit
            case .repeatHolder: account.previousAgencies = [7]
            case .count: offer.capacityCount = 0
            case .amount: offer.capacityAmount = 799_999
            }
        }
    }

    @Test("each exclusion of an agency has its code", arguments: Bar.allCases)
    func agencies(_ bar: Bar) {
        var offer = Self.offer()
        var account = Self.account()
        bar.spoil(&offer, &account)
        var plan = AllocationPlan(
            agencies: [offer], strategy: .roundRobin, intake: EligibilityTests.intake, controls: .init(), day: CaseSample.day("2026-11-02"),
            seed: 1)
        let items = plan.place(DebtorGroup(debtor: 1, accounts: [account]))
        #expect(items.map(\.code) == [bar.code.rawValue] && items[0].agency == nil && items[0].reason.contains("agency-7"))
    }

    @Test("an evaluation holds through its last day")
    func evaluationDay() {
        let offer = Self.offer { $0.evaluatedOn = CaseSample.day("2025-11-02") }
        #expect(offer.exclusion(on: CaseSample.day("2026-11-02"), termEnd: CaseSample.day("2027-05-01"), controls: .init()) == nil)
        #expect(offer.exclusion(on: CaseSample.day("2026-11-03"), termEnd: CaseSample.day("2027-05-01"), controls: .init()) == .evaluation)
    }
}

@Suite("Allocation of debtors to agencies")
struct AllocationTests {
    private func plan(_ offers: [AgencyOffer], _ strategy: AllocationStrategy, seed: UInt64 = 1) -> AllocationPlan {
        AllocationPlan(
            agencies: offers, strategy: strategy, intake: EligibilityTests.intake, controls: .init(), day: CaseSample.day("2026-11-02"),
            seed: seed)
    }

    private func groups(_ count: Int, seed: UInt64) -> [DebtorGroup] {
        var random = SplitMix(seed: seed)
        return (0..<Int64(count)).map { debtor in
            let accounts = (0..<(random.next() % 6 == 0 ? 3 : 1)).map { index in
                EligibilityTests.account(debtor * 10 + Int64(index), balance: "\(random.next() % 90_000 + 1).00") {
                    $0.region = random.next() % 5 == 0 ? "CN-65" : "CN-44"
                    $0.daysPastDue = Int(random.next() % 100)
                    if random.next() % 9 == 0 { $0.previousAgencies = [Int32(random.next() % 4) + 1] }
                }
            }
            return DebtorGroup(debtor: debtor, accounts: accounts, holder: random.next() % 20 == 0 ? Int32(random.next() % 5) + 1 : nil)
        }
    }

    private func offers() -> [AgencyOffer] {
        [
            EligibilityTests.offer(1, capacity: 150) { $0.shareBasisPoints = 5_000 },
            EligibilityTests.offer(2, capacity: 400) {
                $0.shareBasisPoints = 3_000
                $0.regions = ["CN-44"]
            },
            EligibilityTests.offer(3, capacity: 400) {
                $0.shareBasisPoints = 2_000
                $0.capacityAmount = 900_000_000
            },
            EligibilityTests.offer(4, capacity: 50) { $0.maxBalance = 1_000_000 },
        ]
    }

    @Test(
        "properties: every account once, the debtor whole, no capacity passed, every item with a reason",
        arguments: AllocationStrategy.allCases, [1, 2, 3])
    func properties(_ strategy: AllocationStrategy, _ seed: Int) throws {
        var plan = plan(offers(), strategy, seed: UInt64(seed))
        let groups = groups(1_500, seed: UInt64(seed))
        var counts: [Int32: Int] = [:]
        var exposure: [Int32: Int64] = [:]
        for group in groups {
            let items = plan.place(group)
            #expect(items.map(\.account).sorted() == group.accounts.map(\.id).sorted())
            #expect(items.allSatisfy { !$0.reason.isEmpty && !$0.code.isEmpty })
            #expect(Set(items.compactMap(\.agency)).count <= 1, "a debtor is never split")
            let eligible = group.accounts.filter { Eligibility.exclusion($0, policy: EligibilityTests.intake) == nil }
            let placed = items.filter { $0.agency != nil }
            if group.holder == nil { #expect(placed.isEmpty || placed.count == eligible.count, "together or not at all") }
            for item in placed {
                let agency = try #require(item.agency)
                let account = try #require(group.accounts.first { $0.id == item.account })
                counts[agency, default: 0] += 1
                exposure[agency, default: 0] += account.exposure
                if let holder = group.holder { #expect(agency == holder) }
            }
        }
        for offer in offers() {
            #expect(counts[offer.id, default: 0] <= offer.capacityCount)
            if let amount = offer.capacityAmount { #expect(exposure[offer.id, default: 0] <= amount) }
            #expect(plan.totals[offer.id]?.accounts ?? 0 == counts[offer.id, default: 0])
        }
        #expect(counts.values.reduce(0, +) > 500)
    }

    @Test(
        "the same input and seed give the same plan, in whatever order agencies are named; another seed gives another",
        arguments: AllocationStrategy.allCases)
    func deterministic(_ strategy: AllocationStrategy) {
        func items(_ offers: [AgencyOffer], _ seed: UInt64) -> [PlanItem] {
            var plan = plan(offers, strategy, seed: seed)
            return groups(300, seed: 4).flatMap { plan.place($0) }
        }
        let first = items(offers(), 1)
        #expect(first == items(offers().reversed(), 1))
        #expect((2...6).contains { first != items(offers(), $0) })
    }

    @Test("round robin: equal agencies get equal numbers")
    func roundRobin() {
        var plan = plan((1...4).map { EligibilityTests.offer($0) }, .roundRobin)
        for debtor in 0..<Int64(400) { _ = plan.place(DebtorGroup(debtor: debtor, accounts: [EligibilityTests.account(debtor)])) }
        #expect((1...4).allSatisfy { plan.totals[$0]?.accounts == 100 })
    }

    @Test("weighted: contract shares are met; weights count where no shares are agreed")
    func weighted() {
        var shares = plan(
            [(1, 5_000), (2, 3_000), (3, 2_000)].map { pair in EligibilityTests.offer(pair.0) { $0.shareBasisPoints = pair.1 } }, .weighted)
        for debtor in 0..<Int64(1_000) { _ = shares.place(DebtorGroup(debtor: debtor, accounts: [EligibilityTests.account(debtor)])) }
        #expect([1, 2, 3].map { shares.totals[$0]?.accounts ?? 0 } == [500, 300, 200])
        var weights = plan([(1, 3), (2, 1)].map { pair in EligibilityTests.offer(pair.0) { $0.weight = pair.1 } }, .weighted)
        for debtor in 0..<Int64(400) { _ = weights.place(DebtorGroup(debtor: debtor, accounts: [EligibilityTests.account(debtor)])) }
        #expect([1, 2].map { weights.totals[$0]?.accounts ?? 0 } == [300, 100])
    }

    @Test("follow-on: a new account joins the debtor's holder, or waits as debtor_at_other_holder (E12)")
    func followOn() {
        var plan = plan([EligibilityTests.offer(1), EligibilityTests.offer(2) { $0.products = ["loan"] }], .roundRobin)
        let joined = plan.place(DebtorGroup(debtor: 1, accounts: [EligibilityTests.account()], holder: 1))
        #expect(joined.map(\.code) == ["follow_on"] && joined[0].agency == 1)
        for holder in [Int32(2), 99] {
            let waits = plan.place(DebtorGroup(debtor: 2, accounts: [EligibilityTests.account()], holder: holder))
            #expect(waits.map(\.code) == ["debtor_at_other_holder"] && waits[0].agency == nil)
        }
    }

    @Test("handover: only an agency with the stage and the region, reason named (A5)")
    func handover() {
        let bravo = EligibilityTests.offer(2) {
            $0.stages.insert(.fieldVisit)
            $0.fieldRegions = ["CN-44"]
        }
        var plan = plan([EligibilityTests.offer(1), bravo], .weighted)
        let start = EligibilityTests.account { $0.startStage = .fieldVisit }
        #expect(plan.place(DebtorGroup(debtor: 1, accounts: [start])).map(\.agency) == [2])
        let far = EligibilityTests.account {
            $0.startStage = .fieldVisit
            $0.region = "CN-65"
        }
        #expect(plan.place(DebtorGroup(debtor: 2, accounts: [far])).map(\.code) == ["stages"])
    }

    @Test("an ineligible account stays out, its debtor's other accounts are placed")
    func partly() {
        var plan = plan([EligibilityTests.offer(1)], .roundRobin)
        let items = plan.place(
            DebtorGroup(debtor: 1, accounts: [EligibilityTests.account(1) { $0.daysPastDue = 5 }, EligibilityTests.account(2)]))
        #expect(items.first { $0.account == 1 }?.code == "min_dpd" && items.first { $0.account == 2 }?.agency == 1)
    }

    @Test("no agency: each one's reason is named")
    func noAgency() {
        var plan = plan(
            [EligibilityTests.offer(1) { $0.isActive = false }, EligibilityTests.offer(2) { $0.regions = ["CN-11"] }], .roundRobin)
        let items = plan.place(DebtorGroup(debtor: 1, accounts: [EligibilityTests.account()]))
        #expect(items[0].code == "no_agency" && items[0].reason == "agency-1: suspended; agency-2: region not in contract")
        var none = self.plan([], .weighted)
        #expect(none.place(DebtorGroup(debtor: 1, accounts: [EligibilityTests.account()])).map(\.code) == ["no_agency"])
    }
}
