package import CollectionsDomain
package import CollectionsStore
package import WireTypes

/// Makes work cards: for each step what its act needs, and nothing else.
///
/// - A third party's card names the person sought and the purpose; it carries no account, no amount, no product, no placement.
/// - The identity number is on legal cards alone.
/// - A telephone number is in the clear only in the permit of the one act that dials it; elsewhere it is masked. An address is on the card of
///   the visit or letter that goes there.
/// - SeeAlso: Source: domain rules, section 2, work card.
package struct CardBuilder: Sendable {
    /// What the card says of the lease.
    package struct LeaseFacts: Sendable {
        package var actBefore: Instant?
        package var reportBy: Instant
        package var purpose: ActPurpose?
        package var conditions: GateConditions
        package var lastContacts: [ContactEntry]
        /// Accounts that may be worked now; others stay off the card.
        package var accounts: [Int64]?

        package init(
            actBefore: Instant?, reportBy: Instant, purpose: ActPurpose?, conditions: GateConditions, lastContacts: [ContactEntry],
            accounts: [Int64]?
        ) {
            self.actBefore = actBefore
            self.reportBy = reportBy
            self.purpose = purpose
            self.conditions = conditions
            self.lastContacts = lastContacts
            self.accounts = accounts
        }
    }

    /// Ways to pay that every card names: the bank's own, because no agency takes money.
    private static let repaymentChannels = ["bank_app", "bank_transfer", "bank_branch"]

    /// Goals an outcome may name for the next act.
    private static let nextGoals = WorkGoal.allCases.filter(\.mayBeAskedFor).map(\.name)

    private let policy: ActivePolicy
    private let cipher: PersonalCipher
    private let watermark: Instant?

    /// A builder for one call.
    package init(policy: ActivePolicy, cipher: PersonalCipher, watermark: Instant?) {
        self.policy = policy
        self.cipher = cipher
        self.watermark = watermark
    }

    /// The card of a task.
    ///
    /// - Throws: ``PersonalCipherError`` when a sealed value does not open.
    package func card(_ head: CardQueries.Head, rows: CardQueries.Rows, lease: LeaseFacts, hours: WorkingHours, now: Instant) throws
        -> WorkCard
    {
        var card = WorkCard(
            caseRef: String(head.caseId), stage: head.stage.name, step: head.step.name, goal: head.goal.name,
            actBefore: lease.actBefore.map(WireInstant.init), reportBy: WireInstant(lease.reportBy))
        card.permit = try permit(head, purpose: lease.purpose)
        // Whatever the case wants of the debtor, a third party is asked for contact or to pass a message on. No visit or letter goes to one; a card
        // for it would carry neither address nor text.
        if let point = head.point, point.role.isThirdParty, head.step.reachesPerson {
            card.goal = WorkGoal.askContact.name
            card.thirdParty = CardThirdParty(
                personSought: try open(head.name) ?? "", purpose: lease.purpose == .askContact ? "ask_contact" : "relay",
                scriptId: "neutral.\(lease.purpose == .askContact ? "ask_contact" : "relay")")
            card.scriptId = card.thirdParty?.scriptId
            card.forbiddenFields =
                lease.conditions.forbiddenFields.isEmpty ? CodeSet<DebtField>.all.names : lease.conditions.forbiddenFields.names
            return card
        }
        card.debtor = CardDebtor(
            name: try open(head.name), language: head.language, timeZone: hours.zone.identifier,
            idNumber: head.stage == .legalReferral ? try open(head.idNumber) : nil)
        let accounts = (rows.accounts[head.taskId] ?? []).filter { account in lease.accounts?.contains(account.accountId) ?? true }
        let own = letter(of: head, in: rows)
        let shown = own.map { letter in accounts.filter { letter.accounts.contains($0.accountId) } } ?? accounts
        let today = hours.day(of: now)
        card.placementRefs = shown.map { String($0.placementId) }
        card.accounts = shown.map { account($0, today: today) }
        card.balanceAsOf = watermark.map(WireInstant.init)
        card.disclosures = lease.conditions.disclosures.names
        card.forbiddenFields = lease.conditions.forbiddenFields.names
        card.repaymentChannels = Self.repaymentChannels
        card.scriptId = "\(head.stage.name).\(head.step.name).\(head.goal.name)"
        if head.step.leaseIsPermit {
            card.nextGoals = Self.nextGoals
            card.lastContacts = lease.lastContacts.map(contact)
            card.openPromise = rows.promises[head.taskId].map(promise)
            card.openRequest = rows.requests[head.taskId].map { CardRequest(type: $0.type.rawValue, dueAt: WireInstant($0.slaDue)) }
            card.mayRequestPlan = true
        }
        card.constraints = constraints(lease)
        switch head.step {
        case .gather: card.contactPoints = try (rows.points[head.taskId] ?? []).map(maskedPoint)
        case .registeredLetter:
            card.letter = try letterPart(head, own: own, accounts: card.accounts ?? [], today: today, conditions: lease.conditions)
        case .visit: card.visit = try visitPart(head, rows: rows)
        case .legalDossier, .lawFirm: card.legal = legalPart(head, rows: rows, accounts: shown, today: today)
        case .call, .smsReminder, .emailReminder: break
        }
        return card
    }

    // MARK: Parts

    private func permit(_ head: CardQueries.Head, purpose: ActPurpose?) throws -> CardPermit? {
        guard head.step.leaseIsPermit, let point = head.point, let purpose else { return nil }
        let value = try open(head.pointValue) ?? ""
        return CardPermit(
            contactPointId: String(point.id), channel: head.step.channel?.name ?? "call", value: value, masked: Self.masked(value),
            partyRole: point.role.rawValue, purposes: [purpose.name])
    }

    private func account(_ row: CardQueries.Account, today: Day) -> CardAccount {
        let rolled = row.daysPastDue > 0 ? max(0, row.asOf.days(until: today)) : 0
        let due = row.amountDue
        return CardAccount(
            accountRef: row.accountRef, placementRef: String(row.placementId), product: row.product, currency: row.currency,
            amountDue: amount(due, row.currency), balance: amount(row.balance, row.currency),
            minPayment: amount(row.minPayment, row.currency),
            daysPastDue: Int(row.daysPastDue) + rolled, bucket: row.bucket)
    }

    private func promise(_ row: CardQueries.Promise) -> CardPromise {
        CardPromise(
            amount: amount(row.amount, row.currency), currency: row.currency, dueOn: WireDate(daysSince1970: Int(row.dueOn.number)),
            state: row.state.rawValue)
    }

    private func contact(_ entry: ContactEntry) -> CardContact {
        CardContact(
            occurredAt: WireInstant(entry.at), channel: entry.channel.name, direction: entry.direction.name, outcome: entry.outcome.name,
            partyRole: entry.role.name)
    }

    private func constraints(_ lease: LeaseFacts) -> [CardConstraint] {
        var list: [CardConstraint] = []
        if let until = lease.actBefore { list.append(CardConstraint(rule: "contact_windows", until: WireInstant(until))) }
        if lease.conditions.recorder { list.append(CardConstraint(rule: "recording.required")) }
        if lease.conditions.optOutInstruction { list.append(CardConstraint(rule: "channel_opt_out.instruction")) }
        if lease.conditions.isDueDayReminder {
            list.append(CardConstraint(rule: "promise_to_pay.contact_in_window", value: "due_day_reminder"))
        }
        return list
    }

    private func maskedPoint(_ point: CardQueries.Point) throws -> CardContactPoint {
        CardContactPoint(
            contactPointId: String(point.row.id), channel: point.row.channel.rawValue, partyRole: point.row.role.rawValue,
            state: point.row.state.rawValue,
            masked: Self.masked(try cipher.open(point.value)))
    }

    private func letter(of head: CardQueries.Head, in rows: CardQueries.Rows) -> CardQueries.Letter? {
        guard head.step == .registeredLetter else { return nil }
        return rows.letters[head.taskId]?.last(where: \.isOwn)
    }

    /// The letter with every field the policy requires (CN4); texts of law and rights are the bank's templates, named by reference.
    private func letterPart(
        _ head: CardQueries.Head, own: CardQueries.Letter?, accounts: [CardAccount], today: Day, conditions: GateConditions
    ) throws -> CardLetter? {
        guard let own, let point = head.point else { return nil }
        var required = conditions.letterFields.union(policy.conduct.content.letterRequired?.value ?? [])
        if required.isEmpty { required = [.name, .balance, .reason, .repayChannel, .issuerContact, .businessSeal] }
        var fields: [String: String] = [:]
        for element in required.elements {
            switch element {
            case .name: fields[element.name] = try open(head.name) ?? ""
            case .balance: fields[element.name] = accounts.map { "\($0.accountRef) \($0.amountDue) \($0.currency)" }.joined(separator: "; ")
            case .businessSeal: fields[element.name] = own.sealId ?? "issuer"
            default: fields[element.name] = "text:\(own.template):\(element.name)"
            }
        }
        fields["date"] = today.description
        fields["days_past_due"] = accounts.map { String($0.daysPastDue) }.joined(separator: "; ")
        return CardLetter(
            letterId: String(own.letterId), contactPointId: String(point.id), address: try open(head.pointValue) ?? "",
            template: own.template,
            templateSha256: own.templateHash.map(Digest.hex), fields: fields, mailClass: own.mailClass, sealId: own.sealId ?? "issuer")
    }

    private func visitPart(_ head: CardQueries.Head, rows: CardQueries.Rows) throws -> CardVisit? {
        guard let point = head.point else { return nil }
        let stage = policy.stages.field
        return CardVisit(
            contactPointId: String(point.id), address: try open(head.pointValue) ?? "", kit: stage.kit,
            letterRef: rows.letters[head.taskId]?.last(where: \.isPosted).map { String($0.letterId) },
            collectors: max(stage.collectors, policy.conduct.visit.minCollectors?.value ?? 0), noticeDays: stage.noticeDays)
    }

    private func legalPart(_ head: CardQueries.Head, rows: CardQueries.Rows, accounts: [CardQueries.Account], today: Day) -> CardLegal {
        let posted = (rows.letters[head.taskId] ?? []).filter(\.isPosted)
        let referral = rows.referrals[head.taskId]
        let oldest = accounts.map { Int($0.daysPastDue) + max(0, $0.asOf.days(until: today)) }.max() ?? 0
        return CardLegal(
            evidence: posted.map { Evidence(kind: "document", ref: "letter:\($0.letterId)", sha256: $0.templateHash.map(Digest.hex)) },
            monthsUnpaid: oldest / 30, lettersPosted: posted.count,
            // A report to the police is the bank's own and on nobody's card.
            route: referral?.route == StagePolicy.LegalReferral.Route.criminalReport.rawValue ? nil : referral?.route,
            caseNo: referral?.caseNo,
            lastEvent: referral?.state)
    }

    // MARK: Values

    private func open(_ sealed: [UInt8]?) throws -> String? { try sealed.map { try cipher.open($0) } }

    private func amount(_ minorUnits: Int64, _ code: String) -> String {
        Money.decimalText(Int128(minorUnits), digits: Currency(code)?.minorDigits ?? 2)
    }

    /// The first two and last two characters of a long value; of a short one, nothing.
    static func masked(_ value: String) -> String {
        // A number is ASCII: its bytes are its characters.
        let bytes = Array(value.utf8)
        if bytes.count > 6, bytes.allSatisfy({ $0 < 0x80 }) {
            let stars = repeatElement(UInt8(ascii: "*"), count: bytes.count - 4)
            return String(decoding: bytes.prefix(2) + stars + bytes.suffix(2), as: UTF8.self)
        }
        guard value.count > 6 else { return String(repeating: "*", count: value.count) }
        return value.prefix(2) + String(repeating: "*", count: value.count - 4) + value.suffix(2)
    }
}

extension ContactPoint.Role {
    /// Whether the person neither owes the debt nor speaks for the debtor.
    var isThirdParty: Bool { !isLiable && !isRepresentative }
}

extension WireInstant {
    /// A business or lease instant as the wire writes it.
    package init(_ instant: Instant) { self.init(microseconds: instant.microseconds) }
}

extension Instant {
    /// An instant the wire brought.
    package init(_ wire: WireInstant) { self.init(microseconds: wire.microseconds) }
}
