import CollectionsDomain
import Testing

@Suite("Money")
struct MoneyTests {
    private let cny = Currency.cny

    @Test(
        "currencies by ISO 4217: known codes with their minor digits, everything else is nil",
        arguments: [
            ("CNY", 2), ("TWD", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("USD", 2), ("INR", 2),
        ])
    func currencies(_ code: String, _ digits: Int) {
        #expect(Currency(code)?.minorDigits == digits)
    }

    @Test("unknown, lower-case, fund and test codes are refused", arguments: ["", "cny", "RMB", "XXX", "XAU", "XTS", "CN", "CNYY", "DEM"])
    func unknownCurrencies(_ code: String) {
        #expect(Currency(code) == nil)
    }

    @Test(
        "major units are read strictly and written with every digit",
        arguments: [
            ("1200.00", 120_000), ("0", 0), ("0.5", 50), ("7", 700), ("-3.07", -307), ("199422080.00", 19_942_208_000),
            ("92233720368547758.07", Int64.max), ("-92233720368547758.08", Int64.min), ("007.10", 710),
        ])
    func parse(_ text: String, _ minor: Int64) throws {
        #expect(try Money(parsing: text, currency: cny).minorUnits == minor)
    }

    @Test(
        "malformed amounts",
        arguments: [
            "", " ", "1.", ".5", "+1", "1,200.00", "1e3", "1 000", "12.3.4", "--1", "-", "1200.00 ", "１２", "NaN", "0x10", "1_000", "\u{0}1",
        ])
    func malformed(_ text: String) {
        #expect(throws: MoneyError.malformed) { try Money(parsing: text, currency: cny) }
    }

    @Test("too many decimals for the currency, and too large for 64 bits")
    func limits() throws {
        #expect(throws: MoneyError.tooManyDecimals) { try Money(parsing: "1.005", currency: cny) }
        #expect(throws: MoneyError.tooManyDecimals) { try Money(parsing: "1.0", currency: #require(Currency("JPY"))) }
        #expect(throws: MoneyError.tooManyDecimals) { try Money(parsing: "1.0000000000000", currency: cny) }
        #expect(throws: MoneyError.overflow) { try Money(parsing: "92233720368547758.08", currency: cny) }
        #expect(throws: MoneyError.overflow) { try Money(parsing: "99999999999999999999", currency: cny) }
    }

    @Test("fen are whole minor units, yuan major ones")
    func units() throws {
        #expect(try Money(parsing: "120000", currency: cny, unit: .fen).minorUnits == 120_000)
        #expect(try Money(parsing: "1200.00", currency: cny, unit: .yuan).minorUnits == 120_000)
        #expect(throws: MoneyError.tooManyDecimals) { try Money(parsing: "1200.00", currency: cny, unit: .fen) }
    }

    @Test("text reads back to the same amount, in every number of digits")
    func roundTrip() throws {
        var random = SplitMix(seed: 11)
        for code in ["CNY", "JPY", "KWD", "CLF"] {
            let currency = try #require(Currency(code))
            for _ in 0..<500 {
                let money = Money(minorUnits: Int64(truncatingIfNeeded: random.next()) >> Int64(random.next() % 60), currency: currency)
                #expect(try Money(parsing: money.decimalText, currency: currency) == money)
            }
        }
        #expect(Money(minorUnits: 19_942_208_000, currency: cny).decimalText == "199422080.00")
        #expect(Money(minorUnits: -5, currency: cny).decimalText == "-0.05")
        #expect(Money(minorUnits: 5, currency: try #require(Currency("JPY"))).decimalText == "5")
        #expect(Money.decimalText(Int128(Int64.max) * 100, digits: 2) == "9223372036854775807.00")
    }

    @Test("arithmetic is checked and never mixes currencies")
    func arithmetic() throws {
        let most = Money(minorUnits: .max, currency: cny)
        let least = Money(minorUnits: .min, currency: cny)
        let one = Money(minorUnits: 1, currency: cny)
        let dollar = Money(minorUnits: 1, currency: try #require(Currency("USD")))
        #expect(throws: MoneyError.overflow) { _ = try most + one }
        #expect(throws: MoneyError.overflow) { _ = try least - one }
        #expect(throws: MoneyError.overflow) { try least.negated() }
        #expect(throws: MoneyError.currencyMismatch) { _ = try one + dollar }
        #expect(throws: MoneyError.currencyMismatch) { _ = try one - dollar }
        let back = try (most - one) + one
        #expect(back == most)
        #expect(throws: MoneyError.overflow) { try Money.sum([most, one], in: cny) }
        #expect(try Money.sum([], in: cny) == .zero(cny))
    }

    @Test(
        "commission: 15 % of 1200.00 is 180.00; ties go to even; a clawback mirrors its fee",
        arguments: [
            (120_000, 1_500, 18_000), (1, 5_000, 0), (3, 5_000, 2), (5, 5_000, 2), (7, 5_000, 4), (-3, 5_000, -2), (-1, 5_000, 0),
            (10, 10_000, 10),
            (99_999, 0, 0), (333, 333, 11),
        ])
    func commissions(_ collected: Int64, _ rate: Int, _ fee: Int64) throws {
        #expect(try commission(on: collected, at: #require(BasisPoints(rate))) == fee)
        #expect(try commission(on: -collected, at: #require(BasisPoints(rate))) == -fee)
    }

    @Test("the largest amount at the largest rate still fits; rates are bounded")
    func commissionBounds() throws {
        #expect(try commission(on: .max, at: #require(BasisPoints(10_000))) == .max)
        #expect(BasisPoints(-1) == nil && BasisPoints(10_001) == nil)
        #expect(BasisPoints(parsing: "15%")?.value == 1_500 && BasisPoints(parsing: "0.15")?.value == 1_500)
        #expect(BasisPoints(parsing: "12.5%")?.value == 1_250 && BasisPoints(parsing: "0.00005") == nil && BasisPoints(parsing: "x") == nil)
    }

    @Test("exchange: TWD to CNY at 0.22, rounded half to even in the target's minor unit")
    func exchange() throws {
        let twd = try #require(Currency("TWD"))
        let rate = try ExchangeRate(from: twd, to: cny, text: "0.22")
        func converted(_ text: String) throws -> String { try rate.converting(Money(parsing: text, currency: twd)).decimalText }
        #expect(try converted("90909.09") == "20000.00")
        #expect(try converted("0.02") == "0.00")
        #expect(try converted("0.25") == "0.06")
        #expect(try converted("0.75") == "0.16")
        #expect(try converted("-0.25") == "-0.06")
        let yen = try ExchangeRate(from: try #require(Currency("JPY")), to: cny, text: "0.0495")
        #expect(try yen.converting(Money(minorUnits: 1_000, currency: yen.from)).decimalText == "49.50")
        let dinar = try ExchangeRate(from: cny, to: try #require(Currency("KWD")), text: "0.0423")
        #expect(try dinar.converting(Money(parsing: "100.00", currency: cny)).decimalText == "4.230")
        #expect(throws: MoneyError.currencyMismatch) { try rate.converting(.zero(cny)) }
        #expect(throws: MoneyError.negative) { try ExchangeRate(from: twd, to: cny, text: "0") }
        #expect(throws: MoneyError.negative) { try ExchangeRate(from: twd, to: cny, text: "-0.22") }
        #expect(throws: MoneyError.overflow) {
            try ExchangeRate(from: twd, to: cny, text: "9999").converting(Money(minorUnits: .max, currency: twd))
        }
    }

    @Test("rates: the same currency needs none, a missing one is nil, inverses are not derived")
    func rates() throws {
        let twd = try #require(Currency("TWD"))
        let rates = ExchangeRates([try ExchangeRate(from: twd, to: cny, text: "0.22")])
        #expect(try rates.convert(Money(minorUnits: 100, currency: twd), to: cny)?.minorUnits == 22)
        #expect(try rates.convert(Money(minorUnits: 100, currency: cny), to: cny)?.minorUnits == 100)
        #expect(try rates.convert(Money(minorUnits: 100, currency: cny), to: twd) == nil)
    }
}

@Suite("Ledger of an account")
struct AccountLedgerTests {
    private func cny(_ text: String) -> Money { CaseSample.cny(text) }

    private func amounts(
        balance: String = "1000.00", due: String = "300.00", principal: String = "900.00", interest: String = "70.00",
        fees: String = "30.00"
    )
        -> AccountAmounts
    {
        AccountAmounts(
            balance: cny(balance), amountDue: cny(due), principal: cny(principal), interest: cny(interest), fees: cny(fees))
    }

    @Test("a payment lowers balance and amount due; without the bank's split fees go first, then interest, then principal")
    func payment() throws {
        let (after, split) = try AccountLedger.apply(.payment, cny("150.00"), to: amounts())
        #expect(after.balance == (cny("850.00")) && after.amountDue == (cny("150.00")))
        #expect(after.fees.minorUnits == 0 && after.interest.minorUnits == 0 && after.principal == (cny("850.00")))
        #expect(split.parts == [.fees: cny("30.00"), .interest: cny("70.00"), .principal: cny("50.00")])
    }

    @Test("more than is owed is credit, and the balance goes below zero")
    func credit() throws {
        let (after, split) = try AccountLedger.apply(.payment, cny("1000.01"), to: amounts())
        #expect(split.parts[.credit] == (cny("0.01")) && after.balance.minorUnits == -1)
        #expect(after.principal.minorUnits == 0)
    }

    @Test("parts always sum to the payment, and a reversal with its split restores the account exactly")
    func properties() throws {
        var random = SplitMix(seed: 5)
        for _ in 0..<500 {
            let fees = Int64(random.next() % 5_000)
            let interest = Int64(random.next() % 5_000)
            let principal = Int64(random.next() % 100_000)
            let before = AccountAmounts(
                balance: Money(minorUnits: fees + interest + principal, currency: .cny),
                amountDue: Money(minorUnits: Int64(random.next() % 20_000), currency: .cny),
                principal: Money(minorUnits: principal, currency: .cny),
                interest: Money(minorUnits: interest, currency: .cny), fees: Money(minorUnits: fees, currency: .cny))
            let paid = Money(minorUnits: Int64(random.next() % 150_000), currency: .cny)
            let (after, split) = try AccountLedger.apply(.payment, paid, to: before)
            #expect(try split.total(in: .cny) == paid)
            let (restored, _) = try AccountLedger.apply(.reversal, paid, to: after, allocation: split)
            #expect(restored == before)
        }
    }

    @Test("the bank's own split is taken as it is")
    func bankSplit() throws {
        let split = PaymentAllocation(parts: [.principal: cny("100.00")])
        let (after, _) = try AccountLedger.apply(.payment, cny("100.00"), to: amounts(), allocation: split)
        #expect(after.fees == (cny("30.00")) && after.principal == (cny("800.00")))
    }

    @Test(
        "reversals, refunds and chargebacks raise what is owed; waivers lower it",
        arguments: [
            (PaymentEntry.reversal, "1100.00"), (.refund, "1100.00"), (.chargeback, "1100.00"), (.waiver, "900.00"), (.payment, "900.00"),
        ])
    func directions(_ entry: PaymentEntry, _ balance: String) throws {
        #expect(try AccountLedger.apply(entry, cny("100.00"), to: amounts()).0.balance == cny(balance))
        #expect(entry.isMoneyIn == (entry == .payment))
    }

    @Test(
        "adjustments are signed; what was bought is not due at once",
        arguments: [
            (AdjustmentType.accrualInterest, "10.00", "1010.00", "310.00"), (.penalty, "10.00", "1010.00", "310.00"),
            (.fee, "10.00", "1010.00", "310.00"),
            (.purchase, "10.00", "1010.00", "300.00"), (.conversion, "-10.00", "990.00", "300.00"), (.waiver, "-50.00", "950.00", "250.00"),
            (.chargeOff, "-1000.00", "0.00", "-700.00"),
        ])
    func adjustments(_ type: AdjustmentType, _ amount: String, _ balance: String, _ due: String) throws {
        let after = try AccountLedger.apply(type, cny(amount), to: amounts())
        #expect(after.balance == (cny(balance)) && after.amountDue == (cny(due)))
        let parts = try after.principal + after.interest + after.fees
        #expect(parts == after.balance)
    }

    @Test("negative amounts and other currencies are refused")
    func refused() throws {
        #expect(throws: MoneyError.negative) { try AccountLedger.apply(.payment, cny("-1.00"), to: amounts()) }
        let dollar = Money(minorUnits: 100, currency: try #require(Currency("USD")))
        #expect(throws: MoneyError.currencyMismatch) { try AccountLedger.apply(.payment, dollar, to: amounts()) }
    }
}

@Suite("Commission and attribution")
struct CommissionTests {
    private let zone = CaseSample.zone
    private func at(_ text: String) -> Instant { CaseSample.at(text) }

    private var spans: [Attribution.Span] {
        [
            .init(placement: 1, agency: 7, startsAt: at("2026-09-01T00:00:00+08:00"), endedAt: at("2026-11-01T12:00:00+08:00")),
            .init(placement: 2, agency: 8, startsAt: at("2026-11-03T09:00:00+08:00")),
        ]
    }

    private var promise: Attribution.Promised {
        .init(agency: 7, takenAt: at("2026-10-30T10:00:00+08:00"), judgeAfter: at("2026-11-07T00:00:00+08:00"))
    }

    private func decide(_ paid: String, promises: [Attribution.Promised] = [], toAgency: Bool = false) -> (Int64?, Attribution.Rule) {
        let result = Attribution.decide(paidAt: at(paid), paidToAgency: toAgency, spans: spans, promises: promises, zone: zone)
        return (result.span?.placement, result.rule)
    }

    @Test("the holder at paid_at earns, whenever it became known")
    func holder() {
        #expect(decide("2026-10-15T10:00:00+08:00") == (1, .holder))
        #expect(decide("2026-11-05T10:00:00+08:00") == (2, .holder))
        #expect(decide("2026-11-02T10:00:00+08:00") == (nil, .none))
        #expect(decide("2026-11-01T12:00:00+08:00") == (nil, .none), "the end is not included")
    }

    @Test("a payment that fulfils the previous holder's promise within the grace days is his")
    func previous() {
        #expect(decide("2026-11-05T10:00:00+08:00", promises: [promise]) == (1, .previousPromise))
        #expect(decide("2026-11-02T10:00:00+08:00", promises: [promise]) == (1, .previousPromise))
        #expect(decide("2026-11-07T00:00:00+08:00", promises: [promise]) == (2, .holder), "the promise's grace is over")
        var long = promise
        long.judgeAfter = at("2026-12-01T00:00:00+08:00")
        #expect(decide("2026-11-08T23:59:59+08:00", promises: [long]) == (1, .previousPromise))
        #expect(decide("2026-11-09T00:00:00+08:00", promises: [long]) == (2, .holder), "seven days after the end")
        var others = promise
        others.agency = 9
        #expect(decide("2026-11-05T10:00:00+08:00", promises: [others]) == (2, .holder))
    }

    @Test("money that went to the agency earns nothing where the policy forbids it")
    func toAgency() {
        #expect(decide("2026-11-05T10:00:00+08:00", toAgency: true) == (2, .paidToAgency))
    }

    @Test("the rate is that of band and tier at placement, first match")
    func rates() throws {
        let rate = { (value: Int) throws in try #require(BasisPoints(value)) }
        let schedule = FeeSchedule(rates: [
            .init(band: "M2", tier: 1, rate: try rate(1_000)), .init(band: "M2", rate: try rate(1_500)),
            .init(band: "*", tier: 2, rate: try rate(2_000)),
        ])
        #expect(schedule.rate(band: "M2", tier: 1)?.value == 1_000 && schedule.rate(band: "M2", tier: 3)?.value == 1_500)
        #expect(schedule.rate(band: "M7+", tier: 2)?.value == 2_000 && schedule.rate(band: "M7+", tier: 1) == nil)
        #expect(schedule.rate(band: "M2", tier: 1, isChargedOff: true)?.value == 1_000, "no row for charged-off accounts")
        var withRow = schedule
        withRow.rates.append(.init(band: "WO", rate: try rate(3_000)))
        #expect(withRow.rate(band: "M2", tier: 1, isChargedOff: true)?.value == 3_000 && withRow.rate(band: "M2", tier: 1)?.value == 1_000)
    }

    @Test("lines: fee, its exact mirror as clawback, nothing for waivers and refunds")
    func lines() throws {
        let base = Money(minorUnits: 120_001, currency: .cny)
        let rate = try #require(BasisPoints(1_500))
        let fee = try #require(try Attribution.line(base: base, entry: .payment, rate: rate))
        let back = try #require(try Attribution.line(base: base, entry: .reversal, rate: rate))
        #expect(fee.type == .fee && back.type == .clawback && fee.fee.minorUnits == 18_000)
        let both = try fee.fee + back.fee
        #expect(both == .zero(.cny))
        #expect(try Attribution.line(base: base, entry: .waiver, rate: rate) == nil)
        #expect(try Attribution.line(base: base, entry: .refund, rate: rate) == nil)
    }
}
