import CollectionsDomain
import CollectionsStore

/// The bank's notices file: which debtors were told of which agency, how and when, or that it failed (DOMAIN section 5).
struct NoticeFile: Sendable {
    /// One line that could be read.
    struct Row: Hashable, Sendable {
        /// Line of the file, the header being 1.
        let number: Int
        let debtorRef: String
        /// `nil`: the outsourcing as such.
        let agency: String?
        let channel: DebtorNoticeChannel
        let state: DebtorNoticeState
        let sentAt: Instant?
    }

    /// A line that was refused.
    struct Reject: Hashable, Sendable {
        let number: Int
        let field: String
        let reason: String
    }

    private enum Column: String, CaseIterable {
        case noticeRef = "notice_ref"
        case debtorRef = "debtor_ref"
        case agency, channel
        case sentAt = "sent_at"
        case status
    }

    /// Reads a file piece by piece.
    ///
    /// - Parameter batch: Called with up to 500 lines at a time.
    /// - Throws: ``IntakeError`` when the file cannot be read, or its header is not that of a notices file.
    static func read(path: String, rejects: inout [Reject], batch: ([Row]) async throws -> Void) async throws {
        let chunks = try FileChunks(path: path)
        var parser = RecordParser()
        var columns: [Column: Int]?
        var rows: [Row] = []
        while true {
            let bytes = try chunks.next()
            if bytes.isEmpty { parser.finish() } else { parser.append(bytes) }
            while let event = parser.next() {
                switch event {
                case .fault(let number, let fault): rejects.append(Reject(number: number, field: "", reason: "\(fault)"))
                case .record(let record):
                    guard let known = columns else {
                        columns = try header(record, path: path)
                        continue
                    }
                    do throws(RejectedField) {
                        rows.append(try row(record, known))
                    } catch {
                        rejects.append(Reject(number: record.number, field: error.field, reason: error.reason))
                    }
                    if rows.count == 500 {
                        try await batch(rows)
                        rows = []
                    }
                }
            }
            if bytes.isEmpty { break }
        }
        guard columns != nil else { throw IntakeError.refused(file: path, reasons: ["it has no header"]) }
        if !rows.isEmpty { try await batch(rows) }
    }

    private struct RejectedField: Error {
        let field: String
        let reason: String

        init(_ column: Column, _ reason: String) {
            field = column.rawValue
            self.reason = reason
        }
    }

    private static func header(_ record: Record, path: String) throws(IntakeError) -> [Column: Int] {
        var columns: [Column: Int] = [:]
        var reasons: [String] = []
        for index in 0..<record.ends.count {
            let name = record.text(index) ?? ""
            guard let column = Column(rawValue: name) else {
                reasons.append("unknown column \(index + 1)")
                continue
            }
            if columns.updateValue(index, forKey: column) != nil { reasons.append("column \(name) stands twice") }
        }
        for column in [Column.debtorRef, .channel, .status] where columns[column] == nil {
            reasons.append("column \(column.rawValue) is missing")
        }
        if !reasons.isEmpty { throw .refused(file: path, reasons: reasons) }
        return columns
    }

    private static func row(_ record: Record, _ columns: [Column: Int]) throws(RejectedField) -> Row {
        func text(_ column: Column) throws(RejectedField) -> String? {
            guard let index = columns[column] else { return nil }
            guard let text = record.text(index) else { throw RejectedField(column, "missing, or not UTF-8") }
            return text.isEmpty ? nil : text
        }
        guard let debtor = try text(.debtorRef) else { throw RejectedField(.debtorRef, "empty") }
        guard let channel = try text(.channel).flatMap(DebtorNoticeChannel.init(rawValue:)) else {
            throw RejectedField(.channel, "expected sms or letter")
        }
        let state: DebtorNoticeState
        switch try text(.status) {
        case "sent": state = .sent
        case "failed": state = .failed
        default: throw RejectedField(.status, "expected sent or failed")
        }
        var sentAt: Instant?
        if let at = try text(.sentAt) {
            guard let instant = Instant(iso8601: at) else {
                throw RejectedField(.sentAt, "expected an instant such as 2026-09-01T09:00:00+08:00")
            }
            sentAt = instant
        }
        if state == .sent, sentAt == nil { throw RejectedField(.sentAt, "empty, but the notice was sent") }
        return Row(number: record.number, debtorRef: debtor, agency: try text(.agency), channel: channel, state: state, sentAt: sentAt)
    }
}
