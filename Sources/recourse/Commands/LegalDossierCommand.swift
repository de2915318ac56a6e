import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator

/// `recourse legal dossier …`: one archive with everything a court or an auditor asks about a case.
struct LegalDossierCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dossier", abstract: "Write a case's dossier: record, ledgers, contact log, letters, evidence hashes, guard facts.",
        discussion: """
            The archive holds no personal data. With --reveal and a reason, a supervisor or compliance officer gets name, identity number and contact points
            beside it; that is on the audit record. index.json names every file with its SHA-256; the same case at the same business time gives the same bytes.
            """)
    @Argument(help: ArgumentHelp("Case, debtor or account.", valueName: "ref")) var reference: String
    @Option(help: ArgumentHelp("Where the archive goes; readable by you alone.", valueName: "file.tar")) var out: String
    @Option(help: "Language of the readable record: en or zh.") var language = PlainLanguage.english
    @Flag(help: "Add the debtor's personal data; needs --reason and your token.") var reveal = false
    @Option(help: "Why personal data is revealed, for the record.") var reason: String?
    @OptionGroup var identity: OperatorOptions
    @OptionGroup var options: DatabaseOptions
    @OptionGroup var output: OutputOptions

    struct Report: Encodable {
        let file: String
        let sha256: String
        let entries: Int
        let revealed: Bool
    }

    func validate() throws {
        if reveal, (reason ?? "").allSatisfy(\.isWhitespace) {
            throw ValidationError("--reason is missing: personal data is revealed for a reason")
        }
    }

    func run() async throws {
        try await options.withDatabase { database in
            let person = reveal ? try await identity.authenticate(in: database) : nil
            let dossier = try await DossierService(database: database, policies: PolicyService(database: database)).make(
                reference, language: language, reveal: person.map { ($0, reason ?? "") })
            try PrivateOutput.write(dossier.archive, to: out)
            for entry in dossier.entries { Terminal.say("\(entry.sha256)  \(entry.name)") }
            Terminal.say("\(dossier.sha256)  \(out)")
            if output.json {
                try Terminal.json(Report(file: out, sha256: dossier.sha256, entries: dossier.entries.count, revealed: reveal))
            }
        }
    }
}
