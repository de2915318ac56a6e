extension DecisionCase {
    /// Reads one case over the clean defaults of its policy's country.
    static func read(_ reader: PolicyReader, policies: PolicySet) throws -> DecisionCase {
        try reader.mapping { keys in
            let id = try keys.required("id").string()
            let policyKey = try keys.required("policy")
            let policy = try policyKey.string()
            guard let known = policies.latest(policy) else { throw policyKey.fault("policy '\(policy)' is not there") }
            let actKey = try keys.required("act")
            var file = CaseFileBuilder(jurisdiction: known.jurisdiction)
            let (act, at) = try actKey.mapping { try file.act(&$0) }
            file.setDefaults(at: at)
            try keys.optional("facts")?.mapping { try file.facts(&$0) }
            for event in try keys.optional("history")?.items() ?? [] { try event.mapping { try file.event(&$0) } }
            let expected = try keys.required("expect").mapping { expect in
                let decision = try expect.required("decision")
                let rules = try expect.optional("rules")?.list { try $0.string() } ?? []
                switch try decision.string() {
                case "allow":
                    guard rules.isEmpty else { throw decision.fault("an allowed act has no reasons") }
                    return Answer(isAllowed: true, rules: [])
                case "block": return Answer(isAllowed: false, rules: rules)
                case let other: throw decision.fault("expected one of allow, block, found '\(other)'")
                }
            }
            return DecisionCase(
                id: id, policy: policy, title: try keys.required("title").string(), basis: try keys.optional("basis")?.word() ?? .bank,
                covers: try keys.optional("covers")?.list { try $0.string() } ?? [], note: try keys.optional("note")?.string(),
                expected: expected, ledger: file.ledger, facts: file.facts, act: act, at: at)
        }
    }
}

/// Turns the names of a case into ids, and its facts and history into a ledger.
private struct CaseFileBuilder {
    let jurisdiction: String
    var ledger: ConductLedger
    var facts: GateFacts
    private var names: [String: Int64] = [:]
    private var agencies: [String: Int32] = [:]
    private var roles: [String: PartyRole] = [:]

    init(jurisdiction: String) {
        self.jurisdiction = jurisdiction
        ledger = ConductLedger(profile: DebtorProfile(zones: Jurisdiction.zone(of: jurisdiction).map { .known([$0]) } ?? .unknown))
        facts = GateFacts(calendar: .known(BusinessCalendar()), unmarkedNoticesAreOld: true)
    }

    /// What is true of everybody unless the case says otherwise.
    mutating func setDefaults(at: Instant) {
        let today = (Jurisdiction.zone(of: jurisdiction) ?? .utc).day(of: at)
        ledger.profile.smsLastInbound = .known(today)
        ledger.profile.smsLastCheck = .known(today)
        facts.account = GateFacts.Account(
            defaultDate: .known(nil), limitationEnd: .known(nil), principal: .unknown, lastActivityOn: .known(nil), settledOn: .known(nil),
            outsourcingNotice: .known(true), legalReviewDone: .known(false))
        let lastMonth = today.adding(months: -1)
        facts.agency = GateFacts.Agency(
            listed: .known(true), lastEvaluatedOn: .known(lastMonth), lastTrainedOn: .known(lastMonth), contractEnd: .known(nil),
            subcontracts: .known(false), commissionOnly: .known(false), agenciesInUse: .known(1))
    }

    // MARK: Names

    /// A number for a name; the debtor has 0.
    private mutating func id(_ name: String) -> Int64 {
        if let id = names[name] { return id }
        let id = Int64(names.count + 1)
        names[name] = id
        return id
    }

    private mutating func party(_ name: String) -> PartyKey {
        name == "debtor" ? 0 : id("party " + name)
    }

    private mutating func accounts(_ names: [String]) -> [Int64] {
        names.map { id("account " + $0) }
    }

    private mutating func actor(_ name: String) -> Actor {
        if name == "bank" { return .bank }
        if let id = agencies[name] { return Actor(agency: id) }
        let id = Int32(agencies.count + 1)
        agencies[name] = id
        return Actor(agency: id)
    }

