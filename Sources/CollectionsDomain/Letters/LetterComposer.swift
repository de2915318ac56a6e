/// What a letter is made of.
package struct LetterFacts: Hashable, Sendable {
    /// An account the letter speaks of.
    package struct Account: Hashable, Sendable {
        package var reference: String
        package var product: String
        package var amountDue: Money
        package var balance: Money
        package var daysOverdue: Int
        package var bucket: String?

        package init(reference: String, product: String, amountDue: Money, balance: Money, daysOverdue: Int, bucket: String?) {
            self.reference = reference
            self.product = product
            self.amountDue = amountDue
            self.balance = balance
            self.daysOverdue = daysOverdue
            self.bucket = bucket
        }
    }

    package var reference: String
    package var name: String
    package var address: String
    package var language: String
    package var mailClass: String
    package var accounts: [Account]
    /// The day it is dated.
    package var date: Day
    /// The day by which an answer is hoped for.
    package var dueOn: Day

    package init(
        reference: String, name: String, address: String, language: String, mailClass: String, accounts: [Account], date: Day, dueOn: Day
    ) {
        self.reference = reference
        self.name = name
        self.address = address
        self.language = language
        self.mailClass = mailClass
        self.accounts = accounts
        self.date = date
        self.dueOn = dueOn
    }
}

/// A letter fit to be printed.
package struct ComposedLetter: Hashable, Sendable {
    /// The page, HTML.
    package var html: String
    /// What the letter says of each element, as words.
    package var elements: [ContentElement: String]
    package var template: LetterTemplate
}

/// Why a letter is not made.
package struct LetterRefusal: Hashable, Sendable {
    /// Required elements that are missing.
    package var missing: ElementSet
    /// Of these, those the record of the person lacks; the others are for whoever keeps the texts.
    package var missingOfRecord: ElementSet
    /// What must not be said or shown: the marks, then the lint's rules.
    package var forbidden: [String]
    /// No text fits bucket and language.
    package var hasNoTemplate: Bool

    /// Ids of the rules against it, as the policy names them.
    package var reasons: [String] {
        var reasons: [String] = []
        if hasNoTemplate { reasons.append("letter_template") }
        if !missing.isEmpty { reasons.append("letter_required_fields") }
        if !forbidden.isEmpty { reasons.append("letter_forbidden") }
        return reasons
    }

    /// What is missing or forbidden, for people.
    package var detail: String { (missing.names + forbidden).joined(separator: ", ") }
}

