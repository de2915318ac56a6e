package import CollectionsDomain
import CollectionsStore

// What a decision asks for besides tasks: holds, requests, promises, letters, contacts, messages.

extension CaseTransition {
    /// Applies the effects in their order.
    ///
    /// - Returns: Whether the grant's reservation was replaced by a contact.
    mutating func applyEffects(
        _ decision: CaseDecision, to context: inout CaseContext, cause: TransitionCause, documentTask: Int64?
    ) async throws -> Bool {
        var isSettled = false
        let cardBlockDue = decision.effects.lazy.compactMap { if case .cardBlock(let due) = $0 { due } else { nil } }.first
        for effect in decision.effects {
            switch effect {
            case .contact(let fact):
                try await contact(fact, cause: cause, in: &context, replacesReservation: !isSettled)
                isSettled = isSettled || cause.grant != nil
            case .setHold(let order):
                try await setHold(order.type, account: order.account, until: order.until, reason: order.reason, cause: cause, in: &context)
                if order.type == .complaint { try await complained(cause: cause, in: context) }
            case .releaseHold(let type, let account): releaseHold(type, account: account, cause: cause, in: &context)
            case .request(let order): try await request(order, cause: cause, in: &context)
            case .endRequest(let type): endRequest(type, in: &context)
            case .point(let id, let change): changePoint(id, change, cause: cause, in: &context)
            case .channelOff(let channel):
                context.ledger.optOut(of: [channel.ledgerChannel], at: cause.report?.occurredAt ?? now.business)
                context.facts.optedOut.insert(channel)
            case .addPoint: try await addPoint(cause: cause, in: &context)
            case .promise(let order): try await promise(order, state: .open, cause: cause, in: &context)
            case .claimedPromise(let order): try await promise(order, state: .claimed, cause: cause, in: &context)
            case .judged(let id, let state, let paid): judged(id, state, paid: paid.minorUnits, in: &context)
            case .cancelPromises: for promise in context.rows.promises { judged(promise.id, .cancelled, paid: nil, in: &context) }
            case .represented:
                context.ledger.add(
                    ConductMark(
                        .representativeKnown, at: cause.report?.occurredAt ?? now.business, detail: Int32(PartyRole.attorney.rawValue)))
            case .letter(let order): try await letter(order, cause: cause, documentTask: documentTask, decision: decision, in: &context)
            case .visit(let visit, let collectors): try await visited(visit, collectors: collectors, cause: cause, in: &context)
            case .announceVisit(let day):
                try await send(.sms, "visit_announcement", ["day": .string(day.description)], in: context)
            case .legal(let order): try await legal(order, cause: cause, cardBlockDue: cardBlockDue, in: &context)
            case .cardBlock(let due): try await orderCards(.block, confirmBy: due, rule: decision.rule, in: context)
            case .cardUnblock, .cardUnblockAccount:
                let hours = Int64(environment.policy.stages.legal.cardBlockConfirmHours)
                let only: Int64? = if case .cardUnblockAccount(let account) = effect { account } else { nil }
                try await orderCards(
                    .unblock, only: only, confirmBy: now.business + .seconds(hours * 3_600), rule: decision.rule, in: context)
            case .closeAccount(let id, let code): closeAccount(id, code, in: &context)
            case .accountStatus(let id, let status): accountStatus(id, status, in: &context)
            case .close(let code):
                try await notify(kind: "closed", ["code": .string(code.rawValue)], in: context)
            case .plan(let account, let instalments): try await plan(account, instalments, in: context)
            case .planEnded(let fulfilled): writes.endedPlans.append((context.facts.debtorId, fulfilled))
            case .handover, .rotate, .feeTypeChanged, .clawback, .rateUsed:
                break  // rows of case and placement say it all; money and pools are their owners'
            case .openLawFirmCase(let accounts, let route): try await openLawFirmCase(accounts, route, cause: cause, in: &context)
            case .reopen(let account): reopen(account, in: &context)
            case .extendTerm(let account, let until): extendTerm(account, until: until, in: &context)
            case .tellDebtor(let what): try await send(.sms, what, in: context)
            case .violation(let rule): try await violation(rule, cause: cause, in: context)
            case .raiseBreak(let kind, let severity): try await raiseBreak(kind, severity, decision: decision, cause: cause, in: context)
            case .serviceLevel(let level): try await raiseBreak("sla.\(level)", .warning, decision: decision, cause: cause, in: context)
            case .quarantine: quarantine(decision, cause: cause)
            case .alarm(let what, let due):
                try await send(.alarm, what, ["by": .string(due.description)], in: context)
                try await raiseBreak("alarm.\(what)", .critical, decision: decision, cause: cause, in: context)
            case .notice(let kind): try await notify(kind: kind, in: context)
            case .notYet(let what): try await raiseBreak("not_yet.\(what)", .info, decision: decision, cause: cause, in: context)
            }
        }
        return isSettled
    }

