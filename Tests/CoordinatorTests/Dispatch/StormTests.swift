import CollectionsDomain
import CollectionsStore
import PostgresDriver
import RecourseTesting
import Synchronization
import Testing
import WireTypes

@testable import Coordinator

/// Everything at once on a few debtors: leases, every result there is, wrong and repeated reports, lost leases, holds, activities, two processes, a
/// clock that jumps. Afterwards every invariant of the live database holds, and no two transactions ever deadlocked.
@Suite("Storm", .tags(.database), .freshDatabase, .timeLimit(.minutes(3)))
struct StormTests {
    @Test("After a storm the doctor finds nothing, and the lock order was kept", arguments: [UInt64(1), 2])
    func storm(seed: UInt64) async throws {
        let scene = try await DispatchHarness()
        var debtors: [PlacedDebtor] = []
        for index in 0..<48 {
            let stage = Stage.allCases[index % Stage.allCases.count]
            debtors.append(
                try await scene.db.makePlacedDebtor(
                    accounts: index % 7 == 0 ? [3_000_000, 200_000] : [3_000_000], stage: stage, agency: scene.alpha.agencyId,
                    daysPastDue: index % 5 == 0 ? 20 : 200))
        }
        for debtor in debtors {
            try await scene.db.administrator.query(
                """
                update case_file set point_id = \(debtor.contactPointIds[1]) where case_id = \(debtor.caseId) and step = \(Step.visit.rawValue)
                """)
            // A letter task has its letter, as the stage's entry makes it.
            try await scene.db.administrator.query(
                """
                insert into letter (part, letter_id, case_id, debtor_id, agency_id, task_id, contact_point_id, template, accounts, state, ordered_at)
                select part, task_id, case_id, debtor_id, \(scene.lettershop.agencyId), task_id, \(debtor.contactPointIds[1]), 't',
                    \(debtor.accountIds), 'ordered', \(DispatchHarness.monday)
                from task where debtor_id = \(debtor.debtorId) and step = \(Step.registeredLetter.rawValue)
                """)
            try await scene.db.administrator.query(
                "update task set agency_id = \(scene.lettershop.agencyId) where debtor_id = \(debtor.debtorId) and step = \(Step.registeredLetter.rawValue)"
            )
        }
        let (second, database) = try await scene.secondProcess()
        let tally = Tally()
        let all = debtors
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<6 {
                let dispatch = worker % 2 == 0 ? scene.dispatch : second
                let agency = worker == 5 ? scene.lettershop : scene.alpha
                group.addTask {
                    var random = SplitMix(seed: seed &* 1_000 &+ UInt64(worker))
                    while !tally.isOver {
                        await dispatch.wake()
                        let reply = try await dispatch.lease(
                            LeaseRequest(
                                requestId: "\(worker)-\(random.next())", stages: StageName.all, max: Int.random(in: 1...6, using: &random)),
                            for: agency)
                        var items: [OutcomeItem] = []
                        for lease in reply.leases {
                            var item = Self.outcome(lease, now: reply.serverTime, random: &random)
                            if let visit = lease.workCard.visit {
                                // Nobody knocks without a permit; a blocked one is the outcome. A lease that is gone meanwhile is reported late.
                                do {
                                    let permit = try await dispatch.permit(
                                        PermitRequest(
                                            leaseToken: lease.leaseToken, contactPointId: visit.contactPointId, act: "visit", collectors: 2),
                                        for: agency)
                                    item.occurredAt = permit.serverTime
                                    item.endedAt = permit.serverTime
                                    if permit.permitId == nil { item.result = ResultCode.permitBlocked.name }
                                } catch is Problem {
                                    item.result = ResultCode.notAttempted.name
                                }
                            }
                            items.append(item)
                        }
                        // Some are lost, some given back, some said twice.
                        let kept = items.filter { _ in Int.random(in: 0..<10, using: &random) != 0 }
                        if let first = kept.first, Int.random(in: 0..<4, using: &random) == 0 {
                            _ = try await dispatch.release(
                                ReleaseRequest(
                                    leases: [first.leaseToken],
                                    reason: ["shutdown", "declined", "handler_failed"].randomElement(using: &random) ?? "shutdown"),
                                for: agency)
                        }
                        let twice = kept + kept.filter { _ in Int.random(in: 0..<2, using: &random) == 0 }
                        let answers = try await dispatch.report(OutcomeReport(outcomes: twice.shuffled(using: &random)), for: agency)
                        for answer in answers.outcomes { tally.count(answer.status.rawValue) }
                    }
                }
            }
            group.addTask {
                var random = SplitMix(seed: seed &* 77)
                while !tally.isOver {
                    let debtor = all[Int.random(in: 0..<all.count, using: &random)]
                    if Bool.random(using: &random) {
                        try await Self.toggleHold(debtor, scene)
                    } else {
                        _ = try await scene.dispatch.activities(
                            ActivityReport(activities: [
                                ActivityItem(
                                    activityRef: "a\(random.next())", caseRef: String(debtor.caseId), type: "inbound_call",
                                    occurredAt: WireInstant(try await scene.db.now().business), collectorId: "c",
                                    result: ["refused", "rpc_no_commitment", "hardship", "dispute"].randomElement(using: &random))
                            ]), for: scene.alpha)
                    }
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            group.addTask {
                var time = DispatchHarness.monday
                for _ in 0..<45 {
                    try await Task.sleep(for: .milliseconds(100))
                    time = time + .seconds(7 * 3_600)
                    try await scene.db.setBusinessTime(time)
                    try await scene.db.administrator.query(
                        """
                        update task set leased_until = now() - interval '1 second', expiry_slot = (extract(epoch from now()) / 5)::int - 1
                        where state = 1 and task_id % 3 = 0
                        """)
                    try await scene.dispatch.sweepOnce()
                    try await second.sweepOnce()
                }
                tally.end()
            }
            try await group.waitForAll()
        }
        await database.close()
        let seen = tally.counts
        #expect(seen["accepted", default: 0] > 30 && seen["duplicate", default: 0] > 0, "\(seen)")

        try await scene.db.administrator.query(
            "update task set leased_until = now() - interval '1 second', expiry_slot = (extract(epoch from now()) / 5)::int - 1 where state = 1"
        )
        let (third, fresh) = try await scene.secondProcess()
        try await third.sweepOnce()
        await fresh.close()
        let now = try await scene.db.now()
        let report = try await Doctor(
            database: scene.db.database, policy: try await scene.policies.current(at: Zone.utc.day(of: now.business))
        ).check()
        for check in report.checks { #expect(check.violations == 0, "\(check.invariant) \(check.name): \(check.samples)") }
        #expect(try await scene.count("select deadlocks from pg_stat_database where datname = current_database()") == 0)
        // No reservation outlives its lease other than as a presumption.
        for debtor in debtors {
            #expect(try await scene.ledger(debtor).reservations.allSatisfy(\.isPresumed))
        }
    }

    /// A report with a random result of the lease's step, complete enough to be accepted most of the time.
    private static func outcome(_ lease: Lease, now: WireInstant, random: inout SplitMix) -> OutcomeItem {
        let step = Step(name: lease.step) ?? .call
        let results = ResultCode.allCases.filter { $0.family.fits(step) && $0 != .complaint }
        let result = results[Int.random(in: 0..<results.count, using: &random)]
        let today = WireDate(daysSince1970: Int(Zone.utc.day(of: Instant(now)).number))
        let soon = WireDate(daysSince1970: today.daysSince1970 + Int.random(in: 1...9, using: &random))
        return OutcomeItem(
            leaseToken: lease.leaseToken, result: result.name, occurredAt: now, endedAt: now, collectorId: "c1", visitCollectors: 2,
            contactPointId: lease.workCard.permit?.contactPointId ?? lease.workCard.visit?.contactPointId
                ?? lease.workCard.letter?.contactPointId,
            recordingRef: "r", promise: PromiseItem(amount: "500.00", currency: "CNY", date: soon), callbackAt: now, paidOn: today,
            optOut: OptOut(scope: "point"),
            newContactPoints: [
                NewContactPoint(role: "debtor", channel: "mobile", value: "139\(random.next() % 100_000_000)", provenance: "debtor")
            ], reply: ReplyItem(result: "refused"), letter: LetterStatus(mailNo: "R\(random.next() % 1_000)", returnReason: "moved"))
    }

    /// Sets an operator's hold, or releases the one there is.
    private static func toggleHold(_ debtor: PlacedDebtor, _ scene: DispatchHarness) async throws {
        let environment = try await CaseEnvironmentSource(database: scene.db.database, policies: scene.policies).current(
            at: try await scene.db.now())
        try await scene.db.database.withAuditedTransaction(scene.db.database.core, part: debtor.part) { transaction in
            let now = try await ClockQueries.read(in: transaction.connection)
            let contexts = try await CaseContext.load(
                part: debtor.part, debtors: [debtor.debtorId], environment: environment, now: now, in: transaction.connection)
            guard var context = contexts[debtor.debtorId], !context.facts.state.isClosed else { return }
            var step = CaseTransition(part: debtor.part, environment: environment, now: now, database: scene.db.database)
            let cause = TransitionCause(by: "operator:storm")
            if context.rows.holds.contains(where: { $0.type == .cease }) {
                try await step.releaseHold(.cease, account: nil, cause: cause, on: &context)
            } else {
                try await step.setHold(.cease, account: nil, until: nil, reason: "storm", cause: cause, on: &context)
            }
            transaction.audit(try await step.write(in: transaction.connection))
        }
    }
}

/// What the workers of a test share.
final class Tally: Sendable {
    private let state = Mutex<(isOver: Bool, counts: [String: Int])>((false, [:]))

    var isOver: Bool { state.withLock { $0.isOver } }
    var counts: [String: Int] { state.withLock { $0.counts } }
    func end() { state.withLock { $0.isOver = true } }
    func count(_ key: String) { state.withLock { $0.counts[key, default: 0] += 1 } }
}

/// A small seeded generator.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
