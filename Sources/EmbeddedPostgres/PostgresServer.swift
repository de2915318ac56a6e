import Foundation
package import Logging
import Synchronization

#if canImport(Glibc)
    package import Glibc
#elseif canImport(Musl)
    package import Musl
#elseif canImport(Darwin)
    package import Darwin
#endif

/// One PostgreSQL server on a data directory of its own, tied to the processes that use it.
///
/// A small supervisor starts the server and reads a named pipe that every user of the server holds open for writing. When the last of them
/// is gone, however it ended (also by `kill -9`), the pipe ends and the supervisor stops the server. A file named `stay` makes it wait for
/// the next user instead. Signals on parent death would not do: they fire when the *thread* that spawned ends.
package final class PostgresServer: Sendable {
    /// What a server needs to know to be made and run.
    package struct Configuration: Sendable {
        /// The directory that holds everything of the server: `data`, `socket`, `alive`, `server.log`. Made if missing; its parent must exist.
        package var base: String
        /// The user it runs as.
        package var account: ServerAccount
        /// Its programs.
        package var binaries: PostgresBinaries
        /// The port; names the socket too.
        package var port: Int
        /// Where the socket is put; nil: `socket` in the base directory.
        package var socketDirectory: String?
        /// Whether it listens on 127.0.0.1 beside the socket.
        package var loopback: Bool
        /// Lines of `postgresql.conf` beyond the defaults.
        package var settings: [(name: String, value: String)]
        /// Whether initdb may leave its files unsynchronised (throw-away servers).
        package var careless: Bool
        /// Whether the whole base directory goes when its users do (throw-away servers).
        package var removedAfterwards: Bool

        /// A durable server with default settings.
        package init(base: String, account: ServerAccount, binaries: PostgresBinaries, port: Int) {
            self.base = base
            self.account = account
            self.binaries = binaries
            self.port = port
            socketDirectory = nil
            loopback = false
            settings = []
            careless = false
            removedAfterwards = false
        }
    }

    /// How this server is made and run.
    package let configuration: Configuration
    private let logger: Logger

    private struct State {
        var supervisor: ChildProcess?
        var alive: Int32 = -1
        /// How much was in the log when the server was last started.
        var logStart = 0
    }
    private let state = Mutex(State())

    /// A handle; nothing is started yet.
    package init(_ configuration: Configuration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    deinit {
        state.withLock { if $0.alive >= 0 { close($0.alive) } }
    }

    private var base: String { configuration.base }
    /// The data directory.
    package var dataDirectory: String { base + "/data" }
    /// The directory of the socket.
    package var socketDirectory: String { configuration.socketDirectory ?? base + "/socket" }
    /// What the server writes about itself.
    package var logFile: String { base + "/server.log" }
    private var alivePipe: String { base + "/alive" }
    private var stayFile: String { base + "/stay" }

    /// The longest path a unix socket may have, from `sockaddr_un`, less the name PostgreSQL appends and its lock file's ending.
    package static let longestSocketDirectory = 107 - ".s.PGSQL.65535.lock".utf8.count

    /// The supervisor. `$0` base, `$1` pipe, `$2` stay file, `$3` remove?, then the server's command line.
    /// The watcher outlives nothing: when the server ends by itself it is told to end, so that a later process of the same id is never signalled.
    private static let supervisor = #"""
        base=$0 alive=$1 stay=$2 remove=$3; shift 3
        "$@" </dev/null & server=$!
        ( while :; do read -r line <"$alive"; [ -e "$stay" ] || break; done; : >"$base/ended"; kill -INT "$server" ) & watcher=$!
        wait "$server"
        kill "$watcher" 2>/dev/null
        if [ "$remove" = yes ] && [ -e "$base/ended" ]; then rm -rf "$base"; fi
        """#

    // MARK: Making

    /// Makes directories and data where they are missing. A directory left half-made by a crash is made anew.
    package func initialize() async throws {
        let account = configuration.account
        try account.makeDirectory(base)
        if configuration.socketDirectory == nil { try account.makeDirectory(socketDirectory) }
        guard !FileManager.default.fileExists(atPath: dataDirectory + "/PG_VERSION") else { return }
        let fresh = base + "/data.new"
        try removeIfPresent(fresh)
        try removeIfPresent(dataDirectory)
        let log = base + "/initdb.log"
        try makeLog(log)
        var command = account.prefix
        command += [
            configuration.binaries.program("initdb"), "-D", fresh, "-U", "postgres", "-E", "UTF8", "--no-locale", "--data-checksums",
        ]
        // The socket lies in a directory only the account can enter; whoever comes over TCP shows a password.
        command += ["--auth-local=trust", "--auth-host=scram-sha-256"]
        if configuration.careless { command.append("--no-sync") }
        let status = try await ChildProcess.spawn(command, log: log).wait()
        guard status == 0 else { throw EmbeddedPostgresError.programFailed(name: "initdb", status: status, output: tail(of: log)) }
        guard rename(fresh, dataDirectory) == 0 else {
            throw EmbeddedPostgresError.directory(path: dataDirectory, reason: String(cString: strerror(errno)))
        }
    }

    /// The server's settings, written at every start so that a new version of this program brings its own.
    private func writeSettings() throws {
        var text = "# Written at every start; own settings belong into postgresql.conf below the line that includes this file.\n"
        for (name, value) in configuration.settings { text += "\(name) = '\(value)'\n" }
        let path = dataDirectory + "/recourse.conf"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try configuration.account.own(path)
        let main = dataDirectory + "/postgresql.conf"
        let include = "include_if_exists = 'recourse.conf'"
        let present = try String(contentsOfFile: main, encoding: .utf8)
        if !present.contains(include) {
            try Data((present + "\n" + include + "\n").utf8).write(to: URL(fileURLWithPath: main))
            try configuration.account.own(main)
        }
    }

    private func makeLog(_ path: String) throws {
        if !FileManager.default.fileExists(atPath: path) {
            guard FileManager.default.createFile(atPath: path, contents: nil) else {
                throw EmbeddedPostgresError.directory(path: path, reason: String(cString: strerror(errno)))
            }
            chmod(path, 0o600)
        }
        try configuration.account.own(path)
    }

    private func removeIfPresent(_ path: String) throws {
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
    }

    // MARK: Starting and joining

    /// What `postmaster.pid` says about a server that is there.
    package struct Running: Sendable {
        /// The postmaster's process.
        package let pid: pid_t
        /// Its port.
        package let port: Int
        /// Where its socket is.
        package let socketDirectory: String
        /// Whether it accepts connections.
        package let ready: Bool
    }

    /// The server on the data directory, or nil when none runs.
    ///
    /// A crashed server leaves its file behind, and its process id may belong to somebody else by now (always, after a container's
    /// restart): only a process whose command line names the data directory counts.
    package func running() -> Running? {
        // No file: no server.
        guard let text = try? String(contentsOfFile: dataDirectory + "/postmaster.pid", encoding: .utf8) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first, let pid = pid_t(first.trimmingCharacters(in: .whitespaces)), isServer(pid) else { return nil }
        func line(_ index: Int) -> String { index < lines.count ? lines[index].trimmingCharacters(in: .whitespaces) : "" }
        return Running(pid: pid, port: Int(line(3)) ?? 0, socketDirectory: line(4), ready: line(7) == "ready")
    }

    private func isServer(_ pid: pid_t) -> Bool {
        guard ChildProcess.exists(pid) else { return false }
        #if os(Linux)
            // The command line, because the working directory of another user's process is hidden from a root without CAP_SYS_PTRACE.
            guard let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return false }
            let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            return zip(words, words.dropFirst()).contains { $0 == "-D" && $1 == dataDirectory }
        #else
            return true
        #endif
    }

    /// Starts the server, or joins it where it runs already, and returns when it accepts connections.
    ///
    /// - Parameter stay: Whether it outlives its users until ``stop()`` is called.
    /// - Throws: ``EmbeddedPostgresError`` when it does not come up within 60 s.
    package func start(stay: Bool = false) async throws {
        try await initialize()
        try makePipe()
        let deadline = ContinuousClock.now.advanced(by: .seconds(60))
        if stay { try makeLog(stayFile) }
        while true {
            if let running = running() {
                if try await joinRunning() {
                    if try await waitReady(deadline) { return }
                } else {
                    // Its users are gone and it is on its way out, or its supervisor was killed and nobody would ever stop it.
                    if !isEnding { kill(running.pid, SIGINT) }
                    try await waitGone(running.pid, deadline)
                }
            } else {
                try spawn()
                if try await waitReady(deadline) { return }
            }
            guard ContinuousClock.now < deadline else { throw EmbeddedPostgresError.notReady(log: tail(of: logFile)) }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func makePipe() throws {
        if mkfifo(alivePipe, 0o600) != 0 && errno != EEXIST {
            throw EmbeddedPostgresError.directory(path: alivePipe, reason: String(cString: strerror(errno)))
        }
        try configuration.account.own(alivePipe)
    }

    /// Opens the pipe for writing: succeeds only while a supervisor reads it.
    private func join() -> Bool {
        state.withLock { state in
            if state.alive >= 0 { return true }
            let descriptor = open(alivePipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
            guard descriptor >= 0 else { return false }
            state.alive = descriptor
            return true
        }
    }

    /// Whether the supervisor has seen the last user leave.
    private var isEnding: Bool { FileManager.default.fileExists(atPath: base + "/ended") }

    /// Joins a server that runs. The supervisor of one that stays closes and opens its end again whenever its last user leaves, so a
    /// single refusal means nothing.
    private func joinRunning() async throws -> Bool {
        for _ in 0..<80 {
            if isEnding || running() == nil { return false }
            if join() { return true }
            try await Task.sleep(for: .milliseconds(25))
        }
        return false
    }

    private func leave() {
        state.withLock { state in
            if state.alive >= 0 { close(state.alive) }
            state.alive = -1
        }
    }

    private func spawn() throws {
        leave()
        try writeSettings()
        // A file left by a crash would make the server refuse to start if its process id is in use again; nobody of that id works here.
        try removeIfPresent(dataDirectory + "/postmaster.pid")
        try removeIfPresent(base + "/ended")
        try makeLog(logFile)
        state.withLock { $0.logStart = logText.utf8.count }
        // Open for reading and writing never blocks, and holds the pipe until the supervisor has opened its end.
        let holder = open(alivePipe, O_RDWR | O_CLOEXEC)
        guard holder >= 0 else { throw EmbeddedPostgresError.directory(path: alivePipe, reason: String(cString: strerror(errno))) }
        var command = configuration.account.prefix
        command += ["sh", "-c", Self.supervisor, base, alivePipe, stayFile, configuration.removedAfterwards ? "yes" : "no"]
        command += [
            configuration.binaries.program("postgres"), "-D", dataDirectory, "-k", socketDirectory, "-p", String(configuration.port),
        ]
        command += ["-c", "listen_addresses=\(configuration.loopback ? "127.0.0.1" : "")"]
        let child: ChildProcess
        do {
            child = try ChildProcess.spawn(command, log: logFile)
        } catch {
            close(holder)
            throw error
        }
        state.withLock { state in
            state.supervisor = child
            state.alive = holder
        }
    }

    /// Whether the server became ready; false when it ended instead.
    private func waitReady(_ deadline: ContinuousClock.Instant) async throws -> Bool {
        while ContinuousClock.now < deadline {
            if let running = running() {
                if running.ready { return settle() }
            } else if let child = state.withLock({ $0.supervisor }) {
                if child.ended() != nil {
                    state.withLock { $0.supervisor = nil }
                    leave()
                    // Backends of a killed server hold its shared memory for a moment; a port may have been taken meanwhile by another. All that
                    // was logged since the start is looked at: dying backends say their own behind it, as many lines as there were of them.
                    let start = state.withLock { $0.logStart }
                    let said = String(decoding: logText.utf8.dropFirst(start), as: UTF8.self)
                    guard said.contains("pre-existing shared memory") || said.contains("could not bind") else {
                        throw EmbeddedPostgresError.notReady(log: tail(of: logFile))
                    }
                    return false
                }
            } else {
                leave()
                return false
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw EmbeddedPostgresError.notReady(log: tail(of: logFile))
    }

    /// Changes the first descriptor, which can read too and would keep the pipe alive for others, into one that only writes.
    private func settle() -> Bool {
        let writer = open(alivePipe, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        guard writer >= 0 else { return true }
        state.withLock { state in
            if state.alive >= 0 { close(state.alive) }
            state.alive = writer
        }
        return true
    }

    private func waitGone(_ pid: pid_t, _ deadline: ContinuousClock.Instant) async throws {
        while isServer(pid) {
            guard ContinuousClock.now < deadline else { throw EmbeddedPostgresError.notStopped(pid: pid) }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    // MARK: Stopping

    /// Lets go of the server: it stops when nobody else uses it and it was not asked to stay. Returns when it is down, if this was the
    /// process that started it and the last user.
    package func release() async throws {
        let pid = running()?.pid
        leave()
        let child = state.withLock { state in
            defer { state.supervisor = nil }
            return state.supervisor
        }
        guard let child else { return }
        let start = ContinuousClock.now
        while child.ended() == nil {
            if FileManager.default.fileExists(atPath: stayFile) { return }
            let waited = ContinuousClock.now - start
            // Not marked as ending after this long: another process holds the pipe, and the server goes on for it.
            if !isEnding && waited > .milliseconds(500) { return }
            guard waited < .seconds(60) else { throw EmbeddedPostgresError.notStopped(pid: pid ?? child.pid) }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Stops the server for everybody (a fast shutdown: sessions end, a checkpoint is written) and waits until it is down.
    ///
    /// - Parameter removing: Whether its whole base directory goes too.
    package func stop(removing: Bool = false) async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(60))
        try removeIfPresent(stayFile)
        if let running = running() {
            kill(running.pid, SIGINT)
            try await waitGone(running.pid, deadline)
        }
        leave()
        if let child = state.withLock({ $0.supervisor }) {
            while child.ended() == nil {
                guard ContinuousClock.now < deadline else { throw EmbeddedPostgresError.notStopped(pid: child.pid) }
                try await Task.sleep(for: .milliseconds(10))
            }
            state.withLock { $0.supervisor = nil }
        }
        if removing { try removeIfPresent(base) }
    }

    /// Kills the server as a power cut would, without a shutdown, and returns when its main process is gone. For tests of recovery.
    package func crash() async throws {
        guard let running = running() else { return }
        kill(running.pid, SIGKILL)
        try await waitGone(running.pid, ContinuousClock.now.advanced(by: .seconds(60)))
        if let child = state.withLock({ $0.supervisor }) {
            while child.ended() == nil { try await Task.sleep(for: .milliseconds(5)) }
            state.withLock { $0.supervisor = nil }
        }
        leave()
    }

    /// All the server has logged; empty where it cannot be read.
    private var logText: String { FileManager.default.contents(atPath: logFile).map { String(decoding: $0, as: UTF8.self) } ?? "" }

    private func tail(of path: String) -> String {
        // What is read only decorates an error.
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return "(no log at \(path))" }
        return text.split(separator: "\n").suffix(8).joined(separator: " | ")
    }
}