    // MARK: Acts

    mutating func act(_ keys: inout PolicyKeys) throws -> (Act, Instant) {
        let typeKey = try keys.required("type")
        let type = try typeKey.string()
        let at = try keys.required("at").instant()
        let by = actor(try keys.optional("by")?.string() ?? "agency-a")
        var about = [try keys.optional("account")?.string() ?? "A"]
        if let list = try keys.optional("accounts") { about = try list.list { try $0.string() } }
        let kind: Act.Kind
        switch type {
        case "place_account":
            _ = try keys.required("agency").string()
            kind = .placeAccount
        case "refer_civil": kind = .referCivil
        case "refer_criminal": kind = .referCriminal
        case "open_file": kind = .openFile
        case "propose_plan":
            let months = try keys.required("plan").mapping { try $0.required("term_months").int(1...12_000) }
            kind = .proposePlan(termMonths: months, content: try content(&keys))
        case "take_promise":
            kind = .takePromise(due: try keys.required("promise").mapping { try $0.required("due").day() })
        case "purge_record":
            kind = try keys.required("record").mapping { record in
                .purgeRecord(try record.required("kind").code(), madeOn: try record.required("made_on").day())
            }
        default:
            guard let channel = Channel(name: type) else { throw typeKey.fault("unknown act '\(type)'") }
            kind = .contact(try contact(channel, &keys))
        }
        return (Act(by: by, accounts: accounts(about), kind: kind), at)
    }

    private mutating func contact(_ channel: Channel, _ keys: inout PolicyKeys) throws -> ContactAct {
        let address = try address(&keys, channel: channel)
        var contact = ContactAct(channel: channel, party: address.party, role: address.role, point: address.point)
        contact.purpose = try keys.optional("purpose")?.code() ?? .demandPayment
        contact.content = try content(&keys)
        contact.recorder = try keys.optional("recorder")?.bool() ?? true
        try keys.optional("visit")?.mapping { visit in
            contact.visit.collectors = try visit.optional("collectors")?.int(0...100) ?? 2
            contact.visit.idShown = try visit.optional("id_shown")?.bool() ?? true
            contact.visit.entry = try visit.optional("entry")?.code() ?? .none
            contact.visit.postedNotice = try visit.optional("posted_notice")?.bool() ?? false
            if visit.has("notice_on") {
                contact.visit.notice = try visit.optional("notice_on").map { .on(try $0.day()) } ?? .never
            }
        }
        return contact
    }

    private func content(_ keys: inout PolicyKeys) throws -> ActContent {
        guard let reader = try keys.optional("content") else { return .clean }
        return try reader.mapping { content in
            ActContent(
                missing: try content.optional("missing")?.codes() ?? [], fields: try content.optional("fields")?.codes() ?? [],
                marks: try content.optional("marks")?.codes() ?? [], threats: try content.optional("threats")?.codes() ?? [])
        }
    }

    /// Whom an act addresses: `to`, filled up with the debtor and the usual point of the channel.
    private mutating func address(
        _ keys: inout PolicyKeys, channel: Channel
    ) throws -> (party: PartyKey, role: PartyRole, point: ContactPointRef) {
        var name = "debtor"
        var role: PartyRole?
        var point: (word: String, reader: PolicyReader)?
        if let to = try keys.optional("to") {
            try to.mapping { keys in
                name = try keys.optional("party")?.string() ?? "debtor"
                role = try keys.optional("role")?.code()
                if let reader = try keys.optional("point") { point = (try reader.string(), reader) }
            }
        }
        if name != "debtor", role == nil { role = roles[name] }
        guard let role = name == "debtor" ? role ?? .debtor : role else { throw keys.fault("role of '\(name)' is missing") }
        roles[name] = role
        let word = point?.word ?? Self.usualPoint(of: channel)
        guard let kind = Self.kind(ofPoint: word) else {
            throw point?.reader.fault("unknown point '\(word)'") ?? keys.fault("unknown point '\(word)'")
        }
        let reserved = !["work_address", "other_phone", "other_address"].contains(word)
        return (party(name), role, ContactPointRef(id: id("point \(name) \(word)"), kind: kind, isReserved: reserved))
    }

