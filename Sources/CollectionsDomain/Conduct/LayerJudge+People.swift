/// Groups 2 and 3: opt-outs, and who may be contacted for what.
extension LayerJudge {
    // MARK: Opt-outs

    mutating func checkOptOuts(_ contact: ContactAct) {
        if let rule = policy.optOuts.cease, !rule.permittedAfter.contains(contact.purpose), !RoleSet.professionals.contains(contact.role),
            ledger.marks.contains(where: {
                $0.kind == .ceaseNotice && $0.at <= now && concerns($0.accounts) && (!rule.writtenOnly || $0.isWritten)
            })
        {
            block("cease_notice", .optOut, rule.basis)
        }
        if let rule = policy.optOuts.channel { checkChannelOptOut(rule, contact) }
        if let rule = policy.optOuts.smsVerifyMaxAgeDays, contact.channel == .sms { checkNumberAge(rule) }
    }

    private mutating func checkChannelOptOut(_ rule: ChannelOptOutRule, _ contact: ContactAct) {
        if rule.instructionRequired.contains(contact.channel) {
            conditions.optOutInstruction = true
            if contact.content.missing.contains(.optOutInstruction) { block("channel_opt_out", .optOut, rule.basis) }
        }
        guard rule.honoured else { return }
        var last: Instant?
        for mark in ledger.marks where mark.kind == .optOut && mark.at <= now {
            guard mark.party == contact.party, mark.channels.contains(contact.channel) else { continue }
            last = last.map { max($0, mark.at) } ?? mark.at
        }
        guard let last else { return }
        let allowed: Int
        switch contact.purpose {
        case .optOutConfirmation: allowed = rule.confirmationsAllowed
        case .optOutReply: allowed = rule.repliesAllowed
        case .demandPayment, .reminder, .askContact, .relay, .location, .repaymentInfo, .terminationNotice, .remedyNotice, .disputeReply,
            .complaintReply, .verification:
            allowed = 0
        }
        var used = 0
        for entry in ledger.entries where entry.direction == .outbound && entry.at >= last && entry.party == contact.party {
            if entry.channel == contact.channel, entry.purpose == contact.purpose { used += 1 }
        }
        for reservation in ledger.reservations where reservation.party == contact.party {
            if reservation.channel == contact.channel, reservation.purpose == contact.purpose { used += 1 }
        }
        if used >= allowed { block("channel_opt_out", .optOut, rule.basis) }
    }

    /// The younger of the last message from the number and the last check of it must not be too old.
    private mutating func checkNumberAge(_ rule: Sourced<Int>) {
        guard needZone() != nil else { return }
        let facts = [ledger.profile.smsLastInbound, ledger.profile.smsLastCheck]
        let isFresh = facts.contains { fact in
            if case .known(let day?) = fact { day.days(until: today) <= rule.value } else { false }
        }
        if isFresh { return }
        let inbound = need(ledger.profile.smsLastInbound, "last_inbound_on")
        let check = need(ledger.profile.smsLastCheck, "last_check_on")
        if inbound == nil || check == nil { return }
        block("sms_verify_max_age_days", .optOut, rule.basis)
    }

    // MARK: People

    mutating func checkPeople(_ contact: ContactAct) {
        let isThirdParty = isThirdParty(contact.role)
        let mayBeAsked =
            policy.tables.collectable.contains(contact.role) || policy.people.representative?.types.contains(contact.role) ?? false
        var isRefusedDemand = false
        if let rule = policy.people.collectable, contact.purpose.isDemand, !mayBeAsked {
            block("collectable_roles", .people, rule.basis)
            isRefusedDemand = true
        }
        if let rule = policy.people.representative, rule.blocksParty { checkRepresentative(rule, contact) }
        if isThirdParty, let rules = policy.people.thirdParty {
            checkThirdParty(rules, contact, isRefusedDemand: isRefusedDemand)
        }
        if contact.point.kind.isWorkplace, let rule = policy.people.workplace { checkWorkplace(rule) }
    }

