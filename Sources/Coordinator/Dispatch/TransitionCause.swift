package import CollectionsDomain
package import CollectionsStore

/// What brought a decision about: who spoke, under which grant, and what the tables keep of it beside the decision itself.
package struct TransitionCause: Sendable {
    /// Contact data learned, still in clear; sealed when it is written.
    package struct LearnedPoint: Sendable {
        package var role: ContactPoint.Role
        package var channel: ContactPoint.Channel
        package var value: String
        package var provenance: String

        package init(role: ContactPoint.Role, channel: ContactPoint.Channel, value: String, provenance: String) {
            self.role = role
            self.channel = channel
            self.value = value
            self.provenance = provenance
        }
    }

    /// The agency that reported; nil: the bank, or time.
    package var agencyId: Int32?
    /// The grant an outcome answers.
    package var grant: GrantKey?
    /// The activity a fact came with.
    package var activityId: Int64?
    /// The task whose outcome or expiry is decided: it ends with the decision.
    package var task: TaskRow?
    /// Why ``task`` ends, where no receipt says it.
    package var taskEnd: TaskEndReason?
    /// What was reported.
    package var report: ReportedOutcome?
    /// What the grant had reserved, or was presumed to have done.
    package var reservation: Reservation?
    /// The permit a visit began under.
    package var permit: PermitRow?
    /// Contact data that came with the report.
    package var learned: [LearnedPoint] = []
    /// The court's number, reported by a law firm.
    package var caseNo: String?
    /// Whether the outcome came after its lease had ended.
    package var isLate = false
    /// Who, as text for `hold.set_by` and the audit record: `agency:3`, `operator:anna`, `reconcile`, `sweep`.
    package var by: String

    /// A cause by the bank itself: an operator's command, a scheduled run, time.
    package init(by: String) {
        self.by = by
    }

    /// A cause by an agency.
    package init(agency: Int32) {
        agencyId = agency
        by = "agency:\(agency)"
    }
}

/// A case that begins in the course of another decision: what the opener needs once the transaction's writes are in.
package struct CaseOpening: Sendable {
    /// Key of the case, taken from the id blocks by the caller.
    package var caseId: Int64
    package var debtorId: Int64
    /// The holder.
    package var agencyId: Int32
    /// Where the work begins.
    package var stage: Stage

    package init(caseId: Int64, debtorId: Int64, agencyId: Int32, stage: Stage) {
        self.caseId = caseId
        self.debtorId = debtorId
        self.agencyId = agencyId
        self.stage = stage
    }
}
