/// What a text for debtors must not say, found before it is ever sent.
///
/// A pure check over words: it finds what may not be said (bank's guide against CN3, CN11, CN12, CN23 of the rules), not whether the rest is
/// true or complete. Blanks, punctuation and line breaks inside a Chinese word do not hide it.
package enum TemplateLint {
    /// What is wrong with a passage.
    package enum Rule: String, CaseIterable, Sendable {
        /// How often somebody will be called: a ceiling of the law, never a threat.
        case callFrequency = "call_frequency"
        /// The employer, colleagues or the place of work.
        case employer
        /// There is no blacklist; a credit report is named as what it is.
        case blacklist
        /// Criminal law, police, prison: never in a text for debtors.
        case criminalLaw = "criminal_law"
        /// 滞纳金: abolished.
        case lateFee = "late_fee"
        /// The dress or voice of a court, prosecutor, police or ministry.
        case stateOrgan = "state_organ"

        /// Rule ids it stands on.
        package var sources: [String] {
            switch self {
            case .callFrequency: ["CN10", "CN15"]
            case .employer: ["CN3", "CN11"]
            case .blacklist: ["CN8"]
            case .criminalLaw: ["CN3", "CN20"]
            case .lateFee: ["CN23"]
            case .stateOrgan: ["CN8", "CN12"]
            }
        }

        /// Why it may not be said.
        package var reason: String {
            switch self {
            case .callFrequency: "a text may not say how often somebody will be called"
            case .employer: "a text may not speak of the employer, colleagues or the place of work"
            case .blacklist: "there is no blacklist; say what is reported to the credit register"
            case .criminalLaw: "criminal law, police and prison may not be held out to anybody"
            case .lateFee: "the late fee (滞纳金) is abolished; say contract damages (违约金)"
            case .stateOrgan: "a text may not look or sound like a court, prosecutor, police or ministry"
            }
        }
    }

    /// One passage that may not stand.
    package struct Finding: Hashable, Sendable {
        package let rule: Rule
        /// From 1.
        package let line: Int
        /// The words that were found, as they stand but for blanks and punctuation.
        package let quote: String
    }

    /// Everything wrong with a text, by line, each passage once per rule.
    package static func findings(in text: String) -> [Finding] {
        let letters = Letters(text)
        var findings: [Finding] = []
        for rule in Rule.allCases {
            var taken: [Range<Int>] = []
            for range in matches(rule, letters) where !taken.contains(where: { $0.overlaps(range) }) {
                taken.append(range)
                findings.append(Finding(rule: rule, line: letters.lines[range.lowerBound], quote: letters.text(range)))
            }
        }
        return findings.sorted { ($0.line, $0.rule.rawValue, $0.quote) < ($1.line, $1.rule.rawValue, $1.quote) }
    }

    // MARK: Words

    private static func matches(_ rule: Rule, _ letters: Letters) -> [Range<Int>] {
        switch rule {
        case .callFrequency: frequencies(letters)
        case .employer:
            letters.find(
                ["雇主", "工作单位", "你单位", "您单位", "贵单位", "所在单位", "单位领导", "单位人事", "公司领导", "人事部", "同事", "就职公司", "工作地点", "僱主", "單位"],
                words: [
                    "employer", "employers", "workplace", "place of work", "your company", "your boss", "hr department", "colleague",
                    "colleagues",
                ])
        case .blacklist:
            letters.find(
                ["黑名单", "黑名單", "失信人", "失信名单", "老赖"], words: ["blacklist", "blacklisted", "black list", "black listed"])
        case .criminalLaw:
            letters.find(
                [
                    "刑法", "刑事", "刑责", "犯罪", "诈骗", "坐牢", "判刑", "逮捕", "拘留", "拘役", "有期徒刑", "牢狱", "报警", "立案侦查", "报案", "詐騙", "報警",
                ],
                words: [
                    "criminal", "crime", "prison", "jail", "arrest", "arrested", "imprisonment", "imprisoned", "prosecuted", "prosecution",
                    "felony", "fraud charge",
                ])
        case .lateFee: letters.find(["滞纳金", "滯納金"], words: ["late fee", "late fees"])
        case .stateOrgan:
            letters.find(
                [
                    "公检法", "公安", "检察院", "检察机关", "法务部", "法务", "司法局", "司法部门", "传票", "拘传", "执行局", "仲裁庭", "调解中心", "国徽", "派出所", "警官",
                    "法院通知", "法院专递", "法院来电",
                ],
                words: [
                    "ministry of justice", "public prosecutor", "public security", "police", "sheriff", "bailiff", "subpoena", "summons",
                    "court order", "court notice", "law enforcement", "department of justice",
                ]) + courts(letters)
        }
    }

    /// A court may be named as the place where a suit is brought (`向人民法院起诉`), not as who writes.
    private static func courts(_ letters: Letters) -> [Range<Int>] {
        letters.find(["人民法院"], words: []).filter { range in
            let before = letters.text(max(0, range.lowerBound - 6)..<range.lowerBound)
            return !["向", "到", "至", "由", "在"].contains { before.contains($0) }
        }
    }

    /// `每天三次电话`, `一天打5通`, `three calls a day`, `call you daily`.
    private static func frequencies(_ letters: Letters) -> [Range<Int>] {
        let days = letters.find(["每天", "每日", "一天", "一日", "天天", "每小时", "每週", "每周"], words: [])
        let counted = days.filter { day in
            let after = letters.text(day.upperBound..<min(letters.count, day.upperBound + 10))
            let speaksOfCalls = ["电话", "拨", "致电", "呼叫", "来电", "通话", "催收", "联系", "電話"].contains { after.contains($0) }
            return speaksOfCalls || ["次", "通", "遍"].contains { after.contains($0) }
        }
        let numbers =
            ["once", "twice", "one", "two", "three", "four", "five", "six", "seven", "several", "many"] + (1...99).map(String.init)
        var phrases = ["daily calls", "call you daily", "call you every day", "calls every day", "keep calling", "call you every hour"]
        for number in numbers {
            for (unit, period) in [("calls", "day"), ("times", "day"), ("call", "day"), ("calls", "week"), ("times", "week")] {
                phrases += ["\(number) \(unit) a \(period)", "\(number) \(unit) per \(period)", "\(number) \(unit) every \(period)"]
            }
            phrases += ["\(number) a day", "\(number) daily"]
        }
        return counted + letters.find([], words: phrases)
    }
}

