import AgencyAPI
import AgencyClient
import CollectionsStore
import Coordinator
import PostgresDriver
import RecourseTesting
import Synchronization
import Testing
import WireTypes

@Suite("HTTP over the real dispatch", .tags(.database), .freshDatabase, .timeLimit(.minutes(3)))
struct RealDispatchTests {
    private static func outcome(_ lease: Lease, _ result: String, at time: WireInstant) -> OutcomeItem {
        OutcomeItem(
            leaseToken: lease.leaseToken, result: result, occurredAt: time, endedAt: time, collectorId: "c1",
            contactPointId: lease.workCard.permit?.contactPointId, recordingRef: "rec-1")
    }

    @Test("a lease is worked, reported, repeated and contradicted, with the answers of the decision table")
    func decisionTable() async throws {
        try await Scene.run { scene in
            let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha)
            try await with(scene.client()) { client in
                let request = LeaseRequest(requestId: "r1", stages: ["phone"], max: 5, waitSeconds: 30)
                let leases = try await client.lease(request).leases
                #expect(leases.map(\.taskId) == [String(debtor.taskId)])
                let again = try await client.lease(request).leases
                #expect(again.map(\.leaseToken) == leases.map(\.leaseToken))
                let lease = try #require(leases.first)
                let time = try #require(client.clock.now())

                let beat = try await client.heartbeat([lease.leaseToken, "v1.forged"]).leases
                #expect(beat[0].cancelled == nil && (beat[0].expiresInMs ?? 0) > 0)
                #expect(beat[1].problem?.kind == .leaseTokenInvalid)

                let wrong = Self.outcome(lease, "no_such_result", at: time)
                let right = Self.outcome(lease, "no_answer", at: time)
                let other = Self.outcome(lease, "busy", at: time)
                let replies = try await client.report([wrong])
                #expect(replies[0].status == .rejected && replies[0].problem?.kind == .outcomeInvalid)
                let accepted = try await client.report([right])[0]
                #expect(accepted.status == .accepted && accepted.receiptId != nil)
                let duplicate = try await client.report([right])[0]
                #expect(duplicate.status == .duplicate && duplicate.receiptId == accepted.receiptId && duplicate.next == accepted.next)
                let conflict = try await client.report([other])[0]
                #expect(conflict.status == .rejected && conflict.problem?.kind == .outcomeConflict)
                #expect(try await client.release([lease.leaseToken], reason: .declined).leases.first?.cancelled != nil)
            }
            let stored = try await scene.db.administrator.query("select count(*) from outcome").value(as: Int64.self)
            #expect(stored == 1)
        }
    }

    @Test("another agency's lease token, a stale body under a used request id and a revoked credential are refused")
    func refusals() async throws {
        try await Scene.run { scene in
            _ = try await scene.db.makePlacedDebtor(agency: scene.alpha)
            let bravo = try await scene.db.makeAgency(name: "bravo")
            let bravoToken = try await scene.db.makeAgencyToken(bravo)
            try await with(scene.client()) { client in
                let lease = try #require(
                    try await client.lease(LeaseRequest(requestId: "r1", stages: ["phone"], waitSeconds: 30)).leases.first)
                let time = try #require(client.clock.now())
                try await with(scene.client(token: bravoToken)) { other in
                    let reply = try await other.report([Self.outcome(lease, "no_answer", at: time)])[0]
                    #expect(reply.status == .rejected && reply.problem?.kind == .leaseTokenInvalid)
                    let leases = try await other.lease(LeaseRequest(requestId: "r1", stages: ["phone"])).leases
                    #expect(leases.isEmpty)
                }
                let conflict = await #expect(throws: AgencyClientError.self) {
                    try await client.lease(LeaseRequest(requestId: "r1", stages: ["phone", "letter"], max: 3))
                }
                guard case .refused(let problem)? = conflict else { return #expect(Bool(false), "the call has to be refused") }
                #expect(problem.kind == .requestConflict)
            }
            try await scene.db.administrator.query("update agency_credential set revoked_at = now() where agency_id = \(bravo)")
            try await with(scene.client(token: bravoToken)) { client in
                let refused = await #expect(throws: AgencyClientError.self) { try await client.heartbeat([]) }
                guard case .unauthorized? = refused else { return #expect(Bool(false), "the credential has to be refused") }
            }
        }
    }

    @Test("a pool of workers does every task once")
    func pool() async throws {
        try await Scene.run { scene in
            for _ in 0..<40 { _ = try await scene.db.makePlacedDebtor(agency: scene.alpha) }
            await scene.dispatch.wake()
            let handler = ScriptedHandler { task in
                let now = task.now()
                return .outcome(Self.outcome(task.lease, "no_answer", at: now))
            }
            try await with(scene.client()) { client in
                let pool = WorkerPool(
                    client: client,
                    configuration: WorkerPoolConfiguration(
                        stages: ["phone"], concurrency: 10, batch: 5, followsNotices: false, stopsWhenIdle: true, giveUpAfter: .seconds(60)),
                    handler: handler, logger: quiet)
                try await pool.run()
                #expect(pool.statistics.accepted == 40 && pool.statistics.rejected == 0 && pool.statistics.late == 0)
            }
            let stored = try await scene.db.administrator.query("select count(*) from outcome").value(as: Int64.self)
            #expect(stored == 40)
            #expect(Set(handler.started.withLock { $0 }).count == 40)
        }
    }

    @Test("a parked call gets new work at once")
    func wakeUp() async throws {
        try await Scene.run { scene in
            try await with(scene.client()) { client in
                let waiting = Task {
                    let leases = try await client.lease(LeaseRequest(requestId: "r", stages: ["phone"], waitSeconds: 60)).leases
                    return (leases, ContinuousClock.now)
                }
                while await scene.dispatch.waitingLeases == 0 { try await Task.sleep(for: .milliseconds(5)) }
                _ = try await scene.db.makePlacedDebtor(agency: scene.alpha)
                let told = ContinuousClock.now
                await scene.dispatch.wake()
                let (leases, got) = try await waiting.value
                #expect(leases.count == 1)
                // 100 ms where nothing else runs; here only that it is the news and not the next poll.
                #expect(got - told < .seconds(4))
            }
        }
    }

    @Test("answers kept under an Idempotency-Key are the same on every coordinator, and are forgotten in time")
    func idempotency() async throws {
        let db = try TestDatabase.current
        let store = DatabaseIdempotency(db.database)
        #expect(try await store.reply(agency: 7, key: "k") == nil)
        let first = StoredReply(bodyHash: [1, 2], status: 200, body: [3])
        #expect(try await store.keep(first, agency: 7, key: "k") == first)
        #expect(try await store.keep(StoredReply(bodyHash: [9], status: 200, body: [9]), agency: 7, key: "k") == first)
        #expect(try await store.reply(agency: 8, key: "k") == nil)
        try await store.forgetOld()
        #expect(try await store.reply(agency: 7, key: "k") == first)
        try await db.administrator.query("update idempotency_key set created_at = now() - interval '3 days'")
        try await store.forgetOld()
        #expect(try await store.reply(agency: 7, key: "k") == nil)
    }
}

