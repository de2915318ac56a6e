import Synchronization

/// What callers may ask and say about a connection without a hop to its loop.
final class ConnectionFlags: Sendable {
    private let closed = Atomic<Bool>(false)
    private let clean = Atomic<Bool>(true)
    private let status = Atomic<UInt8>(TransactionStatus.idle.rawValue)
    private let lastExchange = Atomic<UInt64>(0)
    /// The transaction that ``PostgresConnection/withTransaction(isolation:readOnly:_:)`` has opened.
    let scope = Mutex(TransactionScope.none)

    var isClosed: Bool { closed.load(ordering: .acquiring) }
    /// Nothing runs and no transaction is open: it can be handed to somebody else as it is.
    var isClean: Bool { clean.load(ordering: .acquiring) }
    /// Where the session stood when the last exchange ended; `active` while one runs.
    var transactionStatus: TransactionStatus { TransactionStatus(rawValue: status.load(ordering: .acquiring)) ?? .unknown }

    /// A name for a new exchange.
    func makeID() -> ConnectionStateMachine.ID { .init(number: lastExchange.add(1, ordering: .relaxed).newValue) }

    // Set on the loop.

    func setClosed() {
        closed.store(true, ordering: .releasing)
        clean.store(false, ordering: .releasing)
        status.store(TransactionStatus.unknown.rawValue, ordering: .releasing)
    }
    func setBusy() {
        clean.store(false, ordering: .releasing)
        status.store(TransactionStatus.active.rawValue, ordering: .releasing)
    }
    func setIdle(_ new: TransactionStatus, isClean: Bool) {
        status.store(new.rawValue, ordering: .releasing)
        clean.store(isClean, ordering: .releasing)
    }
}
