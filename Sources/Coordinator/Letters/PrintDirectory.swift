import CollectionsStore
import Foundation

/// A letter of a print run as its journal keeps it until the run has ended.
struct PrintedLetter: Codable, Sendable {
    var letterId: String
    /// The grant under which it is reported as issued; the same report again changes nothing.
    var leaseToken: String
    var issuedAt: Int64
    var part: Int32
    /// The file's row, without the columns that follow from the page.
    var row: [String]
    /// The page, relative to the directory.
    var file: String?
    var template: String
    var templateHash: String
    var sealId: String?
    /// What is due, in minor units by currency.
    var amounts: [String: Int64]
}

/// The directory a print run writes: `letters.csv`, `pages/`, `letters.csv.manifest.json`, `.ok` last; `.run/` while it is under way.
struct PrintDirectory: Sendable {
    let path: String

    private var journal: String { path + "/.run" }
    var file: String { path + "/letters.csv" }

    /// Whether a run ended here.
    var isFinished: Bool { FileManager.default.fileExists(atPath: path + "/.ok") }

    /// Opens the directory for a run, a new one or one that stopped.
    ///
    /// - Returns: The run's name: by it the same leases are found again.
    func open() throws -> String {
        let files = FileManager.default
        // Names and addresses stand in it: it is its owner's alone.
        let own: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        try files.createDirectory(atPath: path, withIntermediateDirectories: true, attributes: own)
        try files.createDirectory(atPath: journal, withIntermediateDirectories: true, attributes: own)
        try files.createDirectory(atPath: path + "/pages", withIntermediateDirectories: true, attributes: own)
        let name = journal + "/run"
        if let known = files.contents(atPath: name), let text = String(validating: known, as: UTF8.self), !text.isEmpty { return text }
        let run = UUID().uuidString.lowercased()
        try write(Array(run.utf8), to: name)
        return run
    }

    /// A batch as an earlier try left it.
    func batch(_ number: Int) throws -> [PrintedLetter]? {
        guard let data = FileManager.default.contents(atPath: "\(journal)/batch-\(number).json") else { return nil }
        return try JSONDecoder().decode([PrintedLetter].self, from: data)
    }

    /// Keeps a batch before anything is reported of it.
    func keep(_ batch: [PrintedLetter], number: Int) throws {
        try write(Array(try JSONEncoder().encode(batch)), to: "\(journal)/batch-\(number).json")
    }

    /// Ends the run: print file, manifest, `.ok`, in that order; then the journal goes.
    func finish(csv: [UInt8], manifest: [UInt8], dropping pages: [String]) throws {
        for page in pages { try FileManager.default.removeItem(atPath: "\(path)/\(page)") }
        try write(csv, to: file)
        try write(manifest, to: file + ".manifest.json")
        try write([], to: path + "/.ok")
        try FileManager.default.removeItem(atPath: journal)
    }

    /// Whole or not at all, and on the disk before it has its name.
    private func write(_ bytes: [UInt8], to name: String) throws {
        let partial = name + ".part"
        guard FileManager.default.createFile(atPath: partial, contents: nil, attributes: [.posixPermissions: 0o600]) else {
            throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: partial])
        }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: partial))
        try handle.write(contentsOf: Data(bytes))
        try handle.synchronize()
        try handle.close()
        if FileManager.default.fileExists(atPath: name) { try FileManager.default.removeItem(atPath: name) }
        try FileManager.default.moveItem(atPath: partial, toPath: name)
    }
}
