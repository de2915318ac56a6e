import ArgumentParser
import CollectionsDomain
import CollectionsStore
import Coordinator

/// `recourse policy explain`: may this account's debtor be contacted, and if not, why?
struct PolicyExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say whether an account's debtor may be contacted, by which rules not, and from when.",
        discussion: """
            Judges as dispatch does, the law's rules and the bank's own pace, and reserves nothing. Exits 0 whatever the answer is.
            """)
    @Option(help: "The bank's reference of the account.") var account: String
    @Option(help: "call (or phone), notice_call, sms, email, letter or visit.") var channel: String
    @Option(help: "demand_payment, reminder, ask_contact, relay, …; else what the point's owner may be told.") var purpose: String?
    @Option(name: .customLong("contact-point"), help: ArgumentHelp("One contact point only.", valueName: "id")) var contactPoint: Int64?
    @Option(help: "Business time, RFC 3339 with a zone; else now.") var at: String?
    @Option(help: "en or zh.") var language: PlainLanguage = .english
    @OptionGroup var options: DatabaseOptions
    @OptionGroup var output: OutputOptions

    struct Report: Encodable {
        struct Reason: Encodable {
            let rule: String
            let force: String
            let source: String
            /// With this act.
            let counted: Int?
            /// Without it.
            let used: Int?
            let max: Int?
            let lifts: String?
            let review: Bool
            /// The reason in the language that was asked for.
            let text: String
        }

        /// A rule of the bank's own pace that makes a lease wait.
        struct Pace: Encodable {
            let rule: String
            let lifts: String
            let text: String
        }

        struct Point: Encodable {
            let contactPoint: Int64
            let role: String
            let kind: String
            let allowed: Bool
            let until: String?
            /// By the rules and the bank's own pace.
            let earliest: String?
            /// By the rules alone.
            let earliestByRules: String?
            let reasons: [Reason]
            let pace: [Pace]
            /// The whole answer in the language that was asked for.
            let text: [String]

            enum CodingKeys: String, CodingKey {
                case role, kind, allowed, until, earliest, reasons, pace, text
                case earliestByRules = "earliest_by_rules"
                case contactPoint = "contact_point_id"
            }
        }

        let at: String
        let policyVersion: Int32
        let points: [Point]

        enum CodingKeys: String, CodingKey {
            case at, points
            case policyVersion = "policy_version"
        }
    }

    private var wantedChannel: Channel? { channel == "phone" ? .call : Channel(name: channel) }

    func validate() throws {
        guard wantedChannel != nil else {
            throw ValidationError("--channel must be one of phone, \(Channel.names.joined(separator: ", ")), got \(channel)")
        }
        if let purpose, ActPurpose(name: purpose) == nil {
            throw ValidationError("--purpose must be one of \(ActPurpose.names.joined(separator: ", ")), got \(purpose)")
        }
        if let at, Reading.instant(at) == nil { throw ValidationError("--at must be like 2026-12-01T09:00:00+08:00, got \(at)") }
    }

    func run() async throws {
        guard let channel = wantedChannel else { throw UsageError("--channel is not known") }
        try await options.withDatabase { database in
            let explainer = PolicyExplainer(database: database, policies: PolicyService(database: database))
            let (policy, at, answers) = try await explainer.explain(
                account: account, channel: channel, purpose: purpose.flatMap { ActPurpose(name: $0) }, at: at.flatMap(Reading.instant))
            let wanted = answers.filter { contactPoint == nil || $0.point.id == contactPoint }
            guard !wanted.isEmpty else { throw UsageError("--contact-point: the debtor has no such point for this channel") }
            let points = wanted.map { point($0, policy: policy.conduct, channel: channel) }
            for point in points {
                for line in point.text { Terminal.say(line) }
            }
            if output.json { try Terminal.json(Report(at: at.description, policyVersion: policy.version, points: points)) }
        }
    }

    private func point(_ answer: PolicyExplainer.Answer, policy: ConductPolicy, channel: Channel) -> Report.Point {
        let until: Instant?
        let byRules: Instant?
        let reasons: [BlockReason]
        switch answer.decision {
        case .allowed(let limit, _): (until, byRules, reasons) = (answer.pace.isEmpty ? limit : nil, nil, [])
        case .blocked(let all, let first): (until, byRules, reasons) = (nil, first, all)
        }
        let words = PlainWords(language)
        let owner = words.role(answer.point.role.ledgerRole)
        let kind = words.point(answer.point.channel.kind)
        let what =
            switch language {
            case .english: "\(words.channel(channel)) to \(owner), \(kind) \(answer.point.id)"
            case .chinese: "\(words.channel(channel))，\(owner)，\(kind) \(answer.point.id)"
            }
        return Report.Point(
            contactPoint: answer.point.id, role: answer.point.role.rawValue, kind: answer.point.channel.rawValue,
            allowed: answer.decision.isAllowed && answer.pace.isEmpty, until: until?.description, earliest: answer.earliest?.description,
            earliestByRules: byRules?.description,
            reasons: reasons.map { reason in
                Report.Reason(
                    rule: reason.rule, force: reason.basis.force.rawValue, source: reason.basis.sourceText, counted: reason.count?.counted,
                    used: reason.count.map { $0.counted - 1 },
                    max: reason.count?.max, lifts: reason.lifts?.description, review: reason.isForReview,
                    text: words.sentence(reason, policy: policy))
            }, pace: answer.pace.map { Report.Pace(rule: $0.rule, lifts: $0.earliest.description, text: words.pace($0.rule)) },
            text: words.lines(answer.decision, pace: answer.pace, of: what, policy: policy, zone: policy.time.zone ?? answer.zone))
    }
}

extension PlainLanguage: ExpressibleByArgument {}
