import CollectionsDomain
import CollectionsStore
import Synchronization
import Testing
import WireTypes

@testable import Coordinator

@Suite("Lease tokens")
struct LeaseTokenTests {
    private let key = TokenKey(secret: Array(repeating: UInt8(7), count: 32))
    private let token = LeaseToken(kid: 3, part: 5, debtorId: 90_159_953_477_637, taskId: 90_159_953_477_700, epoch: 12)

    @Test("A token names its grant, and verifies for its agency and key alone")
    func verifies() throws {
        let text = token.text(agency: 7, key: key)
        #expect(text.hasPrefix("v1.3.5.90159953477637.90159953477700.12."))
        #expect(text.split(separator: ".").last?.count == 22, "16 bytes of MAC in base64url without padding")
        let read = try #require(LeaseToken(unverified: text))
        #expect(read == token && read.isSigned(text, agency: 7, key: key))
        #expect(!read.isSigned(text, agency: 8, key: key), "another agency's")
        #expect(!read.isSigned(text, agency: 7, key: TokenKey(secret: Array(repeating: UInt8(8), count: 32))))
    }

    @Test("No changed character verifies")
    func tampering() throws {
        let text = Array(token.text(agency: 7, key: key))
        for index in text.indices {
            for other in "019AZaz-_." where other != text[index] {
                var changed = text
                changed[index] = other
                guard let read = LeaseToken(unverified: String(changed)) else { continue }
                #expect(!read.isSigned(String(changed), agency: 7, key: key), "position \(index)")
            }
        }
    }

    @Test(
        "What is no token is not read",
        arguments: [
            "", "v1", "v2.3.5.1.1.1.AAAA", "v1.3.5.1.1.0.AAAA", "v1.3.-5.1.1.1.AAAA", "v1.a.5.1.1.1.AAAA",
            "v1.3.5.1.1.1.AAAA.B", String(repeating: "1", count: 200),
        ])
    func malformed(text: String) {
        #expect(LeaseToken(unverified: text) == nil)
    }
}

@Suite("Scan floors")
struct LaneFloorTests {
    private let key = LaneKey(part: 1, agency: 2, stage: .phone)
    private let start = ContinuousClock.now
    private func at(_ seconds: Int64) -> Instant { DispatchHarness.monday + .seconds(seconds) }

    @Test("The first pick has no floor, the next start at the oldest row, and every 10 s one starts 20 s back")
    func floors() {
        let floors = LaneFloors()
        #expect(floors.start(of: key, at: start) == .distantPast)
        floors.picked(key, oldest: at(0), isExhausted: false, at: start)
        for second in 1...9 {
            #expect(floors.start(of: key, at: start + .seconds(second)) == at(Int64(second) - 1))
            floors.picked(key, oldest: at(Int64(second)), isExhausted: false, at: start + .seconds(second))
        }
        // Nothing is 20 s old yet: the whole index, once.
        #expect(floors.start(of: key, at: start + .seconds(10)) == .distantPast)
        for second in 10...40 { floors.picked(key, oldest: at(Int64(second)), isExhausted: false, at: start + .seconds(second)) }
        let deep = floors.start(of: key, at: start + .seconds(41))
        #expect(deep > at(10) && deep <= at(21), "a floor of about 20 s ago: \(deep)")
        #expect(floors.start(of: key, at: start + .seconds(42)) == at(40))
        // A floor never goes back by a pick that found an old row.
        floors.picked(key, oldest: at(5), isExhausted: false, at: start + .seconds(43))
        #expect(floors.start(of: key, at: start + .seconds(44)) == at(40))
    }

    @Test("A probe starts where a pick would; one that finds a late row below the floor brings the picks there")
    func probes() {
        let floors = LaneFloors()
        for second in 0...40 { floors.picked(key, oldest: at(Int64(second)), isExhausted: false, at: start + .seconds(second)) }
        _ = floors.start(of: key, at: start + .seconds(40))
        #expect(floors.start(of: key, at: start + .seconds(41)) == at(40))
        floors.probed(key, nextDue: at(70), at: start + .seconds(41))
        #expect(floors.start(of: key, at: start + .seconds(42)) == at(40))
        // The deep look is the probe's this time: a pick from the floor would pass by what it found.
        #expect(floors.start(of: key, at: start + .seconds(51)) < at(33))
        floors.probed(key, nextDue: at(33), at: start + .seconds(51))
        #expect(floors.start(of: key, at: start + .seconds(52)) == at(33))
        floors.picked(key, oldest: at(33), isExhausted: false, at: start + .seconds(52))
        floors.picked(key, oldest: at(45), isExhausted: false, at: start + .seconds(53))
        #expect(floors.start(of: key, at: start + .seconds(54)) == at(45))
    }

