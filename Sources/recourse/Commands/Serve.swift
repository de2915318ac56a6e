import AgencyAPI
import ArgumentParser
import CollectionsStore
import Coordinator
import Logging
import ServiceLifecycle
import UnixSignals

/// `recourse serve`: the coordinator that agencies' workers talk to.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve agencies: grant leases, take outcomes, publish notices.",
        discussion: """
            Any number of these run on one database; none leads. There is no TLS here: put a reverse proxy before it.
            SIGTERM ends parked calls, answers what is under way and stops. While the database is away calls are answered 503; if it is away at the
            start, the command waits --database-wait seconds and then exits 3.
            """)

    @Option(help: ArgumentHelp("Where to listen.", valueName: "host:port"))
    var listen = "127.0.0.1:8080"
    @Option(help: ArgumentHelp("Connections of each of the two pools, 2 to 200.", valueName: "n"))
    var connections = 12
    @Option(
        name: .customLong("shared-places"),
        help: ArgumentHelp(
            "Requests at work at a time while several agencies ask, shared by weight, each one at least; 1 to 64. Without the option: this machine's processors; give the database's where it has a machine of its own.",
            valueName: "n"))
    var sharedPlaces: Int?
    @Option(
        name: .customLong("log-level"),
        help: ArgumentHelp(
            "trace, debug, info, notice, warning or error, to standard error; debug has a line per call.", valueName: "level"))
    var logLevel = "notice"
    @OptionGroup var options: DatabaseOptions

    func validate() throws {
        guard ListenAddress(listen) != nil else {
            throw ValidationError("--listen must be like 127.0.0.1:8080 or [::1]:8080, got '\(listen)'")
        }
        guard (2...200).contains(connections) else { throw ValidationError("--connections must be 2...200, got \(connections)") }
        if let sharedPlaces, !(1...64).contains(sharedPlaces) {
            throw ValidationError("--shared-places must be 1...64, got \(sharedPlaces)")
        }
        guard Logger.Level(rawValue: logLevel) != nil else {
            throw ValidationError("--log-level must be a level such as notice, got '\(logLevel)'")
        }
    }

    func run() async throws {
        guard let address = ListenAddress(listen) else { throw UsageError("--listen cannot be read") }
        var logger = DatabaseOptions.logger(named: "recourse.serve")
        logger.logLevel = Logger.Level(rawValue: logLevel) ?? .notice
        try await options.withDatabase(connections: connections) { [logger] database in
            let checkpoints = CheckpointWriter(database: database)
            let idempotency = DatabaseIdempotency(database)
            let dispatch = Dispatch(database: database, policies: PolicyService(database: database), logger: logger) {
                if let checkpoint = try await checkpoints.write() {
                    // Outside the database, where whoever rewrites the record cannot rewrite it.
                    logger.notice(
                        "audit checkpoint",
                        metadata: ["checkpoint.seq": "\(checkpoint.seq)", "checkpoint.hash": "\(Digest.hex(checkpoint.hash))"])
                }
                try await idempotency.forgetOld()
            }
            var admission = AdmissionLimits()
            if let sharedPlaces { admission.sharedPlaces = sharedPlaces }
            let server = AgencyServer(
                configuration: AgencyServerConfiguration(host: address.host, port: address.port, admission: admission),
                dispatch: CoordinatorDispatch(dispatch), authenticator: CachedAuthenticator(DatabaseCredentials(database)),
                idempotency: idempotency, logger: logger,
                onListening: { port in Terminal.say("listening on http://\(address.text(port: port))") })
            var configuration = ServiceGroupConfiguration(
                services: [.init(service: DispatchSweeps(dispatch)), .init(service: server)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "lifecycle", factory: { _ in SwiftLogNoOpLogHandler() })
            )
            configuration.maximumGracefulShutdownDuration = Self.longestShutdown
            do {
                try await ServiceGroup(configuration: configuration).run()
            } catch {
                // Whatever runs in this group handles its own faults; what comes out is the listening socket's.
                Terminal.note("recourse: could not serve on \(listen): \(error)")
                throw ExitStatus.unreachable
            }
        }
    }

    /// Longer than any call that is under way; after it the process ends, and what is not answered is asked again elsewhere.
    private static let longestShutdown = Duration.seconds(30)
}

/// Host and port to listen on, as people write them.
struct ListenAddress: Hashable, Sendable {
    let host: String
    let port: Int

    /// Reads `host:port`, `[v6 address]:port` or `:port` (every address).
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(digits), (0...65_535).contains(port) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        self.host = host.isEmpty ? "0.0.0.0" : String(host)
        self.port = port
    }

    /// The address with the port that was really taken.
    func text(port: Int) -> String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