    // MARK: By hand

    /// Sets a hold by hand: its row, the ledger's, the audit entry, and what the case machine makes of it (E6).
    @discardableResult
    package mutating func setHold(
        _ type: HoldType, account: Int64?, until: Instant?, reason: String, cause: TransitionCause, on context: inout CaseContext
    ) async throws -> CaseDecision {
        try await setHold(type, account: account, until: until, reason: reason, cause: cause, in: &context)
        return try await take(.holdSet(type, account: account), on: &context, cause: cause)
    }

    /// Releases a hold by hand, and what the case machine makes of it (E6): back to the prior state, never before the next day's start.
    @discardableResult
    package mutating func releaseHold(
        _ type: HoldType, account: Int64?, cause: TransitionCause, on context: inout CaseContext
    ) async throws -> CaseDecision {
        releaseHold(type, account: account, cause: cause, in: &context)
        return try await take(.holdReleased(type, account: account), on: &context, cause: cause)
    }

    // MARK: Contacts

    private mutating func contact(
        _ fact: ContactFact, cause: TransitionCause, in context: inout CaseContext, replacesReservation: Bool
    ) async throws {
        let role = fact.role
        let point = context.rows.points.first { $0.id == fact.point }
        let accounts = context.ledger.register(context.facts.accounts.map(\.id))
        let purpose =
            cause.reservation?.purpose
            ?? ActPurpose(
                step: cause.task?.step ?? .call, goal: context.rows.file.goal, role: role,
                allowed: environment.policy.conduct.people.thirdParty?.purposes?.value ?? [])
        // A third party who answers the debtor's own number is somebody reached by chance.
        let party = role.party(rank: point.map { $0.role == role ? $0.rank : 0 } ?? 0)
        let entry = fact.entry(
            purpose: purpose, party: party, accounts: cause.reservation?.accounts ?? accounts, by: Actor(agency: cause.agencyId ?? 0),
            pointIsReserved: point.map { isReservedPoint(provenance: $0.provenance) } ?? false,
            consented: cause.reservation?.consented ?? false)
        if let grant = cause.grant, replacesReservation {
            context.ledger.settle(task: grant.taskId, epoch: grant.epoch, as: .fact(entry))
        } else {
            context.ledger.add(entry)
        }
        context.facts.history.append(fact)
        writes.contactEvents.append(
            CaseWrites.ContactEvent(
                eventId: try await database.ids.next(.event), debtorId: context.facts.debtorId, pointId: fact.point,
                agencyId: cause.agencyId, entry: entry,
                grant: cause.grant, activityId: cause.activityId, endedAt: cause.report?.endedAt, collector: cause.report?.collector,
                recording: cause.report?.recording, isLate: cause.isLate))
        if fact.channel == .visit, fact.direction == .outbound, cause.grant != nil, cause.permit == nil {
            try await violation("contact_without_permit", cause: cause, in: context)
        }
    }

    // MARK: Holds and requests

