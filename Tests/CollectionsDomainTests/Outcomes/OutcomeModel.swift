import CollectionsDomain

/// A small model of one task with two workers: every order of grant, expiry, recall, report, replay and conflicting replay.
///
/// The model's steps are what the dispatch transactions do; its answers come from the decision table under test, or from a mutant of it.
struct OutcomeModel {
    /// What is being checked: the table itself, or a mutant that leaves out one safeguard.
    enum Variant: CaseIterable {
        case real, noFence, noReceipt, noPresumption
    }

    /// A body a worker may send; the last one is never valid.
    enum Body: UInt8, CaseIterable, Hashable {
        case first = 1
        case second = 2
        case bad = 9
    }

    /// What stands for the act of one grant in the debtor's conduct ledger.
    enum Mark: Hashable { case reservation, presumption, fact }

    struct State: Hashable {
        /// `nil`: no row.
        var row: OutcomeSituation.Row? = .init(isLeased: false, epoch: 0)
        var receipts: [Int32: Body] = [:]
        var lateReceipts: [Int32: Body] = [:]
        var end: TaskEndReason?
        /// Tokens each of the two workers has ever held.
        var tokens: [Set<Int32>] = [[], []]
        var expiries = 0
        /// How often the case was moved.
        var moves = 0
        var ledger: [Int32: Mark] = [:]
        /// Safety facts applied, per grant.
        var safety: [Int32: Int] = [:]
        /// The first final answer given to (epoch, body).
        var answers: [Answer: Final] = [:]
    }

    struct Answer: Hashable {
        var epoch: Int32
        var body: Body
    }

    /// An answer that must be given again to the same item.
    enum Final: Hashable { case accepted, late, conflict }

    enum Step: Hashable, CustomStringConvertible {
        case grant(worker: Int)
        case expire
        case recall
        case report(worker: Int, epoch: Int32, body: Body)

        var description: String {
            switch self {
            case .grant(let worker): "grant \(worker)"
            case .expire: "expire"
            case .recall: "recall"
            case .report(let worker, let epoch, let body): "report \(worker) epoch \(epoch) \(body)"
            }
        }
    }

    struct Fault: Error, CustomStringConvertible {
        var rule: String
        var trace: [Step]
        var description: String { "\(rule) after \(trace.map(\.description).joined(separator: ", "))" }
    }

    struct Result {
        var states = 0
        var transitions = 0
        var accepted = 0
        var late = 0
        var fault: Fault?
    }

    let variant: Variant
    static let grantsMax: Int32 = 3
    static let expiriesMax = 2

    /// Walks every reachable state; stops at the first broken rule.
    func explore() -> Result {
        var result = Result()
        var seen: Set<State> = [State()]
        var queue: [(State, [Step])] = [(State(), [])]
        var next = 0
        while next < queue.count {
            let (state, trace) = queue[next]
            next += 1
            for step in steps(from: state) {
                result.transitions += 1
                let after: State
                do throws(Fault) {
                    after = try take(step, from: state, trace: trace + [step], counting: &result)
                } catch {
                    result.fault = error
                    return result
                }
                if seen.insert(after).inserted { queue.append((after, trace + [step])) }
            }
        }
        result.states = seen.count
        return result
    }

    private func steps(from state: State) -> [Step] {
        var steps: [Step] = []
        if let row = state.row {
            if !row.isLeased, row.epoch < Self.grantsMax { steps += [.grant(worker: 0), .grant(worker: 1)] }
            if row.isLeased, state.expiries < Self.expiriesMax { steps.append(.expire) }
            steps.append(.recall)
        }
        for worker in 0...1 {
            for epoch in state.tokens[worker].sorted() {
                for body in Body.allCases { steps.append(.report(worker: worker, epoch: epoch, body: body)) }
            }
        }
        return steps
    }

