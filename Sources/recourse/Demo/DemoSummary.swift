import CollectionsDomain
import CollectionsStore
import PostgresDriver

/// What a demo ends with: for a manager as text, for programs as one JSON object.
struct DemoSummary: Encodable {
    struct Promises: Encodable {
        var open: Int64
        var kept: Int64
        var broken: Int64
        var partiallyKept: Int64
        var claimed: Int64
        var cancelled: Int64

        enum CodingKeys: String, CodingKey {
            case open, kept, broken, claimed, cancelled
            case partiallyKept = "partially_kept"
        }
    }
    struct Verdict: Encodable { var violations: Int64 }
    struct Agency: Encodable {
        var name: String
        var placed: Int64
        var outcomes: Int64
        var contacted: Int64
        var promised: Int64
        var kept: Int64
        var broken: Int64
        var cured: Int64
        var collected: String
        var commission: String
    }

    var accounts: Int64
    var placed: Int64
    var openingBalance: String
    var balance: String
    var payments: Int64
    var paymentsTotal: String
    var outcomes: Int64
    var tasksDone: Int64
    var byStage: [String: Int64]
    /// Results that nobody reported; empty in a run of the usual size.
    var resultsMissing: [String]
    var promises: Promises
    var closed: [String: Int64]
    var breaks: Int64
    var breaksByKind: [String: Int64]
    var agencies: [Agency]
    var days: Int
    var doctor: Verdict
    var seconds: Double

    enum CodingKeys: String, CodingKey {
        case accounts, placed, balance, payments, outcomes, promises, closed, breaks, agencies, days, doctor, seconds
        case openingBalance = "opening_balance"
        case paymentsTotal = "payments_total"
        case tasksDone = "tasks_done"
        case byStage = "by_stage"
        case resultsMissing = "results_missing"
        case breaksByKind = "breaks_by_kind"
    }

    /// Reads the figures of a finished run.
    static func read(from database: Database, days: Int, violations: Int64, seconds: Double) async throws -> DemoSummary {
        try await database.core.withConnection { db in
            let portfolio = try await SummaryQueries.portfolio(in: db)
            let payments = try await SummaryQueries.payments(in: db)
            let stages = try await SummaryQueries.outcomesByStage(in: db)
            let promises = try await SummaryQueries.promises(in: db)
            let breaks = try await BreakQueries.openCounts(in: db)
            let agencies = try await SummaryQueries.agencies(in: db)
            let closed = try await SummaryQueries.closeCodes(in: db)
            let results = try await SummaryQueries.results(in: db)
            let currency = portfolio.first.flatMap { Currency($0.currency) }
            func text(_ minor: Int64) -> String { currency.map { Money(minorUnits: minor, currency: $0).decimalText } ?? String(minor) }
            let done = stages.values.reduce(0, +)
            return DemoSummary(
                accounts: portfolio.reduce(0) { $0 + $1.accounts }, placed: agencies.reduce(0) { $0 + $1.placed },
                openingBalance: text(portfolio.reduce(0) { $0 + $1.opening }), balance: text(portfolio.reduce(0) { $0 + $1.balance }),
                payments: payments.reduce(0) { $0 + $1.count }, paymentsTotal: text(payments.reduce(0) { $0 + $1.total }), outcomes: done,
                tasksDone: done, byStage: Dictionary(uniqueKeysWithValues: Stage.allCases.map { ($0.name, stages[$0] ?? 0) }),
                resultsMissing: ResultCode.allCases.filter { !results.contains($0) }.map(\.description),
                promises: Promises(
                    open: (promises[.open] ?? 0) + (promises[.awaitingLedger] ?? 0), kept: promises[.kept] ?? 0,
                    broken: promises[.broken] ?? 0,
                    partiallyKept: promises[.partiallyKept] ?? 0, claimed: promises[.claimed] ?? 0, cancelled: promises[.cancelled] ?? 0),
                closed: Dictionary(closed.map { ($0.code, $0.count) }, uniquingKeysWith: +), breaks: breaks.reduce(0) { $0 + $1.count },
                breaksByKind: Dictionary(breaks.map { ($0.kind, $0.count) }, uniquingKeysWith: +),
                agencies: agencies.map {
                    Agency(
                        name: $0.name, placed: $0.placed, outcomes: $0.outcomes, contacted: $0.contacts, promised: $0.promises,
                        kept: $0.kept,
                        broken: $0.broken, cured: $0.closedPaid, collected: text($0.collected), commission: text($0.commission))
                }, days: days, doctor: Verdict(violations: violations), seconds: (seconds * 10).rounded() / 10)
        }
    }

    /// The summary for people.
    func say() {
        Terminal.say("")
        Terminal.say("\(accounts) accounts, \(openingBalance) owed at the start; \(placed) placements over \(days) days")
        Terminal.say("\(outcomes) outcomes; \(payments) payments of \(paymentsTotal); \(balance) still owed")
        Terminal.table(["stage", "tasks done"], Stage.allCases.map { [$0.name, String(byStage[$0.name] ?? 0)] })
        Terminal.say(
            resultsMissing.isEmpty
                ? "every result of every stage was reported: \(ResultCode.allCases.count)"
                : "not reported: " + resultsMissing.joined(separator: ", "))
        Terminal.say("")
        Terminal.table(
            ["agency", "placed", "contacted", "promised", "kept", "broken", "cured or paid", "collected", "commission"],
            agencies.map {
                [
                    $0.name, String($0.placed), String($0.contacted), String($0.promised), String($0.kept), String($0.broken),
                    String($0.cured),
                    $0.collected, $0.commission,
                ]
            })
        Terminal.say("")
        Terminal.say(
            "promises: \(promises.kept) kept, \(promises.partiallyKept) partly kept, \(promises.broken) broken, \(promises.open) still running"
        )
        if !closed.isEmpty {
            Terminal.say(
                "placements ended: " + closed.sorted { $0.value > $1.value }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
        }
        Terminal.say(
            breaks == 0
                ? "no open breaks"
                : "\(breaks) open breaks: "
                    + breaksByKind.sorted { $0.value > $1.value }.prefix(8).map { "\($0.value) \($0.key)" }.joined(separator: ", "))
        Terminal.say(doctor.violations == 0 ? "doctor: no violation" : "doctor: \(doctor.violations) VIOLATIONS")
        Terminal.say("took \(seconds) s")
    }
}
