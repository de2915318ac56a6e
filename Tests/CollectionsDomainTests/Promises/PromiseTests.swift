import CollectionsDomain
import Testing

@Suite("Promises")
struct PromiseTests {
    private let promise = CaseSample.promise()

    private func judge(_ payments: [(String, String)], watermark: String?, now: String) throws -> PromiseJudgement.Result {
        try PromiseJudgement.judge(
            promise, payments: payments.map { .init(paidAt: CaseSample.at($0.0), amount: CaseSample.cny($0.1)) },
            watermark: watermark.map(CaseSample.at), now: CaseSample.at(now), policy: StagePolicy.bankDefault.promise)
    }

    @Test(
        "the window by collections, capped by the conduct policy",
        arguments: [
            (0, 7, 7), (1, 7, 7), (2, 7, 5), (3, 7, 5), (4, 7, 3), (6, 7, 1), (60, 7, 1), (0, 3, 3), (6, 0, 0),
        ])
    func window(_ collections: Int, _ cap: Int, _ days: Int) {
        #expect(PromiseWindow.days(collections: collections, policy: StagePolicy.bankDefault.promise, cap: cap) == days)
    }

    @Test("A1: due 6 November, grace 1: open, awaiting the ledger on the 8th, kept on the 9th by money of the 7th")
    func scenario() throws {
        let paid = [("2026-11-07T21:30:00+08:00", "1200.00")]
        #expect(try judge(paid, watermark: "2026-11-06T23:59:59+08:00", now: "2026-11-07T10:00:00+08:00").state == .open)
        #expect(try judge([], watermark: "2026-11-06T23:59:59+08:00", now: "2026-11-08T10:00:00+08:00").state == .awaitingLedger)
        #expect(try judge(paid, watermark: "2026-11-08T23:59:59+08:00", now: "2026-11-09T06:30:00+08:00").state == .kept)
        #expect(try judge([], watermark: "2026-11-08T23:59:59+08:00", now: "2026-11-09T06:30:00+08:00").state == .broken)
    }

    @Test("a file through the last second of the grace has passed its end; one second less has not; no watermark judges nothing")
    func watermark() throws {
        #expect(try judge([], watermark: "2026-11-07T23:59:59+08:00", now: "2026-11-08T06:30:00+08:00").state == .broken)
        #expect(try judge([], watermark: "2026-11-07T23:59:58+08:00", now: "2026-11-08T06:30:00+08:00").state == .awaitingLedger)
        #expect(try judge([], watermark: nil, now: "2026-12-08T06:30:00+08:00").state == .awaitingLedger)
    }

    @Test(
        "money counts by paid_at within [taken, due + grace], reversals taken off",
        arguments: [
            ([("2026-11-02T09:59:59+08:00", "1200.00")], PromiseState.broken), ([("2026-11-02T10:00:00+08:00", "1200.00")], .kept),
            ([("2026-11-07T23:59:59+08:00", "1200.00")], .kept), ([("2026-11-08T00:00:00+08:00", "1200.00")], .broken),
            ([("2026-11-03T10:00:00+08:00", "700.00"), ("2026-11-04T10:00:00+08:00", "500.00")], .kept),
            ([("2026-11-03T10:00:00+08:00", "1200.00"), ("2026-11-05T10:00:00+08:00", "-1200.00")], .broken),
            ([("2026-11-03T10:00:00+08:00", "600.00")], .partiallyKept), ([("2026-11-03T10:00:00+08:00", "599.99")], .broken),
            ([("2026-11-03T10:00:00+08:00", "1199.99")], .partiallyKept),
        ])
    func judgement(_ payments: [(String, String)], _ state: PromiseState) throws {
        #expect(try judge(payments, watermark: "2026-11-08T23:59:59+08:00", now: "2026-11-09T06:30:00+08:00").state == state)
    }

    @Test("a verdict exists only once it is judged")
    func verdict() throws {
        let policy = StagePolicy.bankDefault.promise
        let early = try PromiseJudgement.verdict(promise, payments: [], watermark: nil, now: CaseSample.now, policy: policy)
        #expect(early == nil)
        let late = CaseSample.at("2026-11-09T06:30:00+08:00")
        let judged = try PromiseJudgement.verdict(promise, payments: [], watermark: late, now: late, policy: policy)
        #expect(judged?.state == .broken && judged?.promise == 900 && judged?.promised == promise.amount)
    }

    @Test("spread: the longest overdue first up to its amount due, then balances; parts sum to the whole")
    func spread() throws {
        let accounts = [
            CaseSample.account(1, balance: "1000.00", due: "100.00", dpd: 45),
            CaseSample.account(2, balance: "500.00", due: "200.00", dpd: 90),
        ]
        func parts(_ amount: String) throws -> [Int64: String] {
            let parts = try PromiseWindow.spread(CaseSample.cny(amount), over: accounts)
            return Dictionary(uniqueKeysWithValues: parts.map { ($0.account, $0.amount.decimalText) })
        }
        #expect(try parts("150.00") == [2: "150.00"])
        #expect(try parts("250.00") == [1: "50.00", 2: "200.00"])
        #expect(try parts("700.00") == [1: "200.00", 2: "500.00"])
        var random = SplitMix(seed: 9)
        for _ in 0..<300 {
            let many = (0..<4).map {
                CaseSample.account(
                    $0, balance: "\(random.next() % 5_000 + 1).00", due: "\(random.next() % 900).00", dpd: Int(random.next() % 90))
            }
            let whole = Money(minorUnits: Int64(random.next() % 2_000_000), currency: .cny)
            let parts = try PromiseWindow.spread(whole, over: many)
            let sum = try Money.sum(parts.map(\.amount), in: .cny)
            let balances = try Money.sum(many.map(\.balance), in: .cny)
            #expect(sum.minorUnits == min(whole.minorUnits, balances.minorUnits))
            for part in parts {
                let account = try #require(many.first { $0.id == part.account })
                #expect(part.amount.isPositive && part.amount.minorUnits <= account.balance.minorUnits)
            }
        }
    }

    @Test("accounts of another currency get nothing of a promise")
    func currency() throws {
        var dollar = CaseSample.account(3)
        dollar.balance = Money(minorUnits: 100_000, currency: try #require(Currency("USD")))
        #expect(try PromiseWindow.spread(CaseSample.cny("10.00"), over: [dollar]).isEmpty)
    }
}
