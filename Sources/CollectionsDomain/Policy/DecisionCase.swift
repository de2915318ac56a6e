/// One decision case: an act, what is known before it, and the decision that is expected.
package struct DecisionCase: Sendable {
    /// What a case expects, or what the gate said.
    package struct Answer: Hashable, Sendable {
        package let isAllowed: Bool
        /// Reasons in their order; empty if allowed.
        package let rules: [String]

        package init(isAllowed: Bool, rules: [String]) {
            self.isAllowed = isAllowed
            self.rules = rules
        }

        /// The answer in a decision.
        package init(_ decision: GateDecision) {
            self.init(isAllowed: decision.isAllowed, rules: decision.rules)
        }
    }

    package let id: String
    package let policy: String
    package let title: String
    /// Force of the value that decides.
    package let basis: Force
    /// Rule ids that are exercised.
    package let covers: [String]
    package let note: String?
    package let expected: Answer
    let ledger: ConductLedger
    let facts: GateFacts
    let act: Act
    let at: Instant
}

/// How a case came out.
package struct DecisionCaseResult: Sendable {
    package let id: String
    package let policy: String
    package let title: String
    package let expected: DecisionCase.Answer?
    /// Nil if the case could not be judged; `fault` says why.
    package let actual: DecisionCase.Answer?
    package let decision: GateDecision?
    /// The force the case gives for the value that decides.
    package let basis: Force?
    package let fault: PolicyError?

    /// Whether decision and reasons are exactly those expected.
    package var passed: Bool { fault == nil && expected == actual && actual != nil }
}

/// Runs a file of decision cases against policies.
package enum DecisionCases {
    /// The format that is understood.
    package static let format = "recourse-cases/1"

    /// Judges every case of a file.
    ///
    /// A case that cannot be read is a failed case with its fault; the others are judged all the same.
    /// - Throws: ``PolicyError`` if the file is no cases file.
    package static func run(_ node: PolicyNode, policies: PolicySet) throws -> [DecisionCaseResult] {
        let file = try PolicyReader(node)
        return try file.mapping { keys in
            let format = try keys.required("format")
            guard try format.string() == Self.format else { throw format.fault("expected \(Self.format)") }
            var seen: Set<String> = []
            return try keys.required("cases").list { reader in
                let result = run(reader, policies: policies)
                guard seen.insert(result.id).inserted else { throw reader.fault("case '\(result.id)' stands twice") }
                return result
            }
        }
    }

    private static func run(_ reader: PolicyReader, policies: PolicySet) -> DecisionCaseResult {
        func text(_ key: String) -> String {
            if case .scalar(let text, _)? = reader.node[key]?.content { text } else { "" }
        }
        func failed(_ fault: PolicyError) -> DecisionCaseResult {
            DecisionCaseResult(
                id: text("id"), policy: text("policy"), title: text("title"), expected: nil, actual: nil, decision: nil, basis: nil,
                fault: fault)
        }
        do {
            let one = try DecisionCase.read(reader, policies: policies)
            let day = (Jurisdiction.zone(of: policies.latest(one.policy)?.jurisdiction ?? "") ?? .utc).day(of: one.at)
            guard let policy = policies.policy(one.policy, on: day) ?? policies.latest(one.policy) else {
                return failed(reader.fault("policy '\(one.policy)' is not there"))
            }
            let decision = ConductGate.judge(policy: policy, ledger: one.ledger, facts: one.facts, act: one.act, now: one.at)
            return DecisionCaseResult(
                id: one.id, policy: one.policy, title: one.title, expected: one.expected, actual: DecisionCase.Answer(decision),
                decision: decision, basis: one.basis, fault: nil)
        } catch let fault as PolicyError {
            return failed(fault)
        } catch {
            return failed(reader.fault("cannot read the case"))
        }
    }
}

/// What decision cases take for granted about a country.
enum Jurisdiction {
    /// The zone a person is in unless a case says otherwise.
    static func zone(of country: String) -> Zone? {
        let identifier: String? =
            switch country {
            case "CN": "Asia/Shanghai"
            case "US": "America/New_York"
            case "GB": "Europe/London"
            case "IN": "Asia/Kolkata"
            case "AU": "Australia/Melbourne"
            case "IE": "Europe/Dublin"
            default: nil
            }
        return identifier.flatMap { Zone(identifier: $0) }
    }

    /// The currency of amounts without one.
    static func currency(of country: String) -> String {
        switch country {
        case "US": "USD"
        case "GB": "GBP"
        case "IN": "INR"
        case "AU": "AUD"
        case "IE": "EUR"
        default: "CNY"
        }
    }
}