    private mutating func setHold(
        _ type: HoldType, account: Int64?, until: Instant?, reason: String, cause: TransitionCause, in context: inout CaseContext
    ) async throws {
        guard !context.rows.holds.contains(where: { $0.type == type && $0.accountId == account }) else { return }
        let id = try await database.ids.next(.hold)
        writes.newHolds.append(
            CaseWrites.NewHold(
                holdId: id, debtorId: context.facts.debtorId, accountId: account, caseId: context.facts.caseId, type: type,
                until: until, setBy: cause.by, reason: reason))
        context.rows.holds.append(
            CaseRows.Hold(id: id, type: type, accountId: account, setAt: now.business, until: until))
        context.facts.holds.append(CaseFacts.Hold(type, account: account, until: until))
        // While a promise runs, the promise itself lets its one reminder through; the hold begins where its grace ends and lasts until the
        // ledger has spoken.
        let from = type == .promise ? context.facts.promises.map(\.judgeAfter).max() ?? now.business : now.business
        context.ledger.hold(type, on: account.map { [$0] }, from: from, until: until)
        if type == .vulnerableVisit { context.ledger.profile.vulnerable = .known(true) }
        writes.audit.append(
            AuditDraft(
                kind: .hold, subject: id,
                body: [
                    "action": "set", "type": .string(type.rawValue), "case": .int(context.facts.caseId), "account": .optional(account),
                    "rule": .string(reason), "by": .string(cause.by),
                ]))
        if type != .promise && type != .bankRequest {
            try await notify(kind: "hold", ["type": .string(type.rawValue), "account": .optional(account)], in: context)
        }
    }

    /// A complaint an agency heard while it worked a task: it has its own row and clock, like one that came by any other door.
    private mutating func complained(cause: TransitionCause, in context: CaseContext) async throws {
        guard let report = cause.report, let agency = cause.agencyId, let grant = cause.grant else { return }
        writes.newComplaints.append(
            NewComplaint(
                id: try await database.ids.next(.complaint), reference: "agency-\(agency)-task-\(grant.taskId)-\(grant.epoch)",
                debtorId: context.facts.debtorId, agencyId: agency, source: ComplaintSource.agency.rawValue, collector: report.collector,
                receivedAt: report.occurredAt, dueOn: environment.complaintDue(received: report.occurredAt),
                holdId: context.rows.holds.first { $0.type == .complaint && $0.accountId == nil }?.id))
    }

    private mutating func releaseHold(_ type: HoldType, account: Int64?, cause: TransitionCause, in context: inout CaseContext) {
        for hold in context.rows.holds where hold.type == type && hold.accountId == account {
            writes.releasedHolds.append((hold.id, cause.by))
            writes.audit.append(
                AuditDraft(
                    kind: .hold, subject: hold.id,
                    body: [
                        "action": "released", "type": .string(type.rawValue), "case": .int(context.facts.caseId), "by": .string(cause.by),
                    ]))
        }
        context.rows.holds.removeAll { $0.type == type && $0.accountId == account }
        context.facts.holds.removeAll { $0.type == type && $0.account == account }
        while context.ledger.release(type, on: account.map { [$0] }) {}
    }

    private mutating func request(_ order: RequestOrder, cause: TransitionCause, in context: inout CaseContext) async throws {
        let id = try await database.ids.next(.request)
        var detail: CanonicalObject = ["subject": .string(order.subject), "accounts": .numbers(order.accounts)]
        if let amount = order.amount {
            detail["amount"] = .int(amount.minorUnits)
            detail["currency"] = .string(amount.currency.code)
        }
        if let date = order.date { detail["date"] = .string(date.description) }
        if let grant = cause.grant { detail["task"] = .int(grant.taskId) }
        writes.newRequests.append(
            CaseWrites.NewRequest(
                requestId: id, caseId: context.facts.caseId, debtorId: context.facts.debtorId,
                accountId: order.accounts.count == 1 ? order.accounts.first : nil, agencyId: context.facts.holder, type: order.type,
                detail: .object(detail), slaDue: order.slaDue, approvals: Int16(clamping: order.approvals)))
        context.rows.requests.append(CaseRows.Request(id: id, type: order.type, state: "open", slaDue: order.slaDue))
        context.facts.requests.append(CaseFacts.Request(order.type, slaDue: order.slaDue))
        writes.audit.append(
            AuditDraft(
                kind: .request, subject: id,
                body: [
                    "action": "asked", "type": .string(order.type.rawValue), "case": .int(context.facts.caseId), "by": .string(cause.by),
                ]))
    }

