import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation
import PostgresDriver
import RecourseTesting
import Synchronization
import Testing

/// Files into a real database.
@Suite("Intake", .tags(.database), .freshDatabase, .timeLimit(.minutes(3)))
struct IntakeTests {
    let directory: ImportDirectory

    init() throws { directory = try ImportDirectory() }

    // MARK: What is stored

    @Test("an account is stored with its debtor, sealed personal data, letter address and an empty conduct ledger")
    func account() async throws {
        let db = try TestDatabase.current
        let file = try directory.write(
            Sample.accounts([Sample.account("A1", balance: "12108.00", name: "Zhang San", address: "1 Test Road")]))
        let report = try await db.intake.importAccounts(file: file, options: .quiet)
        #expect(report.state == .loaded && report.loaded == 1 && report.amountTotal == ["TWD": "12108.00"] && report.portfolio == "file")
        let row = try #require(
            try await db.administrator.query(
                """
                select d.name_enc, d.id_number_enc, d.id_number_bidx, a.billing_address_enc, a.opening_balance, a.as_of, d.part, d.debtor_id, p.name,
                    c.ledger, a.bank_balance
                from account a join debtor d using (part, debtor_id) join portfolio p using (portfolio_id) join debtor_conduct c using (part, debtor_id)
                """
            ).first)
        let (name, idNumber, index, address, opening, asOf, part, debtor, portfolio, ledger, bankBalance) = try row.decode(
            ([UInt8], [UInt8], [UInt8], [UInt8], Int64, Day, Int32, Int64, String, [UInt8], Int64?).self)
        let cipher = db.database.cipher
        #expect(try cipher.open(name) == "Zhang San")
        #expect(try cipher.open(idNumber) == "ID-A1")
        #expect(try cipher.open(address) == "1 Test Road")
        #expect(index == cipher.blindIndex("ID-A1"))
        #expect(opening == 1_210_800 && asOf == Day(iso: "2026-08-31") && portfolio == "file" && bankBalance == nil)
        #expect(part == db.database.lanes.part(of: debtor))
        #expect(try ConductLedger(bytes: ledger).profile.zones.value == [try #require(Zone(identifier: "Asia/Shanghai"))])
        #expect(
            try await db.number(
                "select count(*) from contact_point where role = 'debtor' and channel = 'billing_address' and value_bidx = \(cipher.blindIndex("1 Test Road"))"
            )
                == 1)
        let currency = try #require(Currency("TWD"))
        let found = try await db.database.core.withConnection { try await AccountKey.find("A1", refs: db.database.refs, in: $0) }
        #expect(found.count == 1 && found.first?.currency == currency && found.first?.target.part == part)
        #expect(try await db.number("select count(*) from audit_entry where kind = 19") == 1)
    }

    @Test("a dual-currency card is two accounts of one debtor in one lane, with one letter address for the same text")
    func dualCurrency() async throws {
        let db = try TestDatabase.current
        let file = try directory.write(
            Sample.accounts([
                Sample.account("A1", debtor: "D1", currency: "CNY"), Sample.account("A1", debtor: "D1", currency: "USD"),
                Sample.account("A2", debtor: "D1", currency: "JPY", balance: "1000", principal: "1000").replacing(",0.00", with: ",0")
                    .replacing(".00", with: ""),
                Sample.account("A3", debtor: "D1", address: "2 Other Road"),
            ]))
        let report = try await db.intake.importAccounts(file: file, options: .quiet)
        #expect(report.loaded == 4, "\(report.firstRejects)")
        #expect(report.amountTotal == ["CNY": "1000.00", "USD": "1000.00", "JPY": "1000", "TWD": "1000.00"])
        #expect(try await db.number("select count(*) from debtor") == 1)
        #expect(try await db.number("select count(distinct part) from account") == 1)
        #expect(try await db.number("select balance from account where currency = 'JPY'") == 1000)
        #expect(try await db.number("select count(*) from contact_point") == 2)
        let found = try await db.database.core.withConnection { try await AccountKey.find("A1", refs: db.database.refs, in: $0) }
        #expect(found.map(\.currency.code) == ["CNY", "USD"])
    }

    @Test("contacts: roles and channels as the domain says, unknown debtors refused, a consent reaches the gate's ledger")
    func contacts() async throws {
        let db = try TestDatabase.current
        _ = try await db.intake.importAccounts(
            file: directory.write(Sample.accounts([Sample.account("A1", debtor: "D1")]), "a.csv"), options: .quiet)
        let file = try directory.write(
            Sample.contacts(
                [
                    "D1,cardholder,mobile,+999 130-8771479,1,application_form,2027-01-31,,call_consent,doc-7",
                    "D1,cardholder,address,9 Other Road,6,billing,,billing,,",
                    "D1,reference,phone,+9991861089756,5,application_form,,,,", "D1,spouse,address,3 Home Road,2,application_form,,,,",
                    "D1,employer,work_phone,+999215993688,2,application_form,,,,", "D1,cardholder,email,a@b.example,1,application_form,,,,",
                    "D9,cardholder,mobile,+9991308771479,1,application_form,,,,", "D1,friend,mobile,+9991308771479,1,application_form,,,,",
                ], header: Sample.contactHeader + ",kind,consent_scope,source_document"), "c.csv")
        let report = try await db.intake.importContacts(file: file, options: .quiet)
        #expect(report.loaded == 6 && report.rejected == 2)
        #expect(report.firstRejects.map(\.field).sorted() == ["debtor_ref", "role"])
        let rows = try await db.administrator.query(
            "select role, channel, value_enc from contact_point where contact_ref <> 'billing_address' order by role, channel")
        let stored = try rows.map { row -> String in
            let (role, channel, value) = try row.decode((String, String, [UInt8]).self)
            return "\(role) \(channel) \(try db.database.cipher.open(value))"
        }
        #expect(
            stored == [
                "debtor billing_address 9 Other Road", "debtor email a@b.example", "debtor mobile +9991308771479",
                "emergency_contact other_phone +9991861089756",
                "employer work_phone +999215993688", "spouse home_address 3 Home Road",
            ])
        // A billing address that is not the accounts file's is a break, not a new truth.
        #expect(try await db.number("select count(*) from break where kind = 'address_conflict' and severity = 'warning'") == 1)
        let ledger = try ConductLedger(bytes: try await db.administrator.query("select ledger from debtor_conduct").value(as: [UInt8].self))
        let consent = try #require(ledger.consents.first)
        #expect(
            ledger.consents.count == 1 && consent.kind == .callConsent && consent.isRecorded && consent.validUntil == Day(iso: "2027-01-31")
        )
        #expect(try await db.number("select count(*) from consent where type = 'call_consent' and recorded") == 1)
    }

    @Test("payments move balance and amount due exactly; a reversal takes back what was paid, once and no more")
    func payments() async throws {
        let db = try TestDatabase.current
        _ = try await db.intake.importAccounts(
            file: directory.write(
                Sample.accounts([Sample.account("A1", balance: "1000.00"), Sample.account("A2", balance: "50.00")]), "a.csv"),
            options: .quiet)
        let report = try await db.intake.importPayments(
            file: directory.write(
                Sample.payments([
                    Sample.payment("R1", account: "A1", amount: "300.00", paidAt: "2026-09-07T10:00:00+08:00", reversalOf: "P1"),
                    Sample.payment("P1", account: "A1", amount: "300.00"), Sample.payment("P2", account: "A2", amount: "80.00"),
                    Sample.payment("P3", account: "A1", amount: "0.01", paidAt: "2026-09-06T00:00:00Z"),
                    Sample.payment("P4", account: "A9"),
                    Sample.payment("P5", account: "A1", currency: "CNY"), Sample.payment("P6", account: "A1", amount: "0.00"),
                    Sample.payment("P7", account: "A1", amount: "-1.00"), Sample.payment("P8", account: "A1", paidAt: "2026-09-05"),
                    Sample.payment("R2", account: "A1", amount: "0.02", reversalOf: "P3"),
                    Sample.payment("R3", account: "A1", reversalOf: "P77"),
                    Sample.payment("R4", account: "A1", amount: "80.00", reversalOf: "P2"),
                    Sample.payment("R5", account: "A1", amount: "300.00", reversalOf: "R1"),
                ]), "p.csv"), options: .quiet)
        #expect(report.loaded == 4, "\(report.firstRejects)")
        let reasons = report.firstRejects.sorted { $0.rowNumber < $1.rowNumber }.map { "\($0.rowNumber) \($0.field): \($0.reason)" }
        #expect(
            reasons == [
                "6 account_ref: no account with this reference and currency", "7 account_ref: no account with this reference and currency",
                "8 amount: amount is zero", "9 amount: negative amount", "10 paid_at: a date without time and offset",
                "11 reversal_of: more than was paid", "12 reversal_of: no such payment of this account",
                "13 reversal_of: no such payment of this account", "14 reversal_of: no such payment of this account",
            ])
        #expect(try await db.number("select balance from account where account_ref = 'A1'") == 99_999)
        #expect(try await db.number("select amount_due from account where account_ref = 'A1'") == 99_999)
        #expect(try await db.number("select balance from account where account_ref = 'A2'") == -3_000)
        #expect(try await db.number("select sum(amount)::bigint from payment_allocation where component = 'credit'") == 3_000)
        #expect(
            try await db.number(
                """
                select count(*) from account a where opening_balance + coalesce((select sum(case when entry_type in ('payment', 'waiver') then -amount
                    else amount end) from payment p where p.part = a.part and p.account_id = a.account_id), 0) <> balance
                """) == 0)
        #expect(try await db.number("select count(*) from audit_entry where kind = 18") == 4)
        let twice = try await db.intake.importPayments(
            file: directory.write(
                Sample.payments([
                    Sample.payment("R6", account: "A1", amount: "300.00", reversalOf: "R1"),
                    Sample.payment("R7", account: "A1", amount: "0.01", reversalOf: "P1"),
                ]), "r.csv"),
            options: .quiet)
        #expect(twice.firstRejects.map(\.reason).sorted() == ["more than was paid", "takes back what is itself taken back"])
        // A corrected row finds its reference free, because what is refused claims nothing.
        let corrected = try await db.intake.importPayments(
            file: directory.write(
                Sample.payments([
                    Sample.payment("P6", account: "A1", amount: "1.00"),
                    Sample.payment("R3", account: "A1", amount: "0.01", reversalOf: "P3"),
                ]), "q.csv"),
            options: .quiet)
        #expect(corrected.loaded == 2)
        #expect(try await db.number("select balance from account where account_ref = 'A1'") == 99_900)
    }

    @Test("the watermark of a source is the option's, else the manifest's, else the last payment's, and never goes back")
    func watermark() async throws {
        let db = try TestDatabase.current
        _ = try await db.intake.importAccounts(file: directory.write(Sample.accounts([Sample.account("A1")]), "a.csv"), options: .quiet)
        func through() async throws -> Instant {
            try await db.administrator.query("select through from ledger_watermark where source = 'bank'").value()
        }
        _ = try await db.intake.importPayments(
            file: directory.write(Sample.payments([Sample.payment("P1", account: "A1")]), "1.csv"), options: .quiet)
        #expect(try await through() == Instant(iso8601: "2026-09-05T10:00:00+08:00"))
        var options = IntakeOptions.quiet
        options.ledgerThrough = Instant(iso8601: "2026-09-10T00:00:00Z")
        options.isDailyFeed = true
        // A day without payments is told by a file without rows.
        let empty = try await db.intake.importPayments(file: directory.write(Sample.payments([]), "2.csv"), options: options)
        #expect(empty.state == .loaded && empty.rows == 0 && empty.ledgerThrough == "2026-09-10T00:00:00Z")
        options.ledgerThrough = Instant(iso8601: "2026-09-12T00:00:00Z")
        #expect(try await db.intake.importPayments(file: "\(directory.path)/2.csv", options: options).state == .alreadyLoaded)
        #expect(try await through() == Instant(iso8601: "2026-09-12T00:00:00Z"))
        _ = try directory.write(#"{"rows": 1, "ledger_through": "2026-09-11T00:00:00Z"}"#, "3.csv.manifest.json")
        let late = try await db.intake.importPayments(
            file: directory.write(Sample.payments([Sample.payment("P2", account: "A1", paidAt: "2026-09-02T00:00:00Z")]), "3.csv"),
            options: .quiet)
        #expect(late.loaded == 1 && late.ledgerThrough == "2026-09-12T00:00:00Z")
        #expect(try await db.number("select count(*) from ledger_watermark where daily_feed") == 1)
    }

    @Test("rates, adjustments and account updates are taken in, once")
    func otherKinds() async throws {
        let db = try TestDatabase.current
        _ = try await db.intake.importAccounts(
            file: directory.write(Sample.accounts([Sample.account("A1"), Sample.account("A2")]), "a.csv"), options: .quiet)
        let rates = try await db.intake.run(
            .fx,
            file: directory.write("date,from,to,rate\n2026-08-31,TWD,CNY,0.22\n2026-08-31,TWD,XXX,1\n2026-08-31,TWD,USD,0\n", "fx.csv"),
            options: .quiet)
        #expect(rates.loaded == 1 && rates.rejected == 2)
        let other = try await db.intake.run(
            .fx, file: directory.write("date,from,to,rate\n2026-08-31,TWD,CNY,0.2200\n2026-08-31,TWD,CNY,0.23\n", "fx2.csv"),
            options: .quiet)
        #expect(other.known == 1 && other.rejected == 1)

        let header = "adjustment_ref,account_ref,currency,type,amount,effective_at,approved_by\n"
        let adjustments = try await db.intake.run(
            .adjustments,
            file: directory.write(
                header + "J1,A1,TWD,accrual_interest,12.34,2026-09-30,\nJ2,A1,TWD,waiver,10.00,2026-09-30,boss\n", "j.csv"),
            options: .quiet)
        #expect(adjustments.loaded == 2)
        #expect(try await db.number("select balance from account where account_ref = 'A1'") == 100_234)
        let again = try await db.intake.run(
            .adjustments, file: directory.write(header + "J1,A1,TWD,accrual_interest,12.34,2026-09-30,\n", "j2.csv"), options: .quiet)
        #expect(again.known == 1)
        #expect(try await db.number("select balance from account where account_ref = 'A1'") == 100_234)

        let update = "account_ref,currency,as_of,balance,days_past_due,status,amount_due\n"
        let first = try await db.intake.run(
            .accountUpdates,
            file: directory.write(update + "A1,TWD,2026-09-30,1002.34,90,open,500.00\nA2,TWD,2026-09-30,0.00,0,cured,0.00\n", "u1.csv"),
            options: .quiet)
        #expect(first.loaded == 2)
        #expect(
            try await db.number(
                "select count(*) from account where account_ref = 'A1' and bank_balance = 100234 and days_past_due = 90 and amount_due = 50000 and bucket = 'M3' and not amount_due_assumed"
            ) == 1)
        #expect(try await db.number("select count(*) from account where account_ref = 'A2' and status = 'cured' and balance = 100000") == 1)
        let older = try await db.intake.run(
            .accountUpdates,
            file: directory.write(update + "A1,TWD,2026-09-01,1.00,60,open,1.00\nA2,TWD,2026-09-30,5.00,0,cured,0.00\n", "u2.csv"),
            options: .quiet)
        #expect(older.known == 1 && older.rejected == 1 && older.loaded == 0)
        #expect(try await db.number("select bank_balance from account where account_ref = 'A1'") == 100_234)
    }

    @Test("GB 18030, another delimiter, their names and words, fen: as the mapping says")
    func mapping() async throws {
        let db = try TestDatabase.current
        var options = IntakeOptions.quiet
        options.mapping = try MappingFile(
            yaml: """
                encoding: gb18030
                delimiter: "|"
                quote: none
                columns: {account_ref: 账号, debtor_ref: 客户, balance: 余额, principal: 本金, interest: 利息, fees: 费用, days_past_due: 逾期天数, delinquent_since: 逾期日, name: 姓名}
                ignore: [备注]
                constants: {product: credit_card, currency: CNY, region: CN-31, time_zone: Asia/Shanghai}
                date_format: yyyyMMdd
                amount_unit: fen
                """, file: "m.yaml")
        let text = "账号|客户|余额|本金|利息|费用|逾期天数|逾期日|姓名|备注\nA1|D1|123456|123456|0|0|60|20260702|张三|无\nA2|D2|100|100|0|0|60|20260702|李四|\n"
        // The C library's encoder would be the decoder's twin; these pairs are from the standard's table.
        let table: [Character: [UInt8]] = [
            "账": [0xD5, 0xCB], "号": [0xBA, 0xC5], "客": [0xBF, 0xCD], "户": [0xBB, 0xA7], "余": [0xD3, 0xE0], "额": [0xB6, 0xEE],
            "本": [0xB1, 0xBE],
            "金": [0xBD, 0xF0], "利": [0xC0, 0xFB], "息": [0xCF, 0xA2], "费": [0xB7, 0xD1], "用": [0xD3, 0xC3], "逾": [0xD3, 0xE2],
            "期": [0xC6, 0xDA],
            "天": [0xCC, 0xEC], "数": [0xCA, 0xFD], "日": [0xC8, 0xD5], "姓": [0xD0, 0xD5], "名": [0xC3, 0xFB], "备": [0xB1, 0xB8],
            "注": [0xD7, 0xA2],
            "张": [0xD5, 0xC5], "三": [0xC8, 0xFD], "李": [0xC0, 0xEE], "四": [0xCB, 0xC4], "无": [0xCE, 0xDE],
        ]
        let bytes = text.flatMap { table[$0] ?? Array(String($0).utf8) }
        let report = try await db.intake.importAccounts(file: directory.write(bytes, "gb.txt"), options: options)
        #expect(
            report.state == .loaded && report.loaded == 2 && report.amountTotal == ["CNY": "1235.56"],
            "\(report.reasons) \(report.firstRejects)")
        let names = try await db.administrator.query("select name_enc from debtor order by debtor_ref").map {
            try db.database.cipher.open(try $0.get(0))
        }
        #expect(names == ["张三", "李四"])
    }

    @Test("an attestation goes on record with its operator and reason, once")
    func attestation() async throws {
        let db = try TestDatabase.current
        let (id, token) = try await db.makeOperator(role: .operator)
        var options = IntakeOptions.quiet
        options.portfolio = "august"
        options.attestation = try .init(parsing: "debtor_notice=2026-08-28,internal_collection_done", reason: "letter of the bank")
        let file = try directory.write(Sample.accounts([Sample.account("A1")]))
        let unsigned = options
        await #expect(throws: IntakeError.self) { try await db.intake.importAccounts(file: file, options: unsigned) }
        options.by = try await db.database.core.withConnection {
            try await OperatorQueries.authenticate(name: nil, tokenHash: NewToken.hash(of: token), in: $0)
        }
        _ = try await db.intake.importAccounts(file: file, options: options)
        options.attestation?.debtorNotice = Day(iso: "2026-01-01")
        #expect(try await db.intake.importAccounts(file: file, options: options).state == .alreadyLoaded)
        let rows = try await db.administrator.query("select fact, holds_from, operator_id, reason from attestation order by fact").map {
            try $0.decode((String, Day, Int32, String).self)
        }
        #expect(
            rows.map(\.0) == ["debtor_notice", "internal_collection_done"] && rows.allSatisfy { $0.2 == id && $0.3 == "letter of the bank" }
        )
        #expect(rows.map(\.1.description) == ["2026-08-28", "2026-08-31"])
        #expect(try await db.number("select count(*) from portfolio where internal_collection_done") == 1)
        #expect(try await db.number("select count(*) from audit_entry where kind = 24") == 2)
    }

    @Test("the day of the figures: the row's own, else the option's or the manifest's, else what all rows agree on")
    func asOf() async throws {
        let db = try TestDatabase.current
        let header = Sample.accountHeader + ",as_of"
        let rows = [
            Sample.account("A1", daysPastDue: "60", extra: ["2026-09-15"]), Sample.account("A2", daysPastDue: "61", extra: [""]),
            Sample.account("A3", daysPastDue: "62", since: "2026-09-20", extra: [""]),
        ]
        var options = IntakeOptions.quiet
        options.asOf = Day(iso: "2026-09-10")
        let report = try await db.intake.importAccounts(file: directory.write(Sample.accounts(rows, header: header)), options: options)
        #expect(report.loaded == 2 && report.asOf == "2026-09-15")
        #expect(report.firstRejects.map(\.field) == ["delinquent_since"])
        let days = try await db.administrator.query("select as_of from account order by account_ref").map {
            try $0.get(0, as: Day.self).description
        }
        #expect(days == ["2026-09-15", "2026-09-10"])
        #expect(try await db.administrator.query("select as_of from portfolio").value(as: Day.self) == Day(iso: "2026-09-15"))
    }

    // MARK: Again, changed, interrupted

    @Test("the same row again is known; the same key with other content is refused; other rows of the file are loaded")
    func changedRow() async throws {
        let db = try TestDatabase.current
        _ = try await db.intake.importAccounts(
            file: directory.write(Sample.accounts([Sample.account("A1"), Sample.account("A2")]), "1.csv"), options: .quiet)
        let report = try await db.intake.importAccounts(
            file: directory.write(
                Sample.accounts([
                    Sample.account("A1"), Sample.account("A2", balance: "5.00"), Sample.account("A3"), Sample.account("A1", name: "Other"),
                ]), "2.csv"),
            options: .quiet)
        #expect(report.known == 1 && report.loaded == 1 && report.rejected == 2)
        let reasons = report.firstRejects.sorted { $0.rowNumber < $1.rowNumber }.map { "\($0.rowNumber) \($0.reason)" }
        #expect(reasons == ["3 known before with other content", "5 duplicate key: stands in row 2"])
        #expect(try await db.number("select sum(balance)::bigint from account") == 300_000)
        // Personal data is part of the content.
        let renamed = try await db.intake.importAccounts(
            file: directory.write(Sample.accounts([Sample.account("A3", name: "Other")]), "3.csv"), options: .quiet)
        #expect(renamed.rejected == 1 && renamed.loaded == 0)
    }

    @Test("an import stopped between claim and rows is completed by the next one, under the same ids", arguments: [0, 3, 11])
    func interrupted(chunk: Int) async throws {
        let db = try TestDatabase.current
        struct Stopped: Error {}
        let accounts = (0..<60).map { Sample.account("A\($0)", balance: "\($0 + 1).00") }
        let payments = (0..<60).map { Sample.payment("P\($0)", account: "A\($0)", amount: "1.00") }
        for (kind, text) in [(ImportKind.accounts, Sample.accounts(accounts)), (.payments, Sample.payments(payments))] {
            let file = try directory.write(text, "\(kind.rawValue).csv")
            let calls = Calls()
            var options = IntakeOptions.quiet
            options.rowsPerTransaction = 2
            options.afterClaim = { if calls.next() == chunk { throw Stopped() } }
            let failing = options
            await #expect(throws: Stopped.self) { try await db.intake.run(kind, file: file, options: failing) }
            #expect(try await db.number("select count(*) from import_row") > 0)
            let claimed = try await db.number("select count(*) from ref where kind = \(kind == .accounts ? "account" : "payment")")
            let written = try await db.number("select count(*) from \(unescaped: kind == .accounts ? "account" : "payment")")
            #expect(claimed > written)
            let targets = try await db.administrator.query("select ref, target_id from ref where kind <> 'debtor' order by ref").map {
                try $0.decode((String, Int64).self)
            }

            options.afterClaim = nil
            let report = try await db.intake.run(kind, file: file, options: options)
            #expect(report.state == .loaded && report.loaded + report.known == 60 && report.loaded == 60 - written)
            let after = Dictionary(
                uniqueKeysWithValues: try await db.administrator.query("select ref, target_id from ref where kind <> 'debtor'").map {
                    try $0.decode((String, Int64).self)
                })
            #expect(targets.allSatisfy { after[$0.0] == $0.1 })
            #expect(try await db.number("select count(*) from import_row") == 0)
        }
        #expect(try await db.number("select count(*) from account") == 60)
        #expect(try await db.number("select count(*) from debtor") == 60)
        #expect(try await db.number("select sum(balance)::bigint from account") == 60 * 61 / 2 * 100 - 6_000)
        #expect(try await db.number("select count(*) from import_file where state = 'refused' and reason = 'interrupted'") == 2)
    }

    @Test("two imports of overlapping files at the same time load every row once")
    func concurrently() async throws {
        let db = try TestDatabase.current
        let second = try await db.openAgain()
        let rows = (0..<400).map { Sample.account("A\($0)", debtor: "D\($0 / 2)") }
        let one = try directory.write(Sample.accounts(rows), "1.csv")
        let two = try directory.write(Sample.accounts(rows.reversed()), "2.csv")
        var options = IntakeOptions.quiet
        options.rowsPerTransaction = 25
        let same = options
        async let first = db.intake.importAccounts(file: one, options: same)
        async let other = IntakeService(database: second).importAccounts(file: two, options: same)
        let (a, b) = try await (first, other)
        await second.close()
        #expect(a.loaded + b.loaded == 400 && a.known + b.known == 400 && a.rejected + b.rejected == 0)
        #expect(try await db.number("select count(*) from account") == 400)
        #expect(try await db.number("select count(*) from debtor") == 200)
        #expect(
            try await db.number("select count(*) from (select debtor_ref from debtor group by debtor_ref having count(*) > 1) twice") == 0)

        let payments = (0..<400).map { Sample.payment("P\($0)", account: "A\($0 % 40)", amount: "1.00") }
        let third = try await db.openAgain()
        let pay = try directory.write(Sample.payments(payments), "3.csv")
        let back = try directory.write(Sample.payments(payments.reversed()), "4.csv")
        async let forwards = db.intake.importPayments(file: pay, options: same)
        async let backwards = IntakeService(database: third).importPayments(file: back, options: same)
        let (c, d) = try await (forwards, backwards)
        await third.close()
        #expect(c.loaded + d.loaded == 400 && c.known + d.known == 400)
        #expect(try await db.number("select sum(opening_balance - balance)::bigint from account") == 40_000)
    }

    // MARK: Bad input

    @Test("a bad row is refused with its field and reason and stops no other; the reject file and the acknowledgement say so")
    func badRows() async throws {
        let db = try TestDatabase.current
        var bytes = Array(
            Sample.accounts([
                Sample.account("A1"), Sample.account("A2", since: "31.08.2026"), Sample.account("A3", balance: "-1.00", principal: "1.00"),
                Sample.account("A4", currency: "XTS"),
                Sample.account("A1"), "too,few,fields", Sample.account("A5", name: "a\"b"),
            ]).utf8)
        bytes += Array((Sample.account("A6", name: "@") + "\n").utf8).map { $0 == UInt8(ascii: "@") ? 0xC3 : $0 }
        bytes +=
            Array(Sample.account("A7").utf8) + [10] + [UInt8](repeating: UInt8(ascii: "x"), count: RecordParser.maximumBytes + 5) + [10]
        bytes += Array((Sample.account("A8") + "\n" + Sample.account("A9", name: "\"cut off")).utf8)
        var options = IntakeOptions()
        options.portfolio = "bad"
        let report = try await db.intake.importAccounts(file: directory.write(bytes, "bad.csv"), options: options)
        #expect(report.state == .loaded && report.loaded == 3 && report.rows == 12 && report.rejected == 9)
        #expect(
            try directory.read("bad.csv.rejects.csv").split(whereSeparator: \.isNewline).map(String.init) == [
                "row_number,field,reason", "3,delinquent_since,not a date of the file's form", "4,balance,negative amount",
                "5,currency,not an ISO 4217 currency in force", "7,,\"has 3 fields, expected 20\"", "8,,misplaced quote",
                "9,name,bytes are not valid in the file's encoding", "11,,line too long", "13,,quote not closed",
                "6,,duplicate key: stands in row 2",
            ])
        let acknowledgement = try JSONSerialization.jsonObject(with: Data(try directory.read("bad.csv.ack.json").utf8)) as? [String: Any]
        #expect(acknowledgement?["state"] as? String == "loaded" && acknowledgement?["rejected"] as? Int == 9)
        #expect((acknowledgement?["amount_total"] as? [String: String]) == ["TWD": "3000.00"])
        #expect((acknowledgement?["amount_read"] as? [String: String]) == ["TWD": "5999.00"])
        #expect(try await db.number("select count(*) from import_reject") == 9)
        #expect(try await db.number("select count(*) from account") == 3)
    }

    @Test(
        "a file that cannot be right as a whole is refused, and nothing of it is anywhere",
        arguments: [
            ("", "the file is empty"), ("\u{FEFF}", "the file is empty"),
            (
                Sample.accounts([Sample.account("A1")], header: Sample.accountHeader.replacing("currency", with: "curency")),
                "missing column 'currency'"
            ),
            (Sample.accounts([Sample.account("A1")], header: Sample.accountHeader + ",balance"), "stands twice"),
            (Sample.accounts([Sample.account("A1"), Sample.account("A2", daysPastDue: "61")]), "cannot tell the day of the figures"),
            ("\"" + Sample.accountHeader, "quote not closed"),
        ])
    func refusedFiles(text: String, reason: String) async throws {
        let db = try TestDatabase.current
        let report = try await db.intake.importAccounts(file: directory.write(text), options: IntakeOptions())
        #expect(report.state == .refused && report.reasons.contains { $0.contains(reason) }, "\(report.reasons)")
        #expect(try await db.filledTables().isEmpty)
        #expect(try directory.read("file.csv.ack.json").contains("\"refused\"") && !directory.has("file.csv.rejects.csv"))
        #expect(try await db.number("select count(*) from import_file where state = 'refused' and reason is not null") == 1)
    }

    @Test(
        "a file that disagrees with its manifest is refused whole",
        arguments: [
            #"{"rows": 3}"#, #"{"amount_total": "2000.01", "currency": "TWD"}"#, #"{"sha256": "00"}"#, #"{"as_of": "2026-09-30"}"#,
            #"{"file": "x.csv"}"#,
        ])
    func manifest(json: String) async throws {
        let db = try TestDatabase.current
        let file = try directory.write(Sample.accounts([Sample.account("A1"), Sample.account("A2")]))
        _ = try directory.write(json, "file.csv.manifest.json")
        let report = try await db.intake.importAccounts(file: file, options: .quiet)
        #expect(report.state == .refused && report.reasons.allSatisfy { $0.contains("manifest") } && report.loaded == 0)
        #expect(try await db.filledTables().isEmpty)
        _ = try directory.write(
            #"{"file": "file.csv", "rows": 2, "amount_total": "2000.00", "currency": "TWD", "as_of": "2026-08-31"}"#,
            "file.csv.manifest.json")
        #expect(try await db.intake.importAccounts(file: file, options: .quiet).loaded == 2)
    }

    @Test("a mapping may want a manifest and a flag")
    func flags() async throws {
        let db = try TestDatabase.current
        let file = try directory.write(Sample.accounts([Sample.account("A1")]))
        var options = IntakeOptions.quiet
        options.mapping = try MappingFile(yaml: "manifest: required\nok_flag: true", file: "m")
        #expect(
            try await db.intake.importAccounts(file: file, options: options).reasons == [
                "file.csv.ok is missing: the file may not be whole yet"
            ])
        _ = try directory.write("", "file.csv.ok")
        #expect(try await db.intake.importAccounts(file: file, options: options).reasons == ["file.csv.manifest.json is missing"])
        _ = try directory.write(#"{"rows": 1}"#, "file.csv.manifest.json")
        #expect(try await db.intake.importAccounts(file: file, options: options).loaded == 1)
    }

    @Test("a dry run checks everything and leaves nothing")
    func dryRun() async throws {
        let db = try TestDatabase.current
        var options = IntakeOptions()
        options.isDryRun = true
        let file = try directory.write(Sample.accounts([Sample.account("A1"), Sample.account("A2", balance: "x"), Sample.account("A1")]))
        let report = try await db.intake.importAccounts(file: file, options: options)
        #expect(report.state == .checked && report.rows == 3 && report.rejected == 2 && report.asOf == "2026-08-31")
        #expect(try await db.filledTables().isEmpty)
        #expect(!directory.has("file.csv.ack.json") && directory.has("file.csv.rejects.csv"))
        #expect(try await db.number("select count(*) from import_file") == 0)
    }

    @Test("what cannot be read or written is said before anything is done")
    func unreadable() async throws {
        let db = try TestDatabase.current
        await #expect(throws: IntakeError.self) { try await db.intake.importAccounts(file: "\(directory.path)/none.csv", options: .quiet) }
        await #expect(throws: IntakeError.self) { try await db.intake.importAccounts(file: directory.path, options: .quiet) }
        var options = IntakeOptions()
        options.output = .directory("\(directory.path)/none")
        let elsewhere = options
        let file = try directory.write(Sample.accounts([Sample.account("A1")]))
        await #expect(throws: IntakeError.self) { try await db.intake.importAccounts(file: file, options: elsewhere) }
        #expect(try await db.number("select count(*) from import_file") == 0)
    }

    @Test("progress is told, and what it tells only grows")
    func progress() async throws {
        let db = try TestDatabase.current
        let seen = Seen()
        var options = IntakeOptions.quiet
        options.progress = { seen.add($0) }
        _ = try await db.intake.importAccounts(
            file: directory.write(Sample.accounts((0..<50).map { Sample.account("A\($0)") })), options: options)
        #expect(!seen.all.isEmpty && seen.all.allSatisfy { (0...1).contains($0.fraction) })
    }
}

/// Counts calls from any task.
private final class Calls: Sendable {
    private let count = Mutex(0)

    /// The number of this call, from 0.
    func next() -> Int {
        count.withLock { count in
            defer { count += 1 }
            return count
        }
    }
}

private final class Seen: Sendable {
    private let told = Mutex<[ImportProgress]>([])

    var all: [ImportProgress] { told.withLock { $0 } }
    func add(_ progress: ImportProgress) { told.withLock { $0.append(progress) } }
}
