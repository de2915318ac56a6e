import AgencyClient
import EmbeddedPostgres
import Foundation
import Logging
import PostgresDriver
import RecourseTesting
import Subprocess
import SystemPackage
import Testing
import WireTypes

/// A bank on a rehearsal database, driven as people drive it: `recourse` as a process for each step of the bank, HTTP for each of an agency.
///
/// Anna is admin, boris and clara are supervisor and compliance: what one asks for, another one decides. Times are those of Shanghai.
final class RehearsalBank: Sendable {
    /// What a command left behind.
    struct Answer: Sendable {
        var code: Int32
        var output: String
        var errors: String

        /// The last line of the output, which `--json` makes JSON.
        var json: JSONValue {
            get throws {
                let line = try #require(output.split(separator: "\n").last, "no output; \(errors)")
                return try JSONDecoder().decode(JSONValue.self, from: Data(line.utf8))
            }
        }
    }

    let db: TestDatabase
    let directory: String
    let url: String
    private let tokens: [String: String]

    private init(db: TestDatabase, directory: String, url: String, tokens: [String: String]) {
        self.db = db
        self.directory = directory
        self.url = url
        self.tokens = tokens
    }

    private static let people = ["anna", "boris", "clara"]
    private static let logger = Logger(label: "recourse.scenario") { _ in SwiftLogNoOpLogHandler() }

    private static var root: String {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url.path
    }

    /// The conduct policy of the scenarios.
    static var policyPath: String { root + "/Deploy/policies/cn-credit-card.yaml" }

