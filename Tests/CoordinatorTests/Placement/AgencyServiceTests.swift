import CollectionsDomain
import CollectionsStore
import Coordinator
import PostgresDriver
import RecourseTesting
import Testing

@Suite("agencies", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct AgencyServiceTests {
    private static let yaml = """
        agencies:
          - name: alpha
            kind: collection
            listed: true
            license_until: 2027-12-31
            evaluated_on: 2026-06-01
            trained_on: 2026-06-01
            contract:
              starts_on: 2026-01-01
              ends_on: 2027-12-31
              stages: [information_gathering, phone]
              capacity_count: 100
              share: 60%
            fees: {rates: [{band: "*", rate: 15%}]}
          - name: print
            kind: lettershop
            contract: {starts_on: 2026-01-01, ends_on: 2027-12-31, stages: [letter], capacity_count: 0}
        routes: [{stage: letter, agency: print}]
        """

    private static func lines(_ report: AgencyApplyReport) -> [String] { report.changes.reduce(into: []) { $0 += $1.lines } }

    private static func file(_ yaml: String = yaml) throws -> AgencyFile { try AgencyFile(yaml: yaml, file: "agencies.yaml") }

    @Test("applying a file writes it, applying it again changes nothing")
    func idempotent() async throws {
        let fixture = try await PlacementFixture.make()
        let first = try await fixture.agencies.apply(try Self.file(), by: fixture.maker)
        #expect(first.changes.map(\.agency) == ["alpha", "alpha", "alpha", "print", "print", "print"])
        let second = try await fixture.agencies.apply(try Self.file(), by: fixture.checker)
        #expect(second.changes.isEmpty)
        let list = try await fixture.agencies.list()
        #expect(list.map(\.agency.name) == ["alpha", "print"])
        #expect(list[0].contract?.capacityCount == 100 && list[0].contract?.share == BasisPoints(6_000))
        let routes = try await fixture.db.database.core.withConnection { try await AgencyQueries.routes(in: $0) }
        #expect(routes == [StageRoute(stage: .letter, product: "*", region: "*", agency: "print")])
        let feeds: Int = try await fixture.db.administrator.query("select count(*) from agency_feed").value()
        #expect(feeds == 2)
    }

    @Test("a dry run says what would change and writes nothing")
    func dryRun() async throws {
        let fixture = try await PlacementFixture.make()
        let report = try await fixture.agencies.apply(try Self.file(), by: fixture.maker, dryRun: true)
        #expect(report.changes.count == 6 && report.dryRun)
        #expect(try await fixture.agencies.list().isEmpty)
    }

    @Test("what changes is said in words, what the file does not name stays")
    func changes() async throws {
        let fixture = try await PlacementFixture.make()
        _ = try await fixture.agencies.apply(try Self.file(), by: fixture.maker)
        let yaml = Self.yaml.replacing("capacity_count: 100", with: "capacity_count: 250").replacing("listed: true", with: "listed: false")
        let report = try await fixture.agencies.apply(try Self.file(yaml), by: fixture.maker)
        #expect(Self.lines(report) == ["listed true -> false", "contract 2026-01-01: capacity_count 100 -> 250"])
        let withoutRoutes = try await fixture.agencies.apply(
            try Self.file(yaml.replacing("routes: [{stage: letter, agency: print}]", with: "")), by: fixture.maker)
        #expect(withoutRoutes.changes.isEmpty)
        let removed = try await fixture.agencies.apply(
            try Self.file(yaml.replacing("[{stage: letter, agency: print}]", with: "[]")), by: fixture.maker)
        #expect(Self.lines(removed) == ["route letter * * print -> none"])
    }

    @Test("a further rate card needs a second person, and one in force never changes")
    func rateCards() async throws {
        let fixture = try await PlacementFixture.make()
        _ = try await fixture.agencies.apply(try Self.file(), by: fixture.maker)
        let raised = Self.yaml.replacing("{rates: [{band: \"*\", rate: 15%}]}", with: "{rates: [{band: \"*\", rate: 18%}]}")
        await #expect(throws: AgencyApplyError.feesInForce(agency: "alpha", startsOn: try #require(Day(iso: "2026-01-01")))) {
            try await fixture.agencies.apply(try Self.file(raised), by: fixture.maker)
        }
        let later = Self.yaml.replacing(
            "{rates: [{band: \"*\", rate: 15%}]}", with: "{starts_on: 2026-10-01, rates: [{band: \"*\", rate: 18%}]}")
        func cards() async throws -> Int {
            try await fixture.db.administrator.query("select count(*) from fee_schedule").value()
        }
        let asked = try await fixture.agencies.apply(try Self.file(later), by: fixture.maker)
        #expect(asked.changes.count == 1)
        #expect(try await cards() == 1)
        let again = try await fixture.agencies.apply(try Self.file(later), by: fixture.maker)
        #expect(Self.lines(again).allSatisfy { $0.contains("waits for a second operator") })
        #expect(try await cards() == 1)
        let other = later.replacing("18%", with: "19%")
        await #expect(throws: AgencyApplyError.self) { try await fixture.agencies.apply(try Self.file(other), by: fixture.checker) }
        let approved = try await fixture.agencies.apply(try Self.file(later), by: fixture.checker)
        #expect(Self.lines(approved).allSatisfy { $0.hasSuffix("(approved)") })
        #expect(try await cards() == 2)
        #expect(try await fixture.agencies.apply(try Self.file(later), by: fixture.maker).changes.isEmpty)
    }

    @Test("what cannot be applied is refused whole")
    func refused() async throws {
        let fixture = try await PlacementFixture.make()
        _ = try await fixture.agencies.apply(try Self.file(), by: fixture.maker)
        let kind = Self.yaml.replacing("kind: lettershop", with: "kind: in_house")
        await #expect(throws: AgencyApplyError.kindChanged(agency: "print", from: .lettershop, to: .inHouse)) {
            try await fixture.agencies.apply(try Self.file(kind), by: fixture.maker)
        }
        let route = Self.yaml.replacing("{stage: letter, agency: print}", with: "{stage: letter, agency: alpha}")
        await #expect(throws: AgencyApplyError.stageNotContracted(stage: .letter, agency: "alpha")) {
            try await fixture.agencies.apply(try Self.file(route), by: fixture.maker)
        }
        let unknown = Self.yaml.replacing("{stage: letter, agency: print}", with: "{stage: letter, agency: nobody}")
        await #expect(throws: AgencyApplyError.unknownRoute(stage: .letter, agency: "nobody")) {
            try await fixture.agencies.apply(try Self.file(unknown), by: fixture.maker)
        }
        let viewer = try await PlacementFixture.person(.viewer, in: fixture.db)
        await #expect(throws: OperatorError.roleForbids(.viewer)) { try await fixture.agencies.apply(try Self.file(), by: viewer) }
    }

    @Test("a contract is renewed only after an evaluation during the one before")
    func renewal() async throws {
        let fixture = try await PlacementFixture.make()
        _ = try await fixture.agencies.apply(try Self.file(), by: fixture.maker)
        let renewed = Self.yaml.replacing(
            "      starts_on: 2026-01-01\n      ends_on: 2027-12-31", with: "      starts_on: 2028-01-01\n      ends_on: 2029-12-31"
        )
        .replacing("fees: {rates", with: "fees: {starts_on: 2026-01-01, rates").replacing(
            "license_until: 2027-12-31", with: "license_until: 2030-12-31")
        let late = renewed.replacing("evaluated_on: 2026-06-01", with: "evaluated_on: 2028-01-01")
        try #require(renewed.contains("starts_on: 2028-01-01") && late != renewed)
        await #expect(throws: AgencyApplyError.notEvaluated(agency: "alpha", contract: try #require(Day(iso: "2028-01-01")))) {
            try await fixture.agencies.apply(try Self.file(late), by: fixture.maker)
        }
        let report = try await fixture.agencies.apply(try Self.file(renewed), by: fixture.maker)
        #expect(Self.lines(report).contains { $0.hasPrefix("contract 2028-01-01") })
        let binding = try await fixture.agencies.list().first?.contract
        #expect(binding?.startsOn == Day(iso: "2026-01-01"), "the new contract binds from its first day")
    }

    @Test("a token is known by its hash alone, until it is revoked")
    func tokens() async throws {
        let fixture = try await PlacementFixture.make()
        _ = try await fixture.agencies.apply(try Self.file(), by: fixture.maker)
        let first = try await fixture.agencies.token("alpha", by: fixture.maker)
        let second = try await fixture.agencies.token("alpha", label: "spare", by: fixture.maker)
        #expect(first.text != second.text && first.text.hasPrefix("rag_"))
        let stored = try await fixture.db.administrator.query("select token_hash from agency_credential").map {
            try $0.get(0, as: [UInt8].self)
        }
        #expect(Set(stored) == [first.hash, second.hash])
        let known = try await fixture.agencies.authenticate(tokenHash: NewToken.hash(of: first.text))
        #expect(known?.name == "alpha" && known?.kind == .collection && known?.state == .active)
        #expect(try await fixture.agencies.authenticate(tokenHash: NewToken.hash(of: "rag_guess")) == nil)
        #expect(try await fixture.agencies.revokeTokens("alpha", label: "spare", by: fixture.maker) == 1)
        #expect(try await fixture.agencies.authenticate(tokenHash: second.hash) == nil)
        #expect(try await fixture.agencies.authenticate(tokenHash: first.hash) != nil)
        #expect(try await fixture.agencies.revokeTokens("alpha", label: nil, by: fixture.maker) == 1)
        await #expect(throws: AgencyError.unknown("nobody")) { try await fixture.agencies.token("nobody", by: fixture.maker) }
    }
}
