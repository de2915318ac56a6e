package import CollectionsDomain
package import CollectionsStore

/// How a file is taken in.
package struct IntakeOptions: Sendable {
    /// Where the acknowledgement and the reject file go.
    package enum Output: Hashable, Sendable {
        /// Beside the file; into the working directory where that cannot be written.
        case besideFile
        /// Into this directory.
        case directory(String)
        /// Nowhere: the report is all.
        case nowhere
    }

    /// What an operator attests for the portfolio of an accounts file, in place of columns the file does not have.
    package struct Attestation: Hashable, Sendable {
        /// The day on which the bank told the debtors of the outsourcing.
        package var debtorNotice: Day?
        /// Whether the bank's own collection is done.
        package var internalCollectionDone: Bool
        /// Why the operator can say so; goes on record.
        package var reason: String

        package init(debtorNotice: Day? = nil, internalCollectionDone: Bool = false, reason: String) {
            self.debtorNotice = debtorNotice
            self.internalCollectionDone = internalCollectionDone
            self.reason = reason
        }

        /// Reads `debtor_notice=2026-08-28,internal_collection_done`.
        ///
        /// - Throws: ``IntakeError/usage(_:)``.
        package init(parsing text: String, reason: String) throws(IntakeError) {
            self.init(reason: reason)
            for part in text.split(separator: ",") {
                let pair = part.split(separator: "=", maxSplits: 1)
                switch (pair.first.map(String.init), pair.dropFirst().first) {
                case ("debtor_notice", let date?):
                    guard let day = Day(iso: date) else { throw .usage("--attest debtor_notice needs a date as YYYY-MM-DD") }
                    debtorNotice = day
                case ("internal_collection_done", nil), ("internal_collection_done", "true"):
                    internalCollectionDone = true
                default:
                    throw .usage("--attest knows debtor_notice=YYYY-MM-DD and internal_collection_done, separated by a comma")
                }
            }
            if debtorNotice == nil, !internalCollectionDone { throw .usage("--attest names nothing to attest") }
        }
    }

    /// The portfolio of accounts; nil: the file's name without its ending.
    package var portfolio: String?
    /// The file's form.
    package var mapping = MappingFile.standard
    /// The manifest's path; nil: `FILE.manifest.json` if it is there.
    package var manifest: String?
    /// The day of the figures, where the file does not say.
    package var asOf: Day?
    /// Up to when a payments file is complete; nil: its manifest's word, else its last payment.
    package var ledgerThrough: Instant?
    /// Whose ledger a payments file comes from: each source has its own watermark.
    package var source = "bank"
    /// Whether the source promises a payments file every day.
    package var isDailyFeed = false
    /// Checks everything, loads nothing.
    package var isDryRun = false
    /// What the operator attests.
    package var attestation: Attestation?
    /// Where the acknowledgement and the reject file go.
    package var output = Output.besideFile
    /// Who asked.
    package var by: Operator?
    /// Lanes loaded at the same time.
    package var lanesAtOnce = 4
    /// Rows of a transaction.
    package var rowsPerTransaction = 1_000
    /// How long a database that is away in the middle is waited for.
    package var patience: Duration = .seconds(30)
    /// Told how far the import is, some times a second.
    package var progress: (@Sendable (ImportProgress) -> Void)?
    /// Called between the claim of a chunk's references and the writing of its rows; tests stop the import there.
    package var afterClaim: (@Sendable () throws -> Void)?

    /// The usual way.
    package init() {}
}

/// How far an import is.
package struct ImportProgress: Hashable, Sendable {
    /// What is being done.
    package enum Step: String, Sendable {
        case reading, loading
    }

    package let step: Step
    /// Rows done in this step.
    package let rows: Int64
    /// Rows of this step, once known.
    package let total: Int64?
    /// The part done, 0...1.
    package let fraction: Double
    /// Rows per second of this step.
    package let rowsPerSecond: Double
}
