/// Limits of dispatch, each with its reason.
package struct DispatchLimits: Sendable {
    /// Leases, tokens or outcomes in one call (the wire's own limit).
    package var itemsPerCall = 500
    /// Lanes one lease call may grant from: a call of many lanes costs a statement each, and a two-phase commit on a distributed database.
    package var lanesPerLease = 4
    /// Distinct instants blocked tasks of one call are put off to; more are rounded up, because each is a statement.
    package var distinctPostponements = 8
    /// Blocked tasks are not looked at again sooner.
    package var shortestPostponement: Duration = .seconds(60)
    /// Tasks that only a new fact can free are looked at again after this time.
    package var longestPostponement: Duration = .seconds(86_400)
    /// No act may start later than this after its lease, where no window ends it sooner.
    package var longestAct: Duration = .seconds(86_400)
    /// Items of one outcome transaction.
    package var outcomesPerBatch = 500
    /// Bytes of canonical bodies of one outcome transaction.
    package var bytesPerBatch = 1_000_000
    /// Outcome transactions in flight: 4 on two cores (2 clients are best, 16 give a p99 of 70 ms).
    package var batchesInFlight = 4
    /// Outcomes that may wait in one process; beyond that a call is refused as overloaded.
    package var outcomesWaiting = 20_000
    /// How long a report waits for its outcome before it is told that nobody knows.
    package var reportDeadline: Duration = .seconds(20)
    /// Leases taken back by one sweep of a lane.
    package var expiriesPerSweep = 200
    /// How often expired leases are looked for.
    package var sweepEvery: Duration = .seconds(1)
    /// How often the outbox is looked at without news.
    package var publishEvery: Duration = .milliseconds(250)
    /// Messages moved into a feed by one transaction.
    package var noticesPerPublish = 500
    /// Records of lease calls live this long beyond the longest TTL.
    package var leaseRecordGrace: Duration = .seconds(86_400)

    package init() {}
}