    private mutating func endRequest(_ type: RequestType, in context: inout CaseContext) {
        writes.endedRequests += context.rows.requests.filter { $0.type == type && $0.state == "open" }.map(\.id)
        context.rows.requests.removeAll { $0.type == type && $0.state == "open" }
        context.facts.requests.removeAll { $0.type == type }
    }

    // MARK: Contact points

    private mutating func changePoint(_ id: Int64, _ change: PointChange, cause: TransitionCause, in context: inout CaseContext) {
        if let index = writes.pointUpdates.firstIndex(where: { $0.pointId == id }) {
            writes.pointUpdates[index].state = change.state ?? writes.pointUpdates[index].state
            writes.pointUpdates[index].reason = change.rawValue
            writes.pointUpdates[index].visitsOff = writes.pointUpdates[index].visitsOff || change.state == nil
        } else {
            writes.pointUpdates.append(
                CaseWrites.PointUpdate(pointId: id, state: change.state, reason: change.rawValue, visitsOff: change.state == nil))
        }
        if let index = context.rows.points.firstIndex(where: { $0.id == id }) {
            if let state = change.state { context.rows.points[index].state = state } else { context.rows.points[index].visitsOff = true }
        }
        if let index = context.facts.points.firstIndex(where: { $0.id == id }) {
            if let state = change.state { context.facts.points[index].state = state } else { context.facts.points[index].visitsOff = true }
        }
        if change == .refused {
            let party = context.rows.points.first { $0.id == id }.map { $0.role.party(rank: $0.rank) } ?? id
            context.ledger.add(ConductMark(.thirdPartyRefused, at: cause.report?.occurredAt ?? now.business, party: party))
        }
        let numbers = context.facts.points.filter { $0.role == .debtor && $0.channel.isPhone }
        if !numbers.isEmpty { context.ledger.profile.numberInvalid = .known(numbers.allSatisfy { !$0.isUsable }) }
    }

    private mutating func addPoint(cause: TransitionCause, in context: inout CaseContext) async throws {
        for learned in cause.learned {
            let id = try await database.ids.next(.contactPoint)
            let rank = (context.rows.points.filter { $0.role == learned.role }.map(\.rank).max() ?? 0) + 1
            writes.newPoints.append(
                CaseWrites.NewPoint(
                    pointId: id, debtorId: context.facts.debtorId, reference: "learned-\(id)", role: learned.role, channel: learned.channel,
                    sealedValue: database.cipher.seal(learned.value), blindIndex: database.cipher.blindIndex(learned.value), rank: rank,
                    provenance: learned.provenance))
            context.rows.points.append(
                CaseRows.Point(
                    id: id, role: learned.role, isImmediateFamily: learned.role == .spouse, channel: learned.channel, rank: rank,
                    state: .unverified,
                    visitsOff: false, doNotContact: false, provenance: learned.provenance))
            context.facts.points.append(
                ContactPoint(
                    id: id, role: learned.role, immediateFamily: learned.role == .spouse, channel: learned.channel, rank: Int(rank),
                    state: .unverified))
            if learned.role == .debtor, learned.channel.isPhone { context.ledger.profile.numberInvalid = .known(false) }
            try await notify(kind: "contact_point", ["point": .int(id)], in: context)
        }
    }

