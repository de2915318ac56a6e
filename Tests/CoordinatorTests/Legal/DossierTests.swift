import CollectionsDomain
import CollectionsStore
import EmbeddedPostgres
import Foundation
import PostgresDriver
import RecourseTesting
import Testing
import WireTypes

@testable import Coordinator

@Suite("Legal dossiers", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct DossierTests {
    private static let personal = ["Test Person", "1 Test Road", "138", "ID9"]

    private func service(_ scene: LegalScene) -> DossierService {
        DossierService(database: scene.base.db.database, policies: scene.base.policies)
    }

    /// The archive's files as /usr/bin/tar sees them.
    private func unpacked(_ archive: [UInt8]) throws -> [String: String] {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("dossier-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appendingPathComponent("d.tar")
        try Data(archive).write(to: file)
        _ = try ChildProcess.output(of: ["/usr/bin/tar", "-xf", file.path, "-C", directory.path])
        try FileManager.default.removeItem(at: file)
        var files: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            files[name] = try String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8)
        }
        return files
    }

    private func worked(_ scene: LegalScene) async throws -> PlacedDebtor {
        let debtor = try await scene.readyCase()
        let lease = try #require(try await scene.base.lease(["legal"]).first)
        let item = try await scene.base.outcome(lease, "proposed") {
            $0.recordingSha256 = "00ff"
            $0.evidence = [Evidence(kind: "document", ref: "doc/1", sha256: "abcd", bytes: 77)]
        }
        #expect(try await scene.base.report([item]).first?.status == .accepted)
        try await scene.pay(debtor, 150_000)
        return debtor
    }

    @Test("tar reads the archive; the index names every file with its true hash; two dossiers of one moment are the same bytes")
    func archive() async throws {
        let scene = try await LegalScene()
        let debtor = try await worked(scene)
        let dossier = try await service(scene).make(debtor.debtorRef, language: .english)
        let files = try unpacked(dossier.archive)
        #expect(Set(files.keys) == Set(dossier.entries.map(\.name) + ["index.json"]))
        let index = try #require(files["index.json"])
        for entry in dossier.entries {
            #expect(Digest.hex(Digest.sha256(files[entry.name] ?? "")) == entry.sha256)
            #expect(index.contains(entry.sha256) && index.contains("\"\(entry.name)\""))
        }
        #expect(try await service(scene).make(debtor.debtorRef, language: .english).archive == dossier.archive)
        #expect(try await service(scene).make(debtor.debtorRef, language: .chinese).archive != dossier.archive)
    }

    @Test("ledger with I8, contact log, evidence hashes and guard facts are in it, and nothing personal")
    func contents() async throws {
        let scene = try await LegalScene()
        let debtor = try await worked(scene)
        let files = try unpacked(try await service(scene).make(debtor.debtorRef, language: .english).archive)
        let ledger = try #require(files["ledger-1.csv"])
        #expect(ledger.contains("opening,,,20000.00,CNY") && ledger.contains("-1500.00,18500.00,CNY"))
        #expect(ledger.contains("balance,agrees,,18500.00"))
        let evidence = try #require(files["evidence.csv"])
        #expect(evidence.contains("recording,rec-1,00ff") && evidence.contains("document,doc/1,abcd,77"))
        #expect(
            files["legal.json"]?.contains("min_letters_posted") == true && files["legal.json"]?.contains("legal_referral.entry") == true)
        #expect(files["receipts.csv"]?.contains("outcome,\(debtor.taskId),1,alpha,proposed") == true)
        #expect(files["letters.csv"]?.contains("registered") == true && files["policies.json"]?.contains("sha256") == true)
        #expect(files["timeline.html"]?.contains("legal steps are proposed") == true)
        let all = files.values.joined()
        for word in Self.personal { #expect(!all.contains(word + "\(debtor.debtorId)") && !all.contains("Test Person")) }
        #expect(!all.contains("1 Test Road"))
    }

    @Test("a balance that does not follow from its entries is said to differ")
    func differs() async throws {
        let scene = try await LegalScene()
        let debtor = try await worked(scene)
        try await scene.base.db.administrator.query(
            "update account set balance = balance + 1, bank_balance = 5 where account_id = \(debtor.accountIds[0])")
        let files = try unpacked(try await service(scene).make(debtor.debtorRef, language: .english).archive)
        #expect(files["ledger-1.csv"]?.contains("balance,differs,,18500.01") == true)
        #expect(files["ledger-1.csv"]?.contains("bank_balance,differs,,0.05") == true)
    }

    @Test("personal data for a supervisor or compliance with a reason only, on the audit record before it is given")
    func reveal() async throws {
        let scene = try await LegalScene()
        let debtor = try await worked(scene)
        let dossiers = service(scene)
        await #expect(throws: DossierError.mayNotReveal(.operator)) {
            try await dossiers.make(debtor.debtorRef, language: .english, reveal: (scene.anna, "court"))
        }
        await #expect(throws: DossierError.noReason) {
            try await dossiers.make(debtor.debtorRef, language: .english, reveal: (scene.boris, " "))
        }
        let kind = AuditKind.reveal.rawValue
        #expect(try await scene.base.count("select count(*) from audit_entry where kind = \(kind)") == 0)
        let files = try unpacked(
            try await dossiers.make(debtor.debtorRef, language: .english, reveal: (scene.clara, "court order 7")).archive)
        let personal = try #require(files["personal.json"])
        #expect(
            personal.contains("Test Person \(debtor.debtorId)") && personal.contains("ID\(debtor.debtorId)")
                && personal.contains("1 Test Road"))
        #expect(files["index.json"]?.contains("court order 7") == true)
        let body = try await scene.base.value(
            "select convert_from(body, 'UTF8') from audit_entry where kind = \(kind) and subject = \(debtor.debtorId)", as: String.self)
        #expect(body.contains("court order 7") && body.contains("\"operator\":\(scene.clara.id)") && !body.contains("Test Person"))
    }

    @Test(
        "fields of CSV: quoted where they must be, and nothing a spreadsheet would run",
        arguments: [
            ("a", "a"), ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""), ("=1+1", "'=1+1"), ("@x", "'@x"), ("-5.20", "-5.20"),
            ("-x", "'-x"), ("line\r\nbreak", "\"line\r\nbreak\""), ("", ""),
        ])
    func csv(text: String, field: String) { #expect(CSVText.safeField(text) == field) }

    @Test("pages show markup as text")
    func html() { #expect(CaseReport.escaped("<b>&\"") == "&lt;b&gt;&amp;&quot;") }
}
