package import CollectionsStore

/// Why a command about placement was refused.
package enum PlacementError: Error, Hashable, CustomStringConvertible {
    case unknownPortfolio(String)
    case unknownRun(Int64)
    case unknownAccount(String)
    case wrongState(Int64, PlacementRun.State, wanted: String)
    case makerIsChecker(Int64)
    /// The plan was made from facts that are no longer so.
    case stale(Int64, String)
    case capacityGone(Int64, agency: String)

    package var description: String {
        switch self {
        case .unknownPortfolio(let name): "no portfolio is named \(name) (hint: recourse import accounts FILE --portfolio NAME)"
        case .unknownRun(let run): "no placement plan has the number \(run) (hint: recourse place show)"
        case .unknownAccount(let ref): "the plan knows no account \(ref)"
        case .wrongState(let run, let state, let wanted): "placement plan \(run) is \(state.rawValue), not \(wanted)"
        case .makerIsChecker(let run): "placement plan \(run) was made by you: a second operator has to approve it"
        case .stale(let run, let reason): "placement plan \(run) is stale: \(reason) (hint: recourse place plan)"
        case .capacityGone(let run, let agency):
            "placement plan \(run) is stale: \(agency) has no room for it any more (hint: recourse place plan)"
        }
    }
}
