import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation
import PostgresDriver
import RecourseTesting
import Testing

/// The bank's real files where they are beside the repository: exact totals, and the same again changing nothing.
@Suite("Real portfolio files", .tags(.database), .freshDatabase, .timeLimit(.minutes(5)))
struct RealFilesTests {
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "../../../../shared/data/real"
    ).standardized.path

    static var areHere: Bool {
        ["accounts.csv", "contacts.csv", "payments.csv"].allSatisfy { FileManager.default.fileExists(atPath: "\(directory)/\($0)") }
    }

    @Test("load with exact counts and totals, and a second time change nothing", .enabled(if: RealFilesTests.areHere))
    func realFiles() async throws {
        let db = try TestDatabase.current
        let service = db.intake
        var options = IntakeOptions.quiet
        options.portfolio = "real"

        let accounts = try await service.importAccounts(file: "\(Self.directory)/accounts.csv", options: options)
        #expect(accounts.state == .loaded)
        #expect(accounts.rows == 4088 && accounts.loaded == 4088 && accounts.rejected == 0)
        #expect(accounts.amountTotal == ["TWD": "199422080.00"])
        #expect(accounts.asOf == "2026-08-31")
        let contacts = try await service.importContacts(file: "\(Self.directory)/contacts.csv", options: .quiet)
        #expect(contacts.loaded == 15_792 && contacts.rejected == 0)
        let payments = try await service.importPayments(file: "\(Self.directory)/payments.csv", options: .quiet)
        #expect(payments.loaded == 2078 && payments.rejected == 0)
        #expect(payments.amountTotal == ["TWD": "6703983.00"])
        #expect(payments.ledgerThrough == "2026-09-29T13:49:00Z")
        print("real files: accounts \(accounts.seconds) s, contacts \(contacts.seconds) s, payments \(payments.seconds) s")

        // I8: opening - payments = balance, and the parts make up the balance but for credit.
        #expect(try await db.number("select sum(opening_balance)::bigint from account") == 19_942_208_000)
        #expect(try await db.number("select sum(balance)::bigint from account") == 19_942_208_000 - 670_398_300)
        #expect(try await db.number("select sum(amount)::bigint from payment_allocation") == 670_398_300)
        #expect(try await db.number("select count(*) from account where balance < 0") == 6)
        #expect(
            try await db.number(
                "select count(*) from account where balance >= 0 and principal + interest + fees <> balance") == 0)
        #expect(try await db.number("select count(*) from account where amount_due <> balance") == 0)
        #expect(try await db.number("select count(*) from debtor_conduct") == 4088)
        #expect(try await db.number("select count(*) from contact_point where channel = 'billing_address'") == 4088)
        #expect(
            try await db.number(
                "select count(*) from contact_point where role = 'emergency_contact' and relation = 'other' and debt_relation = 'unrelated'"
            )
                == 2831)
        #expect(try await db.number("select count(*) from contact_point where role = 'spouse' and relation = 'immediate_family'") == 1109)
        #expect(try await db.number("select count(*) from import_row") == 0)
        // Lanes fill evenly: none of the 16 has more than twice its share.
        #expect(try await db.number("select max(n) from (select count(*) n from debtor group by part) l") < 512)

        let before = try await db.filledTables()
        let again = [
            try await service.importAccounts(file: "\(Self.directory)/accounts.csv", options: options),
            try await service.importContacts(file: "\(Self.directory)/contacts.csv", options: .quiet),
            try await service.importPayments(file: "\(Self.directory)/payments.csv", options: .quiet),
        ]
        #expect(again.map(\.state) == [.alreadyLoaded, .alreadyLoaded, .alreadyLoaded])
        #expect(again.map(\.known) == [4088, 15_792, 2078] && again.allSatisfy { $0.loaded == 0 })
        #expect(again[2].amountTotal == ["TWD": "6703983.00"])
        #expect(try await db.filledTables() == before)
        #expect(try await db.number("select sum(balance)::bigint from account") == 19_942_208_000 - 670_398_300)
    }
}
