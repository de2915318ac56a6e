import CollectionsDomain
package import CollectionsStore
import Logging
import Metrics
import PostgresDriver
import Synchronization
package import WireTypes

/// Takes outcomes: `POST /v1/outcomes`.
///
/// Calls hand their items to the queue and wait; the queue's batches run in tasks of their own, so that a caller who leaves takes nothing with
/// it. An answer is given only when a commit is known: after a doubtful one the same batch runs again on another connection, and the receipts tell.
package final class OutcomeService: Sendable {
    private let shared: DispatchShared
    private let queue: Mutex<OutcomeQueue>
    private let leases: LeaseService
    private let publisher: OutboxPublisher

    init(shared: DispatchShared, leases: LeaseService, publisher: OutboxPublisher) {
        self.shared = shared
        self.leases = leases
        self.publisher = publisher
        queue = Mutex(OutcomeQueue(limits: shared.limits))
    }

    // MARK: The call

    /// Takes the outcomes of one call and answers each, in order.
    ///
    /// - Throws: ``Problem``: `overloaded` when too many wait; `outcome-unknown` when a commit could not be looked up in time; `database-unavailable`
    ///   when nothing was stored. The same call may be sent again after each.
    package func report(_ report: OutcomeReport, for agency: AgencyIdentity) async throws -> [OutcomeReply] {
        let items = report.outcomes
        guard items.count <= shared.limits.itemsPerCall else {
            throw Problem(.validation, pointers: [ProblemPointer(pointer: "/outcomes", reason: "too_many")])
        }
        let collector = OutcomeCollector(count: items.count)
        var pending: [PendingOutcome] = []
        for (index, item) in items.enumerated() {
            guard let token = try await shared.keys.verify(item.leaseToken, agency: agency.agencyId) else {
                // Row 1: one answer for a malformed token, a wrong signature, a destroyed key and another agency.
                shared.logger.notice("refused a lease token", metadata: ["agency.id": "\(agency.agencyId)"])
                collector.answer(index, .reply(OutcomeReply(status: .rejected, problem: Problem(.leaseTokenInvalid))))
                continue
            }
            // The hash is of all that was reported; what is stored leaves out contact data, which have a sealed row of their own.
            let facts = item.canonicalBytes
            pending.append(
                PendingOutcome(
                    token: token, agency: agency.agencyId, item: item, body: item.storedBytes, bodyHash: Digest.sha256(facts),
                    queuedAt: .now,
                    index: index,
                    collector: collector))
        }
        if !pending.isEmpty { try submit(pending) }
        let answers = await items.isEmpty ? [] : collector.wait()
        var replies: [OutcomeReply] = []
        for answer in answers {
            switch answer {
            case .reply(let reply): replies.append(reply)
            case .unknown: throw Problem(.outcomeUnknown, retryAfterMs: 1_000)
            case .unavailable: throw Problem(.databaseUnavailable, retryAfterMs: 1_000)
            }
        }
        await addNextLeases(to: &replies, items: items, agency: agency)
        return replies
    }

    private func submit(_ pending: [PendingOutcome]) throws {
        try queue.withLock { queue in
            guard queue.hasRoom(for: pending.count) else { throw Problem(.overloaded, retryAfterMs: 500) }
            queue.add(pending)
        }
        startBatches()
    }

    /// A dialler's rhythm: the next lease comes with the answer. The request id is made from the receipt, so that a repetition gets the same lease.
    private func addNextLeases(to replies: inout [OutcomeReply], items: [OutcomeItem], agency: AgencyIdentity) async {
        for (index, item) in items.enumerated() where item.requestNextLease == true {
            guard replies[index].status == .accepted || replies[index].status == .duplicate, let receipt = replies[index].receiptId else {
                continue
            }
            do {
                let request = LeaseRequest(requestId: "next:\(receipt)", stages: [StageName.phone], max: 1)
                replies[index].nextLease = try await leases.lease(request, for: agency).leases.first
            } catch {
                // The outcome is stored and says so; the worker asks for work as usual.
                shared.logger.debug("could not add the next lease", metadata: ["error": "\(LoggableError(error))"])
            }
        }
    }

    // MARK: Batches

    private func startBatches() {
        while let (part, batch) = queue.withLock({ $0.next() }) {
            Task {
                await run(batch, part: part)
                queue.withLock { $0.ended(part) }
                startBatches()
            }
        }
    }

    /// Waits until nothing is in flight: for a graceful stop.
    package func drain() async {
        while !queue.withLock(\.isIdle) {
            // Cancelled or not, the batches end by themselves; this only looks again.
            do { try await Task.sleep(for: .milliseconds(20)) } catch { return }
        }
    }

    /// Runs a batch until its outcome is known, or its deadline.
    private func run(_ batch: [PendingOutcome], part: Int32) async {
        let deadline = (batch.map(\.queuedAt).min() ?? .now) + shared.limits.reportDeadline
        var isDoubtful = false
        var tries = 0
        while true {
            do {
                let result = try await OutcomeBatch(shared: shared, part: part, items: batch).run()
                for (pending, reply) in zip(batch, result.replies) { pending.answer(.reply(reply)) }
                count(result.counts)
                if result.hasMessages { publisher.signal() }
                await shared.hint(result.hints)
                return
            } catch {
                tries += 1
                switch Self.handling(error) {
                case .split:
                    return await split(batch, part: part)
                case .again:
                    if tries > 100 || ContinuousClock.now >= deadline { return giveUp(batch, isDoubtful: isDoubtful, error: error) }
                case .lookUp:
                    isDoubtful = true
                    if ContinuousClock.now >= deadline { return giveUp(batch, isDoubtful: true, error: error) }
                case .fail:
                    return await split(batch, part: part, because: error)
                }
                // The server may be restarting: look again soon, not at once.
                let pause: Duration = tries < 3 ? .milliseconds(5) : .milliseconds(200)
                do { try await Task.sleep(for: pause) } catch { return giveUp(batch, isDoubtful: isDoubtful, error: error) }
            }
        }
    }

    /// What an error of a batch asks for.
    enum Handling: Hashable {
        /// A value the database would not store: in halves, until the one item is found.
        case split
        /// Nothing was stored; the same again.
        case again
        /// Nobody knows: the same again, the receipts will tell.
        case lookUp
        /// A fault of the program or of stored data: found by halving, answered as a failure.
        case fail
    }

    /// How an error of a batch is handled (dispatch protocol, section 7).
    static func handling(_ error: any Error) -> Handling {
        guard let error = error as? PostgresError else { return .fail }
        if error.outcomeUnknown || error.code == .commitUnknown { return .lookUp }
        if error.isRetryable || error.isStaleStatement || error.isConnectionLoss || error.sqlState?.hasPrefix("40") == true {
            return .again
        }
        if error.code == .poolTimeout || error.code == .timeout || error.sqlState?.hasPrefix("57") == true
            || error.sqlState?.hasPrefix("53") == true
        {
            return .again
        }
        if error.sqlState?.hasPrefix("22") == true || error.sqlState?.hasPrefix("23") == true { return .split }
        return .fail
    }

    /// Runs the halves of a batch; an item that fails alone is refused.
    private func split(_ batch: [PendingOutcome], part: Int32, because error: (any Error)? = nil) async {
        guard batch.count > 1 else {
            guard let only = batch.first else { return }
            return await refuse(only, part: part, because: error)
        }
        let middle = batch.count / 2
        await run(Array(batch[..<middle]), part: part)
        await run(Array(batch[middle...]), part: part)
    }

    private func refuse(_ pending: PendingOutcome, part: Int32, because error: (any Error)?) async {
        shared.logger.error(
            "an outcome could not be stored",
            metadata: ["task.id": "\(pending.token.taskId)", "error": "\(error.map { LoggableError($0).description } ?? "data")"])
        do {
            try await shared.database.withAuditedTransaction(shared.database.api, part: part, agencies: [pending.agency]) { transaction in
                transaction.audit(
                    .outcomeRefused, subject: pending.token.taskId,
                    [
                        "epoch": .number(pending.token.epoch), "agency": .number(pending.agency),
                        "hash": .string(Digest.hex(pending.bodyHash)),
                    ])
            }
        } catch {
            shared.logger.error("could not record a refused outcome", metadata: ["task.id": "\(pending.token.taskId)"])
        }
        if error == nil {
            pending.answer(
                .reply(
                    OutcomeReply(
                        status: .rejected,
                        problem: Problem(.outcomeInvalid, pointers: [ProblemPointer(pointer: "", reason: "not_storable")]))))
        } else {
            // The lease stays in force; an operator has the log's line and the audit entry.
            pending.answer(.reply(OutcomeReply(status: .rejected, problem: Problem(.internalError))))
        }
    }

    private func giveUp(_ batch: [PendingOutcome], isDoubtful: Bool, error: any Error) {
        shared.logger.error(
            "gave up on outcomes",
            metadata: ["outcome.count": "\(batch.count)", "outcome.doubtful": "\(isDoubtful)", "error": "\(LoggableError(error))"])
        for pending in batch { pending.answer(isDoubtful ? .unknown : .unavailable) }
    }

    private func count(_ counts: [OutcomeBatch.OutcomeCount: Int]) {
        for (kind, count) in counts {
            Counter(label: "recourse_outcomes_total", dimensions: [("status", kind.rawValue)]).increment(by: count)
        }
    }
}
