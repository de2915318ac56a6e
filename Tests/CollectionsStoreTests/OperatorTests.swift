import CollectionsDomain
import CollectionsStore
import PostgresDriver
import RecourseTesting
import Testing

@Suite("Operators and approvals", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct OperatorTests {
    @Test("the first operator is an admin; a token is known only by its hash; a disabled one stops working")
    func operators() async throws {
        let db = try TestDatabase.current
        let core = db.database.core
        let now = try await db.now()
        let token = NewToken(prefix: "rop_")
        await #expect(throws: OperatorError.firstMustBeAdmin) {
            try await core.withTransaction {
                try await OperatorQueries.add(name: "a", role: .viewer, tokenHash: token.hash, now: now, in: $0)
            }
        }
        let admin = try await core.withTransaction {
            try await OperatorQueries.add(name: "a", role: .admin, tokenHash: token.hash, now: now, in: $0)
        }
        await #expect(throws: OperatorError.nameTaken("a")) {
            try await core.withTransaction { try await OperatorQueries.add(name: "a", role: .viewer, tokenHash: [1], now: now, in: $0) }
        }
        let stored: [UInt8] = try await core.query("select token_hash from operator").value()
        #expect(stored == NewToken.hash(of: token.text) && stored.count == 32)
        for name in [nil, "a"] as [String?] {
            let found = try await core.withConnection { try await OperatorQueries.authenticate(name: name, tokenHash: stored, in: $0) }
            #expect(found == admin)
        }
        for (name, hash) in [("b", stored), ("a", [0])] as [(String, [UInt8])] {
            await #expect(throws: OperatorError.refused) {
                try await core.withConnection { try await OperatorQueries.authenticate(name: name, tokenHash: hash, in: $0) }
            }
        }
        await #expect(throws: OperatorError.lastAdmin) {
            try await core.withTransaction { try await OperatorQueries.disable(name: "a", in: $0) }
        }
        let second = NewToken(prefix: "rop_")
        _ = try await core.withTransaction {
            try await OperatorQueries.add(name: "b", role: .admin, tokenHash: second.hash, now: now, in: $0)
        }
        _ = try await core.withTransaction { try await OperatorQueries.disable(name: "a", in: $0) }
        await #expect(throws: OperatorError.refused) {
            try await core.withConnection { try await OperatorQueries.authenticate(name: "a", tokenHash: stored, in: $0) }
        }
    }

    @Test("of many first operators at once exactly one is first")
    func firstAtOnce() async throws {
        let db = try TestDatabase.current
        let now = try await db.now()
        let added = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<6 {
                group.addTask {
                    do {
                        _ = try await db.database.core.withTransaction {
                            try await OperatorQueries.add(
                                name: "v\(index)", role: index == 0 ? .admin : .viewer, tokenHash: [UInt8(index)], now: now, in: $0)
                        }
                        return true
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let oldest: String = try await db.administrator.query("select role from operator order by operator_id limit 1").value()
        #expect(oldest == "admin" && added.contains(true))
    }

    @Test("the table, not the program, keeps maker and checker apart")
    func fourEyes() async throws {
        let db = try TestDatabase.current
        let core = db.database.core
        let now = try await db.now()
        let (maker, _) = try await db.makeOperator(role: .admin)
        let (checker, _) = try await db.makeOperator(role: .supervisor)
        let id = try await db.database.ids.next(.approval)
        try await core.withTransaction {
            try await ApprovalQueries.ask(id: id, kind: "test", subject: "7", detail: ["n": 1], maker: maker, now: now, in: $0)
        }
        await #expect(throws: ApprovalError.alreadyOpen(kind: "test", subject: "7")) {
            try await core.withTransaction {
                try await ApprovalQueries.ask(id: id + 1, kind: "test", subject: "7", maker: checker, now: now, in: $0)
            }
        }
        await #expect(throws: ApprovalError.makerIsChecker) {
            try await core.withTransaction {
                try await ApprovalQueries.decide(id: id, .approved, checker: maker, reason: nil, now: now, in: $0)
            }
        }
        let error = await #expect(throws: PostgresError.self) {
            try await core.query("update approval set checker = maker, checked_at = now(), decision = 'approved'")
        }
        #expect(error?.sqlState == "23514")
        let decided = try await core.withTransaction {
            try await ApprovalQueries.decide(id: id, .approved, checker: checker, reason: "seen", now: now, in: $0)
        }
        #expect(decided.decision == .approved && decided.maker == maker && decided.checker == checker && decided.detail.contains("1"))
        await #expect(throws: ApprovalError.alreadyDecided(id)) {
            try await core.withTransaction {
                try await ApprovalQueries.decide(id: id, .rejected, checker: checker, reason: nil, now: now, in: $0)
            }
        }
        await #expect(throws: ApprovalError.unknown(99)) {
            try await core.withTransaction {
                try await ApprovalQueries.decide(id: 99, .rejected, checker: checker, reason: nil, now: now, in: $0)
            }
        }
        #expect(try await core.withConnection { try await ApprovalQueries.open(in: $0) }.isEmpty)
    }

    @Test("every table with a maker and a checker has the constraint")
    func constraints() async throws {
        let db = try TestDatabase.current
        let without = try await db.administrator.query(
            """
            select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
            where c.relkind in ('r', 'p')
                and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'maker' and not a.attisdropped)
                and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'checker' and not a.attisdropped)
                and not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'c'
                    and pg_get_constraintdef(k.oid) like '%checker <> maker%')
            """
        ).map { try $0.get(0, as: String.self) }
        #expect(without.isEmpty)
    }
}