    /// Opens a bank with the agencies of the YAML, serves while `body` runs, and asks the doctor at the end.
    ///
    /// - Parameter time: Business time at the start, `2026-11-02T07:00`.
    static func open(at time: String, agencies: String, _ body: (RehearsalBank) async throws -> Void) async throws {
        let db = try TestDatabase.current
        let directory = NSTemporaryDirectory() + "/recourse-scenario-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(atPath: directory) } catch { Issue.record("\(directory) is left") }
        }
        let port = try FreePort.find()
        let desk = RehearsalBank(db: db, directory: directory, url: "http://127.0.0.1:\(port)", tokens: [:])
        var tokens: [String: String] = [:]
        tokens["anna"] = try await desk.must(["operator", "add", "anna", "--role", "admin"]).json["token"].text
        let first = RehearsalBank(db: db, directory: directory, url: desk.url, tokens: tokens)
        for (name, role) in [("boris", "supervisor"), ("clara", "compliance")] {
            tokens[name] = try await first.must(["operator", "add", name, "--role", role], by: "anna").json["token"].text
        }
        try await first.clock(time)
        try await first.must(["policy", "publish", policyPath], by: "anna")
        let file = try first.file("agencies.yaml", agencies)
        try await first.must(["agency", "apply", file], by: "anna")
        for line in agencies.split(separator: "\n") {
            guard let start = line.range(of: "- name: ") else { continue }
            let name = String(line[start.upperBound...])
            tokens[name] = try await first.must(["agency", "token", name], by: "anna").json["token"].text
        }
        let bank = RehearsalBank(db: db, directory: directory, url: desk.url, tokens: tokens)
        let coordinator = try ChildProcess.spawn(
            ["env"] + bank.variables(nil).map { "\($0.key)=\($0.value)" }
                + [Town.executable, "serve", "--listen", "127.0.0.1:\(port)", "--directory", directory],
            log: directory + "/coordinator.log")
        do {
            try await bank.untilReady()
            try await body(bank)
            let doctor = try await bank.run(["doctor"])
            #expect(doctor.code == 0, "\(doctor.output)\(doctor.errors)")
        } catch {
            kill(coordinator.pid, SIGKILL)
            _ = await coordinator.wait()
            throw error
        }
        kill(coordinator.pid, SIGTERM)
        #expect(await coordinator.wait() == 0)
    }

    private func untilReady() async throws {
        for _ in 0..<200 {
            if try String(contentsOfFile: directory + "/coordinator.log", encoding: .utf8).contains("listening on") { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Failure(text: try String(contentsOfFile: directory + "/coordinator.log", encoding: .utf8))
    }

    struct Failure: Error, CustomStringConvertible {
        let text: String
        var description: String { text }
    }

    // MARK: The bank

    private func variables(_ person: String?) -> [String: String] {
        var variables = [
            "RECOURSE_DATA_KEY": Data(TestServer.dataKey).base64EncodedString(), "DATABASE_URL": db.url(user: "recourse_core"),
            "RECOURSE_API_DATABASE_URL": db.url(user: "recourse_api"),
        ]
        if let person {
            variables["RECOURSE_OPERATOR"] = person
            variables["RECOURSE_OPERATOR_TOKEN"] = tokens[person]
        }
        return variables
    }

    /// Runs a command with `--json` where it can, as the person.
    func run(_ arguments: [String], by person: String? = nil) async throws -> Answer {
        var environment: [Environment.Key: String] = [:]
        for (name, value) in variables(person) { environment[try #require(Environment.Key(rawValue: name))] = value }
        let result = try await Subprocess.run(
            .path(FilePath(Town.executable)), arguments: Arguments(arguments + ["--json", "--directory", directory]),
            environment: .inherit.updating(environment.mapValues { $0 }), input: .none, output: .string(limit: 1 << 22),
            error: .string(limit: 1 << 20))
        let code: Int32
        switch result.terminationStatus {
        case .exited(let exit): code = exit
        case .signaled(let signal): code = 128 + signal
        }
        return Answer(code: code, output: result.standardOutput, errors: result.standardError)
    }

    /// Runs a command that has to succeed.
    @discardableResult
    func must(_ arguments: [String], by person: String? = nil, source: SourceLocation = #_sourceLocation) async throws -> Answer {
        let answer = try await run(arguments, by: person)
        try #require(
            answer.code == 0, "\(arguments.joined(separator: " ")): \(answer.code) \(answer.output)\(answer.errors)", sourceLocation: source
        )
        return answer
    }

    /// Moves business time on and lets it stand there.
    func clock(_ time: String) async throws { try await must(["clock", "set", time + ":00+08:00"], by: "anna") }

    /// Writes a file of the bank.
    func file(_ name: String, _ text: String) throws -> String {
        let path = directory + "/" + name
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// Imports a file of the bank.
    @discardableResult
    func load(
        _ kind: String, _ name: String, _ text: String, _ options: [String] = [], source: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        try await must(["import", kind, try file(name, text)] + options, by: "anna", source: source)
    }

    /// Plans, approves by a second person and carries out a placement of the portfolio.
    func place(_ portfolio: String) async throws -> JSONValue {
        let plan = try await must(["place", "plan", "--portfolio", portfolio, "--strategy", "weighted"], by: "anna").json
        let run = try #require(plan["run"].text)
        try await must(["place", "approve", run], by: "boris")
        return try await must(["place", "run", run], by: "anna").json
    }

    /// The bank's scheduled run; it ends with 1 while breaks are open.
    ///
    /// - Parameter silent: Agencies that do not follow their notices, as workers do all the time.
    func reconcile(breaks: Bool = false, silent: [String] = [], source: SourceLocation = #_sourceLocation) async throws -> JSONValue {
        for agency in tokens.keys.sorted() where !Self.people.contains(agency) && !silent.contains(agency) { _ = try await notices(agency) }
        let answer = try await run(["reconcile", "run"], by: "anna")
        #expect(answer.code == (breaks ? 1 : 0), "\(answer.output)\(answer.errors)", sourceLocation: source)
        return try answer.json
    }

    /// Why, or until when, an account's debtor may be contacted.
    func explain(_ account: String, _ channel: String, purpose: String? = nil) async throws -> JSONValue {
        try await must(
            ["policy", "explain", "--account", account, "--channel", channel] + (purpose.map { ["--purpose", $0] } ?? [])
        ).json["points"]
    }

    /// All that a run could change, as one text.
    func state() async throws -> String {
        var text = ""
        for table in [
            "account", "case_file", "placement", "promise", "payment", "commission_line", "task", "hold", "bank_request", "break", "notice",
            "outbox", "debtor_conduct",
        ] { text += try await value("select string_agg(t::text, ' ' order by t::text) from \(table) t") ?? "-" }
        return text
    }

    /// Where the cases stand, for a failure's message.
    func story() async throws -> String {
        var text = ""
        for sql in [
            "select string_agg(concat_ws(' ', 'case', agency_id, state, reason, until, stage, step, last_rule), e'\\n') from case_file",
            "select string_agg(concat_ws(' ', 'task', stage, step, state, due_at, agency_id, attempt), e'\\n') from task",
            "select string_agg(concat_ws(' ', 'letter', state, accounts, posted_at, closed_at, answered_at), e'\\n') from letter",
            "select string_agg(convert_from(body, 'UTF8'), e'\\n' order by at) from (select * from audit_entry where kind not in (1) order by at desc limit 25) t",
            "select string_agg(concat_ws(' ', 'break', kind, ours, theirs, state, opened_at), e'\\n') from break",
        ] { text += "\n" + (try await value(sql) ?? "-") }
        return text
    }

    /// One value of the database.
    func value(_ sql: String) async throws -> String? {
        try await db.administrator.query("select (\(unescaped: sql))::text").decode(String?.self).first ?? nil
    }

    // MARK: The agencies

    private func with<Value>(_ agency: String, _ body: (AgencyClient) async throws -> Value) async throws -> Value {
        let client = AgencyClient(
            configuration: AgencyClientConfiguration(url: url, token: tokens[agency] ?? "", backoff: Backoff(initial: .milliseconds(20))),
            logger: Self.logger)
        do {
            let value = try await body(client)
            try await client.close()
            return value
        } catch {
            try await client.close()
            throw error
        }
    }

    /// What the agency gets when it asks for work now.
    func lease(_ agency: String, _ stage: String, max: Int = 10, waitSeconds: Int? = nil) async throws -> [Lease] {
        try await with(agency) { client in
            try await client.lease(
                LeaseRequest(
                    requestId: "r-\(UInt64.random(in: .min ... .max))", stages: [stage], max: max, waitSeconds: waitSeconds)
            ).leases
        }
    }

    /// The one lease the agency has to get now.
    func only(_ agency: String, _ stage: String, source: SourceLocation = #_sourceLocation) async throws -> Lease {
        let leases = try await lease(agency, stage)
        guard leases.count == 1 else {
            let story = try await story()
            Issue.record("\(leases.count) leases of \(stage) for \(agency):\(story)", sourceLocation: source)
            throw Failure(text: "no lease")
        }
        return leases[0]
    }

    /// The agency must get nothing of the stage now.
    func none(_ agency: String, _ stage: String, source: SourceLocation = #_sourceLocation) async throws {
        for lease in try await lease(agency, stage) {
            let story = try await story()
            Issue.record("a lease to \(lease.step), \(lease.goal) for \(agency):\(story)", sourceLocation: source)
        }
    }

    /// Reports an outcome with all a contact act has to say about itself; `change` adds to it.
    @discardableResult
    func report(
        _ agency: String, _ lease: Lease, _ result: String, at time: String, _ change: (inout OutcomeItem) throws -> Void = { _ in }
    ) async throws -> OutcomeReply {
        let start = try #require(WireInstant(time + ":00+08:00"))
        var item = OutcomeItem(
            leaseToken: lease.leaseToken, result: result, occurredAt: start,
            endedAt: WireInstant(microseconds: start.microseconds + 60_000_000), collectorId: "c1",
            contactPointId: lease.workCard.permit?.contactPointId, recordingRef: "rec-1")
        try change(&item)
        return try await with(agency) { client in
            try #require(try await client.report([item]).first)
        }
    }

    /// What a heartbeat says about the lease.
    func heartbeat(_ agency: String, _ lease: Lease) async throws -> HeartbeatItem {
        try await with(agency) { try #require(try await $0.heartbeat([lease.leaseToken]).leases.first) }
    }

    /// Asks at the door.
    func permit(_ agency: String, _ lease: Lease, point: String, act: String = "visit", collectors: Int? = nil) async throws -> PermitReply
    {
        try await with(agency) {
            try await $0.permit(PermitRequest(leaseToken: lease.leaseToken, contactPointId: point, act: act, collectors: collectors))
        }
    }

    /// Facts that no lease covers.
    func activity(_ agency: String, _ item: ActivityItem) async throws -> ActivityReply {
        try await with(agency) { try #require(try await $0.activities([item]).first) }
    }

    /// What the agency is told.
    func notices(_ agency: String) async throws -> [Notice] {
        try await with(agency) { try await $0.notices(after: 0).notices }
    }

    /// Waits until a notice of the kind stands in a feed: the coordinator publishes by its own beat.
    func published(_ kind: String, source: SourceLocation = #_sourceLocation) async throws {
        for _ in 0..<200 {
            if try await value("select count(*) from notice where kind = '\(kind)'") != "0" { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("no notice of \(kind)", sourceLocation: source)
    }

    /// Confirms the notices of a kind: for recalls, that work has stopped.
    func acknowledge(_ agency: String, _ kind: String, source: SourceLocation = #_sourceLocation) async throws {
        try await published(kind, source: source)
        let found = try await notices(agency).filter { $0.kind == kind }.map { NoticeAck(seq: $0.seq) }
        _ = try await with(agency) { try await $0.acknowledge(found) }
    }

    /// Leases what there is to gather and reports it whole.
    func gather(_ agency: String, at time: String) async throws {
        for lease in try await lease(agency, "information_gathering") {
            let reply = try await report(agency, lease, "dossier_complete", at: time)
            #expect(reply.status == .accepted)
        }
    }
}
