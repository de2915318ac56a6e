import Synchronization

/// What others may ask about a connection without a hop to its loop. Written on the loop, read anywhere.
final class ConnectionFlags: Sendable {
    private let closed = Atomic<Bool>(false)
    private let clean = Atomic<Bool>(true)

    var isClosed: Bool { closed.load(ordering: .acquiring) }
    /// Nothing runs and no transaction is open: it can be handed to somebody else as it is.
    var isClean: Bool { clean.load(ordering: .acquiring) }

    func setClosed() {
        closed.store(true, ordering: .releasing)
        clean.store(false, ordering: .releasing)
    }
    func setClean(_ value: Bool) { clean.store(value, ordering: .releasing) }
}
