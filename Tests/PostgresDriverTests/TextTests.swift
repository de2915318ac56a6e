import PostgresDriver
import Testing

@testable import PostgresDriver

@Suite
struct TextTests {
    @Test(
        "a statement's verb is read past comments and blanks",
        arguments: [
            ("COMMIT", SQLVerb.commit), ("  commit work", .commit), ("/* a /* b */ */ -- c\n end", .commit),
            ("PREPARE TRANSACTION 'x'", .commit),
            ("PREPARE s AS SELECT 1", .other), ("begin", .begin), ("START TRANSACTION READ ONLY", .begin), ("ROLLBACK", .rollback),
            ("ABORT", .rollback),
            ("ROLLBACK TO SAVEPOINT a", .other), ("ROLLBACK WORK TO a", .other), ("DISCARD ALL", .discard), ("DEALLOCATE ALL", .discard),
            ("SELECT 1", .other),
            ("DELETE FROM x", .other), ("", .other), ("committed", .other), ("/* open", .other), ("COMMENT ON TABLE x IS ''", .other),
        ])
    func verb(sql: String, expected: SQLVerb) { #expect(SQLVerb(sql) == expected) }

    @Test(
        "a file is split at its semicolons and nowhere else",
        arguments: [
            ("a; b;c", ["a", "b", "c"]), ("a;;  ;b;", ["a", "b"]), ("-- only; a comment\n", []),
            ("/* x; /* y; */ z; */ a", ["/* x; /* y; */ z; */ a"]),
            ("select 'a;''b;', \"c;\"\"d;\"; x", ["select 'a;''b;', \"c;\"\"d;\"", "x"]),
            ("select E'a\\';b'; x", ["select E'a\\';b'", "x"]),
            ("select e 'a\\'; x", ["select e 'a\\'", "x"]), ("do $$ a; b $$; c", ["do $$ a; b $$", "c"]),
            ("do $t$ a; $$ ; $t$; c", ["do $t$ a; $$ ; $t$", "c"]),
            ("select $1; x", ["select $1", "x"]),
            ("create rule r as on insert to t do (a; b); c", ["create rule r as on insert to t do (a; b)", "c"]),
            (
                "create function f() begin atomic select 1; select case when a then b end; end; x",
                ["create function f() begin atomic select 1; select case when a then b end; end", "x"]
            ),
            ("begin; commit", ["begin", "commit"]), ("a$b$c; d", ["a$b$c", "d"]),
        ])
    func split(sql: String, expected: [String]) {
        let statements = StatementSplitter.split(sql).map { String($0.drop { $0.isWhitespace }) }
        #expect(statements == expected)
    }

    @Test func interpolationBindsAndNeverQuotes() {
        let name = "x'; DROP TABLE y; --"
        let query: PostgresQuery = "SELECT \(unescaped: "a") FROM t WHERE b = \(name) AND c = ANY(\([1, 2])) AND d = \(nil as Int?)"
        #expect(query.sql == "SELECT a FROM t WHERE b = $1 AND c = ANY($2) AND d = $3")
        #expect(query.bindCount == 3)
        var many = "SELECT 0" as PostgresQuery
        many = PostgresQuery(many.sql, [1, "a", nil as Bool?])
        #expect(many.bindCount == 3)
    }

    @Test func theMessageOfADataExceptionLosesWhatItQuotes() {
        #expect(Wire.blanked("invalid input syntax for type integer: \"Li Wei\"") == "invalid input syntax for type integer: \"…\"")
        #expect(Wire.blanked("division by zero") == "division by zero")
        #expect(Wire.blanked("value \"1\" is out of range for type \"x\" here") == "value \"…\" here")
    }
}
