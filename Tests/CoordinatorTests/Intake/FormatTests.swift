import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation
import Testing

@Suite("Mapping files")
struct MappingFileTests {
    @Test("every key is read")
    func everyKey() throws {
        let mapping = try MappingFile(
            yaml: """
                encoding: GBK
                delimiter: "|"
                quote: none
                header: true
                columns: {account_ref: 账号, value: 号码}
                ignore: [备注]
                constants: {currency: CNY, time_zone: Asia/Shanghai}
                values: {role: {本人: cardholder, 配偶: spouse}}
                date_format: yyyyMMdd
                time_format: yyyyMMdd HH:mm:ss
                time_zone: Asia/Shanghai
                decimal: ","
                amount_unit: fen
                manifest: required
                ok_flag: true
                """, file: "m.yaml")
        #expect(mapping.encoding == .gb18030 && mapping.dialect == .init(delimiter: UInt8(ascii: "|"), quote: nil))
        #expect(mapping.columns == ["account_ref": "账号", "value": "号码"] && mapping.ignored == ["备注"])
        #expect(mapping.constants["currency"] == "CNY" && mapping.values["role"]?["配偶"] == "spouse")
        #expect(mapping.dates.day("20260831") == Day(iso: "2026-08-31"))
        let zone = try #require(mapping.zone)
        #expect(mapping.times?.instant("20260831 09:30:05", in: zone) == Instant(iso8601: "2026-08-31T09:30:05+08:00"))
        #expect(mapping.decimalSeparator == "," && mapping.amountUnit == .fen && mapping.manifest == .required && mapping.needsOKFlag)
    }

    @Test(
        "a fault names its line",
        arguments: [
            ("encoding: ebcdic", "expected one of"), ("header: maybe", "true or false"), ("delimiter: ab", "one ASCII character"),
            ("colums: {}", "unknown key"), ("date_format: YYYY", "pattern"), ("delimiter: ';'\nquote: ';'", "same character"),
            ("header: false\ncolumns: {account_ref: ref}", "position"), ("time_format: yyyyMMdd HH:mm", "time_zone"),
        ])
    func faults(yaml: String, words: String) {
        do {
            _ = try MappingFile(yaml: yaml, file: "m.yaml")
            Issue.record("accepted: \(yaml)")
        } catch {
            #expect(error.description.hasPrefix("m.yaml:") && error.description.contains(words), "\(error)")
        }
    }

    @Test(
        "dates are days of the calendar in the pattern's form",
        arguments: ["2026-02-29", "2026-13-01", "26-01-01", "2026/01/01", "2026-01-01 ", ""])
    func badDates(text: String) {
        #expect(DatePattern.iso.day(text) == nil)
    }
}

@Suite("Manifests")
struct ManifestTests {
    static func counted(_ totals: [String: Int128] = ["TWD": 300_000]) -> Manifest.Counted {
        var sums: [Currency: Int128] = [:]
        for (code, sum) in totals { if let currency = Currency(code) { sums[currency] = sum } }
        return Manifest.Counted(file: "a.csv", rows: 3, totals: sums, sha256: "ab12", asOf: Day(iso: "2026-08-31"))
    }

    @Test("what agrees is accepted")
    func agrees() throws {
        let json = #"{"file": "a.csv", "rows": 3, "amount_total": "3000.00", "currency": "TWD", "as_of": "2026-08-31", "sha256": "AB12"}"#
        #expect(try Manifest(json: Data(json.utf8), name: "m").disagreements(with: Self.counted()) == [])
        // Some banks write the total as a number.
        #expect(try Manifest(json: Data(#"{"amount_total": 3000.00}"#.utf8), name: "m").disagreements(with: Self.counted()) == [])
        #expect(
            Manifest(amountTotals: ["TWD": "3000", "CNY": "0.07"]).disagreements(with: Self.counted(["TWD": 300_000, "CNY": 7])) == [])
    }

    @Test(
        "what disagrees is named",
        arguments: [
            (Manifest(file: "b.csv"), "file b.csv"), (Manifest(rows: 4), "rows 4"),
            (Manifest(amountTotal: "3000.01", currency: "TWD"), "amount_total"),
            (Manifest(asOf: "2026-09-01"), "as_of"), (Manifest(sha256: "ff"), "sha256"),
            (Manifest(amountTotal: "1,000", currency: "TWD"), "no amount"),
            (Manifest(ledgerThrough: "2026-09-30"), "ledger_through"), (Manifest(amountTotals: ["CNY": "1"]), "amount_total"),
        ])
    func disagrees(manifest: Manifest, words: String) {
        let faults = manifest.disagreements(with: Self.counted())
        #expect(faults.contains { $0.contains(words) }, "\(faults)")
    }
}

