import CollectionsDomain

/// Finds the day of a file's figures while its rows go by: column, option or manifest, else what all rows' own numbers agree on.
struct AsOfTracker: Sendable {
    private(set) var latestOwn: Day?
    private var earliestOwn: Day?
    private var silentRows = 0
    private var derived: Day?
    private var derivedDiffer = false

    /// Sees a row: the day it names, and the day its numbers give.
    mutating func see(own: Day?, derived day: Day?) {
        if let own {
            latestOwn = max(latestOwn ?? own, own)
            earliestOwn = min(earliestOwn ?? own, own)
            return
        }
        silentRows += 1
        if let derived, derived != day { derivedDiffer = true }
        derived = derived ?? day
    }

    /// The one day all rows are of, if there is one; for the comparison with a manifest.
    var common: Day? {
        if latestOwn != nil { return silentRows == 0 && latestOwn == earliestOwn ? latestOwn : nil }
        return derivedDiffer ? nil : derived
    }

    /// The day of rows that do not say.
    ///
    /// - Parameter given: The day named by the option or the manifest.
    /// - Returns: nil if there is no such row and nothing tells.
    /// - Throws: ``IntakeError/refused(file:reasons:)`` when rows need it and nothing tells.
    func day(given: Day?, file: String) throws(IntakeError) -> Day? {
        if let given { return given }
        if silentRows == 0 { return latestOwn }
        if let derived, !derivedDiffer { return derived }
        throw .refused(
            file: file,
            reasons: [
                "cannot tell the day of the figures: no as_of, and delinquent_since + days_past_due differ from row to row (hint: --as-of)"
            ])
    }
}
