/// The bank's working day: what happens when, what waits for what, and who owes it.
///
/// A late file delays its own step and the steps that need it, nothing else; a run waits for its files until a latest time and then goes on
/// without them, because holds and terms end by the calendar whatever the files do.
///
/// - SeeAlso: Source: domain section 2, daily plan.
package struct DailyPlan: Hashable, Sendable {
    /// What a step is.
    package enum Work: Hashable, Sendable {
        /// A file of a kind comes in: the word of `recourse import`.
        case file(kind: String)
        /// Cases are reconciled with ledger and calendar.
        case reconcile
        /// Cases whose holder could not do the next stage go to other agencies.
        case handover
        /// Something begins or ends by itself, or a person does it.
        case moment
    }

    /// One step of the day.
    package struct Step: Hashable, Sendable {
        /// Its name, unique in the plan.
        package let name: String
        /// When it is due, local time of the bank.
        package let at: TimeOfDay
        /// What comes between these times counts as this step's.
        package let window: Range<TimeOfDay>
        /// When a run goes on without what it needs.
        package let latest: TimeOfDay?
        package let work: Work
        /// The steps it waits for, where they are expected.
        package let needs: [String]
        /// Who owes it.
        package let owner: String
        /// What it is, in words.
        package let text: String
    }

    /// How a step stands.
    package enum State: Hashable, Sendable {
        /// Its time has not come.
        case later
        /// A file that does not come every day has not come today.
        case notExpected
        /// It waits for these steps.
        case waiting([String])
        /// It may be done now, since so many minutes.
        case due(minutes: Int)
        /// A file that comes every day has not come; so many minutes after its time.
        case late(minutes: Int)
        /// It was done, or has passed.
        case done(Instant?)
    }

    package let steps: [Step]

    /// How often a file came in the last seven days for its step to be expected on the next.
    package static let habitDays = 2
    /// A run that may go on and does not for so long is late.
    package static let patienceMinutes = 30

    /// How every step stands.
    ///
    /// - Parameters:
    ///   - minute: Local minutes since midnight.
    ///   - done: When steps were done today.
    ///   - expected: File steps that have to come.
    package func states(at minute: Int, done: [String: Instant], expected: Set<String>) -> [(step: Step, state: State)] {
        steps.map { step in
            let passed = minute - Int(step.at.minutes)
            if let at = done[step.name] { return (step, .done(at)) }
            guard passed >= 0 else { return (step, .later) }
            switch step.work {
            case .file:
                return (step, expected.contains(step.name) ? (passed == 0 ? .due(minutes: 0) : .late(minutes: passed)) : .notExpected)
            case .moment: return (step, .done(nil))
            case .reconcile, .handover:
                let missing = step.needs.filter { (expected.contains($0) || isRun($0)) && done[$0] == nil }
                if !missing.isEmpty, step.latest.map({ minute < Int($0.minutes) }) ?? true { return (step, .waiting(missing)) }
                return (step, .due(minutes: passed))
            }
        }
    }

    private func isRun(_ name: String) -> Bool { steps.contains { $0.name == name && $0.work == .reconcile } }

    /// File steps that have to come today, by what came on the days before.
    ///
    /// - Parameter days: For each step, on how many of the last seven days its file came.
    package static func expected(days: [String: Int]) -> Set<String> { Set(days.filter { $0.value >= habitDays }.keys) }

    /// What the month's end asks of people on a day: commission lines, statements, sign-off on its 1st, 5th and 10th day.
    package static func reminder(on day: Day) -> String? {
        switch day.day {
        case 1: "month end: look at last month's commission lines"
        case 5: "month end: statements of last month are due"
        case 10: "month end: statements of last month are signed off by two persons today"
        default: nil
        }
    }
}

extension DailyPlan {
    private static func time(_ hour: Int, _ minute: Int = 0) -> TimeOfDay { TimeOfDay(unchecked: hour * 60 + minute) }

    private static func file(
        _ kind: String, at: TimeOfDay, _ window: Range<TimeOfDay>, owner: String, suffix: String = "", text: String
    ) -> Step {
        Step(name: kind + suffix, at: at, window: window, latest: nil, work: .file(kind: kind), needs: [], owner: owner, text: text)
    }

    private static func moment(_ name: String, at: TimeOfDay, owner: String, text: String) -> Step {
        Step(name: name, at: at, window: at..<(.endOfDay), latest: nil, work: .moment, needs: [], owner: owner, text: text)
    }

    /// The bank's day as it is without anybody's change.
    package static let standard: DailyPlan = {
        let morning = time(0)..<time(12)
        let day = time(0)..<TimeOfDay.endOfDay
        let first = ["account-updates", "payments", "adjustments", "events", "card-status"]
        return DailyPlan(steps: [
            moment("inbox", at: time(5, 30), owner: "the scheduler", text: "the inbox is watched"),
            file("account-updates", at: time(6), morning, owner: "the card system", text: "balances, dues and status of accounts"),
            file("payments", at: time(6), morning, owner: "the bank's ledger", text: "payments of yesterday"),
            file("adjustments", at: time(6), morning, owner: "the bank's ledger", text: "interest, fees, waivers"),
            file("events", at: time(6), morning, owner: "the bank's call centre", text: "the bank's own contacts"),
            file("card-status", at: time(6), morning, owner: "the card system", text: "cards blocked and unblocked"),
            Step(
                name: "reconcile", at: time(6, 30), window: time(6, 30)..<TimeOfDay.endOfDay, latest: time(7, 45), work: .reconcile,
                needs: first,
                owner: "the scheduler", text: "promises, cures, waits, holds, terms, recalls, breaks"),
            file("holds", at: time(7), day, owner: "the bank's customer desk", text: "whom nobody may contact"),
            file("complaints", at: time(7), day, owner: "the bank's complaint desk", text: "complaints from all doors"),
            Step(
                name: "handover", at: time(7, 15), window: time(7, 15)..<TimeOfDay.endOfDay, latest: time(7, 55), work: .handover,
                needs: ["reconcile"], owner: "the scheduler", text: "who cannot visit hands over, as far as approved in advance"),
            file("letter-status", at: time(7, 30), day, owner: "the lettershop", text: "letters posted, delivered, returned"),
            file("recall-confirmations", at: time(7, 30), day, owner: "the agencies", text: "recalled work stopped, evidence handed over"),
            moment("first-leases", at: time(8), owner: "the agencies", text: "contact begins"),
            file(
                "payments", at: time(12, 30), time(12)..<time(17, 30), owner: "the bank's ledger", suffix: ".midday",
                text: "payments of the morning"),
            file(
                "payments", at: time(18), time(17, 30)..<TimeOfDay.endOfDay, owner: "the bank's ledger", suffix: ".evening",
                text: "payments of the afternoon"),
            moment("agency-reports", at: time(20), owner: "the agencies", text: "reports of the day are due"),
            moment("window-closes", at: time(22), owner: "the agencies", text: "no act begins any more; reports until 22:15"),
            Step(
                name: "breaks", at: time(22, 30), window: time(22, 30)..<TimeOfDay.endOfDay, latest: nil, work: .reconcile, needs: [],
                owner: "the scheduler", text: "the break run of the evening"),
        ])
    }()
}