    @Test("A look that failed is made again")
    func failed() {
        let floors = LaneFloors()
        for second in 0...40 { floors.picked(key, oldest: at(Int64(second)), isExhausted: false, at: start + .seconds(second)) }
        _ = floors.start(of: key, at: start + .seconds(40))
        #expect(floors.start(of: key, at: start + .seconds(41)) == at(40))
        floors.failed([key])
        #expect(floors.start(of: key, at: start + .seconds(42)) <= at(22))
        #expect(floors.start(of: key, at: start + .seconds(43)) == at(40))
    }

    @Test("A key without work is left alone until its next due time, news, or some seconds")
    func outlook() {
        let floors = LaneFloors()
        let now = at(0)
        #expect(floors.outlook(of: key, now: now, at: start) == .unknown)
        floors.picked(key, oldest: nil, isExhausted: true, at: start)
        #expect(floors.outlook(of: key, now: now, at: start) == .later(nil))
        floors.probed(key, nextDue: at(60), at: start)
        #expect(floors.outlook(of: key, now: now, at: start) == .later(at(60)))
        #expect(floors.outlook(of: key, now: at(60), at: start) == .due(at(60)))
        floors.hint(key)
        #expect(floors.outlook(of: key, now: now, at: start) == .unknown)
        floors.probed(key, nextDue: nil, at: start)
        #expect(floors.outlook(of: key, now: now, at: start + .seconds(7)) == .unknown)
    }
}

@Suite("The queue of outcomes")
struct OutcomeQueueTests {
    private func pending(_ part: Int32, debtor: Int64, at second: Int64 = 0, bytes: Int = 10, task: Int64? = nil) -> PendingOutcome {
        PendingOutcome(
            token: LeaseToken(kid: 1, part: part, debtorId: debtor, taskId: task ?? debtor, epoch: 1), agency: 1,
            item: OutcomeItem(leaseToken: "", result: "no_answer", occurredAt: WireInstant(microseconds: second)),
            body: Array(repeating: 0, count: bytes), bodyHash: [], queuedAt: .now, index: 0, collector: OutcomeCollector(count: 1))
    }

    @Test("One batch per lane is in flight, and the next takes all that waits")
    func oneInFlight() {
        var queue = OutcomeQueue(limits: DispatchLimits())
        queue.add([pending(1, debtor: 1)])
        #expect(queue.next()?.batch.count == 1)
        queue.add((2...9).map { pending(1, debtor: $0) })
        #expect(queue.next() == nil, "its lane is busy")
        queue.ended(1)
        #expect(queue.next()?.batch.count == 8)
        queue.ended(1)
        #expect(queue.isIdle)
    }

    @Test("At most four lanes are in flight")
    func fourLanes() {
        var queue = OutcomeQueue(limits: DispatchLimits())
        for part in 0..<8 { queue.add([pending(Int32(part), debtor: Int64(part) + 1)]) }
        var parts: [Int32] = []
        while let (part, _) = queue.next() { parts.append(part) }
        #expect(parts == [0, 1, 2, 3])
        queue.ended(2)
        #expect(queue.next()?.part == 4)
    }