    private static func usualPoint(of channel: Channel) -> String {
        switch channel {
        case .call, .noticeCall, .sms: "mobile_1"
        case .email: "email_1"
        case .letter: "billing_address"
        case .visit: "home_address"
        }
    }

    private static func kind(ofPoint word: String) -> PointKind? {
        switch word {
        case "mobile_1", "mobile_2": .mobile
        case "email_1": .email
        default: PointKind(name: word).flatMap { $0 == .mobile || $0 == .email ? nil : $0 }
        }
    }

    // MARK: Facts

    mutating func facts(_ keys: inout PolicyKeys) throws {
        try keys.optional("party")?.mapping { try party(&$0) }
        try keys.optional("account")?.mapping { try account(&$0) }
        try keys.optional("agency")?.mapping { try agency(&$0) }
        for consent in try keys.optional("consents")?.items() ?? [] { try consent.mapping { try self.consent(&$0) } }
        for hold in try keys.optional("holds")?.items() ?? [] { try hold.mapping { try self.hold(&$0) } }
        try keys.optional("sms")?.mapping { sms in
            // Who gives one of the two dates says what is known: the other is none.
            ledger.profile.smsLastInbound = .known(nil)
            ledger.profile.smsLastCheck = .known(nil)
            if let fact = try sms.fact("last_inbound_on", { try $0.day() }) { ledger.profile.smsLastInbound = fact }
            if let fact = try sms.fact("last_check_on", { try $0.day() }) { ledger.profile.smsLastCheck = fact }
        }
        if let holidays = try keys.optional("holidays") {
            facts.calendar =
                holidays.isUnknown ? .unknown : .known(BusinessCalendar(holidays: try holidays.list { try $0.day() }))
        }
    }

    private mutating func party(_ keys: inout PolicyKeys) throws {
        if let zones = try keys.optional("zones") {
            ledger.profile.zones = zones.isUnknown ? .unknown : .known(try zones.list { try $0.zone() })
        }
        if let fact = try keys.fact("sub_area", { try $0.code(SubArea.self) }) { ledger.profile.subArea = fact }
        if let fact = try keys.fact("deceased_on", { try $0.day() }) { ledger.profile.deceasedOn = fact }
        try keys.flag("number_invalid", into: &ledger.profile.numberInvalid)
        try keys.flag("incapacitated", into: &ledger.profile.incapacitated)
        try keys.flag("capacity_in_doubt", into: &ledger.profile.capacityInDoubt)
        try keys.flag("vulnerable", into: &ledger.profile.vulnerable)
        try keys.flag("employer_prohibits", into: &ledger.profile.employerProhibits)
    }

    private mutating func account(_ keys: inout PolicyKeys) throws {
        if let fact = try keys.fact("default_date", { try $0.day() }) { facts.account.defaultDate = fact }
        if let fact = try keys.fact("limitation_end", { try $0.day() }) { facts.account.limitationEnd = fact }
        if let fact = try keys.fact("last_activity_on", { try $0.day() }) { facts.account.lastActivityOn = fact }
        if let fact = try keys.fact("settled_on", { try $0.day() }) { facts.account.settledOn = fact }
        try keys.flag("outsourcing_notice", into: &facts.account.outsourcingNotice)
        try keys.flag("legal_review_done", into: &facts.account.legalReviewDone)
        let code = try keys.optional("currency")
        guard let currency = try code?.currency() ?? Currency(Jurisdiction.currency(of: jurisdiction)) else { return }
        if let principal = try keys.optional("principal") {
            facts.account.principal = principal.isUnknown ? .unknown : .known(try principal.money(currency))
        }
        if let rest = try keys.optional("interest_and_fees"), !rest.isUnknown { _ = try rest.money(currency) }
    }

