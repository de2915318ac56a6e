/// Where and how to connect.
public struct PostgresConfiguration: Sendable, Hashable, CustomStringConvertible {
    /// One server: a host name, an address, or the directory of a Unix socket (begins with `/`), and a port.
    public struct Host: Sendable, Hashable, CustomStringConvertible {
        /// Host name, address or socket directory.
        public var name: String
        /// Port; also part of a Unix socket's file name.
        public var port: Int
        /// A server by name and port.
        public init(_ name: String, port: Int = 5432) {
            self.name = name
            self.port = port
        }
        /// Whether this is a Unix socket.
        public var isLocal: Bool { name.hasPrefix("/") || name.hasPrefix("@") }
        /// `name:port`
        public var description: String { "\(name):\(port)" }
    }

    /// Which servers of several will do.
    public enum TargetSessionAttributes: String, Sendable, Hashable, CaseIterable {
        /// The first that answers.
        case any
        /// The first that can write: a primary, not a standby.
        case readWrite = "read-write"
    }

    /// TLS, as libpq understands it.
    public struct TLS: Sendable, Hashable {
        /// `disable`, `allow`, `prefer`, `require`, `verify-ca` or `verify-full`.
        public var mode: String
        /// File with the certificates of trusted authorities.
        public var rootCertificate: String?
        /// File with the client's certificate.
        public var certificate: String?
        /// File with the client's key.
        public var key: String?
        /// TLS by libpq's parameters `sslmode`, `sslrootcert`, `sslcert`, `sslkey`.
        public init(mode: String = "prefer", rootCertificate: String? = nil, certificate: String? = nil, key: String? = nil) {
            self.mode = mode
            self.rootCertificate = rootCertificate
            self.certificate = certificate
            self.key = key
        }
    }

    /// TCP keepalive: how a dead peer is noticed while nothing is sent, and while something is sent and not acknowledged.
    public struct Keepalive: Sendable, Hashable {
        /// Silence before the first probe; whole seconds.
        public var idle: Duration
        /// Between probes; whole seconds.
        public var interval: Duration
        /// Lost probes until the connection is dead.
        public var count: Int
        /// How long sent data may stay unacknowledged (`tcp_user_timeout`); `.zero` leaves it to the system.
        public var userTimeout: Duration
        /// Noticed within half a minute by default.
        public init(idle: Duration = .seconds(10), interval: Duration = .seconds(5), count: Int = 3, userTimeout: Duration = .seconds(20)) {
            self.idle = idle
            self.interval = interval
            self.count = count
            self.userTimeout = userTimeout
        }
    }

    /// The servers, tried in this order.
    public var hosts: [Host]
    /// The role to log in as.
    public var user: String
    /// Its password; `nil` leaves it to libpq (password file) or to a server that asks for none.
    public var password: String?
    /// The database.
    public var database: String
    /// How long one attempt at one address may take.
    public var connectTimeout: Duration
    /// How long the server may leave us without any answer to a statement; `nil` is for ever. Also set as the server's `statement_timeout`.
    public var statementTimeout: Duration?
    /// How long a statement that was asked to stop may go on without an answer, before the socket is closed.
    public var cancelGrace = Duration.seconds(2)
    /// How long the answer to a COMMIT is awaited once its task was cancelled; then the socket is closed and the outcome unknown.
    public var commitGrace = Duration.seconds(2)
    /// TLS.
    public var tls: TLS
    /// Which of the servers will do.
    public var targetSessionAttributes: TargetSessionAttributes
    /// Shown in `pg_stat_activity`.
    public var applicationName: String
    /// TCP keepalive.
    public var keepalive: Keepalive
    /// Whether statements are kept prepared under names. `false` behind a pooler in transaction mode, where names mean other clients' statements; then
    /// ``extra`` may hold no setting the pooler does not carry along for each client, above all no `role`.
    public var namedStatements: Bool
    /// How many prepared statements one connection keeps.
    public var statementCacheLimit: Int
    /// Further libpq parameters, or, under names libpq does not know, settings of the session (`lock_timeout`, `search_path`).
    public var extra: [String: String]

    /// A configuration by its parts.
    public init(
        hosts: [Host] = [Host("/var/run/postgresql")], user: String, password: String? = nil, database: String,
        connectTimeout: Duration = .seconds(2), statementTimeout: Duration? = nil, tls: TLS = TLS(),
        targetSessionAttributes: TargetSessionAttributes = .any, applicationName: String = "", keepalive: Keepalive = Keepalive(),
        namedStatements: Bool = true, statementCacheLimit: Int = 256, extra: [String: String] = [:]
    ) {
        self.hosts = hosts
        self.user = user
        self.password = password
        self.database = database
        self.connectTimeout = connectTimeout
        self.statementTimeout = statementTimeout
        self.tls = tls
        self.targetSessionAttributes = targetSessionAttributes
        self.applicationName = applicationName
        self.keepalive = keepalive
        self.namedStatements = namedStatements
        self.statementCacheLimit = statementCacheLimit
        self.extra = extra
    }

    /// `postgres://user@host:port,host:port/database`: never the password, never the further parameters.
    public var description: String {
        "postgres://\(user)@\(hosts.map(\.description).joined(separator: ","))/\(database)"
    }
}