    private mutating func checkWorkplace(_ rule: Sourced<WorkplaceMode>) {
        switch rule.value {
        case .blocked: block("workplace_mode", .people, rule.basis)
        case .ifNotProhibited:
            if need(ledger.profile.employerProhibits, "employer_prohibits") == true { block("workplace_mode", .people, rule.basis) }
        case .hoursOnly: break  // The rows of contact windows for workplaces say when.
        }
    }

    /// Somebody acts for the debtor: only they are contacted, until they agree or have been silent for long.
    private mutating func checkRepresentative(_ rule: RepresentativeRule, _ contact: ContactAct) {
        for mark in ledger.marks where mark.kind == .representativeKnown && mark.at <= now && concerns(mark.accounts) {
            guard let role = PartyRole(rawValue: UInt8(truncatingIfNeeded: mark.detail)), rule.types.contains(role) else { continue }
            let isRepresented =
                contact.party == mark.party || mark.party == 0 && policy.people.equivalents.contains(contact.role)
                || contact.role == .debtor && mark.party == 0
            guard isRepresented else { continue }
            let isAgreed = ledger.marks.contains { $0.kind == .representativeConsents && $0.at >= mark.at && $0.at <= now }
            if rule.consents, isAgreed { continue }
            var opens: Instant?
            if let days = rule.silentDays, let asked = firstUnanswered(role, since: mark.at) {
                guard let zone = needZone() else { return }
                let open = zone.startOfDay(zone.day(of: asked).adding(days: days + 1))
                if open <= now { continue }
                opens = open
            }
            block("representative", .people, rule.basis, lifts: opens)
        }
    }

    /// The first contact with the representative to which no reply has come.
    private func firstUnanswered(_ role: PartyRole, since known: Instant) -> Instant? {
        var lastReply = known
        for mark in ledger.marks where mark.kind == .representativeReply && mark.at <= now { lastReply = max(lastReply, mark.at) }
        return ledger.entries.first { entry in
            entry.role == role && entry.direction == .outbound && entry.at >= lastReply && entry.at <= now
                && ContactEvent.contactMade.matches(entry.channel, entry.outcome)
        }?.at
    }

    // MARK: Third parties

    private mutating func checkThirdParty(_ rules: ThirdPartyRules, _ contact: ContactAct, isRefusedDemand: Bool) {
        let hasOffered =
            rules.repaymentInfoIfOffers && contact.purpose == .repaymentInfo
            && ledger.marks.contains { $0.kind == .thirdPartyOfferedToPay && $0.party == contact.party && $0.at <= now }
        if let purposes = rules.purposes, !purposes.value.contains(contact.purpose), !hasOffered, !isRefusedDemand {
            block("third_party.purposes", .people, purposes.basis)
        }
        if let conditions = rules.preconditions { checkPreconditions(conditions) }
        if let limit = rules.maxContacts { checkThirdPartyContacts(limit, rules.repeatExceptions, contact) }
        if let fields = rules.forbiddenFields, !hasOffered {
            conditions.forbiddenFields = conditions.forbiddenFields.union(fields.value)
            if fields.value.intersects(contact.content.fields) { block("third_party.forbidden_fields", .people, fields.basis) }
        }
        if let refusal = rules.refusalIsFinal, refusal.value,
            ledger.marks.contains(where: { $0.kind == .thirdPartyRefused && $0.party == contact.party && $0.at <= now })
        {
            block("third_party.refusal_is_final", .people, refusal.basis)
        }
        if let roles = rules.writtenConsentRoles, roles.value.contains(contact.role), !hasWrittenConsent(contact.role) {
            block("third_party.written_consent_roles", .people, roles.basis)
        }
    }

    private func hasWrittenConsent(_ role: PartyRole) -> Bool {
        ledger.consents.contains { $0.kind == .thirdPartyContact && $0.role == role && $0.isRecorded && $0.isValid(on: today) }
    }