    private func take(_ step: Step, from state: State, trace: [Step], counting result: inout Result) throws(Fault) -> State {
        var after = state
        func fail(_ rule: String) -> Fault { Fault(rule: rule, trace: trace) }
        switch step {
        case .grant(let worker):
            guard let row = state.row else { throw fail("a grant needs a row") }
            let epoch = row.epoch + 1
            after.row = .init(isLeased: true, epoch: epoch)
            after.tokens[worker].insert(epoch)
            after.ledger[epoch] = .reservation
        case .expire:
            guard let row = state.row else { throw fail("an expiry needs a row") }
            after.row = .init(isLeased: false, epoch: row.epoch)
            after.expiries += 1
            after.ledger[row.epoch] = variant == .noPresumption ? nil : .presumption
        case .recall:
            if let row = state.row, row.isLeased { after.ledger[row.epoch] = variant == .noPresumption ? nil : .presumption }
            after.row = nil
            after.end = .recall
        case .report(_, let epoch, let body):
            try report(epoch, body, from: state, into: &after, fail: fail, counting: &result)
        }
        // Every grant stands for one act in the limits, from its grant on, exactly once.
        for epoch in 1...Self.grantsMax where after.tokens.contains(where: { $0.contains(epoch) }) {
            guard after.ledger[epoch] != nil else { throw fail("a granted act left the limits") }
            guard after.safety[epoch, default: 0] <= 1 else { throw fail("safety facts applied twice") }
        }
        guard after.moves <= 1 else { throw fail("a task moved its case twice") }
        guard after.receipts.count <= 1 else { throw fail("a task was accepted twice") }
        return after
    }

    private func report(
        _ epoch: Int32, _ body: Body, from state: State, into after: inout State, fail: (String) -> Fault, counting result: inout Result
    ) throws(Fault) {
        let decision = decide(state, epoch: epoch, body: body)
        let key = Answer(epoch: epoch, body: body)
        let before = state.answers[key]
        switch decision {
        case .accepted:
            result.accepted += 1
            guard before == nil else { throw fail("an answered item was accepted") }
            guard state.row == .init(isLeased: true, epoch: epoch) else { throw fail("a stale epoch was accepted") }
            after.row = nil
            after.receipts[epoch] = body
            after.moves += 1
            after.ledger[epoch] = .fact
            after.safety[epoch, default: 0] += 1
            after.answers[key] = .accepted
        case .duplicate:
            guard before == .accepted else { throw fail("a duplicate of something never accepted") }
        case .invalid:
            guard before == nil, state.row == .init(isLeased: true, epoch: epoch) else { throw fail("invalid without its lease") }
        case .conflict:
            guard before == nil || before == .conflict else { throw fail("an answered item became a conflict") }
            let isOther = state.receipts[epoch].map { $0 != body } ?? state.lateReceipts[epoch].map { $0 != body } ?? false
            guard isOther else { throw fail("a conflict with nothing") }
            after.answers[key] = .conflict
        case .lateDuplicate:
            guard before == .late else { throw fail("a late duplicate of something never taken") }
        case .late:
            result.late += 1
            guard before == nil else { throw fail("the answer to an item changed to late") }
            after.lateReceipts[epoch] = body
            after.ledger[epoch] = .fact
            after.safety[epoch, default: 0] += 1
            after.answers[key] = .late
            guard after.moves == state.moves, after.row == state.row else { throw fail("a late outcome moved something") }
        case .tokenInvalid:
            throw fail("a good token was refused")
        }
    }

    private func decide(_ state: State, epoch: Int32, body: Body) -> OutcomeDecision {
        var situation = OutcomeSituation(
            row: state.row, receipt: state.receipts[epoch].map { [$0.rawValue] },
            lateReceipt: state.lateReceipts[epoch].map { [$0.rawValue] },
            end: state.end)
        switch variant {
        case .real, .noPresumption: break
        case .noFence:
            if let row = situation.row, row.isLeased { situation.row = .init(isLeased: true, epoch: epoch) }
        case .noReceipt: situation.receipt = nil
        }
        return OutcomeTable.decide(situation, epoch: epoch, bodyHash: [body.rawValue]) {
            body == .bad ? [OutcomeFault(pointer: "/result", reason: "bad")] : []
        }
    }
}