    // MARK: Promises

    private mutating func promise(_ order: PromiseOrder, state: PromiseState, cause: TransitionCause, in context: inout CaseContext)
        async throws
    {
        let id = try await database.ids.next(.promise)
        writes.newPromises.append(
            CaseWrites.NewPromise(
                promiseId: id, caseId: context.facts.caseId, debtorId: context.facts.debtorId, accountId: order.account,
                agencyId: cause.agencyId ?? context.facts.holder, grant: cause.grant, type: order.type, state: state, amount: order.amount,
                dueOn: order.due, judgeAfter: order.judgeAfter))
        guard state == .open else { return }
        context.rows.promises.append(
            CaseRows.Promise(
                id: id, accountId: order.account, type: order.type, state: .open, amount: order.amount.minorUnits,
                currency: order.amount.currency.code,
                dueOn: order.due, takenAt: now.business, judgeAfter: order.judgeAfter))
        context.facts.promises.append(
            CaseFacts.OpenPromise(
                id: id, account: order.account, type: order.type, amount: order.amount, due: order.due, takenAt: now.business,
                judgeAfter: order.judgeAfter))
        context.ledger.promise(on: [order.account], due: order.due, at: now.business)
    }

    private mutating func judged(_ id: Int64, _ state: PromiseState, paid: Int64?, in context: inout CaseContext) {
        guard let promise = context.rows.promises.first(where: { $0.id == id }) else { return }
        writes.judgedPromises.append(CaseWrites.JudgedPromise(promiseId: id, state: state, paid: paid))
        context.rows.promises.removeAll { $0.id == id }
        context.facts.promises.removeAll { $0.id == id }
        context.ledger.endPromise(on: [promise.accountId], at: now.business)
    }

    private mutating func plan(_ account: Int64, _ instalments: [PlanInstalment], in context: CaseContext) async throws {
        writes.newPlans.append(
            CaseWrites.NewPlan(
                planId: try await database.ids.next(.plan), debtorId: context.facts.debtorId, accountId: account, instalments: instalments))
    }

    // MARK: Letters and visits

    private mutating func letter(
        _ order: LetterOrder, cause: TransitionCause, documentTask: Int64?, decision: CaseDecision, in context: inout CaseContext
    ) async throws {
        switch order {
        case .order(let point, let accounts):
            let id = try await database.ids.next(.letter)
            let lettershop: Int32 = if case .put(let task) = decision.documentTask { task.agency } else { context.facts.holder }
            writes.newLetters.append(
                CaseWrites.NewLetter(
                    letterId: id, caseId: context.facts.caseId, debtorId: context.facts.debtorId, agencyId: lettershop,
                    taskId: documentTask,
                    pointId: point, template: template(in: context), accounts: accounts))
            context.rows.letters.append(
                CaseRows.Letter(
                    id: id, caseId: context.facts.caseId, taskId: documentTask, state: .ordered, accounts: accounts, pointId: point,
                    postedAt: nil,
                    closedAt: nil, answered: false))
            context.facts.letters.append(CaseFacts.Letter(id: id, state: .ordered, accounts: accounts, point: point))
        case .mark(let named, let state):
            guard let id = named ?? context.rows.letters.last(where: { $0.taskId != nil && $0.taskId == cause.grant?.taskId })?.id else {
                return
            }
            let at = cause.report?.occurredAt ?? now.business
            let (mailNumber, returnReason, signedBy) = (cause.report?.mailNumber, cause.report?.returnReason, cause.report?.signedBy)
            editLetter(id) { letter in
                letter.state = state
                letter.mailNo = mailNumber
                letter.returnReason = returnReason
                letter.signedBy = signedBy
                if state == .posted { letter.postedAt = at }
                if state == .delivered || state == .returned || state == .refused { letter.closedAt = at }
            }
            edit(letter: id, in: &context) { row in
                row.state = state
                if state == .posted { row.postedAt = row.postedAt ?? at }
                if state == .delivered || state == .returned || state == .refused { row.closedAt = at }
            }
            writes.audit.append(AuditDraft(kind: .letter, subject: id, body: ["state": .string(state.rawValue), "by": .string(cause.by)]))
        case .answered(let named):
            guard let id = named else { return }
            let at = cause.report?.occurredAt ?? now.business
            editLetter(id) { $0.answeredAt = at }
            edit(letter: id, in: &context) { $0.answered = true }
        case .stopUnposted:
            for letter in context.rows.letters where letter.state == .ordered || letter.state == .issued {
                if let made = writes.newLetters.firstIndex(where: { $0.letterId == letter.id }) {
                    writes.newLetters.remove(at: made)
                } else {
                    editLetter(letter.id) { $0.state = .stopped }
                }
                context.facts.letters.removeAll { $0.id == letter.id }
            }
            context.rows.letters.removeAll { $0.state == .ordered || $0.state == .issued }
        }
    }

