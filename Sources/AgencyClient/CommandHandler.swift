import Foundation
public import Logging
import Subprocess
import WireTypes

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Does each task by running a command: work card in on standard input, outcome out on standard output, both JSON.
///
/// - In: the lease without its token, and `server_time` and `clock_rate`, from which the command computes `occurred_at` if it wants to.
/// - Out, with exit code 0: one outcome without a token; `occurred_at` is the start of the command if absent. Or `{"release": "declined"}`.
/// - Anything else is a failed handler: another exit code, no or broken or endless output, no end in time. The task goes back as `handler_failed`, which
///   counts against it; an act that may have happened stays presumed at the coordinator.
/// - Cancelled, the command's process group gets SIGTERM, and SIGKILL two seconds later.
///
/// The command runs through `sh -c` in a session of its own, without the agency's credential in its environment.
public struct CommandHandler: TaskHandler {
    private let command: String
    private let timeout: Duration
    private let hiddenVariables: [String]
    private let logger: Logger

    /// A handler that runs `command` for each task.
    ///
    /// - Parameters:
    ///   - command: A shell command line.
    ///   - timeout: How long one run may take.
    ///   - hiddenVariables: Variables of this process that the command must not see.
    ///   - logger: Failures at `warning`, with the start of what the command wrote to standard error.
    public init(command: String, timeout: Duration, hiddenVariables: [String] = [], logger: Logger) {
        self.command = command
        self.timeout = timeout
        self.hiddenVariables = hiddenVariables
        self.logger = logger
        Self.ignoreBrokenPipes
    }

    /// Runs the command for one task.
    public func handle(_ task: LeasedTask) async throws -> TaskResult {
        let started = task.now()
        let input = try HandlerExchange.input(for: task, now: started)
        let run: CommandRun
        do {
            run = try await limited(to: timeout) { try await execute(input) }
        } catch is CancellationError {
            throw CancellationError()
        } catch let failure as CommandFailure {
            report(failure, task, errors: "")
            throw failure
        }
        try Task.checkCancellation()
        do {
            // First: a command stopped for its output has whatever exit code the stop left.
            if run.overflow { throw CommandFailure.tooMuchOutput }
            guard run.exitCode == 0 else { throw CommandFailure.exit(run.exitCode) }
            return try HandlerExchange.result(from: run.output, task: task, started: started)
        } catch let failure as CommandFailure {
            report(failure, task, errors: run.errors)
            throw failure
        }
    }

    private func report(_ failure: CommandFailure, _ task: LeasedTask, errors: String) {
        logger.warning(
            "handler command failed",
            metadata: ["task.id": "\(task.lease.taskId)", "handler.failure": "\(failure)", "handler.stderr": "\(errors)"])
    }

    /// Runs the command to its end.
    private func execute(_ input: [UInt8]) async throws -> CommandRun {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: Self.grace)]
        var hidden: [Environment.Key: String?] = [:]
        for name in hiddenVariables {
            guard let key = Environment.Key(rawValue: name) else { continue }
            hidden.updateValue(nil, forKey: key)
        }
        do {
            let result = try await Subprocess.run(
                .name("sh"), arguments: ["-c", command], environment: .inherit.updating(hidden), platformOptions: options,
                input: .inputWriter, output: .sequence, error: .sequence
            ) { execution in
                async let errors = Self.read(execution.standardError, keeping: Self.errorBytesMax, orStop: false)
                async let output = Self.read(execution.standardOutput, keeping: Self.outputBytesMax, orStop: true)
                do {
                    _ = try await execution.standardInputWriter.write(input)
                    try await execution.standardInputWriter.finish()
                } catch is SubprocessError {
                    // The command does not read its input, or not all of it: its own business.
                    try Task.checkCancellation()
                }
                let (bytes, overflow) = try await output
                // Nobody reads on: the command would hang in its own output.
                if overflow { await execution.teardown(using: options.teardownSequence) }
                return (bytes, overflow, try await errors.bytes)
            }
            let (output, overflow, errors) = result.closureResult
            let exitCode: Int32
            switch result.terminationStatus {
            case .exited(let code): exitCode = code
            case .signaled(let signal): exitCode = 128 + signal
            }
            return CommandRun(exitCode: exitCode, output: output, overflow: overflow, errors: String(decoding: errors, as: UTF8.self))
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw CommandFailure.cannotRun("\(error.code)")
        }
    }

    /// Reads to the end, keeping the first bytes; or only until there are more than that.
    private static func read(
        _ stream: SubprocessOutputSequence, keeping limit: Int, orStop stop: Bool
    ) async throws -> (bytes: [UInt8], overflow: Bool) {
        var bytes: [UInt8] = []
        var overflow = false
        for try await buffer in stream {
            buffer.withUnsafeBytes { new in
                overflow = overflow || bytes.count + new.count > limit
                bytes.append(contentsOf: new.prefix(limit - bytes.count))
            }
            if overflow, stop { break }
        }
        return (bytes, overflow)
    }

    private func limited<Value: Sendable>(
        to timeout: Duration, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await Task.sleep(for: timeout)
                return nil
            }
            let first = try await group.next()
            group.cancelAll()
            guard case .some(.some(let value)) = first else {
                // Wait for the command's end, then say why.
                while case .failure? = await group.nextResult() {}
                try Task.checkCancellation()
                throw CommandFailure.timeout
            }
            return value
        }
    }

    /// A command that ends without reading its input breaks the pipe to it; by default that signal would end this process. Commands themselves start
    /// with the default again.
    private static let ignoreBrokenPipes: Void = {
        #if canImport(Darwin)
            Darwin.signal(SIGPIPE, SIG_IGN)
        #else
            Glibc.signal(SIGPIPE, SIG_IGN)
        #endif
    }()

    /// Time between SIGTERM and SIGKILL.
    private static let grace = Duration.seconds(2)
    /// An outcome with 100 pieces of evidence is about 20 kB.
    private static let outputBytesMax = 256 << 10
    /// What of standard error goes to the log.
    private static let errorBytesMax = 2 << 10
}

/// What a command did.
private struct CommandRun: Sendable {
    let exitCode: Int32
    let output: [UInt8]
    let overflow: Bool
    let errors: String
}

/// Why a command's run counts as failed.
public enum CommandFailure: Error, Hashable, Sendable {
    /// Exit code other than 0; 128 and more: ended by that signal.
    case exit(Int32)
    /// No end in time.
    case timeout
    /// More output than an outcome can be.
    case tooMuchOutput
    /// The output is no outcome; says where.
    case garbage(String)
    /// The shell could not be started.
    case cannotRun(String)
}