/// Makes letters: facts become fields, fields a page, unless a field is missing or a word is forbidden. Pure.
///
/// - SeeAlso: Rules CN4 (required fields), CN12 and CN23 (forbidden marks).
package struct LetterComposer: Sendable {
    private let required: ElementSet
    private let forbidden: MarkSet
    private let templates: LetterTemplates
    private let issuers: [String: LetterIssuer]
    private let issuerFindings: [String: [TemplateLint.Finding]]
    private let fallback: String

    /// A composer under a policy's word.
    ///
    /// - Parameters:
    ///   - required: `content.letter_required_fields`.
    ///   - forbidden: `content.letter_forbidden`.
    ///   - issuers: The bank by language; the fallback language's is used where there is no other.
    ///   - fallback: The language of people whose own has no text.
    package init(
        required: ElementSet, forbidden: MarkSet, templates: LetterTemplates, issuers: [String: LetterIssuer], fallback: String
    ) {
        self.required = required.intersection(ElementSet(LetterTemplate.elements))
        self.forbidden = forbidden
        self.templates = templates
        self.issuers = issuers
        self.fallback = fallback
        issuerFindings = issuers.mapValues { TemplateLint.findings(in: $0.words) }
    }

    /// The letter, or why there is none.
    package func compose(_ facts: LetterFacts) throws(MoneyError) -> Result<ComposedLetter, LetterRefusal> {
        let buckets = facts.accounts.map { $0.bucket ?? Self.bucket(daysOverdue: $0.daysOverdue) }
        guard let template = templates.template(buckets: buckets, language: facts.language, fallback: fallback),
            let issuer = issuers[template.language] ?? issuers[fallback]
        else {
            // Without accounts no text can be chosen: then it is the balance that is missing.
            let missing: ElementSet = facts.accounts.isEmpty ? ElementSet([.balance]).intersection(required) : []
            return .failure(LetterRefusal(missing: missing, missingOfRecord: missing, forbidden: [], hasNoTemplate: missing.isEmpty))
        }
        let values = try values(facts, issuer: issuer, template: template)
        let present = template.offered.elements.filter { if case .text(let text)? = values[$0.name] { !text.isEmpty } else { false } }
        let missing = required.subtracting(ElementSet(present))
        let forbidden = forbiddenSayings(template: template, issuer: issuerFindings[template.language] ?? [])
        // A letter needs a name and an address whatever the policy asks for.
        let ofRecord = ElementSet([.name, .balance].filter { values[$0.name] == nil })
        guard missing.isEmpty, forbidden.isEmpty, !facts.address.isEmpty else {
            let noAddress: ElementSet = facts.address.isEmpty ? [.name] : []
            return .failure(
                LetterRefusal(
                    missing: missing.union(noAddress), missingOfRecord: missing.intersection(ofRecord).union(noAddress),
                    forbidden: forbidden, hasNoTemplate: false))
        }
        var elements: [ContentElement: String] = [:]
        for element in present {
            elements[element] = template.text.section(element.name).map { LetterText.words($0.filled(values)) } ?? ""
        }
        return .success(ComposedLetter(html: template.text.filled(values), elements: elements, template: template))
    }

    private func forbiddenSayings(template: LetterTemplate, issuer: [TemplateLint.Finding]) -> [String] {
        var marks = template.marks
        if issuer.contains(where: { $0.rule == .lateFee }) { marks.insert(.lateFeeTerm) }
        if issuer.contains(where: { $0.rule == .stateOrgan }) { marks.insert(.stateOrganStyling) }
        // What the lint knows beside the policy's marks may stand in no letter.
        let others = Set((template.findings + issuer).map(\.rule)).subtracting([.lateFee, .stateOrgan]).map(\.rawValue).sorted()
        return marks.intersection(forbidden).names + others
    }

    // MARK: Fields

    private func values(
        _ facts: LetterFacts, issuer: LetterIssuer, template: LetterTemplate
    ) throws(MoneyError) -> [String: LetterText.Value] {
        var values: [String: LetterText.Value] = [:]
        func put(_ name: String, _ text: String) { if !text.isEmpty { values[name] = .text(text) } }
        put("window", facts.address)
        put("recipient_name", facts.name)
        put("recipient_address", facts.address)
        put("mail_class", facts.mailClass)
        put("reference", facts.reference)
        put("date", Self.written(facts.date, language: template.language))
        put("due_date", Self.written(facts.dueOn, language: template.language))
        put("days_overdue", facts.accounts.map(\.daysOverdue).max().map(String.init) ?? "")
        values["accounts"] = .list(
            facts.accounts.map { account in
                [
                    "product": Self.product(account.product, language: template.language), "account": Self.tail(account.reference),
                    "currency": account.amountDue.currency.code, "amount_due": Self.grouped(account.amountDue),
                    "balance_amount": Self.grouped(account.balance), "days_overdue": String(account.daysOverdue),
                ]
            })
        var totals: [[String: String]] = []
        for (code, accounts) in Dictionary(grouping: facts.accounts, by: \.amountDue.currency.code).sorted(by: { $0.key < $1.key }) {
            guard let currency = accounts.first?.amountDue.currency else { continue }
            totals.append([
                "currency": code, "amount_due": Self.grouped(try Money.sum(accounts.map(\.amountDue), in: currency)),
                "balance_amount": Self.grouped(try Money.sum(accounts.map(\.balance), in: currency)),
            ])
        }
        values["totals"] = .list(totals)
        put("issuer_name", issuer.name)
        put("issuer_address", issuer.address)
        put("issuer_phone", issuer.phone)
        put("issuer_hours", issuer.hours)
        put("complaint_line", issuer.complaintLine)
        put("regulator_line", issuer.regulatorLine)
        put("query_way", issuer.queryWay)
        put("object_way", issuer.objectWay)
        put("evidence_way", issuer.evidenceWay)
        values["repay_ways"] = .list(issuer.repayWays.map { ["way": $0] })
        put("repay_account", issuer.repayAccount)
        put("seal_id", template.sealId ?? "")

        // An element is there when what it is made of is there.
        put(ContentElement.name.name, facts.name)
        put(ContentElement.balance.name, facts.accounts.isEmpty ? "" : "yes")
        for element in [ContentElement.reason, .law, .rightsDuties] { put(element.name, "yes") }
        put(ContentElement.queryChannel.name, issuer.queryWay)
        put(ContentElement.repayChannel.name, issuer.repayWays.isEmpty ? "" : "yes")
        put(ContentElement.objectChannel.name, issuer.objectWay)
        put(ContentElement.evidenceChannel.name, issuer.evidenceWay)
        put(ContentElement.issuerContact.name, issuer.name.isEmpty || issuer.address.isEmpty ? "" : issuer.phone)
        put(ContentElement.businessSeal.name, template.sealId ?? "")
        return values
    }

    /// By days, where the bank gives no bucket: M1 is the first missed month.
    private static func bucket(daysOverdue: Int) -> String {
        let months = max(1, (daysOverdue + 29) / 30)
        return months > 6 ? "M7+" : "M\(months)"
    }

    /// The last four characters: enough for the holder, useless to others.
    private static func tail(_ reference: String) -> String { "****" + reference.suffix(4) }

    private static func product(_ code: String, language: String) -> String {
        switch (code, language) {
        case ("credit_card", "zh"): "信用卡"
        case ("credit_card", _): "Credit card"
        default: code.split(separator: "_").joined(separator: " ")
        }
    }

    private static func written(_ day: Day, language: String) -> String {
        let (year, month, number) = day.parts
        if language == "zh" { return "\(year)年\(month)月\(number)日" }
        let names = [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
        ]
        return "\(number) \(names[month - 1]) \(year)"
    }

    /// `12345.60` as `12,345.60`.
    private static func grouped(_ money: Money) -> String {
        let parts = money.decimalText.split(separator: ".", maxSplits: 1)
        let sign = parts[0].hasPrefix("-") ? "-" : ""
        let digits = parts[0].drop { $0 == "-" }
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return sign + text + (parts.count > 1 ? "." + parts[1] : "")
    }
}

extension LetterRefusal: Error {}
