import EmbeddedPostgres
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A process of the demo: this program again, with other arguments, ending with the demo however that ends.
///
/// A small supervisor shell waits on a pipe that only the demo holds open: when it closes (orderly or by a crash), the child gets SIGTERM.
final class DemoProcess: Sendable {
    let name: String
    private let child: ChildProcess
    private let lifeline: FileHandle

    /// Starts `recourse` with `arguments`.
    ///
    /// - Parameters:
    ///   - environment: Variables added to the child's; secrets go here, where other users do not see them.
    ///   - log: The file its messages go to.
    init(name: String, arguments: [String], environment: [String: String], log: String) throws {
        self.name = name
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw CocoaError(.fileReadUnknown) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let script = #""$@" </dev/null & child=$!; read -r gone; kill -TERM $child 2>/dev/null; wait $child"#
        let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        // The variables stand in the shell's environment, not in its arguments: `env` would show them to everybody.
        let restore = Self.export(variables)
        defer { restore() }
        child = try ChildProcess.spawn(["sh", "-c", script, "sh", Self.executable] + arguments, log: log, input: ends[0])
        close(ends[0])
        lifeline = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    }

    /// The supervisor's process; the program is its child.
    var pid: Int32 { child.pid }

    /// The program that runs now.
    static var executable: String { Bundle.main.executablePath ?? CommandLine.arguments[0] }

    /// Asks the child to stop and waits until it has.
    func stop() async {
        do { try lifeline.close() } catch {}  // closed already: it is stopping
        _ = await child.wait()
    }

    private static func export(_ variables: [String]) -> () -> Void {
        var names: [String] = []
        for variable in variables {
            guard let split = variable.firstIndex(of: "=") else { continue }
            let name = String(variable[..<split])
            setenv(name, String(variable[variable.index(after: split)...]), 1)
            names.append(name)
        }
        return { for name in names { unsetenv(name) } }
    }
}
