import PostgresDriver
import Testing

@testable import PostgresDriver

@Suite
struct ConfigurationTests {
    @Test func readsAURLWithSeveralHostsAndTLS() throws {
        let url =
            "postgres://us%40er:p%3Aw@db1:5433,[::1],db3/main?sslmode=verify-full&sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem&target_session_attrs=read-write&connect_timeout=3&statement_timeout=1500ms&application_name=x&lock_timeout=5s&named_statements=false"
        let configuration = try PostgresConfiguration(url: url)
        #expect(configuration.hosts == [.init("db1", port: 5433), .init("::1"), .init("db3")])
        #expect(configuration.user == "us@er" && configuration.password == "p:w" && configuration.database == "main")
        #expect(configuration.tls == .init(mode: "verify-full", rootCertificate: "/ca.pem", certificate: "/c.pem", key: "/k.pem"))
        #expect(configuration.targetSessionAttributes == .readWrite)
        #expect(configuration.connectTimeout == .seconds(3) && configuration.statementTimeout == .milliseconds(1500))
        #expect(configuration.applicationName == "x" && configuration.extra == ["lock_timeout": "5s"] && !configuration.namedStatements)
        #expect(!configuration.description.contains("p:w") && !configuration.description.contains("p%3Aw"))
    }

    @Test func readsASocketDirectory() throws {
        let one = try PostgresConfiguration(url: "postgresql://%2Frun%2Fpg:6000/d")
        #expect(one.hosts == [.init("/run/pg", port: 6000)] && one.hosts[0].isLocal && one.database == "d")
        let two = try PostgresConfiguration(url: "postgres:///d?host=/run/pg&user=u")
        #expect(two.hosts == [.init("/run/pg")] && two.user == "u")
        let three = try PostgresConfiguration(url: "postgres://")
        #expect(three.hosts == [.init("/var/run/postgresql")] && three.database == "postgres")
    }

    @Test(
        "refuses what it cannot use, without quoting it",
        arguments: [
            "mysql://h/d", "postgres://u:secret@h:99999/d", "postgres://u:secret@h:x/d", "postgres://u:secret%zz@h/d",
            "postgres://u:secret@h/d?sslmode=maybe",
            "postgres://u:secret@h/d?target_session_attrs=standby", "postgres://u:secret@h/d?statement_timeout=soon",
            "postgres://u:secret@h/d?flag",
            "postgres://u:secret@h:1,g:2,i/d?port=1,2",
        ])
    func refuses(url: String) throws {
        let error = #expect(throws: PostgresError.self) { try PostgresConfiguration(url: url) }
        #expect(error?.code == .configuration)
        #expect(error?.description.contains("secret") == false)
    }

    @Test func readsTheEnvironment() throws {
        let configuration = try PostgresConfiguration(environment: [
            "PGHOST": "a,b", "PGPORT": "1,2", "PGUSER": "u", "PGPASSWORD": "s", "PGDATABASE": "d", "PGSSLMODE": "require",
            "PGTARGETSESSIONATTRS": "read-write",
            "PATH": "/bin",
        ])
        #expect(configuration.hosts == [.init("a", port: 1), .init("b", port: 2)])
        #expect(
            configuration.user == "u" && configuration.password == "s" && configuration.database == "d"
                && configuration.tls.mode == "require")
        #expect(configuration.targetSessionAttributes == .readWrite)
    }

    @Test func passesEverythingOnToLibpq() throws {
        var configuration = try PostgresConfiguration(
            url: "postgres://u:s@h:7/d?sslmode=verify-ca&sslrootcert=/ca&lock_timeout=5s&channel_binding=require&options=-c%20x.y%3D1")
        configuration.statementTimeout = .seconds(3)
        let list = ConnectAttempt.parameters(configuration, configuration.hosts[0], "10.0.0.1")
        let map = Dictionary(uniqueKeysWithValues: list)
        #expect(
            map["host"] == "h" && map["hostaddr"] == "10.0.0.1" && map["port"] == "7" && map["user"] == "u" && map["password"] == "s"
                && map["dbname"] == "d")
        #expect(
            map["sslmode"] == "verify-ca" && map["sslrootcert"] == "/ca" && map["gssencmode"] == "disable"
                && map["channel_binding"] == "require")
        #expect(map["options"] == "-c x.y=1 -c statement_timeout=3000 -c lock_timeout=5s")
        #expect(map["keepalives_idle"] == "10" && map["tcp_user_timeout"] == "20000")
        let local = ConnectAttempt.parameters(configuration, .init("/run"), nil)
        #expect(!local.contains { $0.0 == "hostaddr" || $0.0 == "keepalives" })
    }
}
