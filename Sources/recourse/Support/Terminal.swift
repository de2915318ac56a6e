import Foundation
import Logging
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Output for people and for programs: results on stdout, everything about the way there on stderr.
enum Terminal {
    /// Whether stderr is a terminal, where a progress line can be drawn over itself.
    static let isInteractive = isatty(2) == 1

    private static let progress = Mutex<Int>(0)

    /// A line of the result.
    static func say(_ text: String) {
        clearProgress()
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }

    /// A line about the way there.
    static func note(_ text: String) {
        clearProgress()
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    /// A result for programs: one JSON object on one line, keys in snake_case and sorted. Print it last.
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        clearProgress()
        FileHandle.standardOutput.write(try encoder.encode(value) + Data("\n".utf8))
    }

    /// A line that is drawn over the last one, on terminals only.
    static func progress(_ text: String) {
        guard isInteractive else { return }
        progress.withLock { width in
            let padding = String(repeating: " ", count: max(0, width - text.count))
            FileHandle.standardError.write(Data(("\r" + text + padding).utf8))
            width = text.count
        }
    }

    /// Removes the progress line, so that what follows starts on a line of its own.
    static func clearProgress() {
        progress.withLock { width in
            guard width > 0 else { return }
            FileHandle.standardError.write(Data(("\r" + String(repeating: " ", count: width) + "\r").utf8))
            width = 0
        }
    }

    /// Columns under a header, padded; the last column is left ragged.
    static func table(_ header: [String], _ rows: [[String]]) {
        var widths = header.map(\.count)
        for row in rows {
            for (index, cell) in row.enumerated() where index < widths.count { widths[index] = max(widths[index], cell.count) }
        }
        for row in [header] + rows {
            let cells = row.enumerated().map { index, cell in
                index == row.count - 1 ? cell : cell + String(repeating: " ", count: max(0, widths[index] - cell.count))
            }
            say(cells.joined(separator: "  "))
        }
    }
}

extension ProcessInfo {
    /// The environment, read here and nowhere else.
    static var variables: [String: String] { processInfo.environment }

    /// Log lines go to stderr; `RECOURSE_LOG` names the lowest level that is written (`notice`).
    static func bootstrapLogging() {
        let level = variables["RECOURSE_LOG"].flatMap { Logger.Level(rawValue: $0) } ?? .notice
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
    }
}
