import CollectionsDomain
import CollectionsStore
import Foundation
import Logging
import PostgresDriver
import RecourseTesting
import Testing
import WireTypes

@testable import Coordinator

@Suite("Letters in print", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct PrintServiceTests {
    private static let directory = URL(fileURLWithPath: DispatchHarness.policyPath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("letters").path

    /// Where a test writes; gone with it.
    private final class Room {
        private let path = FileManager.default.temporaryDirectory.appendingPathComponent("print-\(UUID().uuidString)").path
        func place() -> String { path + "/\(UUID().uuidString)" }
        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { do { try FileManager.default.removeItem(atPath: path) } catch { Issue.record("\(path) is left") } }
    }

    private let room: Room
    init() throws { room = try Room() }

    /// The shipped texts, changed by the test.
    private func changed(_ edit: (String) -> String) throws -> String {
        let copy = room.place()
        try FileManager.default.copyItem(atPath: Self.directory, toPath: copy)
        for name in try FileManager.default.contentsOfDirectory(atPath: copy) where name.hasSuffix(".html") {
            let file = "\(copy)/\(name)"
            try edit(try String(contentsOfFile: file, encoding: .utf8)).write(toFile: file, atomically: true, encoding: .utf8)
        }
        return copy
    }

    private static func service(_ scene: DispatchHarness, letters: String = directory) throws -> PrintService {
        PrintService(
            database: scene.db.database, policies: scene.policies, files: try LetterFiles(directory: letters),
            renderer: LetterRenderer(script: letters + "/render.py"), dispatch: scene.dispatch, logger: Logger(label: "test"))
    }

    /// A case in stage letter with a billing and a home address, its letter ordered.
    private static func letterCase(_ scene: DispatchHarness) async throws -> PlacedDebtor {
        let debtor = try await scene.db.makePlacedDebtor(stage: .informationGathering, agency: scene.alpha.agencyId)
        try await scene.db.administrator.query(
            "update contact_point set state = 'invalid' where debtor_id = \(debtor.debtorId) and channel <> 'home_address'")
        let billing = try await scene.db.database.ids.next(.contactPoint)
        try await scene.db.administrator.query(
            """
            insert into contact_point (part, contact_point_id, debtor_id, contact_ref, role, channel, value_enc, value_bidx, rank, state, provenance,
                created_at)
            values (\(debtor.part), \(billing), \(debtor.debtorId), 'BILL', 'debtor', 'billing_address',
                \(scene.db.database.cipher.seal("9 Billing Street, \"Tower\"")), '\\x01', 1, 'valid', 'application', \(DispatchHarness.monday))
            """)
        let lease = try #require(try await scene.lease(["info"]).first)
        #expect(try await scene.report([try await scene.outcome(lease, "no_contact_found")]).first?.status == .accepted)
        return debtor
    }

    @Test("A renderer that ends without reading fails its pages, and nothing else")
    func rendererEndsEarly() async throws {
        let script = room.place()
        try Data("#!/bin/sh\nexit 7\n".utf8).write(to: URL(fileURLWithPath: script))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
        // More than a pipe holds.
        let pages = (0..<50).map { LetterRenderer.Page(file: "/nowhere/\($0).pdf", html: String(repeating: "letter ", count: 10_000)) }
        for _ in 0..<20 {
            await #expect(throws: LetterRenderError.self) { _ = try await LetterRenderer(script: script).render(pages) }
        }
    }

    @Test("The shipped texts lack nothing the mainland policy asks for and say nothing it forbids")
    func shippedTexts() throws {
        let files = try LetterFiles(directory: Self.directory)
        #expect(files.templates.all.count == 4)
        for template in files.templates.all {
            #expect(template.offered == ElementSet(LetterTemplate.elements), "\(template.name)")
            #expect(template.findings.isEmpty && template.marks.isEmpty, "\(template.name): \(template.findings)")
        }
        for bucket in ["M1", "M2", "M3", "M4", "M5", "M6", "M7+", "WO"] {
            for language in ["zh", "en"] {
                #expect(files.templates.template(buckets: [bucket], language: language, fallback: "-") != nil, "\(bucket) \(language)")
            }
        }
        #expect(files.issuers.values.allSatisfy { TemplateLint.findings(in: $0.words).isEmpty })
    }

    @Test("A4: print file, posting, return; the next letter a month later to the home address")
    func returned() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await Self.letterCase(scene)
        #expect(try await scene.lease(["letter"], max: 10).isEmpty, "the letter is the lettershop's")
        let place = room.place()
        let report = try await Self.service(scene).run(.init(out: place))
        #expect(report.due == 1 && report.printed == 1 && report.refused.isEmpty && report.overtaken == 0)
        let csv = try String(contentsOfFile: place + "/letters.csv", encoding: .utf8)
        #expect(csv.split(whereSeparator: \.isNewline).count == 2)
        #expect(csv.contains("\"9 Billing Street, \"\"Tower\"\"\"") && csv.contains("registered"))
        for element in LetterTemplate.elements { #expect(csv.contains(element.name)) }
        #expect(!csv.contains(",,"), "no field is empty")
        #expect(FileManager.default.fileExists(atPath: place + "/.ok") && !FileManager.default.fileExists(atPath: place + "/.run"))
        let pages = try FileManager.default.contentsOfDirectory(atPath: place + "/pages")
        #expect(pages.count == 1 && pages[0].hasSuffix(".pdf"))
        let letter: Int64 = try await scene.value("select letter_id from letter where state = 'issued' and template_hash is not null")
        await #expect(throws: PrintError.finished(place)) { try await Self.service(scene).run(.init(out: place)) }
        let again = try await Self.service(scene).run(.init(out: room.place()))
        #expect(again.printed == 0, "what is printed waits for the post")

        try await scene.db.setBusinessTime(DispatchHarness.instant("2026-11-20T12:00:00+08:00"))
        await scene.dispatch.wake()
        func track(_ result: String, _ day: String, _ status: LetterStatus) async throws {
            let reply = try await scene.dispatch.activities(
                ActivityReport(activities: [
                    ActivityItem(
                        activityRef: "t-\(result)", type: "letter_status", occurredAt: WireInstant(DispatchHarness.instant(day)),
                        result: result,
                        refersTo: String(letter), letter: status)
                ]), for: scene.lettershop)
            #expect(reply.activities.first?.status == .accepted, "\(result)")
        }
        try await track("posted", "2026-11-03T10:00:00+08:00", LetterStatus(letterId: String(letter), mailNo: "R1"))
        #expect(
            try await scene.lease(["letter"], max: 10, as: scene.lettershop).isEmpty, "posted: nothing is left to do for the lettershop")
        #expect(try await scene.tasks(debtor).allSatisfy { !$0.step.isDocument })
        try await track("returned", "2026-11-20T10:00:00+08:00", LetterStatus(letterId: String(letter), returnReason: "moved"))
        #expect(
            try await scene.value("select state from contact_point where contact_ref = 'BILL'", as: String.self) == "invalid")
        #expect(try await scene.count("select count(*) from letter where posted_at is not null") == 1)
        #expect(try await scene.count("select count(*) from letter where state = 'delivered'") == 0)
        let due: Instant = try await scene.value(
            "select t.due_at from letter l join task t on t.task_id = l.task_id and t.part = l.part where l.state = 'ordered'")
        #expect(due >= DispatchHarness.instant("2026-12-03T00:00:00+08:00"))
        let channel: String = try await scene.value(
            "select p.channel from letter l join contact_point p on p.contact_point_id = l.contact_point_id where l.state = 'ordered'")
        #expect(channel == "home_address")
    }

    private struct Stopped: Error {}

    @Test("A run stopped anywhere goes on in its directory: every letter once, none lost", arguments: PrintService.Options.Step.allCases)
    func stopped(_ step: PrintService.Options.Step) async throws {
        let scene = try await DispatchHarness()
        for _ in 0..<3 { _ = try await Self.letterCase(scene) }
        var options = PrintService.Options(out: room.place())
        options.makesPages = false
        options.atStep = { if $0 == step { throw Stopped() } }
        let service = try Self.service(scene)
        await #expect(throws: Stopped.self) { try await service.run(options) }
        let other = try await service.run(
            {
                var other = options; other.out = room.place(); other.atStep = nil; return other
            }())
        #expect(other.printed == 0, "they belong to the run that stopped")
        options.atStep = nil
        let report = try await service.run(options)
        #expect(report.printed == 3 && report.overtaken == 0)
        let csv = try String(contentsOfFile: options.out + "/letters.csv", encoding: .utf8).split(whereSeparator: \.isNewline)
        #expect(Set(csv.dropFirst().compactMap { $0.split(separator: ",").first }).count == 3 && csv.count == 4)
        #expect(try await scene.count("select count(*) from letter where state = 'issued'") == 3)
        #expect(try await scene.count("select count(*) from letter") == 3)
    }

    private static let faults: [(find: String, put: String, reason: String, detail: String)] = [
        ("seal_id: issuer-card-centre\n", "", "letter_required_fields", "business_seal"),
        ("</h1>", "，另收滞纳金</h1>", "letter_forbidden", "late_fee_term"),
    ]

    @Test("Without a seal, or with a forbidden word: not issued, by name, and put off for a day under a break", arguments: faults)
    func refused(_ fault: (find: String, put: String, reason: String, detail: String)) async throws {
        let scene = try await DispatchHarness()
        _ = try await Self.letterCase(scene)
        var options = PrintService.Options(out: room.place())
        options.makesPages = false
        let report = try await Self.service(scene, letters: try changed { $0.replacing(fault.find, with: fault.put) }).run(options)
        #expect(report.printed == 0 && report.refused == ["\(fault.reason): \(fault.detail)": 1])
        #expect(try await scene.value("select state from letter", as: String.self) == "ordered")
        #expect(
            try await scene.value("select rule || ' ' || theirs from break where kind = 'letter_not_issued'", as: String.self)
                == "\(fault.reason) \(fault.detail)")
        let repeated = try await Self.service(scene).run(.init(out: room.place()))
        #expect(repeated.printed == 0, "it rests for a day")
    }
}