@Suite("HTTP while the database goes away", .tags(.database, .slow), .timeLimit(.minutes(5)))
struct DatabaseAwayTests {
    @Test("calls are answered 503, workers wait, and nothing acknowledged is lost")
    func away() async throws {
        try await TestDatabase.withRestartableServer { server in
            let database = try await server.open()
            try await Scene.serve(database) { _, url in
                let credentials = AgencyClientConfiguration(
                    url: url, token: "nobody", backoff: Backoff(initial: .milliseconds(20), max: .milliseconds(200)))
                try await with(AgencyClient(configuration: credentials, logger: quiet)) { client in
                    // With the database there the answer is 401; without it nobody can say.
                    let known = await #expect(throws: AgencyClientError.self) { try await client.heartbeat([]) }
                    guard case .unauthorized? = known else { return #expect(Bool(false), "an unknown credential is refused") }
                    try await server.kill()
                    // Server processes outlive their parent for a moment and may still answer a query.
                    var last = ""
                    while last.isEmpty {
                        let away = await #expect(throws: AgencyClientError.self) {
                            try await client.heartbeat([], giveUpAfter: .seconds(1))
                        }
                        if case .unreachable(_, let what)? = away { last = what }
                        try Task.checkCancellation()
                    }
                    #expect(["database-unavailable", "overloaded"].contains(last), "\(last)")
                    try await server.start()
                    let back = await #expect(throws: AgencyClientError.self) { try await client.heartbeat([], giveUpAfter: .seconds(60)) }
                    guard case .unauthorized? = back else { return #expect(Bool(false), "it answers again") }
                }
            }
            await database.close()
        }
    }
}