    @Test("A batch holds one outcome per debtor, in the order of the acts, within its limits")
    func folds() {
        var limits = DispatchLimits()
        limits.outcomesPerBatch = 3
        limits.bytesPerBatch = 100
        var queue = OutcomeQueue(limits: limits)
        queue.add([pending(1, debtor: 7, at: 9, task: 2), pending(1, debtor: 7, at: 5, task: 1), pending(1, debtor: 8, at: 7)])
        let first = queue.next()?.batch
        #expect(first?.map(\.token.taskId) == [1, 8], "the second one of debtor 7 waits for what the first makes of the case")
        queue.ended(1)
        #expect(queue.next()?.batch.map(\.token.taskId) == [2])
        queue.ended(1)
        queue.add((10...14).map { pending(1, debtor: $0, bytes: 40) })
        #expect(queue.next()?.batch.count == 2, "100 bytes hold two of 40")
        queue.ended(1)
        queue.add([pending(1, debtor: 20, bytes: 500)])
        while let (part, batch) = queue.next() {
            #expect(batch.count <= 3)
            queue.ended(part)
        }
        #expect(queue.isIdle, "one that is too large alone goes alone")
    }

    @Test("What waits is bounded")
    func bounded() {
        var limits = DispatchLimits()
        limits.outcomesWaiting = 10
        var queue = OutcomeQueue(limits: limits)
        #expect(queue.hasRoom(for: 10) && !queue.hasRoom(for: 11))
        queue.add((1...8).map { pending(1, debtor: $0) })
        #expect(!queue.hasRoom(for: 3))
    }
}

@Suite("Waiting for work", .timeLimit(.minutes(1)))
struct LeaseWaitersTests {
    private final class Probes: Sendable {
        let count = Mutex(0)
        let due: Int
        init(due: Int = 0) { self.due = due }
        func probe() -> LeaseWaiters.Found {
            count.withLock { $0 += 1 }
            return LeaseWaiters.Found(due: due, next: nil)
        }
    }

    private let line = LeaseWaiters.Line(agency: 1, stages: [.phone])
    private var later: ContinuousClock.Instant { .now + .seconds(30) }

    @Test("A thousand waiters share one probe; news wakes as many as there are tasks, first come first served")
    func shares() async {
        let probes = Probes()
        let waiters = LeaseWaiters { _, _ in probes.probe() }
        let line = line
        let deadline = later
        let woken = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<1_000 { group.addTask { await waiters.wait(in: line, until: deadline) } }
            while await waiters.count < 1_000 { await Task.yield() }
            await waiters.hint(Array(repeating: WorkHint(part: 3, agency: 1, stage: .phone), count: 7))
            #expect(await waiters.count == 993)
            await waiters.hint([WorkHint(part: 3, agency: 2, stage: .phone), WorkHint(part: 3, agency: 1, stage: .letter)])
            #expect(await waiters.count == 993, "news for others wakes nobody here")
            group.cancelAll()
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(woken == 7)
        #expect(await waiters.count == 0)
        #expect(probes.count.withLock { $0 } <= 1)
    }

    @Test("News that anything may have changed probes every line at once")
    func probesAll() async {
        let probes = Probes(due: 2)
        let waiters = LeaseWaiters { _, _ in probes.probe() }
        let line = line
        let deadline = later
        let woken = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<5 { group.addTask { await waiters.wait(in: line, until: deadline) } }
            while await waiters.count < 5 { await Task.yield() }
            await waiters.probeAll()
            while await waiters.count > 3 { await Task.yield() }
            group.cancelAll()
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(woken == 2)
    }

    @Test("A wait ends at its deadline and with its task")
    func ends() async {
        let waiters = LeaseWaiters { _, _ in LeaseWaiters.Found(due: 0, next: nil) }
        #expect(await waiters.wait(in: line, until: .now + .milliseconds(20)) == false)
        #expect(await waiters.wait(in: line, until: .now - .seconds(1)) == false)
        let line = line
        let deadline = later
        let task = Task { await waiters.wait(in: line, until: deadline) }
        while await waiters.count == 0 { await Task.yield() }
        task.cancel()
        #expect(await task.value == false)
        #expect(await waiters.count == 0)
    }
}

@Suite("Work news between nodes")
struct WorkNotifierTests {
    @Test("Keys survive the payload, and anything else means everything")
    func payload() {
        let hints: Set<WorkHint> = [WorkHint(part: 3, agency: 7, stage: .phone), WorkHint(part: 15, agency: 1, stage: .legalReferral)]
        #expect(Set(WorkNotifier.hints(WorkNotifier.payload(hints)) ?? []) == hints)
        for text in ["*", "", "1:2", "a:b:c", "1:2:99"] { #expect(WorkNotifier.hints(text) == nil) }
    }
}
