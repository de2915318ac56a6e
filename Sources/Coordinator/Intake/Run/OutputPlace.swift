import Foundation

/// Where the files an import writes stand.
struct OutputPlace: Sendable {
    /// nil: nothing is written.
    let directory: String?
    let name: String

    /// The place for a file.
    ///
    /// - Throws: ``IntakeError/unwritable(file:reason:)`` if no directory takes files: better said before the import than after it.
    init(file: String, output: IntakeOptions.Output) throws(IntakeError) {
        let url = URL(fileURLWithPath: file)
        name = url.lastPathComponent
        let files = FileManager.default
        switch output {
        case .nowhere:
            directory = nil
        case .directory(let path):
            var isDirectory: ObjCBool = false
            guard files.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue, files.isWritableFile(atPath: path)
            else {
                throw .unwritable(file: path, reason: "it is no directory that can be written (hint: --out DIR)")
            }
            directory = path
        case .besideFile:
            let own = url.deletingLastPathComponent().path
            // Incoming directories are often read-only for whoever imports.
            if Self.takesFiles(own) {
                directory = own
            } else if Self.takesFiles(files.currentDirectoryPath) {
                directory = files.currentDirectoryPath
            } else {
                throw .unwritable(file: own, reason: "neither it nor the working directory can be written (hint: --out DIR)")
            }
        }
    }

    /// Whether a directory may be written to. One that nobody may write to is left alone by a superuser too.
    private static func takesFiles(_ directory: String) -> Bool {
        let files = FileManager.default
        guard files.isWritableFile(atPath: directory) else { return false }
        do {
            let mode = try files.attributesOfItem(atPath: directory)[.posixPermissions] as? Int ?? 0
            return mode & 0o222 != 0
        } catch {
            return false
        }
    }

    var rejects: String? { path("rejects.csv") }
    var acknowledgement: String? { path("ack.json") }

    private func path(_ ending: String) -> String? { directory.map { "\($0)/\(name).\(ending)" } }

    /// Writes the acknowledgement, whole or not at all.
    func write(_ report: ImportReport) throws(IntakeError) {
        guard let acknowledgement else { return }
        do {
            try report.json.write(to: URL(fileURLWithPath: acknowledgement), options: .atomic)
        } catch {
            throw .unwritable(file: acknowledgement, reason: "the directory does not take it")
        }
    }
}