    /// Contacts in which this person was reached, with this one, against `max_contacts`; a new reason lets one more through.
    private mutating func checkThirdPartyContacts(_ limit: Sourced<Int>, _ exceptions: CodeSet<RepeatException>, _ contact: ContactAct) {
        var count = 0
        var last = Instant.distantPast
        for entry in ledger.entries where entry.direction == .outbound && entry.party == contact.party && entry.at <= now {
            guard entry.outcome.reachedPerson else { continue }
            count += 1
            last = max(last, entry.at)
        }
        for reservation in ledger.reservations where reservation.party == contact.party {
            count += 1
            last = max(last, reservation.from)
        }
        guard count + 1 > limit.value else { return }
        let isExcepted = ledger.marks.contains { mark in
            guard mark.party == contact.party, mark.at >= last, mark.at <= now, count > 0 else { return false }
            return mark.kind == .thirdPartyAskedBack && exceptions.contains(.askedBack)
                || mark.kind == .thirdPartyAnswerDoubted && exceptions.contains(.answerDoubted)
        }
        if isExcepted { return }
        block(
            "third_party.max_contacts", .people, limit.basis, count: BlockReason.Count(counted: count + 1, max: limit.value))
    }

    /// A third party is open only when the debtor is lost, dead or incapable: one of the conditions must hold.
    private mutating func checkPreconditions(_ rule: Sourced<[Precondition]>) {
        var unknown: [String] = []
        var opens: Instant?
        for condition in rule.value {
            switch evaluate(condition) {
            case .holds: return
            case .unknown(let facts): unknown += facts
            case .holdsFrom(let instant): opens = opens.map { min($0, instant) } ?? instant
            case .fails: break
            }
        }
        // What is unknown might have been the condition that holds, so the rule itself is not judged.
        for fact in unknown { missing(fact) }
        if unknown.isEmpty { block("third_party.preconditions", .people, rule.basis, lifts: opens) }
    }

    private enum ConditionState {
        case holds
        case holdsFrom(Instant)
        case fails
        case unknown([String])
    }

    /// All parts of a condition must hold.
    private mutating func evaluate(_ condition: Precondition) -> ConditionState {
        var unknown: [String] = []
        var from: Instant?
        func part(_ fact: Fact<Bool>, _ name: String) -> Bool {
            switch fact {
            case .known(let value): return value
            case .unknown:
                unknown.append(name)
                return true
            }
        }
        if condition.numberInvalid, !part(ledger.profile.numberInvalid, "number_invalid") { return .fails }
        if condition.deceased {
            switch ledger.profile.deceasedOn {
            case .known(nil): return .fails
            case .known: break
            case .unknown: unknown.append("deceased_on")
            }
        }
        if condition.incapacity, !part(ledger.profile.incapacitated, "incapacitated") { return .fails }
        if condition.failedDials != nil || condition.unreachableDays != nil {
            let run = failedRun()
            if let dials = condition.failedDials {
                guard run.count >= dials else { return .fails }
                if condition.nextDay {
                    guard let zone else { return .unknown(["zones"]) }
                    let opens = zone.endOfDay(zone.day(of: run[dials - 1]))
                    if opens > now { from = opens }
                }
            }
            if let days = condition.unreachableDays {
                guard let zone else { return .unknown(["zones"]) }
                guard hasConsecutiveDays(run, days, zone: zone) else { return .fails }
            }
        }
        if !unknown.isEmpty { return .unknown(unknown) }
        return from.map { .holdsFrom($0) } ?? .holds
    }

    /// The failed dials to the debtor since the last contact from or with the debtor, ascending.
    private func failedRun() -> [Instant] {
        var last = Instant.distantPast
        for mark in ledger.marks where mark.party == 0 && mark.at <= now && mark.kind.isContactFromDebtor { last = max(last, mark.at) }
        var run: [Instant] = []
        for entry in ledger.entries where entry.at <= now {
            if entry.isContactWithDebtor {
                run.removeAll(keepingCapacity: true)
            } else if entry.isFailedDialToDebtor, entry.at > last {
                run.append(entry.at)
            }
        }
        return run
    }

    /// Whether the dials fall on `days` local dates in a row.
    private func hasConsecutiveDays(_ dials: [Instant], _ days: Int, zone: Zone) -> Bool {
        var row = 0
        var previous: Day?
        for dial in dials {
            let day = zone.day(of: dial)
            if day == previous { continue }
            row = previous.map { $0.adding(days: 1) == day } ?? false ? row + 1 : 1
            previous = day
            if row >= days { return true }
        }
        return false
    }
}
