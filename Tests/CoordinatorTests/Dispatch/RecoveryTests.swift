import CollectionsDomain
import CollectionsStore
import Logging
import PostgresDriver
import RecourseTesting
import Testing
import WireTypes

@testable import Coordinator

@Suite("Lost connections and unknown commits", .tags(.database), .freshDatabase, .timeLimit(.minutes(3)))
struct RecoveryTests {
    /// Ends every backend of the API's role once; returns how many there were.
    private func terminate(_ scene: DispatchHarness) async throws -> Int {
        try await scene.db.administrator.query(
            """
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and usename = 'recourse_api' and pid <> pg_backend_pid()
            """
        ).count
    }

    @Test("Backends killed while outcomes are stored: each ends in exactly one outcome and one answer")
    func killedBackends() async throws {
        let scene = try await DispatchHarness()
        for _ in 0..<48 { _ = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId) }
        var leases: [Lease] = []
        while leases.count < 48 { leases += try await scene.lease(max: 50) }
        let tally = Tally()
        let killer = Task {
            var killed = 0
            // Often enough to hit transactions, seldom enough that a new connection can do something.
            while !tally.isOver, killed < 60 {
                // A backend that ends by itself in between makes the server warn.
                do { killed += try await terminate(scene) } catch is PostgresError { continue }
                try await Task.sleep(for: .milliseconds(Int64.random(in: 5...60)))
            }
            return killed
        }
        let replies = try await withThrowingTaskGroup(of: [OutcomeReply].self) { group in
            for lease in leases {
                group.addTask {
                    let item = try await scene.outcome(lease, "no_answer", at: DispatchHarness.monday)
                    while true {
                        do { return try await scene.report([item]) } catch let problem as Problem where problem.kind?.isTemporary == true {
                            // What a client does: the same again.
                            try await Task.sleep(for: .milliseconds(10))
                        }
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        tally.end()
        #expect(try await killer.value > 0, "the test killed something")
        #expect(replies.count == 48 && replies.allSatisfy { $0.status == .accepted || $0.status == .duplicate })
        #expect(try await scene.count("select count(*) from outcome") == 48)
        #expect(try await scene.count("select count(*) from task") == 48)
        #expect(try await scene.count("select count(*) from contact_event") == 48)
        #expect(try await scene.count("select count(*) from audit_entry where kind = \(AuditKind.outcomeAccepted.rawValue)") == 48)
    }

    @Test("A commit that dies unanswered is run again under the same receipts")
    func unknownCommit() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease().first)
        // A deferred constraint trigger runs inside COMMIT: the first time it ends its own backend there, so that the client has sent a COMMIT and gets
        // no answer. A sequence remembers it, because no rollback takes a number back.
        try await scene.db.administrator.withConnection { db in
            try await db.simple(
                """
                create sequence commits;
                create function lose() returns trigger language plpgsql security definer as $$
                begin
                    if nextval('commits') = 1 then perform pg_terminate_backend(pg_backend_pid()); end if;
                    return null;
                end $$;
                create constraint trigger lose after insert on outcome_\(IdLayout.month(of: debtor.taskId)) deferrable initially deferred
                    for each row execute function lose();
                """)
        }
        let reply = try #require(try await scene.report([try await scene.outcome(lease, "no_answer")]).first)
        #expect(reply.status == .accepted || reply.status == .duplicate)
        #expect(try await scene.count("select last_value from commits") == 2, "the first commit was lost")
        #expect(try await scene.count("select count(*) from outcome") == 1)
        #expect(try await scene.tasks(debtor).count == 1)
    }

    @Test("With the database away an outcome is answered neither accepted nor rejected")
    func databaseAway() async throws {
        var limits = DispatchLimits()
        limits.reportDeadline = .milliseconds(300)
        let scene = try await DispatchHarness(limits: limits)
        _ = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease().first)
        let item = try await scene.outcome(lease, "no_answer")
        let database = scene.db.name
        try await scene.db.administrator.query("alter database \(unescaped: database) connection limit 0")
        _ = try await terminate(scene)
        await #expect(throws: Problem.self) { try await scene.report([item]) }
        try await scene.db.administrator.query("alter database \(unescaped: database) connection limit -1")
        #expect(try await scene.report([item]).first?.status == .accepted)
    }

    @Test("A row the database will not store is refused alone; its batch goes through")
    func halves() async throws {
        let scene = try await DispatchHarness()
        var debtors: [PlacedDebtor] = []
        while debtors.count < 6 {
            let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
            if debtors.isEmpty || debtor.part == debtors[0].part {
                debtors.append(debtor)
            } else {
                try await scene.db.administrator.query("delete from task where task_id = \(debtor.taskId)")
            }
        }
        var leases: [Lease] = []
        while leases.count < 6 { leases += try await scene.lease(max: 10) }
        let poison = debtors[2]
        try await scene.db.administrator.withConnection { db in
            try await db.simple("alter table contact_event add constraint poison check (debtor_id <> \(poison.debtorId))")
        }
        var items: [OutcomeItem] = []
        for lease in leases { items.append(try await scene.outcome(lease, "no_answer")) }
        let replies = try await scene.report(items)
        for (lease, reply) in zip(leases, replies) {
            if lease.taskId == String(poison.taskId) {
                #expect(reply.status == .rejected && reply.problem?.kind == .outcomeInvalid)
            } else {
                #expect(reply.status == .accepted)
            }
        }
        #expect(try await scene.tasks(poison).first?.isLeased == true, "its lease stays in force")
        #expect(try await scene.count("select count(*) from audit_entry where kind = \(AuditKind.outcomeRefused.rawValue)") == 1)
    }

    @Test("What each error of a batch asks for")
    func handling() {
        func error(_ state: String) -> PostgresError { PostgresError(.server, "x", sqlState: state) }
        #expect(OutcomeService.handling(error("22P05")) == .split)
        #expect(OutcomeService.handling(error("23514")) == .split)
        #expect(OutcomeService.handling(error("40001")) == .again)
        #expect(OutcomeService.handling(error("40P01")) == .again)
        #expect(OutcomeService.handling(error("57P01")) == .again)
        #expect(OutcomeService.handling(error("53300")) == .again)
        #expect(OutcomeService.handling(error("42P01")) == .fail)
        #expect(OutcomeService.handling(PostgresError(code: .commitUnknown, message: "x")) == .lookUp)
        #expect(OutcomeService.handling(PostgresError(code: .poolTimeout, message: "x")) == .again)
        #expect(OutcomeService.handling(MoneyError.overflow) == .fail)
    }
}
