import CollectionsDomain
import Testing

@Suite("lint of templates")
struct TemplateLintTests {
    @Test(
        "what may not be said is found",
        arguments: [
            ("We will give you three calls a day.", .callFrequency), ("我们将每天致电三次。", .callFrequency), ("We call you daily!", .callFrequency),
            ("每日联系您 5 次", .callFrequency), ("We shall inform your Employer.", .employer), ("将通知您的工 作 单 位。", .employer),
            ("We contact your\ncolleagues", .employer), ("You will be put on a black-list.", .blacklist), ("列入黑名单", .blacklist),
            ("您将被列入失信\n名单", .blacklist), ("This is a criminal matter.", .criminalLaw), ("可能构成信用卡诈骗罪", .criminalLaw),
            ("ＰＲＩＳＯＮ", .criminalLaw), ("滞纳金", .lateFee), ("滞-纳-金 100 元", .lateFee), ("a late fee of 3%", .lateFee),
            ("XX市人民法院", .stateOrgan), ("银行法务部通知", .stateOrgan), ("SUMMONS", .stateOrgan), ("我局公安机关", .stateOrgan),
        ] as [(String, TemplateLint.Rule)])
    func findings(text: String, rule: TemplateLint.Rule) {
        let found = TemplateLint.findings(in: text)
        #expect(found.contains { $0.rule == rule }, "\(text): \(found)")
        #expect(found.allSatisfy { !$0.quote.isEmpty && $0.line >= 1 })
    }

    @Test(
        "what may be said is let through",
        arguments: [
            "尊敬的客户，您的信用卡账户已逾期 31 天，应还金额 1,200.00 元。如有异议请致电发卡行客服。违约金按合同约定收取。",
            "如未能达成一致，本行可能依法向人民法院提起诉讼。", "Please call the bank on 95588 within five days. You may ask for an instalment plan.",
            "Overdue amounts are reported to the credit register as the law provides.", "本行将如实向征信机构报送信息。",
            "Discrimination is not tolerated.", "",
        ])
    func clean(text: String) {
        #expect(TemplateLint.findings(in: text).isEmpty, "\(TemplateLint.findings(in: text))")
    }

    @Test("a finding names its line and its words, and each passage stands once")
    func lines() {
        let found = TemplateLint.findings(in: "Dear customer,\nyour employer will hear of it.\n\n滞纳金 and 滞 纳 金")
        #expect(found.map(\.line) == [2, 4, 4])
        #expect(found.map(\.quote) == ["your employer", "滞纳金", "滞纳金"] || found.map(\.quote) == ["employer", "滞纳金", "滞纳金"])
        #expect(TemplateLint.Rule.allCases.allSatisfy { !$0.reason.isEmpty && !$0.sources.isEmpty })
    }
}
