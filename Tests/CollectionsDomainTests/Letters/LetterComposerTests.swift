import Testing

@testable import CollectionsDomain

@Suite("Letters")
struct LetterComposerTests {
    private static let elements = LetterTemplate.elements

    private static func template(
        without left: Set<ContentElement> = [], sealId: String? = "seal-1", window: String = "{{recipient_name}} {{recipient_address}}",
        extra: String = "", buckets: [String] = ["M1", "M2", "M3"], version: Int = 1, language: String = "en"
    ) throws -> LetterTemplate {
        let passages = elements.filter { !left.contains($0) }.map { "{{#\($0.name)}}<p>Of \($0.name) &amp; more</p>{{/\($0.name)}}" }
        return try LetterTemplate(
            id: "t", version: version, language: language, buckets: buckets, sealId: sealId,
            source: "<style>p { color: red }</style>{{#window}}\(window){{/window}}"
                + "{{#accounts}}<i>{{product}} {{account}} {{amount_due}} {{currency}}</i>{{/accounts}}\(passages.joined())\(extra)",
            hash: [1])
    }

    private static let issuer = LetterIssuer(
        name: "Bank", address: "1 Road", phone: "400", hours: "", complaintLine: "401", regulatorLine: "12378", queryWay: "app",
        objectWay: "phone", evidenceWay: "post", repayWays: ["app", "branch"], repayAccount: "00")

    private static func facts(name: String = "Li & Co", address: String = "2 Road", bucket: String? = "M2") throws -> LetterFacts {
        let currency = try #require(Currency("CNY"))
        return LetterFacts(
            reference: "77", name: name, address: address, language: "en", mailClass: "registered",
            accounts: [
                .init(
                    reference: "ACC-123456", product: "credit_card", amountDue: Money(minorUnits: 123_456_789, currency: currency),
                    balance: Money(minorUnits: 200_000_000, currency: currency), daysOverdue: 45, bucket: bucket)
            ],
            date: try #require(Day(iso: "2026-11-02")), dueOn: try #require(Day(iso: "2026-11-22")))
    }

    private static func composer(_ templates: [LetterTemplate], issuer: LetterIssuer = issuer) -> LetterComposer {
        LetterComposer(
            required: ElementSet(elements), forbidden: .all, templates: LetterTemplates(templates), issuers: ["en": issuer], fallback: "en")
    }

    @Test("A complete letter says every element, escapes what is filled in, and shows the account's last digits only")
    func complete() throws {
        let letter = try Self.composer([try Self.template()]).compose(try Self.facts()).get()
        #expect(Set(letter.elements.keys) == Set(Self.elements))
        #expect(letter.elements[.law] == "Of law & more")
        #expect(letter.html.contains("Li &amp; Co") && !letter.html.contains("Li & Co"))
        #expect(letter.html.contains("<i>Credit card ****3456 1,234,567.89 CNY</i>") && !letter.html.contains("ACC-123456"))
    }

    @Test("A template without any one element is refused by its name", arguments: LetterTemplate.elements)
    func missing(_ element: ContentElement) throws {
        let result = try Self.composer([try Self.template(without: [element])]).compose(try Self.facts())
        guard case .failure(let refusal) = result else {
            Issue.record("composed without \(element.name)")
            return
        }
        #expect(refusal.reasons == ["letter_required_fields"] && refusal.missing.names == [element.name])
        #expect(refusal.missingOfRecord.isEmpty, "the text is at fault, not the person's record")
    }

    @Test("A seal that is not named, a bank without a way to pay: the passage is there, the fact is not")
    func emptyFacts() throws {
        guard case .failure(let sealed) = try Self.composer([try Self.template(sealId: nil)]).compose(try Self.facts()) else {
            Issue.record("composed without a seal")
            return
        }
        #expect(sealed.missing.names == ["business_seal"])
        var issuer = Self.issuer
        issuer.repayWays = []
        guard case .failure(let unpayable) = try Self.composer([try Self.template()], issuer: issuer).compose(try Self.facts()) else {
            Issue.record("composed without a way to pay")
            return
        }
        #expect(unpayable.missing.names == ["repay_channel"])
    }

    @Test("A person without name or address: the record is at fault")
    func recordFault() throws {
        for facts in [try Self.facts(name: ""), try Self.facts(address: "")] {
            guard case .failure(let refusal) = try Self.composer([try Self.template()]).compose(facts) else {
                Issue.record("composed for nobody")
                return
            }
            #expect(refusal.reasons == ["letter_required_fields"] && refusal.missingOfRecord.names == ["name"])
        }
    }

    @Test(
        "Forbidden words and marks are refused, in the text and in the bank's own lines",
        arguments: [
            ("另收滞纳金", "late_fee_term"), ("另收 滞-纳-金", "late_fee_term"), ("公安机关", "state_organ_styling"),
            ("you are on a blacklist", "blacklist"),
            ("we will tell your employer", "employer"),
        ])
    func forbidden(_ words: String, _ mark: String) throws {
        var issuer = Self.issuer
        issuer.hours = words
        for composer in [
            Self.composer([try Self.template(extra: "<p>\(words)</p>")]), Self.composer([try Self.template()], issuer: issuer),
        ] {
            guard case .failure(let refusal) = try composer.compose(try Self.facts()) else {
                Issue.record("composed with \(words)")
                return
            }
            #expect(refusal.reasons == ["letter_forbidden"] && refusal.forbidden == [mark])
        }
    }

    @Test("A street may have any name: what is filled in is not the bank's wording")
    func addressIsNoWording() throws {
        let result = try Self.composer([try Self.template()]).compose(try Self.facts(address: "公安路 3 号"))
        #expect(throws: Never.self) { try result.get() }
    }

    @Test(
        "The window shows name and address alone",
        arguments: [
            "{{recipient_name}} {{reference}}", "Overdue: {{recipient_name}}", "{{#balance}}{{recipient_name}}{{/balance}}", "信用卡中心",
        ])
    func window(_ window: String) throws {
        guard case .failure(let refusal) = try Self.composer([try Self.template(window: window)]).compose(try Self.facts()) else {
            Issue.record("composed with \(window) in the window")
            return
        }
        #expect(refusal.forbidden == ["visible_debt_mark"])
    }

    @Test("The gravest bucket chooses the text, the newest version wins, and days stand in for a bucket")
    func choice() throws {
        let early = try Self.template()
        let newer = try Self.template(version: 2)
        let late = try Self.template(buckets: ["M4", "M7+", "WO"])
        let templates = LetterTemplates([early, newer, late])
        #expect(templates.template(buckets: ["M1", "M3"], language: "en-GB", fallback: "zh") == newer)
        #expect(templates.template(buckets: ["M1", "WO", "M7+"], language: "fr", fallback: "en") == late)
        #expect(templates.template(buckets: ["M5"], language: "en", fallback: "en") == nil)
        let letter = try Self.composer([early, late]).compose(try Self.facts(bucket: nil)).get()
        #expect(letter.template == early, "45 days are the second month")
        guard case .failure(let refusal) = try Self.composer([early]).compose(try Self.facts(bucket: "M5")) else {
            Issue.record("composed without a text")
            return
        }
        #expect(refusal.reasons == ["letter_template"])
    }

    @Test(
        "Unknown and unclosed names are faults of the text",
        arguments: ["{{amount}}", "{{#law}}", "{{/law}}", "{{#law}}{{#reason}}{{/law}}{{/reason}}", "{{law"])
    func faults(_ source: String) {
        #expect(throws: LetterText.Fault.self) { try LetterText(source, vocabulary: LetterTemplate.vocabulary) }
    }
}
