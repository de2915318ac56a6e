/// Why a file was not taken in at all, or an import could not go on. Never carries a value of the file.
package enum IntakeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file cannot be opened or read.
    case unreadable(file: String, reason: String)
    /// The system cannot decode the encoding.
    case unsupportedEncoding(String)
    /// A mapping file or an option says something that cannot be.
    case usage(String)
    /// The file itself is refused: nothing of it was loaded.
    case refused(file: String, reasons: [String])
    /// An acknowledgement or reject file could not be written.
    case unwritable(file: String, reason: String)
    /// Another process takes in the same file.
    case busy(holder: String)
    /// Staged rows do not decode: they were written by another version, or lost in a crash of the server.
    case stagingDamaged

    package var description: String {
        switch self {
        case .unreadable(let file, let reason): "could not read \(file): \(reason)"
        case .unsupportedEncoding(let name):
            "cannot decode \(name): the system has no converter for it (hint: install the C library's extra character sets)"
        case .usage(let reason): reason
        case .refused(let file, let reasons): "\(file) is refused, nothing was loaded: \(reasons.joined(separator: "; "))"
        case .unwritable(let file, let reason): "could not write \(file): \(reason)"
        case .busy(let holder): "this file is being imported by \(holder) (hint: wait; a dead import's claim ends by itself)"
        case .stagingDamaged: "the staged rows of this import are damaged (hint: import the file again)"
        }
    }
}
