import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation
import PostgresDriver

/// `recourse outbox …`: what the bank's own systems are to be told.
struct OutboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox", abstract: "Hand messages over to the bank's systems: SMS, letters, notices, card orders, alarms.",
        subcommands: [List.self, Deliver.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "How many messages wait, by port and kind, and since when.")
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        private struct Line: Encodable {
            let port: String
            let kind: String
            let waiting: Int64
            let oldest: String
        }

        func run() async throws {
            let lines = try await options.withDatabase {
                try await PortService(database: $0, policies: PolicyService(database: $0)).waiting()
            }
            .map { Line(port: $0.port.rawValue, kind: $0.kind, waiting: $0.count, oldest: $0.oldest.iso8601()) }
            if output.json { return try Terminal.json(lines) }
            if lines.isEmpty { return Terminal.say("nothing waits") }
            Terminal.table(["PORT", "KIND", "WAITING", "OLDEST"], lines.map { [$0.port, $0.kind, String($0.waiting), $0.oldest] })
        }
    }

    struct Deliver: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hand over what waits at a port, once or as long as it runs.",
            discussion: """
                A message is one JSON object: message_id, port, kind, at, case_ref, debtor_ref, facts. It holds keys and codes; the system looks up name, \
                number and text itself. It is handed over at least once, the oldest first, and leaves the outbox when the command ends with 0 or the \
                webhook answers 2xx; message_id (the webhook's Idempotency-Key) tells a repetition. Messages to a person under a hold such as deceased \
                are kept back, SMS outside contact hours wait. What became of a message comes back by import events.
                Exits 1 if a message was not taken or another process is at it.
                """)
        @Option(help: ArgumentHelp("sms, letter, notice, card_block or alarm.", valueName: "port")) var port: String
        @Option(help: ArgumentHelp("A shell command run for each message, which it reads from standard input.", valueName: "line"))
        var command: String?
        @Option(help: ArgumentHelp("Where each message is posted to.", valueName: "url")) var webhook: String?
        @Flag(help: "Hand over what waits now, then end; else go on until stopped.") var once = false
        @Option(help: "The most messages of one go.") var limit = 10_000
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard let target = OutboxRow.Target(rawValue: port), target != .agency else {
                throw ValidationError("--port is one of sms, letter, notice, card_block, alarm, got '\(port)'")
            }
            guard (command == nil) != (webhook == nil) else { throw ValidationError("give either --command or --webhook") }
            if let webhook {
                guard let url = URL(string: webhook), ["http", "https"].contains(url.scheme ?? ""), url.host() != nil else {
                    throw ValidationError("--webhook must be an http or https address, got '\(webhook)'")
                }
            }
            guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit must be 1...1000000, got \(limit)") }
        }

        func run() async throws {
            guard let target = OutboxRow.Target(rawValue: port),
                let adapter = webhook.map(PortAdapter.webhook) ?? command.map(PortAdapter.command)
            else { throw UsageError("name --port and either --command or --webhook") }
            let report = try await options.withDatabase(restartable: true) { database in
                _ = try await identity.authenticate(in: database) { $0.mayChange }
                let service = PortService(database: database, policies: PolicyService(database: database))
                if once { return try await deliver(service, target, adapter) }
                return try await withThrowingTaskGroup(of: PortReport?.self) { group in
                    group.addTask {
                        await Interrupt.wait()
                        return nil
                    }
                    group.addTask {
                        while true {
                            let report = try await deliver(service, target, adapter)
                            if report.delivered + report.failed > 0 { Self.tell(report) }
                            try await Task.sleep(for: .seconds(2))
                        }
                    }
                    let first = try await group.next() ?? nil
                    group.cancelAll()
                    return first ?? PortReport()
                }
            }
            if once { Self.tell(report) }
            if output.json { try Terminal.json(report) }
            if report.failed > 0 { throw ExitStatus.faults }
        }

        private func deliver(_ service: PortService, _ target: OutboxRow.Target, _ adapter: PortAdapter) async throws -> PortReport {
            try await service.deliver(
                port: target, limit: limit, holder: "cli-\(ProcessInfo.processInfo.processIdentifier)", { try await adapter.send($0) })
        }

        private static func tell(_ report: PortReport) {
            let withheld = report.withheld.sorted { $0.key < $1.key }.map { "\($0.value) under \($0.key)" }
            Terminal.say(
                "\(report.delivered) handed over, \(report.failed) not taken, \(report.waitingForHours) wait for contact hours"
                    + (withheld.isEmpty ? "" : "; kept back: " + withheld.joined(separator: ", ")))
        }
    }
}