@Suite("Rows of bank files")
struct RowTests {
    static func account(_ row: String, header: String = Sample.accountHeader, mapping: MappingFile = .standard) throws -> (
        AccountRow?, [RowFault]
    ) {
        let events = RecordParserTests.parse(header + "\n" + row + "\n")
        guard case .row(_, let names) = events[0] else { return (nil, []) }
        let layout = try FileLayout<AccountColumn>(header: names, mapping: mapping, file: "a.csv")
        var parser = RecordParser()
        parser.append(Array((header + "\n" + row + "\n").utf8))
        parser.finish()
        _ = parser.next()
        guard case .record(let record)? = parser.next() else { return (nil, []) }
        var reader = RowReader(record, layout: layout)
        return (AccountRow(&reader), reader.faults)
    }

    @Test("an account without optional columns gets the stated fallbacks")
    func accountFallbacks() throws {
        let (row, faults) = try Self.account(Sample.account("A1", balance: "1234.56", daysPastDue: "60"))
        #expect(faults == [])
        let account = try #require(row?.account)
        #expect(account.balance == 123_456 && account.amountDue == 123_456 && account.amountDueAssumed)
        #expect(account.minPayment == 0 && !account.accelerated && account.bucket == "M2" && account.tier == 1)
        #expect(account.defaultDate == account.delinquentSince && account.cardStatus == .active && account.segment == nil)
        #expect(account.outsourcingNoticeAt == nil && account.internalCollectionDone == nil)
        #expect(row?.asOf == nil && row?.derivedAsOf == Day(iso: "2026-08-31"))
    }

    @Test("optional columns are taken as they stand")
    func accountOptional() throws {
        let header =
            Sample.accountHeader
            + ",as_of,amount_due,min_payment,accelerated,bucket,card_status,times_outsourced,segment,internal_collection_done,outsourcing_notice_at,debtor_status,branch"
        let (row, faults) = try Self.account(
            Sample.account(
                "A1",
                extra: [
                    "2026-08-31", "400.00", "50.00", "true", "M7+", "blocked", "2", "low_risk", "yes", "2026-08-20", "deceased", "Pudong",
                ]),
            header: header)
        #expect(faults == [])
        let account = try #require(row?.account)
        #expect(account.amountDue == 40_000 && !account.amountDueAssumed && account.minPayment == 5_000 && account.accelerated)
        #expect(account.bucket == "M7+" && account.cardStatus == .blocked && account.tier == 3 && account.segment == "low_risk")
        #expect(account.internalCollectionDone == true && account.outsourcingNoticeAt == Instant(iso8601: "2026-08-20T00:00:00+08:00"))
        #expect(row?.debtor.status == .deceased && account.bankFacts.branch == "Pudong" && row?.asOf == Day(iso: "2026-08-31"))
    }

    @Test(
        "what is wrong with an account is named by field",
        arguments: [
            (Sample.account("A1", balance: "-5.00"), "balance", "negative amount"),
            (Sample.account("A1", balance: "1e3"), "balance", "not a plain decimal amount"),
            (Sample.account("A1", balance: "1.005"), "balance", "more decimals than the currency has"),
            (Sample.account("A1", balance: "99999999999999999999"), "balance", "amount is too large"),
            (Sample.account("A1", balance: ""), "balance", "missing"),
            (Sample.account("A1", currency: "TWX"), "currency", "not an ISO 4217 currency in force"),
            (Sample.account("A1", since: "2026-02-30"), "delinquent_since", "not a date of the file's form"),
            (Sample.account("A1", since: "02.07.2026"), "delinquent_since", "not a date of the file's form"),
            (Sample.account("A1", since: ""), "delinquent_since", "missing"),
            (Sample.account("A1", daysPastDue: "-1"), "days_past_due", "not between 0 and 36500"),
            (Sample.account("A1", daysPastDue: "6.0"), "days_past_due", "not a whole number"),
            (Sample.account("A1", region: "Shanghai"), "region", "not a region such as CN-31"),
            (Sample.account("A1", zone: "CST"), "time_zone", "not an IANA time zone"), (Sample.account(""), "account_ref", "missing"),
            (Sample.account("A1", principal: "10.00"), "balance", "is not principal + interest + fees"),
            (Sample.account("A1", name: "a\u{0}b"), "name", "contains a NUL byte"),
            (Sample.account("A1", name: "a\u{7}b"), "name", "contains control characters"),
            (Sample.account("A1") + ",more", "", "has 21 fields, expected 20"),
        ])
    func accountFaults(row: String, field: String, reason: String) throws {
        let (account, faults) = try Self.account(row)
        #expect(account == nil)
        #expect(faults.contains(RowFault(row: 2, field: field, reason: reason)), "\(faults)")
    }

