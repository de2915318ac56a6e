import CollectionsDomain
import CollectionsStore
import Coordinator
import PostgresDriver
import RecourseTesting
import Testing

/// The database server dies while a file is loaded.
@Suite("Intake and a crashing server", .tags(.database, .slow), .timeLimit(.minutes(3)))
struct CrashedServerTests {
    @Test(
        "an import goes on when the server is back, from the file where staged rows were lost, and loads every row once", arguments: [1, 7])
    func crash(atChunk: Int) async throws {
        let directory = try ImportDirectory()
        try await TestDatabase.withRestartableServer { server in
            let database = try await server.open()
            let service = IntakeService(database: database)
            let accounts = try directory.write(Sample.accounts((0..<300).map { Sample.account("A\($0)", balance: "10.00") }), "a.csv")
            let payments = try directory.write(
                Sample.payments((0..<300).map { Sample.payment("P\($0)", account: "A\($0)", amount: "1.00") }), "p.csv")
            for (kind, file) in [(ImportKind.accounts, accounts), (.payments, payments)] {
                let (chunks, tell) = AsyncStream<Void>.makeStream()
                var options = IntakeOptions.quiet
                options.rowsPerTransaction = 5
                options.patience = .seconds(60)
                options.afterClaim = { tell.yield() }
                let told = options
                async let importing = service.run(kind, file: file, options: told)
                var seen = 0
                for await _ in chunks {
                    seen += 1
                    if seen == atChunk { break }
                }
                try await server.kill()
                try await server.start()
                let report = try await importing
                #expect(report.state == .loaded && report.rows == 300 && report.loaded + report.known == 300 && report.rejected == 0)
            }
            let (count, sum, staged) = try await database.core.query(
                "select count(*), sum(balance)::bigint, (select count(*) from import_row) from account"
            ).decode((Int64, Int64, Int64).self)[0]
            #expect(count == 300 && sum == 300 * 900 && staged == 0)
            #expect(try await database.core.query("select count(*) from payment").value(as: Int64.self) == 300)
            await database.close()
        }
    }
}
