import Foundation
import Schema
import Testing

/// Holds the rules of scale-out over all SQL of the program, without a distributed server: a statement on a table owned by a debtor names
/// its lane; what writes or locks always, what only reads unless it is a report or maintenance over all lanes named here.
///
/// - SeeAlso: Source: scale-out rules, section 1, rules 1 to 4 and 9.
@Suite("Lane lint")
struct LaneLintTests {
    /// Plain reads over several lanes, by the file's path below `Sources` (or the beginning of it), with the reason.
    private static let readsOverLanes: [(prefix: String, reason: String)] = [
        ("CollectionsStore/Doctor/", "checks look at the whole database beside full load and take no locks"),
        ("CollectionsStore/Audit/", "verification and export read every stream"),
        ("CollectionsStore/Reports/", "a manager's figures, and what a rehearsal's clock waits for, are over everything"),
    ]

    /// Statements the rules do not fit, by file and a part of their text, with the reason.
    private static let exceptions: [(file: String, contains: String, reason: String)] = [
        ("CollectionsStore/Ledger/BreakQueries.swift", "count(*) from break", "a figure for operators over all lanes"),
        (
            "CollectionsStore/Recalls/RecallQueries.swift", "confirmed_at is null and",
            "whether an agency has confirmed is the agency's, over all lanes: a read of the few recalls that are unconfirmed"
        ),
        ("CollectionsStore/Agencies/AgencyQueries.swift", "from plan_item i", "capacity is an agency's, over all lanes, in one snapshot"),
        (
            "CollectionsStore/Dispatch/OutboxQueries.swift", "from outbox",
            "the publisher is maintenance: it empties an agency's messages from every lane"
        ),
        (
            "CollectionsStore/Dispatch/PortQueries.swift", "from outbox",
            "handing the bank's messages over is maintenance: one port's messages leave every lane in their order, by an index of their own"
        ),
    ]

    /// Where SQL is not the program's: the driver's own, set-up of a server, fixtures, and what a bench does to a database of its own.
    private static let otherTargets = ["PostgresDriver/", "EmbeddedPostgres/", "RecourseTesting/", "CollectionsStore/Bench/"]

    private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Sources")
        .standardizedFileURL