    @Test("all faults of a row are named at once, and none shows a value")
    func allFaults() throws {
        let (_, faults) = try Self.account(
            Sample.account("A1", currency: "TWX", since: "never", region: "x", zone: "y", name: "Secret\u{0}Person"))
        #expect(Set(faults.map(\.field)) == ["currency", "delinquent_since", "region", "time_zone", "name"])
        #expect(!faults.contains { $0.reason.contains("Secret") || $0.reason.contains("never") })
    }

    @Test("a header names every missing and unknown column")
    func header() {
        let header = Sample.accountHeader.replacing("balance,", with: "balanse,").split(separator: ",").map(String.init)
        do {
            _ = try FileLayout<AccountColumn>(header: header, mapping: .standard, file: "a.csv")
            Issue.record("accepted")
        } catch {
            #expect(error == .refused(file: "a.csv", reasons: ["missing column 'balance'", "unknown column 'balanse'"]))
        }
    }

    @Test(
        "telephone numbers are checked for shape only",
        arguments: [
            ("+9991308771479", "+9991308771479"), ("+86 138-0013 (8000)", "+8613800138000"), ("13800138000", nil), ("+1234", nil),
            ("+1234567890123456", nil), ("+86x138", nil), ("", nil),
        ])
    func phones(raw: String, number: String?) throws {
        var parser = RecordParser()
        let header = Sample.contactHeader.split(separator: ",").map(String.init)
        let layout = try FileLayout<ContactColumn>(header: header, mapping: .standard, file: "c.csv")
        parser.append(Array("D1,cardholder,mobile,\(raw),1,application_form,\n".utf8))
        parser.finish()
        guard case .record(let record)? = parser.next() else {
            Issue.record("no record")
            return
        }
        var reader = RowReader(record, layout: layout)
        let row = ContactRow(&reader)
        #expect(row?.value == number)
        #expect((row == nil) == (number == nil) && !reader.faults.contains { $0.reason.contains(raw) && !raw.isEmpty })
    }

    @Test("every role of the file has its place in the conduct rules", arguments: ContactRow.Role.allCases)
    func roles(role: ContactRow.Role) {
        switch role {
        case .cardholder: #expect(role.party == .debtor && role.relation == .self && role.debtRelation == .liable)
        case .guarantor, .coBorrower: #expect(role.party == .guarantor && role.debtRelation == .liable)
        case .spouse: #expect(role.party == .spouse && role.relation == .immediateFamily && role.debtRelation == .unrelated)
        case .relative, .supplementaryHolder: #expect(role.party == .family && role.relation == .other && role.debtRelation == .unrelated)
        case .employer: #expect(role.party == .employer && role.debtRelation == .unrelated)
        case .reference: #expect(role.party == .emergencyContact && role.relation == .other && role.debtRelation == .unrelated)
        }
    }

    @Test("staged values come back as they were written")
    func stagedFields() throws {
        var writer = FieldWriter()
        let numbers: [Int64?] = [0, -1, .min, .max, nil, 127, 128]
        for number in numbers { writer.put(number) }
        writer.put("漢字" as String?)
        writer.put(nil as String?)
        writer.put([0, 255] as [UInt8]?)
        writer.put(true as Bool?)
        writer.put(Day(iso: "2026-08-31"))
        writer.put(Instant(iso8601: "2026-08-31T00:00:00Z"))
        var reader = FieldReader(writer.bytes)
        for number in numbers { #expect(try reader.number() == number) }
        #expect(try reader.text() == "漢字")
        #expect(try reader.text() == nil)
        #expect(try reader.blob() == [0, 255])
        #expect(try reader.flag() == true)
        #expect(try reader.day() == Day(iso: "2026-08-31"))
        #expect(try reader.instant() == Instant(iso8601: "2026-08-31T00:00:00Z"))
        #expect(throws: IntakeError.stagingDamaged) { try reader.number() }
    }
}