    private mutating func agency(_ keys: inout PolicyKeys) throws {
        try keys.flag("listed", into: &facts.agency.listed)
        if let fact = try keys.fact("last_evaluated_on", { try $0.day() }) { facts.agency.lastEvaluatedOn = fact }
        if let fact = try keys.fact("last_trained_on", { try $0.day() }) { facts.agency.lastTrainedOn = fact }
        if let fact = try keys.fact("contract_end", { try $0.day() }) { facts.agency.contractEnd = fact }
        try keys.flag("subcontracts", into: &facts.agency.subcontracts)
        try keys.flag("commission_only", into: &facts.agency.commissionOnly)
    }

    private mutating func consent(_ keys: inout PolicyKeys) throws {
        let kind: LedgerConsent.Kind = try keys.required("type").code()
        let channels = try keys.optional("channels")?.channels()
        let start = try keys.optional("start")?.time() ?? .midnight
        let end = try keys.optional("end")?.time() ?? .endOfDay
        guard start != end else { throw keys.fault("start and end are the same") }
        _ = try keys.optional("wanted_at")?.instant()
        let owner = party(try keys.optional("party")?.string() ?? "debtor")
        ledger.add(
            LedgerConsent(
                kind: kind, party: owner, channels: channels ?? .all, start: start, end: end,
                isRecorded: try keys.optional("recorded")?.bool() ?? false, givenOn: try keys.optional("given_on")?.day() ?? Day(number: 0),
                validUntil: try keys.optional("valid_until")?.day(), role: try keys.optional("role")?.code() ?? .debtor))
    }

    /// A hold that somebody set on record, which no event tells; on the whole debtor unless accounts are named.
    private mutating func hold(_ keys: inout PolicyKeys) throws {
        let named = try keys.optional("accounts")?.list { try $0.string() }
        let type: HoldType = try keys.required("type").word()
        let from = try keys.required("from").instant()
        ledger.hold(type, on: named.map { accounts($0) }, from: from, until: try keys.optional("until")?.instant())
    }

    // MARK: History

    mutating func event(_ keys: inout PolicyKeys) throws {
        let typeKey = try keys.required("type")
        let type = try typeKey.string()
        let at = try keys.required("at").instant()
        let by = actor(try keys.optional("by")?.string() ?? "agency-a")
        let about = ledger.register(accounts(try keys.optional("accounts")?.list { try $0.string() } ?? ["A"]))
        let speaker = try keys.optional("party")?.string()
        switch type {
        case "inbound_call", "inbound_message":
            let isCall = type == "inbound_call"
            let address = try address(&keys, channel: isCall ? .call : .sms)
            let who = speaker.map { party($0) } ?? address.party
            let channel: Channel = isCall ? .call : address.point.kind == .email ? .email : .sms
            let outcome: ContactOutcome = try keys.optional("outcome")?.code() ?? (isCall ? .conversation : .received)
            ledger.add(
                ContactEntry(
                    at: at, channel: channel, direction: .inbound, outcome: outcome, purpose: try purpose(&keys), party: who,
                    role: who == 0 ? .debtor : address.role, point: address.point.id, pointIsReserved: address.point.isReserved,
                    accounts: about, by: by))
        default:
            if let channel = Channel(name: type) {
                let address = try address(&keys, channel: channel)
                let outcome: ContactOutcome
                if let word = try keys.optional("outcome") {
                    outcome = try word.code()
                } else if channel == .sms || channel == .email || channel == .letter {
                    outcome = .sent
                } else {
                    throw keys.fault("missing key 'outcome'")
                }
                ledger.add(
                    ContactEntry(
                        at: at, channel: channel, outcome: outcome, purpose: try purpose(&keys), party: address.party, role: address.role,
                        point: address.point.id, pointIsReserved: address.point.isReserved, accounts: about, by: by,
                        consented: try keys.optional("consented")?.bool() ?? false))
            } else if let kind = MarkKind(name: type), kind != .promiseEnded {
                let named = try keys.optional("to")?.mapping { to in
                    _ = try to.optional("role")?.code(PartyRole.self)
                    _ = try to.optional("point")?.string()
                    return try to.optional("party")?.string()
                }
                _ = try purpose(&keys)
                _ = try keys.optional("outcome")?.string()
                let who = party(speaker ?? named.flatMap { $0 } ?? "debtor")
                let detail = try detail(of: kind, &keys)
                ledger.add(ConductMark(kind, at: at, party: who, accounts: about, detail: detail))
            } else {
                throw typeKey.fault("unknown event '\(type)'")
            }
        }
    }

