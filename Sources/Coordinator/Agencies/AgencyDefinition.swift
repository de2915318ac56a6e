package import CollectionsDomain
package import CollectionsStore

/// One agency as the bank's file describes it.
package struct AgencyDefinition: Hashable, Sendable {
    /// The key by which commands and files name it.
    package var name: String
    /// The name a debtor is told.
    package var displayName: String
    package var kind: AgencyKind
    /// Whether it stands on the bank's public list of agencies.
    package var listed: Bool
    /// Last day of its licence; `nil`: none is needed or known.
    package var licenseUntil: Day?
    /// Day of the bank's last evaluation; `nil`: never.
    package var evaluatedOn: Day?
    /// Day of the last training of its staff; `nil`: never.
    package var trainedOn: Day?
    /// Whether it passes work on to others.
    package var subcontracts: Bool
    package var contract: ContractTerms
    /// Its rate card; `nil`: it earns no commission (a lettershop is paid by the piece).
    package var fees: RateCard?
}

/// What `recourse agency apply` reads: agencies, and who executes which stage.
package struct AgencyFile: Hashable, Sendable {
    package var agencies: [AgencyDefinition]
    /// `nil`: the file says nothing of routes, and those in force stay. A list replaces them all.
    package var routes: [StageRoute]?
}
