/// A version of a letter's text: for which buckets, in which language, under whose seal.
package struct LetterTemplate: Hashable, Sendable {
    /// Names a text may use beside the required elements.
    package static let vocabulary = Set(
        [
            "window", "recipient_name", "recipient_address", "mail_class", "reference", "date", "due_date", "accounts", "product",
            "account",
            "currency", "amount_due", "balance_amount", "days_overdue", "totals", "issuer_name", "issuer_address", "issuer_phone",
            "issuer_hours", "complaint_line", "regulator_line", "query_way", "object_way", "evidence_way", "repay_ways", "way",
            "repay_account", "seal_id",
        ] + elements.map(\.name))

    /// The elements a letter can carry: those of the law's list.
    package static let elements = Array(ContentElement.allCases.prefix { $0.rawValue <= ContentElement.businessSeal.rawValue })

    /// What may show through the window of an envelope.
    private static let windowNames: Set<String> = ["window", "recipient_name", "recipient_address", "mail_class"]

    /// Words that tell whoever holds the envelope of a debt.
    private static let debtWords = [
        "逾期", "欠款", "欠费", "催收", "催告", "还款", "债务", "信用卡", "账单", "overdue", "debt", "arrears", "collection", "owed", "payment", "credit card",
    ]

    /// Its name, the same for all languages and versions.
    package let id: String
    /// Raised with every change of the text.
    package let version: Int
    /// ISO 639-1.
    package let language: String
    /// `M1` to `M6`, `M7+`, `WO`.
    package let buckets: [String]
    /// The issuer's business seal; nil: it carries none.
    package let sealId: String?
    /// The text.
    package let text: LetterText
    /// SHA-256 of the file it was read from, with its style sheet.
    package let hash: [UInt8]
    /// What the text itself says that no letter may say.
    package let findings: [TemplateLint.Finding]
    /// Marks the text itself carries.
    package let marks: MarkSet

    /// A template by its parts.
    ///
    /// - Throws: ``LetterText/Fault`` when the text has unknown or unclosed names.
    package init(
        id: String, version: Int, language: String, buckets: [String], sealId: String?, source: String, hash: [UInt8]
    ) throws(LetterText.Fault) {
        self.id = id
        self.version = version
        self.language = language
        self.buckets = buckets
        self.sealId = sealId
        self.hash = hash
        text = try LetterText(source, vocabulary: Self.vocabulary)
        // The words alone are looked at, not what is filled in: people live in Police Station Road.
        let findings = TemplateLint.findings(in: text.words)
        self.findings = findings
        var marks = MarkSet()
        if findings.contains(where: { $0.rule == .lateFee }) { marks.insert(.lateFeeTerm) }
        if findings.contains(where: { $0.rule == .stateOrgan }) { marks.insert(.stateOrganStyling) }
        if Self.tellsThroughWindow(text) { marks.insert(.visibleDebtMark) }
        self.marks = marks
    }

    /// Elements the text has a passage for.
    package var offered: ElementSet { ElementSet(Self.elements.filter { text.names.contains($0.name) }) }

    /// The name by which files and tables know the text, such as `demand.zh.v1`.
    package var name: String { "\(id).\(language).v\(version)" }

    private static func tellsThroughWindow(_ text: LetterText) -> Bool {
        // Without a window the whole first page is what shows.
        guard let window = text.section("window") else { return true }
        if !window.names.isSubset(of: windowNames) { return true }
        let words = window.words.lowercased()
        return debtWords.contains { words.contains($0) }
    }
}

/// The texts in use.
package struct LetterTemplates: Hashable, Sendable {
    package let all: [LetterTemplate]

    package init(_ all: [LetterTemplate]) {
        self.all = all
    }

    /// The newest text for the gravest of some buckets in a language, else in the fallback language.
    package func template(buckets: [String], language: String, fallback: String) -> LetterTemplate? {
        guard let gravest = buckets.max(by: { Self.rank($0) < Self.rank($1) }) else { return nil }
        let fitting = all.filter { $0.buckets.contains(gravest) }
        let primary = language.split(separator: "-").first.map(String.init) ?? language
        return (fitting.filter { $0.language == primary }.max { $0.version < $1.version })
            ?? (fitting.filter { $0.language == fallback }.max { $0.version < $1.version })
    }

    private static func rank(_ bucket: String) -> Int {
        if bucket == "WO" { return 100 }
        return Int(bucket.drop { !$0.isNumber }.prefix { $0.isNumber }) ?? 0
    }
}