    private func purpose(_ keys: inout PolicyKeys) throws -> ActPurpose {
        try keys.optional("purpose")?.code() ?? .demandPayment
    }

    /// The own key of an event, as ``MarkKind`` keeps it.
    private func detail(of kind: MarkKind, _ keys: inout PolicyKeys) throws -> Int32 {
        switch kind {
        case .optOut:
            _ = try keys.optional("form")?.code(StatementForm.self)
            return Int32(truncatingIfNeeded: try keys.optional("channel")?.channelWord().bits ?? ChannelSet.all.bits)
        case .ceaseNotice, .disputeReceived, .planSigned:
            _ = try keys.optional("channel")?.channelWord()
            _ = try keys.optional("term_months")?.int(1...12_000)
            _ = try keys.optional("due")?.day()
            // A form nobody names is the weaker one.
            let form: StatementForm = try keys.optional("form")?.code() ?? .oral
            return Int32(form.rawValue)
        case .promiseTaken:
            _ = try keys.optional("form")?.code(StatementForm.self)
            return try keys.required("due").day().number
        case .instalmentMissed:
            _ = try keys.optional("form")?.code(StatementForm.self)
            return try keys.optional("due")?.day().number ?? 0
        case .representativeKnown:
            return Int32(try keys.required("kind").code(PartyRole.self).rawValue)
        case .thirdPartyAnswerDoubted:
            guard let reason = try keys.optional("reason") else { return 0 }
            guard ["wrong", "incomplete"].contains(try reason.string()) else { throw reason.fault("expected one of wrong, incomplete") }
            return 0
        case .disputeVerified, .verificationSent, .outcomeSent, .validationSent, .promiseEnded, .payment, .acknowledgment, .settled,
            .moratoriumEntered, .crisisTreatmentStarted, .crisisTreatmentEnded, .adviserNotice, .adviserProgress, .ombudsmanComplaint,
            .ombudsmanClosed, .representativeReply, .representativeConsents, .thirdPartyRefused, .thirdPartyOfferedToPay,
            .thirdPartyAskedBack, .defaultNoticeSent, .letterOfClaimSent, .setOff, .consentToPerform, .suitFiled, .policeReport:
            // What the format names for neighbouring events is taken here too and decides nothing.
            _ = try keys.optional("form")?.code(StatementForm.self)
            _ = try keys.optional("kind")?.code(PartyRole.self)
            _ = try keys.optional("due")?.day()
            return 0
        }
    }
}

extension PolicyReader {
    /// Whether the value is the word for a fact nobody has.
    fileprivate var isUnknown: Bool {
        if case .scalar("unknown", _) = node.content { true } else { false }
    }
}

extension PolicyKeys {
    /// A fact that may be `unknown` or, if it never happened, null; nil if the key is absent.
    fileprivate mutating func fact<Value>(_ key: String, _ read: (PolicyReader) throws -> Value) throws -> Fact<Value?>? {
        guard has(key) else { return nil }
        guard let reader = try optional(key) else { return .known(nil) }
        return reader.isUnknown ? .unknown : .known(try read(reader))
    }

    /// A fact that is true, false or `unknown`.
    fileprivate mutating func flag(_ key: String, into fact: inout Fact<Bool>) throws {
        guard let reader = try optional(key) else { return }
        fact = reader.isUnknown ? .unknown : .known(try reader.bool())
    }
}
