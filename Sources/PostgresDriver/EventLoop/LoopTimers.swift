import HeapModule

/// The timers of one loop: earliest first, equal ones in the order they were set.
struct LoopTimers {
    private struct Timer: Comparable {
        let deadline: MonotonicTime, order: UInt64, body: @Sendable () -> Void
        static func < (a: Timer, b: Timer) -> Bool { (a.deadline, a.order) < (b.deadline, b.order) }
        static func == (a: Timer, b: Timer) -> Bool { a.order == b.order }
    }
    private var heap = Heap<Timer>()
    private var nextOrder: UInt64 = 0

    mutating func add(_ deadline: MonotonicTime, _ body: @escaping @Sendable () -> Void) {
        heap.insert(Timer(deadline: deadline, order: nextOrder, body: body))
        nextOrder += 1
    }

    /// When the next one is due.
    var next: MonotonicTime? { heap.min?.deadline }

    /// The next timer that is due, taken out.
    mutating func takeDue(_ now: MonotonicTime) -> (@Sendable () -> Void)? {
        guard let first = heap.min, first.deadline <= now else { return nil }
        return heap.removeMin().body
    }
}
