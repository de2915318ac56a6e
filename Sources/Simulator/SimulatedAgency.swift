package import AgencyClient
import CollectionsDomain
import WireTypes

/// A whole agency in one worker process: takes whatever its leases ask, at once, as its debtors' characters have it.
///
/// Visits ask for their permit at the door first; what the coordinator refuses there is reported as such.
package struct SimulatedAgency: TaskHandler {
    private let behaviour: LeaseBehaviour
    private let tracker: LetterTracker?
    private let script: ResultScript?

    /// - Parameters:
    ///   - tracker: Where a lettershop notes what it posted, so that delivery is reported later.
    ///   - script: What is reported whatever chance says.
    package init(behaviour: LeaseBehaviour, tracker: LetterTracker? = nil, script: ResultScript? = nil) {
        self.behaviour = behaviour
        self.script = script
        self.tracker = tracker
    }

    package func handle(_ task: LeasedTask) async throws -> TaskResult {
        let now = task.now().domain
        var scripted: ResultCode?
        if let step = Step(name: task.lease.step) {
            scripted = await script?.next(step, isThirdParty: task.lease.workCard.thirdParty != nil)
        }
        var item =
            scripted.map { behaviour.outcome(of: task.lease, saying: $0, at: now) } ?? behaviour.outcome(of: task.lease, at: now)
        if scripted == .permitBlocked { return .outcome(item) }
        if let visit = task.lease.workCard.visit, Step(name: task.lease.step) == .visit {
            let permit = try await task.permit(contactPointId: visit.contactPointId, act: "visit", collectors: 2)
            if let blocked = permit.blocked {
                item = OutcomeItem(
                    leaseToken: task.lease.leaseToken, result: "permit_blocked", occurredAt: now.wire, contactPointId: visit.contactPointId,
                    callbackAt: blocked.earliest)
            } else {
                item.permitId = permit.permitId
                item.occurredAt = task.now()
                item.endedAt = (task.now().domain + .seconds(240)).wire
            }
        }
        if item.result == "posted", let letter = task.lease.workCard.letter {
            await tracker?.posted(letterId: letter.letterId, caseRef: task.lease.workCard.caseRef, at: now)
        }
        return .outcome(item)
    }
}
