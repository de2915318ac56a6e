import PostgresDriver
import RecourseTesting
import Testing

@Suite("Rules of the schema", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct SchemaRuleTests {
    /// Tables with a lane column that are an agency's or nobody's, not a debtor's.
    private static let notLaneTables = ["notice"]
    /// Tables whose index heads fill with dead entries: only key indexes may start with part.
    private static let hotTables = ["task", "debtor_conduct", "lease_request", "outcome", "audit_entry", "contact_event"]

    private static func names(_ query: PostgresQuery) async throws -> [String] {
        try await TestDatabase.current.administrator.query(query).map { try $0.get(0, as: String.self) }
    }

    @Test("part is first in every primary key and unique index of a lane table")
    func uniqueIndexes() async throws {
        let wrong = try await Self.names(
            """
            select i.relname::text from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid
            join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
            join pg_attribute a on a.attrelid = c.oid and a.attname = 'part'
            where x.indisunique and not c.relispartition and x.indkey[0] <> a.attnum and c.relname::text <> all (\(Self.notLaneTables))
            """)
        #expect(wrong.isEmpty)
    }

    @Test("part is first in every foreign key between lane tables")
    func foreignKeys() async throws {
        let wrong = try await Self.names(
            """
            select k.conname::text from pg_constraint k join pg_class c on c.oid = k.conrelid and not c.relispartition
            join pg_attribute a on a.attrelid = k.conrelid and a.attname = 'part'
            join pg_attribute b on b.attrelid = k.confrelid and b.attname = 'part'
            where k.contype = 'f' and (k.conkey[1] <> a.attnum or k.confkey[1] <> b.attnum)
            """)
        #expect(wrong.isEmpty)
    }

    @Test("on hot tables only the key indexes start with part, and task has no second unique index and no foreign key")
    func hotIndexes() async throws {
        let wrong = try await Self.names(
            """
            select i.relname::text from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid
            join pg_attribute a on a.attrelid = c.oid and a.attname = 'part'
            where not x.indisprimary and not c.relispartition and x.indkey[0] = a.attnum and c.relname::text = any (\(Self.hotTables))
            """)
        #expect(wrong.isEmpty)
        let onTask = try await Self.names(
            """
            select i.relname::text from pg_index x join pg_class i on i.oid = x.indexrelid
            where x.indrelid = 'task'::regclass and x.indisunique and not x.indisprimary
            union all select conname::text from pg_constraint where conrelid = 'task'::regclass and contype = 'f'
            """)
        #expect(onTask.isEmpty)
    }

    @Test("there are no triggers and no functions in SQL language")
    func noTriggers() async throws {
        let wrong = try await Self.names(
            """
            select tgname::text from pg_trigger where not tgisinternal
            union all select p.proname::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'public'
            join pg_language l on l.oid = p.prolang where l.lanname = 'sql'
            """)
        #expect(wrong.isEmpty)
    }

    @Test("agency-owned tables have row-level security with the list of agencies")
    func rowLevelSecurity() async throws {
        let owned = [
            "task", "placement", "outcome", "late_outcome", "lease_request", "notice", "letter", "visit", "legal_referral", "promise",
            "commission_line",
        ]
        let secured = try await Self.names(
            """
            select c.relname::text from pg_class c join pg_policy p on p.polrelid = c.oid and p.polcmd = 'r'
            where c.relrowsecurity and pg_get_expr(p.polqual, p.polrelid) like '%recourse.agencies%'
            """)
        #expect(Set(owned).isSubset(of: secured))
    }

    @Test("names, numbers and values of persons have no column in clear")
    func noClearColumns() async throws {
        let clear = try await Self.names(
            """
            select table_name || '.' || column_name from information_schema.columns
            where table_schema = 'public' and table_name in ('debtor', 'account', 'contact_point')
                and (column_name ~ '(^|_)(name|id_number|phone|address|value|email)$')
            """)
        #expect(clear.isEmpty)
    }
}