/// A text without what could hide a word: letters and digits only, lower case, full width made half, each with its line.
private struct Letters {
    private(set) var characters: [Character] = []
    private(set) var lines: [Int] = []
    /// Whether a letter begins a word: only blanks or punctuation, or another script, stand before it.
    private var starts: [Bool] = []

    var count: Int { characters.count }

    init(_ text: String) {
        var line = 1
        var isBreak = true
        for character in text {
            if character.isNewline { line += 1 }
            guard let folded = Self.folded(character) else {
                isBreak = true
                continue
            }
            let isHan = !folded.isASCII
            characters.append(folded)
            lines.append(line)
            starts.append(isBreak || isHan || (characters.count > 1 && !characters[characters.count - 2].isASCII))
            isBreak = isHan
        }
    }

    private static func folded(_ character: Character) -> Character? {
        guard let scalar = character.unicodeScalars.first else { return nil }
        // Full-width forms of ASCII lie 0xFEE0 above it.
        if (0xFF01...0xFF5E).contains(scalar.value), let half = Unicode.Scalar(scalar.value - 0xFEE0) {
            return folded(Character(half))
        }
        guard character.isLetter || character.isNumber else { return nil }
        return character.lowercased().first
    }

    func text(_ range: Range<Int>) -> String {
        var text = ""
        for index in range {
            if index > range.lowerBound, starts[index], characters[index].isASCII, characters[index - 1].isASCII { text += " " }
            text.append(characters[index])
        }
        return text
    }

    /// Where Chinese terms or English words stand; words only as whole words.
    func find(_ terms: [String], words: [String]) -> [Range<Int>] {
        var found: [Range<Int>] = []
        for term in terms {
            let term = Array(term)
            for start in 0..<max(0, count - term.count + 1) where characters[start] == term[0] {
                if characters[start..<start + term.count].elementsEqual(term) { found.append(start..<start + term.count) }
            }
        }
        for phrase in words {
            let parts = phrase.split(separator: " ").map(Array.init)
            for start in 0..<count where starts[start] && characters[start] == parts[0][0] {
                if let end = end(of: parts, from: start) { found.append(start..<end) }
            }
        }
        // The longest of several that begin together is quoted.
        return found.sorted { ($0.lowerBound, -$0.count) < ($1.lowerBound, -$1.count) }
    }

    private func end(of words: [[Character]], from start: Int) -> Int? {
        var index = start
        for word in words {
            guard index + word.count <= count, starts[index], characters[index..<index + word.count].elementsEqual(word) else { return nil }
            index += word.count
        }
        return index == count || starts[index] ? index : nil
    }
}
