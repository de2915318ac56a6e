package import WireTypes

/// What the HTTP layer asks of dispatch. The real one is the coordinator's; tests put a fake in its place.
///
/// A refusal of a whole call is a thrown ``Problem``, which is answered as it is. Refusals of single items are in the reply. `CancellationError`
/// means that the wait was ended from outside. Any other error is answered as `internal-error` and logged by type only.
///
/// Every reply carries business time, so an empty list is answered too: with the clock alone.
package protocol DispatchPort: Sendable {
    /// Grants leases. With `waitSeconds` it waits for work itself and ends early, empty, when its task is cancelled.
    func lease(_ request: LeaseRequest, for agency: AgencyCaller) async throws -> LeaseReply
    /// Moves deadlines on, and says which leases are over.
    func heartbeat(_ request: HeartbeatRequest, for agency: AgencyCaller) async throws -> HeartbeatReply
    /// Takes leases back without a result.
    func release(_ request: ReleaseRequest, for agency: AgencyCaller) async throws -> ReleaseReply
    /// Judges one act now.
    func permit(_ request: PermitRequest, for agency: AgencyCaller) async throws -> PermitReply
    /// Takes outcomes. Where it is not known whether they were stored it throws `outcome-unknown` for the whole call: all of it may be sent again.
    func report(_ report: OutcomeReport, for agency: AgencyCaller) async throws -> OutcomeReportReply
    /// Takes facts that no lease covers.
    func activities(_ report: ActivityReport, for agency: AgencyCaller) async throws -> ActivityReportReply
    /// Notices after a cursor; waits for the first as ``lease(_:for:)`` does.
    func notices(after seq: Int64, waitSeconds: Int, for agency: AgencyCaller) async throws -> NoticesReply
    /// Confirms notices.
    func acknowledge(_ request: NoticeAckRequest, for agency: AgencyCaller) async throws -> NoticeAckReply
    /// Whether the database answers; what `/readyz` says.
    func isReady() async -> Bool
}
