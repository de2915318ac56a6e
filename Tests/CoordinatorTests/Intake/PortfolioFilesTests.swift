import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation
import PostgresDriver
import RecourseTesting
import Testing

/// A portfolio of the shape banks send: the real files where they are beside the repository, else a small one of the same shape.
@Suite("Portfolio files", .tags(.database), .freshDatabase, .timeLimit(.minutes(5)))
struct PortfolioFilesTests {
    /// Three files and what is in them; amounts in minor units.
    struct Portfolio {
        var directory: String
        var accounts: Int64
        var opening: Int64
        var contacts: Int64
        var references: Int64
        var spouses: Int64
        var payments: Int64
        var paid: Int64
        var overpaid: Int64
        var through: String
        var currency = "TWD"

        static func text(_ minorUnits: Int64) -> String { Money.decimalText(Int128(minorUnits), digits: 2) }
    }

    static let realDirectory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "../../../../shared/data/real"
    )
    .standardized.path

    let own: ImportDirectory

    init() throws { own = try ImportDirectory() }

    func portfolio() throws -> Portfolio {
        let names = ["accounts.csv", "contacts.csv", "payments.csv"]
        if names.allSatisfy({ FileManager.default.fileExists(atPath: "\(Self.realDirectory)/\($0)") }) {
            return Portfolio(
                directory: Self.realDirectory, accounts: 4088, opening: 19_942_208_000, contacts: 15_792, references: 2831, spouses: 1109,
                payments: 2078,
                paid: 670_398_300, overpaid: 6, through: "2026-09-29T13:49:00Z")
        }
        let count = 200
        _ = try own.write(
            Sample.accounts((0..<count).map { Sample.account("A\($0)", debtor: "D\($0)", balance: "\(1000 + $0).07") }), "accounts.csv")
        _ = try own.write(
            Sample.contacts(
                (0..<count).flatMap {
                    [
                        "D\($0),cardholder,mobile,+99913080\(10_000 + $0),1,application_form,",
                        "D\($0),cardholder,address,\($0) Test Road,6,billing,",
                        "D\($0),reference,mobile,+99918080\(10_000 + $0),5,application_form,",
                        "D\($0),spouse,mobile,+99917080\(10_000 + $0),4,application_form,",
                    ]
                }), "contacts.csv")
        _ = try own.write(
            Sample.payments((0..<count / 2).map { Sample.payment("P\($0)", account: "A\($0)", amount: $0 < 3 ? "2000.00" : "10.01") }),
            "payments.csv")
        let many = Int64(count)
        return Portfolio(
            directory: own.path, accounts: many, opening: many * 100_007 + many * (many - 1) / 2 * 100, contacts: 4 * many,
            references: many, spouses: many,
            payments: many / 2, paid: 3 * 200_000 + (many / 2 - 3) * 1001, overpaid: 3, through: "2026-09-05T02:00:00Z")
    }

    @Test("load with exact counts and totals, and a second time change nothing")
    func load() async throws {
        let db = try TestDatabase.current
        let files = try portfolio()
        let service = db.intake
        var options = IntakeOptions.quiet
        options.portfolio = "real"

        let accounts = try await service.importAccounts(file: "\(files.directory)/accounts.csv", options: options)
        #expect(accounts.state == .loaded && accounts.rows == files.accounts && accounts.loaded == files.accounts && accounts.rejected == 0)
        #expect(accounts.amountTotal == [files.currency: Portfolio.text(files.opening)])
        #expect(accounts.asOf == "2026-08-31")
        let contacts = try await service.importContacts(file: "\(files.directory)/contacts.csv", options: .quiet)
        #expect(contacts.loaded == files.contacts && contacts.rejected == 0)
        let payments = try await service.importPayments(file: "\(files.directory)/payments.csv", options: .quiet)
        #expect(payments.loaded == files.payments && payments.rejected == 0)
        #expect(payments.amountTotal == [files.currency: Portfolio.text(files.paid)])
        #expect(payments.ledgerThrough == files.through)

        // I8: opening - payments = balance, and the parts make up the balance but for credit.
        #expect(try await db.number("select sum(opening_balance)::bigint from account") == files.opening)
        #expect(try await db.number("select sum(balance)::bigint from account") == files.opening - files.paid)
        #expect(try await db.number("select sum(amount)::bigint from payment_allocation") == files.paid)
        #expect(try await db.number("select count(*) from account where balance < 0") == files.overpaid)
        #expect(try await db.number("select count(*) from account where balance >= 0 and principal + interest + fees <> balance") == 0)
        #expect(try await db.number("select count(*) from account where amount_due <> balance") == 0)
        #expect(try await db.number("select count(*) from debtor_conduct") == files.accounts)
        #expect(try await db.number("select count(*) from contact_point where channel = 'billing_address'") == files.accounts)
        #expect(
            try await db.number(
                "select count(*) from contact_point where role = 'emergency_contact' and relation = 'other' and debt_relation = 'unrelated'"
            )
                == files.references)
        #expect(
            try await db.number("select count(*) from contact_point where role = 'spouse' and relation = 'immediate_family'")
                == files.spouses)
        #expect(try await db.number("select count(*) from import_row") == 0)
        // Lanes fill evenly: none of the 16 has more than twice its share.
        #expect(try await db.number("select max(n) from (select count(*) n from debtor group by part) l") < files.accounts / 8)

        let before = try await db.filledTables()
        let again = [
            try await service.importAccounts(file: "\(files.directory)/accounts.csv", options: options),
            try await service.importContacts(file: "\(files.directory)/contacts.csv", options: .quiet),
            try await service.importPayments(file: "\(files.directory)/payments.csv", options: .quiet),
        ]
        #expect(again.map(\.state) == [.alreadyLoaded, .alreadyLoaded, .alreadyLoaded])
        #expect(again.map(\.known) == [files.accounts, files.contacts, files.payments] && again.allSatisfy { $0.loaded == 0 })
        #expect(again[2].amountTotal == [files.currency: Portfolio.text(files.paid)])
        #expect(try await db.filledTables() == before)
        #expect(try await db.number("select sum(balance)::bigint from account") == files.opening - files.paid)
    }
}