@Suite("Directory of references", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct RefDirectoryTests {
    @Test("a claim is new once, then known with the same or another body; targets stay")
    func claims() async throws {
        let db = try TestDatabase.current
        let refs = db.database.refs
        let core = db.database.core
        let rows = (0..<200).map { (ref: "A\($0)", bodyHash: Digest.sha256("body \($0)")) }
        let first = try await core.withTransaction { try await refs.claim(kind: .account, rows + [rows[0], ("A1", [1])], in: $0) }
        #expect(first[..<200].allSatisfy { $0 == .new })
        #expect(first[200] == .knownSame(nil) && first[201] == .knownDifferent(nil))
        // Stopped half-way: known without target, the next run completes it.
        #expect(try await core.withTransaction { try await refs.claim(kind: .account, [rows[5]], in: $0) } == [.knownSame(nil)])
        let targets = rows.enumerated().map { (ref: $1.ref, target: RefTarget(part: Int32($0 % 16), id: Int64($0))) }
        try await core.withTransaction { try await refs.setTargets(kind: .account, targets, in: $0) }
        #expect(
            try await core.withTransaction { try await refs.claim(kind: .account, [rows[5]], in: $0) } == [
                .knownSame(RefTarget(part: 5, id: 5))
            ])
        let found = try await core.withTransaction { try await refs.find(kind: .account, ["A7", "A8", "unknown"], in: $0) }
        #expect(found == ["A7": RefTarget(part: 7, id: 7), "A8": RefTarget(part: 8, id: 8)])
        #expect(try await core.withTransaction { try await refs.find(kind: .debtor, ["A7"], in: $0) }.isEmpty)
        try await core.withTransaction { try await refs.setBodyHashes(kind: .account, [("A5", [9])], in: $0) }
        #expect(
            try await core.withTransaction { try await refs.claim(kind: .account, [("A5", [9])], in: $0) } == [
                .knownSame(RefTarget(part: 5, id: 5))
            ])
    }

    @Test("imports at the same time, in any order, claim each reference once and do not deadlock")
    func concurrent() async throws {
        let db = try TestDatabase.current
        let refs = db.database.refs
        let claims = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<5 {
                group.addTask {
                    let rows = (0..<300).map { (ref: "P\(($0 * (task * 2 + 1)) % 300)", bodyHash: [UInt8(1)]) }
                    return try await db.database.core.withTransaction(retries: 0) { try await refs.claim(kind: .payment, rows, in: $0) }
                        .filter { $0 == .new }.count
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(claims == 300)
    }
}

@Suite("Long runs", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct RunTests {
    @Test("one of a kind runs; a dead holder's is taken over where it stopped; the old holder can no longer write")
    func takeover() async throws {
        let db = try TestDatabase.current
        let core = db.database.core
        let now = try await db.now()
        let ids = try await db.database.ids.next(.run, count: 3)
        let (run, fresh) = try await core.withTransaction {
            try await RunQueries.start(id: ids[0], kind: "reconcile", detail: ["day": "x"], total: 10, holder: "one", now: now, in: $0)
        }
        #expect(run.id == ids[0] && !fresh && run.state == .running)
        await #expect(throws: RunError.running(kind: "reconcile", by: "one")) {
            try await core.withTransaction { try await RunQueries.start(id: ids[1], kind: "reconcile", holder: "two", now: now, in: $0) }
        }
        try await core.withTransaction { try await RunQueries.progress(id: run.id, holder: "one", done: 4, now: now, in: $0) }
        let later = Now(real: now.real + RunQueries.lease + .seconds(1), business: now.business)
        let (taken, over) = try await core.withTransaction {
            try await RunQueries.start(id: ids[1], kind: "reconcile", holder: "two", now: later, in: $0)
        }
        #expect(over && taken.id == ids[0] && taken.done == 4 && taken.total == 10)
        await #expect(throws: RunError.lost(run.id)) {
            try await core.withTransaction { try await RunQueries.progress(id: run.id, holder: "one", done: 5, now: later, in: $0) }
        }
        try await core.withTransaction {
            try await RunQueries.finish(id: run.id, holder: "two", state: .done, detail: ["breaks": 0], now: later, in: $0)
        }
        let latest = try await core.withConnection { try await RunQueries.latest(kind: "reconcile", in: $0) }
        #expect(latest?.state == .done && latest?.detail.contains("breaks") == true)
        let (next, again) = try await core.withTransaction {
            try await RunQueries.start(id: ids[2], kind: "reconcile", holder: "one", now: later, in: $0)
        }
        #expect(next.id == ids[2] && !again)
    }
}
