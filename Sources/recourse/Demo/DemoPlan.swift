import CollectionsDomain

/// What a demo runs with.
struct DemoPlan: Sendable {
    /// Accounts to generate; ignored where files are given.
    var accounts: Int
    /// Days of business time.
    var days: Int
    var seed: UInt64
    /// How far business time moves when nothing is left to do.
    var stride: Duration
    /// A bank's own files.
    var files: Files?
    /// Where generated files, logs and the database live.
    var directory: String
    var policy: String
    var agencies: String

    struct Files: Sendable {
        var accounts: String
        var contacts: String
        var payments: String
    }

    /// The day the generated balances stand at.
    static let generatedAsOf = "2026-08-31"
    static let portfolio = "demo"

    /// How strong each sample agency is, and what it leases.
    static let agencies: [(name: String, strength: Double, stages: [Stage], tracksLetters: Bool)] = [
        ("north-star", 1.25, [.informationGathering, .phone, .fieldVisit, .legalReferral], false),
        ("blue-harbour", 1.1, [.informationGathering, .phone, .fieldVisit, .legalReferral], false),
        ("clear-water", 1.0, [.informationGathering, .phone, .legalReferral], false),
        ("red-gate", 0.85, [.informationGathering, .phone, .fieldVisit, .legalReferral], false),
        ("still-pond", 0.7, [.informationGathering, .phone], false),
        ("bank-lettershop", 1.0, [.letter], true),
        ("justice-and-wei", 1.0, [.legalReferral], false),
    ]
}
