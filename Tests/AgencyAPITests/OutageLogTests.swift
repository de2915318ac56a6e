import Logging
import Synchronization
import Testing

@testable import AgencyAPI

@Suite("Log of outages")
struct OutageLogTests {
    /// Keeps the messages it is given.
    final class Lines: Sendable {
        let lines = Mutex<[String]>([])
    }

    struct KeepingHandler: LogHandler {
        let kept: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            kept.lines.withLock { $0.append("\(event.level): \(event.message) \(event.metadata?["calls.refused"].map { "\($0)" } ?? "")") }
        }
    }

    @Test("one line when it begins, one each ten seconds, one when it ends")
    func lines() {
        let kept = Lines()
        let log = OutageLog(logger: Logger(label: "test", factory: { _ in KeepingHandler(kept: kept) }))
        let start = ContinuousClock.now
        log.answered(at: start)
        for second in 0..<25 { log.refused(at: start + .seconds(second)) }
        log.answered(at: start + .seconds(25))
        log.answered(at: start + .seconds(26))
        log.refused(at: start + .seconds(27))
        let away = "error: the database cannot be reached, calls are answered 503 until it is back"
        #expect(
            kept.lines.withLock { $0 } == [away + " 1", away + " 11", away + " 21", "notice: the database answers again 25", away + " 1"])
    }
}