    private func edit(letter id: Int64, in context: inout CaseContext, _ change: (inout CaseRows.Letter) -> Void) {
        guard let index = context.rows.letters.firstIndex(where: { $0.id == id }) else { return }
        change(&context.rows.letters[index])
        let row = context.rows.letters[index]
        guard let fact = context.facts.letters.firstIndex(where: { $0.id == id }) else { return }
        context.facts.letters[fact].state = row.state
        context.facts.letters[fact].postedAt = row.postedAt
        context.facts.letters[fact].endedAt = row.closedAt
        context.facts.letters[fact].answered = row.answered
    }

    /// The template by the oldest bucket on the card (DOMAIN section 6: wording by state).
    private func template(in context: CaseContext) -> String {
        let bucket = context.rows.accounts.map(\.bucket).max() ?? "M1"
        return "demand-\(bucket.lowercased())"
    }

    private mutating func visited(_ visit: CaseFacts.Visit, collectors: Int?, cause: TransitionCause, in context: inout CaseContext)
        async throws
    {
        context.facts.visits.append(visit)
        guard let grant = cause.grant, let point = visit.point ?? cause.permit?.contactPointId else { return }
        let id: Int64
        if let permit = cause.permit { id = permit.permitId } else { id = try await database.ids.next(.visit) }
        context.rows.visits.append(CaseRows.Visit(occurredAt: visit.occurredAt, result: visit.result, pointId: point))
        writes.visits.append(
            CaseWrites.VisitResult(
                visitId: id, caseId: context.facts.caseId, debtorId: context.facts.debtorId,
                agencyId: cause.agencyId ?? context.facts.holder, key: grant,
                pointId: point, collectors: Int16(clamping: collectors ?? 0), permittedAt: cause.permit?.grantedAt ?? visit.occurredAt,
                allowedUntil: cause.permit?.allowedUntil ?? visit.occurredAt, occurredAt: visit.occurredAt, result: visit.result))
    }

    // MARK: Accounts and placements

    private mutating func closeAccount(_ id: Int64, _ code: CloseCode, in context: inout CaseContext) {
        guard let index = context.rows.accounts.firstIndex(where: { $0.accountId == id }),
            context.rows.accounts[index].placementState != "closed"
        else {
            return
        }
        writes.placementEnds.append(CaseWrites.PlacementEnd(placementId: context.rows.accounts[index].placementId, code: code))
        context.rows.accounts[index].placementState = "closed"
        if code != .legal, !code.isPaid { context.facts.accounts.removeAll { $0.id == id } }
    }

    private mutating func accountStatus(_ id: Int64, _ status: AccountStatus, in context: inout CaseContext) {
        writes.accountStates[id] = status
        if let index = context.rows.accounts.firstIndex(where: { $0.accountId == id }) { context.rows.accounts[index].status = status }
        if let index = context.facts.accounts.firstIndex(where: { $0.id == id }) { context.facts.accounts[index].status = status }
    }

