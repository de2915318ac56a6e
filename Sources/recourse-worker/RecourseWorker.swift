import AgencyClient
import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals
import WireTypes

/// The agency's command: pulls tasks from a coordinator, has a handler do each, reports what came of it.
@main
struct RecourseWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recourse-worker",
        abstract: "Work a bank's collection tasks: lease, hand to a command, report.",
        discussion: """
            For each task the handler command gets the work card as JSON on standard input and writes one outcome as JSON to standard output, for example
            {"result": "promise", "contact_point_id": "…", "promise": {"amount": "1200.00", "date": "2026-11-06"}}, or {"release": "declined"}.
            Another exit code than 0, broken output or no end in time gives the task back as failed.

            SIGTERM and SIGINT let running handlers finish, report them and give the rest back. While the coordinator is away the worker tries again
            with growing waits. Exit codes: 0 done, 2 usage, 3 the coordinator cannot be reached or refuses the credential.
            """)

    @Option(help: ArgumentHelp("Address of the coordinator, such as https://recourse.bank.example.", valueName: "url"))
    var url: String

    @Option(
        help: ArgumentHelp(
            "The agency's credential; better given as RECOURSE_AGENCY_TOKEN, which others cannot see in the process list.",
            valueName: "token"))
    var token: String?

    @Option(
        help: ArgumentHelp(
            "Stages to work, separated by commas: information_gathering (info), phone, letter, field_visit (field), legal_referral (legal).",
            valueName: "stages"))
    var stages: String

    @Option(help: ArgumentHelp("Handlers that run at once, 1 to 10000.", valueName: "n"))
    var concurrency = 8

    @Option(help: ArgumentHelp("Command that does one task; run by sh -c.", valueName: "command"))
    var handler: String?

    @Option(help: ArgumentHelp("Leases asked for in one call, 1 to 500; as many as handlers unless given.", valueName: "n"))
    var batch: Int?

    @Option(help: ArgumentHelp("Lease time asked for; the policy's unless given, never longer.", valueName: "seconds"))
    var ttlSeconds: Int?

    @Option(help: ArgumentHelp("How long the coordinator may hold a call open while there is no work, 0 to 60.", valueName: "seconds"))
    var waitSeconds = 20

    @Option(help: ArgumentHelp("How long one run of the handler may take.", valueName: "seconds"))
    var timeoutSeconds = 300

    @Option(help: ArgumentHelp("How long handlers may go on after SIGTERM.", valueName: "seconds"))
    var drainSeconds = 30

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning or error; to standard error.", valueName: "level"))
    var logLevel = "notice"

    @Flag(help: "End when there is no work now; exit 3 if the coordinator cannot be reached for 30 seconds.")
    var once = false

    @Flag(
        help: "Take no handler: lease one batch, print each task as a handler would read it, one line of JSON each, give all back and end.")
    var dryRun = false

    @Flag(
        inversion: .prefixedNo,
        help: "Follow the agency's notices: end work that was recalled or held, and confirm it. Off where another process confirms.")
    var notices = true

    func validate() throws {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme, ["http", "https"].contains(scheme),
            parts.host?.isEmpty == false
        else { throw ValidationError("--url must be an http or https address, got '\(url)'") }
        guard (1...10_000).contains(concurrency) else { throw ValidationError("--concurrency must be 1...10000, got \(concurrency)") }
        if let batch, !(1...WireLimit.itemsMax).contains(batch) {
            throw ValidationError("--batch must be 1...\(WireLimit.itemsMax), got \(batch)")
        }
        if let ttlSeconds, ttlSeconds < 1 { throw ValidationError("--ttl-seconds must be at least 1, got \(ttlSeconds)") }
        guard (0...WireLimit.waitSecondsMax).contains(waitSeconds) else {
            throw ValidationError("--wait-seconds must be 0...\(WireLimit.waitSecondsMax), got \(waitSeconds)")
        }
        guard (1...86_400).contains(timeoutSeconds) else {
            throw ValidationError("--timeout-seconds must be 1...86400, got \(timeoutSeconds)")
        }
        guard (0...3600).contains(drainSeconds) else { throw ValidationError("--drain-seconds must be 0...3600, got \(drainSeconds)") }
        guard Logger.Level(rawValue: logLevel) != nil else {
            throw ValidationError("--log-level must be a level such as notice, got '\(logLevel)'")
        }
        switch (handler, dryRun) {
        case (nil, false):
            throw ValidationError(
                "--handler is required: the command that does one task (or --dry-run to see the tasks and give them back)")
        case (.some, true): throw ValidationError("--handler and --dry-run exclude each other")
        case (.some(let command), false):
            if command.allSatisfy(\.isWhitespace) { throw ValidationError("--handler must not be empty") }
        case (nil, true): break
        }
        _ = try stageNames()
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let token = token ?? environment[Self.tokenVariable], !token.isEmpty else {
            throw ValidationError("no credential: give --token or set \(Self.tokenVariable)")
        }
        var logger = Logger(label: "recourse-worker", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = Logger.Level(rawValue: logLevel) ?? .notice
        let client = AgencyClient(configuration: AgencyClientConfiguration(url: url, token: token), logger: logger)
        let pool = WorkerPoolConfiguration(
            stages: try stageNames(), concurrency: concurrency, batch: batch, ttlSeconds: ttlSeconds, waitSeconds: waitSeconds,
            drain: .seconds(drainSeconds), followsNotices: notices && !dryRun, stopsWhenIdle: once,
            giveUpAfter: once ? Self.onceGivesUpAfter : nil)
        let failure: (any Error)?
        do {
            if let handler {
                let command = CommandHandler(
                    command: handler, timeout: .seconds(timeoutSeconds), hiddenVariables: [Self.tokenVariable], logger: logger)
                try await work(client, pool, command, logger)
            } else {
                try await TaskPreview(client: client, stages: pool.stages, max: pool.batch, ttlSeconds: ttlSeconds).run()
            }
            failure = nil
        } catch {
            failure = error
        }
        try await client.close()
        if let failure = failure as? AgencyClientError {
            FileHandle.standardError.write(Data("recourse-worker: \(failure)\n".utf8))
            throw ExitCode(3)
        }
        if let failure { throw failure }
    }

    private func work(
        _ client: AgencyClient, _ configuration: WorkerPoolConfiguration, _ handler: some TaskHandler, _ logger: Logger
    ) async throws {
        let pool = WorkerPool(client: client, configuration: configuration, handler: handler, logger: logger)
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: pool, successTerminationBehavior: .gracefullyShutdownGroup, failureTerminationBehavior: .cancelGroup)
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], cancellationSignals: [.sigquit], logger: Self.silent))
        defer {
            let done = pool.statistics
            logger.notice(
                "worker ended",
                metadata: [
                    "tasks.leased": "\(done.leased)", "outcomes.accepted": "\(done.accepted)", "outcomes.late": "\(done.late)",
                    "outcomes.rejected": "\(done.rejected)", "tasks.released": "\(done.released)", "handlers.failed": "\(done.failed)",
                    "leases.cancelled": "\(done.cancelled)",
                ])
        }
        try await group.run()
    }

    private func stageNames() throws -> [String] {
        var names: [String] = []
        for part in stages.split(separator: ",") {
            let text = part.filter { !$0.isWhitespace }
            guard let name = StageName.named(text) else {
                throw ValidationError("--stages: no stage '\(text)'; there are \(StageName.all.joined(separator: ", "))")
            }
            if !names.contains(name) { names.append(name) }
        }
        if names.isEmpty { throw ValidationError("--stages must name at least one stage") }
        return names
    }

    private static let tokenVariable = "RECOURSE_AGENCY_TOKEN"
    private static let onceGivesUpAfter = Duration.seconds(30)
    /// The service group's own log repeats what the worker says.
    private static let silent = Logger(label: "lifecycle", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Runs the command. Usage errors exit with 2, as all commands of this product do.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            let code = exitCode(for: error)
            let message = fullMessage(for: error)
            if code == .success {
                print(message)
            } else if !message.isEmpty {
                FileHandle.standardError.write(Data((message + "\n").utf8))
            }
            Foundation.exit(code == .validationFailure ? 2 : code.rawValue)
        }
    }
}
