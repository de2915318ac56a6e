/// What one reconciliation run did.
package struct ReconciliationReport: Codable, Hashable, Sendable {
    /// The run's number.
    package var run: Int64
    /// Business time it ran for.
    package var at: String
    /// Up to when the bank's payments were known; absent while no file has come.
    package var watermark: String?
    package var promisesKept = 0
    package var promisesPartlyKept = 0
    package var promisesBroken = 0
    /// Promises whose days have passed and which the ledger has not reached.
    package var promisesAwaitingLedger = 0
    package var waitsEnded = 0
    package var holdsEnded = 0
    package var requestsOverdue = 0
    package var termsEnded = 0
    package var stagesLookedAt = 0
    package var recallsExecuted = 0
    package var curesResumed = 0
    /// Instalment plans that were broken or fulfilled.
    package var plansJudged = 0
    package var breaksOpened = 0
    package var breaksClosed = 0
    /// Breaks open after the run.
    package var breaksOpen: Int64 = 0

    package init(run: Int64, at: String, watermark: String?) {
        self.run = run
        self.at = at
        self.watermark = watermark
    }

    /// Whether anything was moved; a second run on the same ledger moves nothing.
    package var moved: Int {
        promisesKept + promisesPartlyKept + promisesBroken + waitsEnded + holdsEnded + requestsOverdue + termsEnded + recallsExecuted
            + curesResumed + plansJudged + breaksOpened
            + breaksClosed
    }
}
