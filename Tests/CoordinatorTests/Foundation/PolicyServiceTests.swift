import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation
import PostgresDriver
import RecourseTesting
import Testing

@Suite("Policies in the database", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct PolicyServiceTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
        .standardizedFileURL.path
    private static let shipped = root + "/Deploy/policies/cn-credit-card.yaml"

    /// The shipped policy with another version's name, in a directory of its own.
    private static func withVersion(_ version: String, _ body: (String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("policy-\(UInt32.random(in: .min ... .max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let text = try String(contentsOfFile: shipped, encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.hasPrefix("version:") ? "version: \"\(version)\"" : String($0)
        }
        let file = directory.appendingPathComponent("cn-credit-card.yaml")
        try lines.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
        do {
            try await body(file.path)
        } catch {
            try FileManager.default.removeItem(at: directory)
            throw error
        }
        try FileManager.default.removeItem(at: directory)
    }

    @Test("a shipped policy is loaded once, is in force from its first day, and reads back as it was")
    func load() async throws {
        let db = try TestDatabase.current
        let service = PolicyService(database: db.database)
        let first = try await service.load(yamlPath: Self.shipped)
        #expect(try await service.load(yamlPath: Self.shipped).number == first.number)
        let active = try await service.current(at: first.effectiveFrom)
        #expect(active.version == first.number && active.conduct.id == "cn-credit-card")
        let other = PolicyService(database: db.database)
        let read = try await other.policy(version: first.number)
        #expect(read.stages == active.stages && read.conduct.limits.count == active.conduct.limits.count)
        await #expect(throws: PolicyServiceError.none(on: first.effectiveFrom.adding(days: -1))) {
            try await service.current(at: first.effectiveFrom.adding(days: -1))
        }
        await #expect(throws: PolicyServiceError.unknownVersion(999)) { try await other.policy(version: 999) }
    }

    @Test("a second policy needs a second operator; the newest one decides")
    func fourEyes() async throws {
        let db = try TestDatabase.current
        let service = PolicyService(database: db.database)
        let one = try await Self.person(.compliance, db), two = try await Self.person(.supervisor, db)
        let viewer = try await Self.person(.viewer, db)
        await #expect(throws: OperatorError.roleForbids(.viewer)) { try await service.publish(yamlPath: Self.shipped, by: viewer) }
        guard case .loaded(let first) = try await service.publish(yamlPath: Self.shipped, by: one) else {
            Issue.record("the first policy of a database needs one person")
            return
        }
        try await Self.withVersion("next") { path in
            guard case .waiting = try await service.publish(yamlPath: path, by: one) else {
                Issue.record("the second policy was loaded by one person")
                return
            }
            await #expect(throws: ApprovalError.makerIsChecker) { try await service.publish(yamlPath: path, by: one) }
            #expect(try await service.current(at: first.effectiveFrom).version == first.number)
            guard case .loaded(let second) = try await service.publish(yamlPath: path, by: two) else {
                Issue.record("the second person did not load it")
                return
            }
            #expect(second.version == "next" && second.number > first.number)
            #expect(try await service.current(at: first.effectiveFrom).version == second.number)
            guard case .loaded(let again) = try await service.publish(yamlPath: path, by: one) else {
                Issue.record("the same bytes are not the same version")
                return
            }
            #expect(again.number == second.number)
        }
    }

    private static func person(_ role: OperatorRole, _ db: TestDatabase) async throws -> Operator {
        let (id, _) = try await db.makeOperator(role: role)
        return try #require(try await db.database.core.withConnection { try await OperatorQueries.find(id: id, in: $0) })
    }

    @Test("files that extend each other are stored together and read back; a missing parent is named")
    func bundles() throws {
        let bundle = try PolicyBundle(path: Self.shipped)
        let stored = try PolicyBundle(stored: bundle.stored)
        #expect(stored.files == bundle.files && stored.sha256 == bundle.sha256)
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("policy-\(UInt32.random(in: .min ... .max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let lines = try String(contentsOfFile: Self.shipped, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
        let overlay = lines.map { line in
            if line.hasPrefix("policy_id:") { return "policy_id: overlay" }
            if line.hasPrefix("extends:") { return "extends: cn-credit-card" }
            return String(line)
        }
        let file = directory.appendingPathComponent("overlay.yaml")
        try overlay.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
        #expect(throws: PolicyError.self) { try PolicyBundle(path: file.path) }
        try FileManager.default.copyItem(atPath: Self.shipped, toPath: directory.appendingPathComponent("cn-credit-card.yaml").path)
        let both = try PolicyBundle(path: file.path)
        #expect(both.files.map(\.name) == ["cn-credit-card.yaml", "overlay.yaml"])
        #expect(both.conduct.parent?.id == "cn-credit-card")
        let again = try PolicyBundle(stored: both.stored)
        #expect(again.conduct.parent?.id == "cn-credit-card")
        try FileManager.default.removeItem(at: directory)
    }

    @Test("explain says what dispatch would: allowed by day, the window's rule by night, the ref unknown")
    func explain() async throws {
        let db = try TestDatabase.current
        let service = PolicyService(database: db.database)
        try await service.load(yamlPath: Self.shipped)
        try await db.setBusinessTime(try #require(Instant(iso8601: "2026-12-01T10:00:00+08:00")))
        let agency = try await db.makeAgency()
        let debtor = try await db.makePlacedDebtor(agency: agency)
        let explainer = PolicyExplainer(database: db.database, policies: service)
        let day = try await explainer.explain(account: debtor.accountRefs[0], channel: .call)
        #expect(day.answers.map(\.point.id) == [debtor.contactPointIds[0], debtor.contactPointIds[2]])
        #expect(day.answers.allSatisfy { $0.decision.isAllowed })
        let late: Instant = try #require(Instant(iso8601: "2026-12-01T23:00:00+08:00"))
        let night = try await explainer.explain(account: debtor.accountRefs[0], channel: .call, at: late)
        #expect(night.answers.allSatisfy { $0.decision.rules == ["contact_windows"] })
        if case .blocked(_, let earliest) = night.answers[0].decision {
            #expect(earliest == Instant(iso8601: "2026-12-02T08:00:00+08:00"))
        }
        await #expect(throws: PolicyExplainer.Failure.unknownAccount("nobody")) {
            try await explainer.explain(account: "nobody", channel: .call)
        }
        await #expect(throws: PolicyExplainer.Failure.noPoint(.email)) {
            try await explainer.explain(account: debtor.accountRefs[0], channel: .email)
        }
    }
}