    private mutating func reopen(_ account: Int64, in context: inout CaseContext) {
        guard let index = context.rows.accounts.firstIndex(where: { $0.accountId == account }) else { return }
        writes.reopenedPlacements.append(context.rows.accounts[index].placementId)
        context.rows.accounts[index].placementState = "active"
    }

    private mutating func extendTerm(_ account: Int64, until: Instant, in context: inout CaseContext) {
        guard let index = context.rows.accounts.firstIndex(where: { $0.accountId == account }) else { return }
        writes.termExtensions[context.rows.accounts[index].placementId] = until
        context.rows.accounts[index].extendedUntil = until
        if let index = context.facts.accounts.firstIndex(where: { $0.id == account }) {
            context.facts.accounts[index].termEnd = until
            context.facts.accounts[index].extended = true
        }
    }

    // MARK: Records and messages

    private mutating func violation(_ rule: String, cause: TransitionCause, in context: CaseContext) async throws {
        guard let agency = cause.agencyId else { return }
        let id = try await database.ids.next(.violation)
        writes.violations.append(
            CaseWrites.Violation(
                violationId: id, breakId: try await database.ids.next(.breakRecord), debtorId: context.facts.debtorId, agencyId: agency,
                grant: cause.grant, activityId: cause.activityId, rule: rule, occurredAt: cause.report?.occurredAt ?? now.business,
                policyVersion: environment.policy.version))
        writes.audit.append(
            AuditDraft(
                kind: .violation, subject: id,
                body: [
                    "rule": .string(rule), "agency": .number(agency), "task": .optional(cause.grant?.taskId),
                    "activity": .optional(cause.activityId),
                ]))
    }

    private mutating func raiseBreak(
        _ kind: String, _ severity: Severity, decision: CaseDecision, cause: TransitionCause, in context: CaseContext
    ) async throws {
        guard !writes.breaks.contains(where: { $0.kind == kind && $0.subjectId == context.facts.caseId }) else { return }
        writes.breaks.append(
            CaseWrites.NewBreak(
                breakId: try await database.ids.next(.breakRecord), kind: kind, subjectKind: "case", subjectId: context.facts.caseId,
                debtorId: context.facts.debtorId, agencyId: cause.agencyId ?? context.facts.holder, severity: severity, rule: decision.rule)
        )
    }

    private mutating func quarantine(_ decision: CaseDecision, cause: TransitionCause) {
        guard let task = cause.task else { return }
        writes.quarantine.append(
            QuarantineRow(
                taskId: task.taskId, caseId: task.caseId, debtorId: task.debtorId, agencyId: task.agencyId, step: task.step,
                reason: decision.rule))
        writes.audit.append(
            AuditDraft(kind: .quarantine, subject: task.taskId, body: ["rule": .string(decision.rule), "by": .string(cause.by)]))
    }

    /// A notice to the holder; several of one kind about one case are one.
    private mutating func notify(kind: String, _ body: CanonicalJSON = [:], in context: CaseContext) async throws {
        let (caseId, holder) = (context.facts.caseId, context.facts.holder)
        if let index = writes.outbox.firstIndex(where: {
            $0.target == .agency && $0.kind == kind && $0.caseId == caseId && $0.agencyId == holder
        }) {
            if body != [:] { writes.outbox[index].body = body.bytes }
            return
        }
        writes.outbox.append(
            OutboxRow(
                outboxId: try await database.ids.next(.outbox), target: .agency, agencyId: holder, kind: kind, caseId: caseId, body: body,
                needsAck: kind == "recall"))
    }

    mutating func send(_ target: OutboxRow.Target, _ kind: String, _ body: CanonicalJSON = [:], in context: CaseContext)
        async throws
    {
        writes.outbox.append(
            OutboxRow(
                outboxId: try await database.ids.next(.outbox), target: target, kind: kind, caseId: context.facts.caseId,
                body: body.adding(["debtor": .int(context.facts.debtorId)])))
    }
}
