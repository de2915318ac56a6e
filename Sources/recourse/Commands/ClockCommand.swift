import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator

/// `recourse clock …`: business time.
struct ClockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clock",
        abstract: "Show business time; on rehearsal databases, move it.",
        discussion: "A database made with `recourse migrate --rehearsal` has a clock that can be set and advanced. It never goes back.",
        subcommands: [Show.self, Set.self, Advance.self])

    struct Report: Encodable {
        let business: String
        let real: String
        let rate: Double
        let rehearsal: Bool
        let driver: String?
    }

    fileprivate static func report(_ now: Now, driver: String? = nil, database: Database, json: Bool) throws {
        let pace = now.rate == 1 ? "" : now.rate == 0 ? ", standing" : ", \(now.rate) times as fast as real time"
        Terminal.say("business time \(now.business)\(pace)\(driver.map { ", paced by \($0)" } ?? "")")
        if json {
            try Terminal.json(
                Report(
                    business: now.business.description, real: now.real.description, rate: now.rate, rehearsal: database.isRehearsal,
                    driver: driver))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show business time.")
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await options.withDatabase { database in
                let (now, _, driver) = try await ClockService(database: database).show()
                try ClockCommand.report(now, driver: driver, database: database, json: output.json)
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Set business time, where it then stands unless --rate is given.")
        @Argument(help: "RFC 3339 with a zone, or a date (00:00 UTC).") var time: String
        @Option(help: "Business seconds per real second from there.") var rate: Double?
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard Reading.instant(time) != nil else { throw ValidationError("TIME must be like 2026-12-01T09:00:00+08:00, got \(time)") }
            try ClockCommand.check(rate)
        }

        func run() async throws {
            guard let time = Reading.instant(time) else { throw UsageError("TIME cannot be read") }
            try await options.withDatabase { database in
                let actor = try await identity.authenticate(in: database)
                let now = try await ClockService(database: database).set(to: time, rate: rate, by: actor)
                try ClockCommand.report(now, database: database, json: output.json)
            }
        }
    }

    struct Advance: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Move business time on.")
        @Argument(help: "How far: 90s, 30m, 2h, 1d, 1d12h.") var duration: String
        @Option(help: "Business seconds per real second from there; without it the rate stays.") var rate: Double?
        @OptionGroup var identity: OperatorOptions
        @OptionGroup var options: DatabaseOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard Reading.duration(duration) != nil else {
                throw ValidationError("DURATION must be like 90s, 30m, 2h or 1d, got \(duration)")
            }
            try ClockCommand.check(rate)
        }

        func run() async throws {
            guard let duration = Reading.duration(duration) else { throw UsageError("DURATION cannot be read") }
            try await options.withDatabase { database in
                let actor = try await identity.authenticate(in: database)
                let now = try await ClockService(database: database).advance(by: duration, rate: rate, by: actor)
                try ClockCommand.report(now, database: database, json: output.json)
            }
        }
    }

    fileprivate static func check(_ rate: Double?) throws {
        if let rate, !(0...1_000_000).contains(rate) { throw ValidationError("--rate must be 0...1000000, got \(rate)") }
    }
}
