import ArgumentParser
import CollectionsStore
import EmbeddedPostgres
import Foundation
import PostgresDriver

/// What the process ends with; scripts rely on the numbers.
enum ExitStatus {
    /// The job found faults (breaks, violations, failed cases), or was refused.
    static let faults = ExitCode(1)
    /// Wrong usage.
    static let usage = ExitCode(2)
    /// Something it needs cannot be reached.
    static let unreachable = ExitCode(3)
}

/// A way of calling a command that cannot work; names the option or file.
struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Turns an error that nobody handled into a message and an exit code.
enum Failure {
    /// Writes the message and ends the process.
    static func end(_ error: any Error, in command: any ParsableCommand.Type) -> Never {
        if error is ExitCode || isParserError(error, command) {
            let code = command.exitCode(for: error)
            if code.isSuccess { command.exit(withError: error) }  // --help, --version: on stdout
            let message = command.fullMessage(for: error)
            if !message.isEmpty { Terminal.note(message) }
            Foundation.exit(code == .validationFailure ? ExitStatus.usage.rawValue : code.rawValue)
        }
        Terminal.note("recourse: \(message(for: error))")
        Foundation.exit(status(for: error).rawValue)
    }

    private static func isParserError(_ error: any Error, _ command: any ParsableCommand.Type) -> Bool {
        let code = command.exitCode(for: error)
        return code.isSuccess || code == .validationFailure
    }

    /// The exit code an error means.
    static func status(for error: any Error) -> ExitCode {
        switch error {
        case is UsageError, is PersonalCipherError, is CocoaError: ExitStatus.usage
        case let error as PostgresError:
            if error.isConnectionLoss || error.code == .poolTimeout || error.code == .timeout || error.code == .commitUnknown {
                ExitStatus.unreachable
            } else if error.code == .configuration {
                ExitStatus.usage
            } else {
                ExitStatus.faults
            }
        case is EmbeddedPostgresError, is DatabaseError: ExitStatus.unreachable
        default: ExitStatus.faults
        }
    }

    /// What the user reads: the error's own words, which never quote data.
    static func message(for error: any Error) -> String {
        if let error = error as? PostgresError, error.isConnectionLoss {
            return "cannot reach the database: \(error.message) (hint: --database-url, DATABASE_URL, or is the server down?)"
        }
        if let error = error as? CocoaError, let path = error.filePath {
            let reason: String =
                switch error.code {
                case .fileReadNoSuchFile, .fileNoSuchFile: "there is no such file"
                case .fileReadNoPermission, .fileWriteNoPermission: "permission denied"
                default: "it cannot be read or written"
                }
            return "\(path): \(reason)"
        }
        return String(describing: error)
    }
}
