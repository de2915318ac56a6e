package import CollectionsDomain

/// Whether an agency may work; raw values are those of `agency.state`.
package enum AgencyState: String, CaseIterable, Sendable {
    /// May work.
    case active
    /// May not: its leases are revoked, its cases are being recalled.
    case suspended
}

/// An agency as it stands in the database.
package struct AgencyRecord: Hashable, Sendable {
    package let agencyId: Int32
    /// The key by which commands and files name it.
    package let name: String
    /// The name a debtor is told.
    package let displayName: String
    package let kind: AgencyKind
    package let state: AgencyState
    /// Why it stands so; `nil` if it was never suspended.
    package let stateReason: String?
    /// Whether it stands on the bank's public list.
    package let listed: Bool
    /// Last day of its licence; `nil`: none is needed or known.
    package let licenseUntil: Day?
    /// Day of the bank's last evaluation; `nil`: never.
    package let evaluatedOn: Day?
    /// Day of the last training; `nil`: never.
    package let trainedOn: Day?
    /// Whether it passes work on to others.
    package let subcontracts: Bool

    package init(
        agencyId: Int32, name: String, displayName: String, kind: AgencyKind, state: AgencyState, stateReason: String?, listed: Bool,
        licenseUntil: Day?, evaluatedOn: Day?, trainedOn: Day?, subcontracts: Bool
    ) {
        self.agencyId = agencyId
        self.name = name
        self.displayName = displayName
        self.kind = kind
        self.state = state
        self.stateReason = stateReason
        self.listed = listed
        self.licenseUntil = licenseUntil
        self.evaluatedOn = evaluatedOn
        self.trainedOn = trainedOn
        self.subcontracts = subcontracts
    }
}

/// Who calls: the agency a credential belongs to.
package struct AgencyIdentity: Hashable, Sendable {
    package let agencyId: Int32
    package let name: String
    package let kind: AgencyKind
    /// A suspended agency is known, and still may report and confirm, but gets no work.
    package let state: AgencyState

    package init(agencyId: Int32, name: String, kind: AgencyKind, state: AgencyState = .active) {
        self.agencyId = agencyId
        self.name = name
        self.kind = kind
        self.state = state
    }
}
