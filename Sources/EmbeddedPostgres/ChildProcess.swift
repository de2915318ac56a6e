import Foundation

#if canImport(Glibc)
    package import Glibc
#elseif canImport(Musl)
    package import Musl
#elseif canImport(Darwin)
    package import Darwin
#endif

/// A process started with clean signals in a process group of its own.
///
/// Threads of the Swift runtime block all signals, and a child inherits that: a server started so would ignore every request to stop.
/// The own group keeps the terminal's Ctrl-C away from it; its supervisor decides when it ends.
package struct ChildProcess: Sendable {
    /// Its process id.
    package let pid: pid_t

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - arguments: The program's path (or a name looked up in `PATH`), then its arguments.
    ///   - log: A file that gets what it writes to stdout and stderr, appended; nil: thrown away.
    ///   - output: A descriptor that becomes stdout instead of the log.
    ///   - input: A descriptor that becomes stdin; nil: nothing to read.
    package static func spawn(
        _ arguments: [String], log: String? = nil, output: Int32? = nil, input: Int32? = nil
    ) throws(EmbeddedPostgresError) -> ChildProcess {
        #if canImport(Darwin)
            var attributes: posix_spawnattr_t?
            var actions: posix_spawn_file_actions_t?
        #else
            var attributes = posix_spawnattr_t()
            var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawnattr_init(&attributes)
        posix_spawn_file_actions_init(&actions)
        defer {
            posix_spawnattr_destroy(&attributes)
            posix_spawn_file_actions_destroy(&actions)
        }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        let sink = log ?? "/dev/null"
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        if let output {
            posix_spawn_file_actions_adddup2(&actions, output, 1)
        } else {
            posix_spawn_file_actions_addopen(&actions, 1, sink, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        posix_spawn_file_actions_addopen(&actions, 2, sink, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        keepDescriptors()
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var pid: pid_t = 0
        let status = posix_spawnp(&pid, arguments[0], &actions, &attributes, &pointers, environ)
        guard status == 0 else {
            throw .programFailed(name: arguments[0], status: status, output: String(cString: strerror(status)))
        }
        return ChildProcess(pid: pid)
    }

    /// Marks every descriptor close-on-exec. Sockets that libraries opened without the mark would live on in the child: the other side never
    /// sees them closed, and a port stays taken.
    private static func keepDescriptors() {
        #if os(Linux)
            let names: [String]
            do { names = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") } catch { return }
            for case let descriptor? in names.map({ Int32($0) }) where descriptor > 2 {
                let flags = fcntl(descriptor, F_GETFD)
                if flags >= 0, flags & FD_CLOEXEC == 0 { _ = fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC) }
            }
        #endif
    }

    /// Waits for the end without blocking a thread of the caller's pool: exit code, or 128 + signal.
    package func wait() async -> Int32 {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: waitBlocking()) }
        }
    }

    /// Waits for the end on this thread.
    @discardableResult
    func waitBlocking() -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) == -1 {
            guard errno == EINTR else { return -1 }  // waited for already
        }
        return Self.code(status)
    }

    /// The exit code if the process has ended, else nil.
    package func ended() -> Int32? {
        var status: Int32 = 0
        switch waitpid(pid, &status, WNOHANG) {
        case 0: return nil
        case pid: return Self.code(status)
        default: return errno == EINTR ? nil : -1
        }
    }

    private static func code(_ status: Int32) -> Int32 {
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }

    /// Runs a short program to its end and returns what it wrote to stdout.
    package static func output(of arguments: [String]) throws(EmbeddedPostgresError) -> String {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw .programFailed(name: arguments[0], status: errno, output: "cannot make a pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let child: ChildProcess
        do {
            child = try spawn(arguments, output: ends[1])
        } catch {
            close(ends[1])
            throw error
        }
        close(ends[1])
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(ends[0], &buffer, buffer.count)
            if count > 0 { bytes += buffer[..<count] } else if count == 0 || errno != EINTR { break }
        }
        let status = child.waitBlocking()
        let text = String(decoding: bytes, as: UTF8.self)
        guard status == 0 else { throw .programFailed(name: arguments[0], status: status, output: text) }
        return text
    }

    /// Whether a process of that id exists (it may belong to another user).
    static func exists(_ pid: pid_t) -> Bool {
        kill(pid, 0) == 0 || errno == EPERM
    }
}