    private static var laneTables: Set<String> {
        var tables: Set<String> = []
        for migration in Schema.migrations {
            for match in migration.sql.matches(of: /create table ([a-z_]+) \(\s*part int not null/) { tables.insert(String(match.1)) }
        }
        return tables
    }

    private static let found = Result { statements(in: try SourceLiterals.all(below: sources)) }

    struct Statement: Sendable {
        let literal: SourceLiteral
        let sql: String
        var place: String { "\(literal.file):\(literal.line)" }
    }

    static func statements(in literals: [SourceLiteral]) -> [Statement] {
        literals.compactMap { literal in
            // Comments of SQL say things about lanes that the statement does not do.
            let lines = literal.text.split(separator: "\n").map {
                $0.split(separator: "--", maxSplits: 1, omittingEmptySubsequences: false)[0]
            }
            let sql = lines.joined(separator: "\n").lowercased().trimmingCharacters(in: .whitespacesAndNewlines)
            guard let word = sql.split(whereSeparator: { !$0.isLetter }).first,
                ["select", "insert", "update", "delete", "with", "copy", "lock"].contains(word),
                sql.contains(/\b(from|into|set|copy|table)\s/.wordBoundaryKind(.simple))
            else { return nil }
            return Statement(literal: literal, sql: sql)
        }
    }

    /// What is wrong with a statement, in words; empty when it keeps the rules.
    static func faults(_ sql: String, tables: Set<String>, mayReadOverLanes: Bool) -> [String] {
        var written: Set<String> = [], read: Set<String> = []
        for match in sql.matches(of: /\b(insert\s+into|update|delete\s+from|copy)\s+(?:only\s+)?"?([a-z_]+)"?/.wordBoundaryKind(.simple)) {
            written.insert(String(match.2))
        }
        for match in sql.matches(of: /\b(?:from|join|using)\s+(?:only\s+)?"?([a-z_]+)"?/.wordBoundaryKind(.simple)) {
            read.insert(String(match.1))
        }
        written.formIntersection(tables)
        read.formIntersection(tables)
        guard !written.isEmpty || !read.isEmpty else { return [] }
        var faults: [String] = []
        let namesLane = sql.contains(/\bpart\s*=\s*(\$\d|\\\()/.wordBoundaryKind(.simple))
        let inserts = sql.contains(/\b(insert\s+into|copy)\s+"?([a-z_]+)"?/.wordBoundaryKind(.simple))
        let changes =
            sql.contains(/\b(update\s+(only\s+)?"?[a-z_]+"?\s|delete\s+from)/.wordBoundaryKind(.simple))
            && !sql.contains(/^insert[\s\S]*do update/)
        let locks = sql.contains(/\bfor\s+(no\s+key\s+)?(update|share|key\s+share)\b/.wordBoundaryKind(.simple))
        if inserts {
            for match in sql.matches(
                of: /\b(?:insert\s+into|copy)\s+"?([a-z_]+)"?\s*(?:as\s+[a-z_]+\s*)?\(\s*([a-z_]+)/.wordBoundaryKind(.simple))
            where tables.contains(String(match.1)) {
                if match.2 != "part" { faults.append("inserts into \(match.1) without the lane as its first column") }
            }
            if sql.contains(/\(\s*insert\s+into/) { faults.append("inserts in a common table expression") }
        }
        // A reference does not say its lane: a plain read may look into every lane by key, one lateral look-up each.
        let looksUpByLane = sql.matches(of: /\)\s+(?:as\s+)?([a-z]+)\s*\(part\b/.wordBoundaryKind(.simple)).contains {
            sql.contains("part = \($0.1).part")
        }
        if changes && !namesLane && !written.isEmpty {
            faults.append("changes \(written.sorted().joined(separator: ", ")) without part = $")
        }
        if locks && !namesLane { faults.append("locks without part = $") }
        if !read.isEmpty && !namesLane && !looksUpByLane && !mayReadOverLanes && !changes {
            faults.append("reads \(read.sorted().joined(separator: ", ")) without part = $")
        }
        if changes || sql.contains("do update"),
            sql.contains(/\b(clock_timestamp|random|gen_random_uuid|timeofday)\s*\(/.wordBoundaryKind(.simple))
        {
            faults.append("calls a volatile function in an update")
        }
        return faults
    }

    @Test("every statement on a lane table names its lane")
    func lanes() throws {
        let tables = Self.laneTables
        #expect(tables.count > 30 && tables.contains("task") && !tables.contains("agency"))
        let statements = try Self.found.get()
        #expect(statements.count > 30)
        for statement in statements where !Self.otherTargets.contains(where: { statement.literal.file.hasPrefix($0) }) {
            let mayRead = Self.readsOverLanes.contains { statement.literal.file.hasPrefix($0.prefix) }
            let excused = Self.exceptions.contains { statement.literal.file == $0.file && statement.sql.contains($0.contains) }
            for fault in Self.faults(statement.sql, tables: tables, mayReadOverLanes: mayRead) where !excused {
                Issue.record("\(statement.place): \(fault)")
            }
        }
    }

    @Test("every exception still excuses something")
    func exceptionsAreUsed() throws {
        let statements = try Self.found.get()
        for exception in Self.exceptions {
            #expect(
                statements.contains { $0.literal.file == exception.file && $0.sql.contains(exception.contains) },
                "\(exception.file): \(exception.contains)")
        }
        for entry in Self.readsOverLanes { #expect(statements.contains { $0.literal.file.hasPrefix(entry.prefix) }, "\(entry.prefix)") }
    }

    @Test("SELECT stands only in the store")
    func onlyInTheStore() throws {
        let allowed = Self.otherTargets + ["CollectionsStore/", "recourse/Bench/"]
        for statement in try Self.found.get() where !allowed.contains(where: { statement.literal.file.hasPrefix($0) }) {
            Issue.record("\(statement.place): SQL outside the store")
        }
    }

    @Test(
        "the lint sees what it is for",
        arguments: [
            ("select * from task where part = \\(part) and task_id = \\(id)", 0), ("select * from task where task_id = \\(id)", 1),
            ("update task set state = 1 where part = $1 and task_id = any($2)", 0),
            ("update task set state = 1 where task_id = any($2)", 1),
            ("delete from outcome where task_id = $1", 1), ("select 1 from debtor_conduct for update", 2),
            ("insert into hold (part, hold_id) values (\\(part), 1)", 0), ("insert into hold (hold_id, part) values (1, 1)", 1),
            ("with x as (insert into hold (part) values (1) returning *) select * from x", 1),
            ("update task set due_at = clock_timestamp() where part = $1", 1), ("select * from agency", 0),
            ("select x.id from unnest(\\(parts)) l (part) cross join lateral (select id from hold where part = l.part) x", 0),
            ("update hold h set state = 'x' from unnest(\\(parts)) l (part) where h.part = l.part", 1),
            ("copy ref (part, kind) from stdin", 0),
            ("insert into ref (part, kind) values ($1, 'x') on conflict (part, kind, ref) do update set body_hash = 'x'", 0),
        ])
    func selfTest(sql: String, faults: Int) {
        #expect(Self.faults(sql, tables: Self.laneTables, mayReadOverLanes: false).count == faults)
    }

    @Test("literals are told from comments and code, interpolations kept")
    func literals() {
        let source = ##"""
            let a = "select 1" // "not this"
            /* "nor this" */ let b = """
                select \(f("inner", (1))) from x
                """
            let c = #"raw "quoted" \#(z)"#
            """##
        let found = SourceLiterals.read(source, file: "x").map { $0.text.trimmingCharacters(in: .whitespacesAndNewlines) }
        #expect(found == ["select 1", "inner", #"select \(f("inner", (1))) from x"#, ##"raw "quoted" \#(z)"##])
    }
}
