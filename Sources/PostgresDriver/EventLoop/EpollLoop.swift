#if os(Linux)
    import CLinux
    import Synchronization

    #if canImport(Glibc)
        import Glibc
    #else
        import Musl
    #endif

    /// The event loop of Linux: one thread around `epoll_wait`.
    ///
    /// Chosen over readiness sources of Dispatch because there every event changes threads twice: 24.7 against 6.2 microseconds of CPU for one sequential
    /// query in a prototype of both.
    ///
    /// `@unchecked Sendable`: `inbox` is behind its mutex; everything else that changes (`local`, `timers`, `slots`, `events`) is touched by the loop's
    /// thread alone, which `isCurrent` checks.
    package final class EpollLoop: EventLoop, @unchecked Sendable {
        private enum Work {
            case job(UnownedJob)
            case isolatedJob(UnownedJob)
            case body(@Sendable () -> Void)
            case timer(MonotonicTime, @Sendable () -> Void)
        }
        private struct Inbox {
            var work: [Work] = []
            /// The thread waits in the kernel, or is about to: whoever puts work in must wake it.
            var isAsleep = false
        }
        private struct Slot {
            var handler: (any SocketHandler)?
            var interest: Readiness = []
            /// Tells an event of a closed descriptor from one of its successor with the same number.
            var generation: UInt32 = 0
        }
        private static let eventsMax = 64

        /// Set once, in `init`, before anybody else knows the loop.
        private var ownSerial: LoopSerialExecutor?
        private let inbox = Mutex(Inbox())
        private let epoll: Int32
        private let wake: Int32
        private let thread = Atomic<UInt>(0)
        private var local: [Work] = []
        private var timers = LoopTimers()
        private var slots: [Slot] = []

        /// Starts the thread. Loops live as long as the process.
        package init(name: String) {
            epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
            wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
            precondition(epoll >= 0 && wake >= 0, "could not create an event loop: out of file descriptors")
            var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: UInt64(UInt32(bitPattern: wake))))
            precondition(epoll_ctl(epoll, EPOLL_CTL_ADD, wake, &event) == 0, "could not watch an event descriptor")
            ownSerial = LoopSerialExecutor(self)
            Threads.start(name: name) { self.run() }
        }

        package var serial: LoopSerialExecutor {
            guard let ownSerial else { preconditionFailure("set in init") }
            return ownSerial
        }

        package var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

        package func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }
        package func enqueue(_ job: consuming ExecutorJob) { submit(.job(UnownedJob(job))) }
        package func enqueueIsolated(_ job: UnownedJob) { submit(.isolatedJob(job)) }
        package func execute(_ body: @escaping @Sendable () -> Void) { submit(.body(body)) }
        package func schedule(at deadline: MonotonicTime, _ body: @escaping @Sendable () -> Void) {
            if isCurrent { timers.add(deadline, body) } else { submit(.timer(deadline, body)) }
        }

        private func submit(_ work: Work) {
            if isCurrent {
                local.append(work)
                return
            }
            let mustWake = inbox.withLock { inbox in
                inbox.work.append(work)
                defer { inbox.isAsleep = false }
                return inbox.isAsleep
            }
            if mustWake {
                var one: UInt64 = 1
                _ = write(wake, &one, 8)
            }
        }

        package func watch(_ descriptor: Int32, for interest: Readiness, _ handler: any SocketHandler) {
            precondition(isCurrent && descriptor >= 0)
            let index = Int(descriptor)
            while slots.count <= index { slots.append(Slot()) }
            if slots[index].handler == nil { slots[index].generation &+= 1 }
            slots[index].handler = handler
            slots[index].interest = interest
            var bits: UInt32 = 0
            if interest.contains(.readable) { bits |= EPOLLIN.rawValue }
            if interest.contains(.writable) { bits |= EPOLLOUT.rawValue }
            var event = epoll_event(
                events: bits, data: epoll_data_t(u64: UInt64(slots[index].generation) << 32 | UInt64(UInt32(bitPattern: descriptor))))
            // A descriptor that was closed behind our back (libpq does so between two attempts) is no longer in the set: add it again.
            if epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) != 0 {
                let added = epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
                precondition(added == 0, "could not watch a socket")
            }
        }

        package func unwatch(_ descriptor: Int32) {
            precondition(isCurrent)
            guard descriptor >= 0, Int(descriptor) < slots.count, slots[Int(descriptor)].handler != nil else { return }
            slots[Int(descriptor)].handler = nil
            slots[Int(descriptor)].interest = []
            var event = epoll_event()
            _ = epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event)  // already gone when libpq closed it
        }

        private func run() {
            thread.store(UInt(pthread_self()), ordering: .relaxed)
            let serial = serial.asUnownedSerialExecutor(), task = asUnownedTaskExecutor()
            let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: Self.eventsMax)
            var batch: [Work] = []
            while true {
                // What the loop's own work enqueued, then what others sent; then sockets; so nobody starves.
                swap(&batch, &local)
                inbox.withLock {
                    if !$0.work.isEmpty {
                        batch.append(contentsOf: $0.work)
                        $0.work.removeAll(keepingCapacity: true)
                    }
                    $0.isAsleep = batch.isEmpty
                }
                for work in batch {
                    switch work {
                    case .job(let job): job.runSynchronously(on: task)
                    case .isolatedJob(let job): job.runSynchronously(on: serial)
                    case .body(let body): body()
                    case .timer(let deadline, let body): timers.add(deadline, body)
                    }
                }
                let mayWait = batch.isEmpty
                batch.removeAll(keepingCapacity: true)

                var timeout: Int32 = mayWait ? -1 : (local.isEmpty ? -2 : 0)
                if timeout == -2 {
                    // Ran something and nothing of our own is left: go round once more only if others sent work meanwhile.
                    let more = inbox.withLock {
                        $0.isAsleep = $0.work.isEmpty
                        return !$0.work.isEmpty
                    }
                    timeout = more ? 0 : -1
                }
                if timeout == -1, let next = timers.next {
                    let now = MonotonicTime.now
                    // Rounded up, or the loop would spin through the last millisecond.
                    timeout = next <= now ? 0 : Int32(clamping: (next.nanoseconds - now.nanoseconds + 999_999) / 1_000_000)
                }
                let count = epoll_wait(epoll, events, Int32(Self.eventsMax), timeout)
                if timeout != 0 { inbox.withLock { $0.isAsleep = false } }
                for i in 0..<max(0, Int(count)) { dispatch(events[i]) }
                if let next = timers.next, next <= MonotonicTime.now {
                    let now = MonotonicTime.now
                    while let body = timers.takeDue(now) { body() }
                }
            }
        }

        private func dispatch(_ event: epoll_event) {
            let descriptor = Int32(bitPattern: UInt32(truncatingIfNeeded: event.data.u64))
            if descriptor == wake {
                var count: UInt64 = 0
                _ = read(wake, &count, 8)
                return
            }
            let slot = slots[Int(descriptor)]
            guard let handler = slot.handler, slot.generation == UInt32(truncatingIfNeeded: event.data.u64 >> 32) else { return }
            var ready: Readiness = []
            let broken = event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
            if event.events & EPOLLIN.rawValue != 0 || broken { ready.insert(.readable) }
            if event.events & EPOLLOUT.rawValue != 0 || broken { ready.insert(.writable) }
            handler.socketReady(ready)
        }
    }
#endif
