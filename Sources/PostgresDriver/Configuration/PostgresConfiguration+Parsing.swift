extension PostgresConfiguration {
    /// Reads `postgres://user:password@host:port,host:port/database?parameter=value`, percent-encoded; also `postgresql://`.
    ///
    /// A host may be a percent-encoded socket directory or come as `?host=`. Parameters are libpq's, and these of this library's: `statement_timeout`
    /// (milliseconds, or with `ms`, `s`, `min`), `named_statements` (`true`, `false`).
    ///
    /// - Throws: ``PostgresError/Code/configuration``; the text never quotes the URL, which may hold a password.
    public init(url: String) throws(PostgresError) {
        guard let scheme = url.range(of: "://"), ["postgres", "postgresql"].contains(url[..<scheme.lowerBound]) else {
            throw PostgresError(.configuration, "cannot use the database URL: it must begin with postgres:// or postgresql://")
        }
        var rest = url[scheme.upperBound...]
        var parameters: [(String, String)] = []
        if let mark = rest.firstIndex(of: "?") {
            for pair in rest[rest.index(after: mark)...].split(separator: "&") {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2 else { throw PostgresError(.configuration, "cannot use the database URL: a parameter has no value") }
                parameters.append((try Self.decoded(parts[0]), try Self.decoded(parts[1])))
            }
            rest = rest[..<mark]
        }
        var settings = Settings()
        if let slash = rest.firstIndex(of: "/") {
            let database = try Self.decoded(rest[rest.index(after: slash)...])
            if !database.isEmpty { settings.values["dbname"] = database }
            rest = rest[..<slash]
        }
        if let at = rest.lastIndex(of: "@") {
            let login = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if !login[0].isEmpty { settings.values["user"] = try Self.decoded(login[0]) }
            if login.count == 2 { settings.values["password"] = try Self.decoded(login[1]) }
            rest = rest[rest.index(after: at)...]
        }
        if !rest.isEmpty {
            var names: [String] = []
            var ports: [String] = []
            for item in rest.split(separator: ",", omittingEmptySubsequences: false) {
                var name = item, port: Substring = ""
                if item.hasPrefix("["), let bracket = item.firstIndex(of: "]") {
                    name = item[item.index(after: item.startIndex)..<bracket]
                    let tail = item[item.index(after: bracket)...]
                    guard tail.isEmpty || tail.hasPrefix(":") else {
                        throw PostgresError(.configuration, "cannot use the database URL: bad host")
                    }
                    port = tail.dropFirst()
                } else if let colon = item.lastIndex(of: ":") {
                    name = item[..<colon]
                    port = item[item.index(after: colon)...]
                }
                names.append(try Self.decoded(name))
                ports.append(String(port))
            }
            settings.values["host"] = names.joined(separator: ",")
            settings.values["port"] = ports.joined(separator: ",")
        }
        for (name, value) in parameters { settings.values[name] = value }
        self = try settings.configuration()
    }

    /// Reads libpq's environment variables: `PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD`, `PGDATABASE`, `PGSSLMODE`, `PGSSLROOTCERT`, `PGSSLCERT`,
    /// `PGSSLKEY`, `PGAPPNAME`, `PGCONNECT_TIMEOUT`, `PGTARGETSESSIONATTRS`, `PGOPTIONS`, `PGPASSFILE`.
    ///
    /// - Parameter environment: The variables; the composition root passes the process's own.
    /// - Throws: ``PostgresError/Code/configuration``.
    public init(environment: [String: String]) throws(PostgresError) {
        let names = [
            "PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "dbname", "PGSSLMODE": "sslmode",
            "PGSSLROOTCERT": "sslrootcert", "PGSSLCERT": "sslcert", "PGSSLKEY": "sslkey", "PGAPPNAME": "application_name",
            "PGCONNECT_TIMEOUT": "connect_timeout", "PGTARGETSESSIONATTRS": "target_session_attrs", "PGOPTIONS": "options",
            "PGPASSFILE": "passfile",
        ]
        var settings = Settings()
        for (variable, name) in names {
            if let value = environment[variable], !value.isEmpty { settings.values[name] = value }
        }
        if settings.values["user"] == nil { settings.values["user"] = environment["USER"] ?? environment["LOGNAME"] }
        self = try settings.configuration()
    }

    /// libpq's parameters on their way to a configuration.
    private struct Settings {
        var values: [String: String] = [:]

        func configuration() throws(PostgresError) -> PostgresConfiguration {
            var left = values
            func take(_ name: String) -> String? { left.removeValue(forKey: name) }
            let user = take("user") ?? "postgres"
            var result = PostgresConfiguration(user: user, database: take("dbname") ?? user)
            result.password = take("password")
            let names = (take("host") ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            let ports = (take("port") ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard ports.count == 1 || ports.count == names.count else {
                throw PostgresError(.configuration, "cannot match \(ports.count) ports to \(names.count) hosts")
            }
            var hosts: [Host] = []
            for (index, name) in names.enumerated() {
                let text = ports.count == 1 ? ports[0] : ports[index]
                guard let port = text.isEmpty ? 5432 : Int(text), (1...65_535).contains(port) else {
                    throw PostgresError(.configuration, "cannot use a port that is not 1...65535")
                }
                hosts.append(Host(name.isEmpty ? "/var/run/postgresql" : name, port: port))
            }
            result.hosts = hosts
            if let value = take("sslmode") { result.tls.mode = value }
            guard ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"].contains(result.tls.mode) else {
                throw PostgresError(.configuration, "cannot use this sslmode")
            }
            result.tls.rootCertificate = take("sslrootcert")
            result.tls.certificate = take("sslcert")
            result.tls.key = take("sslkey")
            if let value = take("application_name") { result.applicationName = value }
            if let value = take("connect_timeout") {
                guard let seconds = Int(value), seconds >= 0 else { throw PostgresError(.configuration, "cannot use this connect_timeout") }
                if seconds > 0 { result.connectTimeout = .seconds(seconds) }
            }
            if let value = take("statement_timeout") {
                guard let timeout = PostgresConfiguration.milliseconds(value) else {
                    throw PostgresError(.configuration, "cannot use this statement_timeout")
                }
                result.statementTimeout = timeout == 0 ? nil : .milliseconds(timeout)
            }
            if let value = take("target_session_attrs") {
                switch value {
                case "any": result.targetSessionAttributes = .any
                case "read-write", "primary": result.targetSessionAttributes = .readWrite
                default: throw PostgresError(.configuration, "cannot use this target_session_attrs: only any and read-write")
                }
            }
            if let value = take("named_statements") {
                guard let named = Bool(value) else {
                    throw PostgresError(.configuration, "cannot use named_statements: only true and false")
                }
                result.namedStatements = named
            }
            if let value = take("keepalives_idle").flatMap(Int.init) { result.keepalive.idle = .seconds(value) }
            if let value = take("keepalives_interval").flatMap(Int.init) { result.keepalive.interval = .seconds(value) }
            if let value = take("keepalives_count").flatMap(Int.init) { result.keepalive.count = value }
            if let value = take("tcp_user_timeout").flatMap(Int.init) { result.keepalive.userTimeout = .milliseconds(value) }
            result.extra = left
            return result
        }
    }

    /// A time of PostgreSQL's settings: milliseconds unless a unit follows.
    static func milliseconds(_ text: String) -> Int? {
        let units = [("ms", 1), ("min", 60_000), ("s", 1_000)]
        for (unit, factor) in units where text.hasSuffix(unit) {
            guard let number = Int(text.dropLast(unit.count)), number >= 0 else { return nil }
            let (value, overflow) = number.multipliedReportingOverflow(by: factor)
            return overflow ? nil : value
        }
        guard let number = Int(text), number >= 0 else { return nil }
        return number
    }

    private static func decoded(_ text: Substring) throws(PostgresError) -> String {
        var bytes: [UInt8] = []
        var iterator = text.utf8.makeIterator()
        while let byte = iterator.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = iterator.next().flatMap(hex), let low = iterator.next().flatMap(hex) else {
                throw PostgresError(.configuration, "cannot use the database URL: bad percent-encoding")
            }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw PostgresError(.configuration, "cannot use the database URL: bad percent-encoding")
        }
        return decoded
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.flatMap { UInt8(exactly: $0) }
    }
}

extension String {
    /// Where `needle` first stands; the driver does without Foundation.
    fileprivate func range(of needle: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
            start = index(after: start)
        }
        return nil
    }
}
