import ArgumentParser
import EmbeddedPostgres
import Foundation
import Logging
import PostgresDriver

/// The driver against libpq's own programs: pgbench and psql, in the same cluster, one after the other in every round.
struct DriverBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "driver", abstract: "The PostgreSQL driver against pgbench and psql.",
        discussion: """
            Queries: `select $1::int`, prepared, one after the other on one connection, on 16 connections, and 100 to a pipeline. Copy: rows of four
            columns into a table, against psql's \\copy of the same rows from a file. Ratios of the rates, medians over the rounds. The callers run on the
            connections' event loop, as hot loops of a program should; see the driver's documentation.
            """)
    @Option(help: "Rounds; the median is reported.") var rounds = 7
    @Option(help: "Seconds of each measurement.") var seconds = 3
    @Option(help: "Rows of each copy.") var rows = 1_000_000
    @Option(name: .customLong("kind"), parsing: .upToNextOption, help: "Kinds to measure. Without the option: all.") var kinds: [Kind] = []
    @Option(help: ArgumentHelp("Where the bench keeps its database.", valueName: "path")) var directory = ".recourse/bench"
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...99).contains(rounds) else { throw ValidationError("--rounds must be 1...99, got \(rounds)") }
        guard (1...600).contains(seconds) else { throw ValidationError("--seconds must be 1...600, got \(seconds)") }
        guard (1...100_000_000).contains(rows) else { throw ValidationError("--rows must be 1...100000000, got \(rows)") }
    }

    /// What is measured.
    enum Kind: String, CaseIterable, ExpressibleByArgument, Sendable {
        case sequential
        case connections16
        case pipelined100
        case copy

        var title: String {
            switch self {
            case .sequential: "one after the other, 1 connection"
            case .connections16: "one after the other, 16 connections"
            case .pipelined100: "pipelines of 100, 1 connection"
            case .copy: "COPY in, rows"
            }
        }
    }

    /// A rate, and the CPU the client used for one query or row.
    struct Rate: Sendable {
        var perSecond: Double
        var microseconds: Double
    }

    struct Result: Encodable {
        var driver: [Kind: [Rate]] = [:]
        var libpq: [Kind: [Rate]] = [:]

        func ratio(_ kind: Kind) -> Double {
            Statistics.ratio((driver[kind] ?? []).map(\.perSecond), to: (libpq[kind] ?? []).map(\.perSecond))
        }

        private struct Measured: Encodable {
            var ratio: Double
            var perSecond: Double
            var libpqPerSecond: Double
            var microseconds: Double
            var libpqMicroseconds: Double

            enum CodingKeys: String, CodingKey {
                case ratio
                case perSecond = "per_second"
                case libpqPerSecond = "libpq_per_second"
                case microseconds = "client_us"
                case libpqMicroseconds = "libpq_client_us"
            }
        }

        private func measured(_ kind: Kind) -> Measured {
            func median(_ rates: [Rate]?, _ field: (Rate) -> Double) -> Double { Statistics.median((rates ?? []).map(field)) }
            return Measured(
                ratio: ratio(kind), perSecond: median(driver[kind], \.perSecond).rounded(),
                libpqPerSecond: median(libpq[kind], \.perSecond).rounded(),
                microseconds: Statistics.thousandths(median(driver[kind], \.microseconds)),
                libpqMicroseconds: Statistics.thousandths(median(libpq[kind], \.microseconds)))
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(Dictionary(uniqueKeysWithValues: driver.keys.map { ($0.rawValue, measured($0)) }))
        }

        func say() {
            Terminal.table(
                ["what", "driver per s", "libpq per s", "ratio", "driver client us", "libpq client us"],
                Kind.allCases.filter { driver[$0] != nil }.map { kind in
                    let found = measured(kind)
                    return [
                        kind.title, "\(Int(found.perSecond))", "\(Int(found.libpqPerSecond))", "\(found.ratio)", "\(found.microseconds)",
                        "\(found.libpqMicroseconds)",
                    ]
                })
        }
    }

    func run() async throws {
        let options = try DatabaseOptions.parse(["--directory", directory])
        let logger = DatabaseOptions.logger(named: "recourse.bench")
        try await options.withPrivateCluster { address in
            guard let cluster = address.cluster else { throw UsageError("the bench needs a private PostgreSQL") }
            let side = try DriverSides(
                cluster: cluster, owner: address.owner, directory: directory, rows: rows, seconds: seconds, logger: logger)
            try await side.prepare()
            var result = Result()
            for round in 1...rounds {
                for kind in Kind.allCases where kinds.isEmpty || kinds.contains(kind) {
                    result.libpq[kind, default: []].append(try await side.libpq(kind))
                    result.driver[kind, default: []].append(try await side.driver(kind))
                }
                Terminal.note(
                    "round \(round) of \(rounds): "
                        + Kind.allCases.compactMap { kind in
                            guard let own = result.driver[kind]?.last?.perSecond, let other = result.libpq[kind]?.last?.perSecond else {
                                return nil
                            }
                            return "\(kind.rawValue) \(Statistics.thousandths(own / max(1e-9, other)))"
                        }.joined(separator: ", "))
            }
            try await side.clean()
            result.say()
            if output.json { try Terminal.json(["driver": result]) }
        }
    }
}
