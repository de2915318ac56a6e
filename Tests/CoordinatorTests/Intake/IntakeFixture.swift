import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation
import PostgresDriver
import RecourseTesting
import Testing

/// A directory of a test's own, with files to import.
final class ImportDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("intake-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch { Issue.record("the test's directory stays: \(error)") }
    }

    /// Writes a file and returns its path.
    func write(_ text: String, _ name: String = "file.csv") throws -> String { try write(Array(text.utf8), name) }

    func write(_ bytes: [UInt8], _ name: String) throws -> String {
        let file = "\(path)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    func read(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }

    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }
}

/// Rows of the standard form, with whatever a test wants otherwise.
enum Sample {
    static let accountHeader =
        "account_ref,debtor_ref,product,currency,balance,principal,interest,fees,credit_limit,days_past_due,delinquent_since,last_payment_date,"
        + "last_payment_amount,statement_day,region,time_zone,language,name,id_number,billing_address"
    static let contactHeader = "debtor_ref,role,channel,value,rank,provenance,consent_until"
    static let paymentHeader = "payment_ref,account_ref,amount,currency,paid_at,channel,reversal_of"

    static func account(
        _ ref: String, debtor: String? = nil, currency: String = "TWD", balance: String = "1000.00", principal: String? = nil,
        daysPastDue: String = "60", since: String = "2026-07-02", region: String = "CN-31", zone: String = "Asia/Shanghai",
        name: String = "Cardholder", address: String = "1 Test Road", extra: [String] = []
    ) -> String {
        ([
            ref, debtor ?? "D-\(ref)", "credit_card", currency, balance, principal ?? balance, "0.00", "0.00", "5000.00", daysPastDue,
            since,
            "2026-08-15", "10.00", "28", region, zone, "zh-CN", name, "ID-\(ref)", address,
        ] + extra).joined(separator: ",")
    }

    static func accounts(_ rows: [String], header: String = accountHeader) -> String { ([header] + rows).joined(separator: "\n") + "\n" }

    static func payment(
        _ ref: String, account: String, amount: String = "100.00", currency: String = "TWD", paidAt: String = "2026-09-05T10:00:00+08:00",
        reversalOf: String = ""
    ) -> String { [ref, account, amount, currency, paidAt, "transfer", reversalOf].joined(separator: ",") }

    static func payments(_ rows: [String]) -> String { ([paymentHeader] + rows).joined(separator: "\n") + "\n" }

    static func contacts(_ rows: [String], header: String = contactHeader) -> String { ([header] + rows).joined(separator: "\n") + "\n" }
}

extension IntakeOptions {
    /// No files beside the imported one, small transactions.
    static var quiet: IntakeOptions {
        var options = IntakeOptions()
        options.output = .nowhere
        return options
    }
}

extension TestDatabase {
    var intake: IntakeService { IntakeService(database: database) }

    /// One number from the database.
    func number(_ query: PostgresQuery) async throws -> Int64 { try await administrator.query(query).value() }

    /// Tables that an import may fill, with their row counts: what a refused file must leave empty.
    func filledTables() async throws -> [String: Int64] {
        var counts: [String: Int64] = [:]
        for table in [
            "ref", "debtor", "account", "contact_point", "debtor_conduct", "payment", "payment_allocation", "adjustment", "consent",
            "import_row", "portfolio",
        ] {
            let count: Int64 = try await administrator.query("select count(*) from \(unescaped: table)").value()
            if count > 0 { counts[table] = count }
        }
        return counts
    }
}
