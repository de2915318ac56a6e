package import CollectionsDomain

/// Writes a made-up but realistic portfolio in the bank's own file formats: the demo imports it through the same door as a bank's files.
///
/// Shape: card debts between a few hundred and a few hundred thousand yuan (skewed as real ones are), most one or two months past due, some up
/// to eight, so that field visits and legal referral are reached; 15 % of debtors hold several accounts; nobody in it exists (names are numbered,
/// telephone numbers use the unassigned prefix +999).
package struct PortfolioGenerator: Sendable {
    /// How many accounts to make.
    package let accounts: Int
    /// The day the balances stand at; delinquency is counted back from it.
    package let asOf: Day
    private let seed: UInt64

    package init(accounts: Int, asOf: Day, seed: UInt64) {
        self.accounts = accounts
        self.asOf = asOf
        self.seed = seed
    }

    /// The share of debtors with more than one account.
    static let shareWithSeveral = 0.15

    private static let regions: [(String, Double)] = [
        ("CN-44", 16), ("CN-31", 14), ("CN-11", 13), ("CN-32", 11), ("CN-33", 11), ("CN-51", 10), ("CN-42", 8), ("CN-37", 8), ("CN-35", 6),
        ("CN-65", 3),
    ]
    private static let daysPastDue: [(ClosedRange<Int>, Double)] = [
        (31...60, 58), (61...90, 22), (91...120, 10), (121...180, 6), (181...240, 4),
    ]

    static let accountHeader =
        "account_ref,debtor_ref,product,currency,balance,principal,interest,fees,credit_limit,days_past_due,delinquent_since,last_payment_date,"
        + "last_payment_amount,statement_day,region,time_zone,language,name,id_number,billing_address,as_of,amount_due,min_payment\n"
    static let contactHeader = "debtor_ref,role,channel,value,rank,provenance,consent_until\n"

    /// Hands every line of the two files to `account` and `contact`, headers first, in the order of the debtors.
    ///
    /// Lines are made one by one, so the size of the portfolio does not show in memory.
    package func write(account: (String) throws -> Void, contact: (String) throws -> Void) rethrows {
        try account(Self.accountHeader)
        try contact(Self.contactHeader)
        var made = 0
        var debtor = 0
        while made < accounts {
            debtor += 1
            let ref = "DG" + padded(debtor, to: 6)
            var random = SeededGenerator(seed: seed, key: ref)
            let region = random.pick(Self.regions)
            let several = random.chance(Self.shareWithSeveral) ? Int.random(in: 2...3, using: &random) : 1
            for index in 1...min(several, accounts - made) {
                try account(accountLine(ref: ref, number: debtor, index: index, region: region, random: &random))
                made += 1
            }
            for line in contactLines(ref: ref, number: debtor, region: region, random: &random) { try contact(line) }
        }
    }

    private func accountLine(ref: String, number: Int, index: Int, region: String, random: inout SeededGenerator) -> String {
        // A product of uniforms is skewed like card debt: median about 9,000, one in ten above 60,000.
        let scale = Double.random(in: 0..<1, using: &random) * Double.random(in: 0..<1, using: &random)
        let principal = 40_000 + Int(scale * scale * 38_000_000) + Int(scale * 1_500_000)
        let dpd = Int.random(in: random.pick(Self.daysPastDue), using: &random)
        let interest = principal * dpd / 2_000
        let fees = max(1_000, principal / 100)
        let balance = principal + interest + fees
        let months = max(1, dpd / 30)
        let minimum = max(5_000, principal / 20)
        let due = min(balance, minimum * months + interest + fees)
        let since = asOf.adding(days: -dpd)
        let lastPaid = since.adding(days: -Int.random(in: 5...40, using: &random))
        return [
            "AG\(padded(number, to: 6))-\(index)", ref, "credit_card", "CNY", yuan(balance), yuan(principal), yuan(interest), yuan(fees),
            yuan((principal / 1_000_000 + 1) * 1_200_000), String(dpd), since.description, lastPaid.description, yuan(minimum),
            String(Int.random(in: 1...28, using: &random)), region, "Asia/Shanghai", "zh-CN", "Cardholder \(padded(number, to: 6))",
            "ID\(padded(number, to: 10))", "\(region) Sample Road \(number % 900 + 1)", asOf.description, yuan(due), yuan(minimum),
        ].joined(separator: ",") + "\n"
    }

    private func contactLines(ref: String, number: Int, region: String, random: inout SeededGenerator) -> [String] {
        let consent = asOf.adding(days: 730).description
        func phone(_ kind: Int) -> String { "+999\(kind)\(padded(number, to: 8))" }
        var lines = [
            "\(ref),cardholder,mobile,\(phone(1)),1,application_form,\(consent)\n",
            "\(ref),cardholder,address,\(region) Home Lane \(number % 700 + 1),6,application_form,\n",
        ]
        if random.chance(0.35) { lines.append("\(ref),cardholder,home_phone,\(phone(2)),3,application_form,\n") }
        if random.chance(0.5) { lines.append("\(ref),employer,work_phone,\(phone(3)),2,application_form,\n") }
        if random.chance(0.3) { lines.append("\(ref),spouse,mobile,\(phone(4)),4,application_form,\n") }
        if random.chance(0.6) { lines.append("\(ref),reference,mobile,\(phone(5)),5,application_form,\n") }
        return lines
    }

    private func yuan(_ fen: Int) -> String { "\(fen / 100).\(padded(fen % 100, to: 2))" }

    private func padded(_ number: Int, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
