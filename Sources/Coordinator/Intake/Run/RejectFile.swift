import CollectionsStore
import Foundation

/// Collects the rejected rows of a file: all of them in the reject file, the first ones for the report and the database.
///
/// Nothing but row number, field and reason goes in; the values stay in the bank's own file.
struct RejectFile: ~Copyable {
    /// Where the rows go; nil if nowhere.
    let path: String?
    /// Rows with at least one fault.
    private(set) var rows: Int64 = 0
    private(set) var first: [RowFault] = []
    private var lastRow: Int?
    private var handle: FileHandle?
    private var buffer: [UInt8] = []

    /// - Parameter path: Where the file will stand; it is written beside that under another name until it is whole.
    init(path: String?) {
        self.path = path
    }

    private var partPath: String? { path.map { $0 + ".part" } }

    /// Adds the faults of rows; the faults of one row come together.
    mutating func add(_ faults: [RowFault]) throws(IntakeError) {
        for fault in faults {
            if fault.row != lastRow { rows += 1 }
            lastRow = fault.row
            if first.count < ImportFileQueries.keptRejects { first.append(fault) }
            buffer.append(contentsOf: "\(fault.row),\(fault.field),\(CSVText.field(fault.reason))\r\n".utf8)
        }
        if buffer.count > 64 << 10 { try flush() }
    }

    /// Puts the file in place, or takes an old one away if there is nothing to reject.
    mutating func close() throws(IntakeError) {
        guard let path, let partPath else { return }
        let files = FileManager.default
        do {
            if rows == 0 {
                if files.fileExists(atPath: path) { try files.removeItem(atPath: path) }
                return
            }
            try flush()
            try handle?.close()
            handle = nil
            if files.fileExists(atPath: path) { try files.removeItem(atPath: path) }
            try files.moveItem(atPath: partPath, toPath: path)
        } catch let error as IntakeError {
            throw error
        } catch {
            throw .unwritable(file: path, reason: "the directory does not take it")
        }
    }

    private mutating func flush() throws(IntakeError) {
        guard let path, let partPath else {
            buffer.removeAll()
            return
        }
        do {
            if handle == nil {
                guard FileManager.default.createFile(atPath: partPath, contents: Data("row_number,field,reason\r\n".utf8)) else {
                    throw IntakeError.unwritable(file: path, reason: "the directory does not take it")
                }
                let opened = try FileHandle(forWritingTo: URL(fileURLWithPath: partPath))
                try opened.seekToEnd()
                handle = opened
            }
            try handle?.write(contentsOf: Data(buffer))
            buffer.removeAll(keepingCapacity: true)
        } catch let error as IntakeError {
            throw error
        } catch {
            throw .unwritable(file: path, reason: "the disk does not take it")
        }
    }
}
