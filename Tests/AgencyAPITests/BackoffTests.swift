import Foundation
import Testing
import WireTypes

@testable import AgencyClient

@Suite("Waits between attempts")
struct BackoffTests {
    @Test("double up to the longest, each between half and whole")
    func doubling() {
        let backoff = Backoff(initial: .milliseconds(100), max: .seconds(1))
        let wholes = (1...8).map { backoff.wait(attempt: $0, retryAfter: nil, spread: 1) }
        #expect(wholes == [100, 200, 400, 800, 1000, 1000, 1000, 1000].map { .milliseconds($0) })
        #expect((1...8).map { backoff.wait(attempt: $0, retryAfter: nil, spread: 0) } == wholes.map { $0 / 2 })
        #expect(backoff.wait(attempt: 1_000_000, retryAfter: nil, spread: 1) == .seconds(1))
    }

    @Test("are never shorter than what the coordinator asked for, and spread beyond it")
    func retryAfter() {
        let backoff = Backoff(initial: .milliseconds(100), max: .seconds(1))
        #expect(backoff.wait(attempt: 1, retryAfter: .seconds(7), spread: 0) == .milliseconds(7025))
        #expect(backoff.wait(attempt: 9, retryAfter: .seconds(7), spread: 1) == .milliseconds(7500))
        #expect(backoff.wait(attempt: 9, retryAfter: .zero, spread: 1) == .seconds(1))
    }

    @Test(
        "follow from the status: 401 and 403 end it, 4xx is an answer, what may pass is tried again",
        arguments: [
            (200, "done"), (204, "done"), (400, "refused"), (401, "unauthorized"), (403, "unauthorized"), (404, "refused"), (408, "again"),
            (409, "refused"), (413, "refused"), (422, "refused"), (429, "again"), (500, "again"), (502, "again"), (503, "again"),
            (504, "again"),
        ])
    func statuses(status: Int, expected: String) throws {
        let body = try JSONEncoder().encode(Problem(.validation))
        let verdict =
            switch Attempt.judge(status: status, body: body, retryAfter: nil) {
            case .done: "done"
            case .again: "again"
            case .refused(.unauthorized): "unauthorized"
            case .refused: "refused"
            }
        #expect(verdict == expected)
    }

    @Test("believe the problem's own wait before the header's, and no absurd one")
    func waits() throws {
        let body = try JSONEncoder().encode(Problem(.overloaded, retryAfterMs: 250))
        guard case .again(let own) = Attempt.judge(status: 503, body: body, retryAfter: "9"),
            case .again(let header) = Attempt.judge(status: 503, body: Data("<html>".utf8), retryAfter: "9"),
            case .again(let absurd) = Attempt.judge(status: 503, body: Data(), retryAfter: "99999999"),
            case .again(let none) = Attempt.judge(status: 503, body: Data(), retryAfter: "Wed, 21 Oct 2026 07:28:00 GMT")
        else { return #expect(Bool(false), "503 has to be tried again") }
        #expect(own.retryAfter == .milliseconds(250) && own.what == "overloaded")
        #expect(header.retryAfter == .seconds(9) && header.what == "status 503")
        #expect(absurd.retryAfter == .seconds(120))
        #expect(none.retryAfter == nil)
    }
}

@Suite("Business time at a worker")
struct BusinessClockTests {
    @Test("is server time plus rate times what has passed since the reply")
    func rate() throws {
        let clock = BusinessClock()
        #expect(clock.now() == nil)
        let start = WireInstant(microseconds: 1_000_000_000)
        let received = ContinuousClock.now - .seconds(10)
        clock.update(serverTime: start, rate: 60, sent: received - .milliseconds(5), received: received)
        let now = try #require(clock.now())
        #expect(now.microseconds >= start.microseconds + 600_000_000 && now.microseconds < start.microseconds + 700_000_000)
        clock.update(serverTime: start, rate: 0, sent: received, received: received)
        #expect(clock.now() == start)
    }

    @Test("follows the latest call, not the latest reply")
    func overtaking() {
        let clock = BusinessClock()
        let now = ContinuousClock.now
        clock.update(serverTime: WireInstant(microseconds: 2000), rate: 0, sent: now, received: now)
        clock.update(serverTime: WireInstant(microseconds: 1000), rate: 0, sent: now - .seconds(1), received: now)
        #expect(clock.now() == WireInstant(microseconds: 2000))
        // A frozen clock that was set back by a restart is followed too.
        clock.update(serverTime: WireInstant(microseconds: 500), rate: 0, sent: now + .seconds(1), received: now)
        #expect(clock.now() == WireInstant(microseconds: 500))
    }
}
