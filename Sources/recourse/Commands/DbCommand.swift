import ArgumentParser
import EmbeddedPostgres
import Foundation

/// `recourse db …`: the private PostgreSQL.
struct DbCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db",
        abstract: "Start, stop or look at the private PostgreSQL.",
        discussion: "Other commands start it by themselves and stop it when they end. Started here it stays until it is stopped here.",
        subcommands: [Start.self, Stop.self, Status.self, Address.self])

    /// Which private cluster.
    struct Place: ParsableArguments {
        @Option(help: ArgumentHelp("The directory of the private PostgreSQL.", valueName: "path")) var directory = ".recourse"

        func find() throws -> PrivateCluster {
            try PrivateCluster.find(
                directory: directory, path: ProcessInfo.variables["PATH"] ?? "", logger: DatabaseOptions.logger(named: "recourse.db"))
        }
    }

    struct Report: Encodable {
        let running: Bool
        let pid: Int32?
        let port: Int?
        let directory: String
        let url: String?
    }

    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Start it (or keep the running one) until `recourse db stop`.")
        @OptionGroup var place: Place
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let cluster = try await PrivateCluster.start(
                directory: place.directory, keepRunning: true, path: ProcessInfo.variables["PATH"] ?? "",
                logger: DatabaseOptions.logger(named: "recourse.db"))
            Terminal.say("running: \(cluster.url)")
            try DbCommand.report(cluster, output)
            try await cluster.stop()
        }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Stop it for everybody.")
        @OptionGroup var place: Place
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let cluster = try place.find()
            try await cluster.server.stop()
            Terminal.say("stopped")
            try DbCommand.report(cluster, output)
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say whether it runs; exit code 3 if not.")
        @OptionGroup var place: Place
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let cluster = try place.find()
            let running = cluster.server.running()
            if let running {
                Terminal.say("running: process \(running.pid), port \(running.port), files in \(cluster.location.base)")
            } else {
                Terminal.say("not running: files in \(cluster.location.base)")
            }
            try DbCommand.report(cluster, output)
            if running == nil { throw ExitStatus.unreachable }
        }
    }

    struct Address: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "url", abstract: "Print its address.")
        @OptionGroup var place: Place
        @Flag(help: "Over the loopback interface, with the password, instead of the socket.") var loopback = false
        @Flag(help: "As the role of operators and runs, instead of the schema's owner.") var core = false

        func run() async throws {
            let cluster = try place.find()
            Terminal.say(loopback ? cluster.loopbackURL : core ? cluster.coreURL : cluster.url)
        }
    }

    fileprivate static func report(_ cluster: PrivateCluster, _ output: OutputOptions) throws {
        guard output.json else { return }
        let running = cluster.server.running()
        try Terminal.json(
            Report(
                running: running != nil, pid: running?.pid, port: running?.port, directory: cluster.location.base,
                url: running == nil ? nil : cluster.url))
    }
}
