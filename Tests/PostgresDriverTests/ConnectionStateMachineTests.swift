import Synchronization
import Testing

@testable import PostgresDriver

@Suite
struct ConnectionStateMachineTests {
    typealias Machine = ConnectionStateMachine
    private static let lastID = Atomic<UInt64>(0)
    private static func makeID() -> Machine.ID { Machine.ID(number: lastID.add(1, ordering: .relaxed).newValue) }

    @Test func oneRunsAndTheOthersWaitInOrder() {
        var machine = Machine()
        let ids = (0..<3).map { _ in Self.makeID() }
        var answers: [Machine.SubmitAction] = []
        for id in ids { answers.append(machine.submit(id, .init())) }
        #expect(answers == [.start, .wait, .wait])
        #expect(machine.ended(ids[0]) == ids[1])
        #expect(machine.ended(ids[1]) == ids[2])
        #expect(machine.ended(ids[2]) == nil)
        #expect(machine.isIdle)
    }

    @Test func nothingStartsUntilTheCancelRequestHasReturned() {
        var machine = Machine()
        let a = Self.makeID(), b = Self.makeID()
        _ = machine.submit(a, .init())
        #expect(machine.cancel(a) == .sendCancel)
        #expect(machine.cancel(a) == .nothing)
        #expect(machine.submit(b, .init()) == .wait)
        #expect(machine.ended(a) == nil)
        #expect(machine.isSettling && !machine.isIdle)
        #expect(machine.cancelReturned() == b)
        #expect(machine.running == b)
    }

    @Test func aCancelThatReturnsBeforeTheEndDoesNotStartAnything() {
        var machine = Machine()
        let a = Self.makeID(), b = Self.makeID()
        _ = machine.submit(a, .init())
        _ = machine.submit(b, .init())
        _ = machine.cancel(a)
        #expect(machine.cancelReturned() == nil)
        #expect(machine.running == a)
        #expect(machine.ended(a) == b)
    }

    @Test func aCommitIsNeverCancelled() {
        var machine = Machine()
        let a = Self.makeID()
        _ = machine.submit(a, .init(endsTransaction: true))
        #expect(machine.cancel(a) == .awaitCommit)
        #expect(machine.cancel(a) == .awaitCommit)
        #expect(machine.deadlinePassed() == .closeSocket)
    }

    @Test func aDeadlineAsksFirstAndClosesThen() {
        var machine = Machine()
        let a = Self.makeID()
        #expect(machine.deadlinePassed() == .nothing)
        _ = machine.submit(a, .init())
        #expect(machine.deadlinePassed() == .sendCancel)
        #expect(machine.deadlinePassed() == .closeSocket)
        #expect(machine.lost().running == a)
        #expect(machine.deadlinePassed() == .nothing)
        #expect(machine.submit(Self.makeID(), .init()) == .refuse)
    }

    @Test func aWaitingExchangeIsWithdrawn() {
        var machine = Machine()
        let a = Self.makeID(), b = Self.makeID(), c = Self.makeID()
        for id in [a, b, c] { _ = machine.submit(id, .init()) }
        #expect(machine.cancel(b) == .withdraw)
        #expect(machine.cancel(b) == .nothing)
        #expect(machine.ended(a) == c)
    }

    @Test("any order of events keeps the invariants", arguments: 0..<200)
    func fuzz(seed: Int) {
        var random = Seeded(UInt64(seed))
        var machine = Machine()
        enum Fate { case waiting, running, over }
        var fates: [Machine.ID: Fate] = [:]
        var commits: Set<Machine.ID> = []
        var cancelsUnderWay = 0
        var isClosed = false

        func starts(_ id: Machine.ID) {
            #expect(fates[id] == .waiting, "seed \(seed): \(id) starts once")
            #expect(!fates.values.contains(.running), "seed \(seed): one at a time")
            #expect(cancelsUnderWay == 0, "seed \(seed): nothing starts under a cancel request")
            #expect(!isClosed)
            fates[id] = .running
        }
        for _ in 0..<400 {
            let some = fates.keys.sorted().randomElement(using: &random)
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<35:
                let id = Self.makeID()
                let isCommit = Int.random(in: 0..<5, using: &random) == 0
                if isCommit { commits.insert(id) }
                fates[id] = .waiting
                switch machine.submit(id, .init(endsTransaction: isCommit)) {
                case .start: starts(id)
                case .wait: #expect(!isClosed)
                case .refuse:
                    #expect(isClosed)
                    fates[id] = .over
                }
            case 35..<65:
                guard let id = fates.first(where: { $0.value == .running })?.key else { break }
                fates[id] = .over
                if let next = machine.ended(id) { starts(next) }
            case 65..<80:
                guard let id = some else { break }
                switch machine.cancel(id) {
                case .nothing: break
                case .withdraw:
                    #expect(fates[id] == .waiting)
                    fates[id] = .over
                case .sendCancel:
                    #expect(fates[id] == .running && !commits.contains(id))
                    #expect(cancelsUnderWay == 0)
                    cancelsUnderWay = 1
                case .awaitCommit: #expect(fates[id] == .running && commits.contains(id))
                }
            case 80..<94:
                guard cancelsUnderWay == 1 else { break }
                cancelsUnderWay = 0
                if let next = machine.cancelReturned() { starts(next) }
            case 94..<99:
                switch machine.deadlinePassed() {
                case .nothing: break
                case .sendCancel:
                    let id = fates.first { $0.value == .running }?.key
                    #expect(id.map { !commits.contains($0) } == true && cancelsUnderWay == 0)
                    cancelsUnderWay = 1
                case .closeSocket: close()
                }
            default: if Int.random(in: 0..<4, using: &random) == 0 { close() }
            }
            #expect(machine.running == fates.first { $0.value == .running }?.key, "seed \(seed)")
            #expect(machine.isClosed == isClosed)
        }
        close()
        #expect(fates.values.allSatisfy { $0 == .over }, "seed \(seed): everything ends")

        func close() {
            let gone = machine.lost()
            if let id = gone.running {
                #expect(fates[id] == .running)
                fates[id] = .over
            }
            for id in gone.waiting {
                #expect(fates[id] == .waiting)
                fates[id] = .over
            }
            isClosed = true
            cancelsUnderWay = 0
        }
    }
}
