import CollectionsDomain
import CollectionsStore
import WireTypes

/// Reads reports from the wire into the domain's words: references become ids, amounts become money. What does not read is a fault with its place.
struct OutcomeReader {
    /// The longest text of a field that is kept as text.
    static let longestText = 500
    /// The most new contact points of one report.
    static let mostPoints = 10

    /// What came of reading.
    struct Reading {
        var report: ReportedOutcome
        var learned: [TransitionCause.LearnedPoint] = []
        var caseNo: String?
        var faults: [OutcomeFault] = []
    }

    let rows: CaseRows
    let task: ReportedTask

    /// Reads an outcome of a task.
    ///
    /// - Returns: nil when the result's word is not one of the task's step: there is nothing to decide on.
    func read(_ item: OutcomeItem) -> Reading? {
        guard let result = ResultCode(name: item.result, step: task.step) else { return nil }
        var reading = Reading(report: ReportedOutcome(result: result, occurredAt: Instant(item.occurredAt)))
        reading.report.endedAt = item.endedAt.map(Instant.init)
        reading.report.collector = item.collectorId ?? item.collectorIds?.first
        reading.report.recording = item.recordingRef
        reading.report.collectors = item.visitCollectors ?? item.collectorIds?.count
        reading.report.debtTold = item.debtDisclosed ?? false
        readInstalments(item.instalments ?? [], currency: item.currency, into: &reading)
        reading.report.reached = item.thirdPartyKind.flatMap(Self.reached)
        reading.report.callbackAt = item.callbackAt.map(Instant.init)
        readPoint(item.contactPointId, into: &reading)
        readParts(
            Parts(
                accountRefs: item.accountRefs, promise: item.promise, paidOn: item.paidOn, evidence: item.evidence, optOut: item.optOut,
                newContactPoints: (item.newContactPoints ?? []) + (item.representative?.contact.map { [$0] } ?? []),
                nextGoal: item.nextGoal,
                letter: item.letter, reply: item.reply, legal: item.legal), into: &reading)
        checkTexts([item.collectorId, item.recordingRef, item.reportRef, item.letter?.mailNo, item.legal?.caseNo], into: &reading)
        return reading
    }

    /// Reads an activity as a report; `result` was chosen by its type.
    func read(_ item: ActivityItem, result: ResultCode) -> Reading {
        var reading = Reading(report: ReportedOutcome(result: result, occurredAt: Instant(item.occurredAt)))
        reading.report.endedAt = item.endedAt.map(Instant.init)
        reading.report.collector = item.collectorId
        reading.report.recording = item.recordingRef
        reading.report.reached = item.thirdPartyKind.flatMap(Self.reached)
        // What was received came from the person, unless the report says otherwise.
        let isReceived = ["complaint", "dispute", "new_contact_data", "payment_proof"].contains(item.type)
        reading.report.inbound =
            item.direction == "inbound" || item.type.hasPrefix("inbound_") || isReceived && item.direction != "outbound"
        readPoint(item.contactPointId, into: &reading)
        readParts(
            Parts(
                accountRefs: item.accountRefs, promise: item.promise, paidOn: item.paidOn, evidence: item.evidence, optOut: item.optOut,
                newContactPoints: (item.newContactPoints ?? []) + (item.representative?.contact.map { [$0] } ?? []), nextGoal: nil,
                letter: item.letter,
                reply: nil, legal: item.legal), into: &reading)
        checkTexts([item.collectorId, item.recordingRef, item.letter?.mailNo, item.legal?.caseNo], into: &reading)
        return reading
    }

    /// Members that outcomes and activities share.
    private struct Parts {
        var accountRefs: [String]?
        var promise: PromiseItem?
        var paidOn: WireDate?
        var evidence: [Evidence]?
        var optOut: OptOut?
        var newContactPoints: [NewContactPoint]
        var nextGoal: String?
        var letter: LetterStatus?
        var reply: ReplyItem?
        var legal: LegalStatus?
    }

    private func readPoint(_ text: String?, into reading: inout Reading) {
        guard let text else { return }
        guard let id = Int64(text) else { return reading.fault("/contact_point_id", "unknown") }
        reading.report.point = id
    }

    private func readParts(_ parts: Parts, into reading: inout Reading) {
        for (index, ref) in (parts.accountRefs ?? []).enumerated() {
            if let account = account(ref) {
                reading.report.accounts.append(account.accountId)
            } else {
                reading.fault("/account_refs/\(index)", "unknown")
            }
        }
        if let promise = parts.promise { readPromise(promise, into: &reading) }
        reading.report.claimedOn = parts.paidOn.map { Day(number: Int32(clamping: $0.daysSince1970)) }
        reading.report.proof = (parts.evidence ?? []).contains { $0.kind == "receipt" }
        if let optOut = parts.optOut { readOptOut(optOut, into: &reading) }
        if let name = parts.nextGoal {
            if let goal = WorkGoal(name: name) { reading.report.nextGoal = goal } else { reading.fault("/next_goal", "unknown") }
        }
        readPoints(parts.newContactPoints, into: &reading)
        reading.report.mailNumber = parts.letter?.mailNo
        reading.report.signedBy = parts.letter?.signedByKind
        reading.report.returnReason = parts.letter?.returnReason
        if let reply = parts.reply {
            if let code = ResultCode(name: reply.result, family: .call) {
                reading.report.reply = code
            } else {
                reading.fault("/reply/result", "unknown")
            }
        }
        reading.caseNo = parts.legal?.caseNo
        if let costs = parts.legal?.costs {
            let code = parts.legal?.costsCurrency ?? onlyCurrency
            if let money = money(costs, code) { reading.report.costs = money } else { reading.fault("/legal/costs", "not_an_amount") }
        }
    }

    private func readPromise(_ promise: PromiseItem, into reading: inout Reading) {
        var currency = promise.currency ?? onlyCurrency
        var accountId: Int64?
        if let ref = promise.accountRef {
            if let account = account(ref) {
                accountId = account.accountId
                currency = promise.currency ?? account.currency
            } else {
                reading.fault("/promise/account_ref", "unknown")
            }
        }
        guard let currency else { return reading.fault("/promise/currency", "missing") }
        guard let amount = money(promise.amount, currency) else { return reading.fault("/promise/amount", "not_an_amount") }
        reading.report.promise = PromiseClaim(
            amount: amount, due: Day(number: Int32(clamping: promise.date.daysSince1970)), account: accountId)
    }

    private func readInstalments(_ instalments: [Instalment], currency: String?, into reading: inout Reading) {
        guard instalments.count <= 60 else { return reading.fault("/instalments", "out_of_range") }
        for (index, instalment) in instalments.enumerated() {
            guard let amount = money(instalment.amount, currency ?? onlyCurrency), amount.isPositive else {
                reading.fault("/instalments/\(index)/amount", "not_an_amount")
                continue
            }
            reading.report.instalments.append(
                PlanInstalment(due: Day(number: Int32(clamping: instalment.date.daysSince1970)), amount: amount))
        }
    }

    private func readOptOut(_ optOut: OptOut, into reading: inout Reading) {
        switch optOut.scope {
        case "point":
            if let point = reading.report.point ?? task.point { reading.report.optOut = .point(point) }
        case "channel":
            if let channel = optOut.channel.flatMap(ContactFact.Channel.init(rawValue:)) {
                reading.report.optOut = .channel(channel)
            } else {
                reading.fault("/opt_out/channel", "unknown")
            }
        default: reading.fault("/opt_out/scope", "unknown")
        }
    }

    private func readPoints(_ points: [NewContactPoint], into reading: inout Reading) {
        for (index, point) in points.prefix(Self.mostPoints).enumerated() {
            guard let role = ContactPoint.Role(rawValue: point.role) else {
                reading.fault("/new_contact_points/\(index)/role", "unknown"); continue
            }
            guard let channel = ContactPoint.Channel(rawValue: point.channel) else {
                reading.fault("/new_contact_points/\(index)/channel", "unknown")
                continue
            }
            let value = channel.isPhone ? String(point.value.filter { $0.isASCII && ($0.isNumber || $0 == "+") }) : point.value
            guard !value.isEmpty, value.utf8.count <= Self.longestText, !value.utf8.contains(0) else {
                reading.fault("/new_contact_points/\(index)/value", "out_of_range")
                continue
            }
            reading.learned.append(TransitionCause.LearnedPoint(role: role, channel: channel, value: value, provenance: point.provenance))
            if reading.report.newPoint == nil {
                reading.report.newPoint = ReportedOutcome.NewPoint(channel: channel, role: role, provenance: point.provenance)
            }
        }
    }

    /// Text that is kept as text must be storable and short: no savepoint guards a batch.
    private func checkTexts(_ texts: [String?], into reading: inout Reading) {
        for case let text? in texts where text.utf8.count > Self.longestText || text.utf8.contains(0) {
            reading.fault("", "text_out_of_range")
        }
    }

    private func account(_ ref: String) -> CaseRows.Account? { rows.accounts.first { $0.accountRef == ref } }

    private var onlyCurrency: String? {
        let codes = Set(rows.accounts.map(\.currency))
        return codes.count == 1 ? codes.first : nil
    }

    private func money(_ text: String, _ code: String?) -> Money? {
        guard let currency = code.flatMap({ Currency($0) }) else { return nil }
        do { return try Money(parsing: text, currency: currency) } catch { return nil }
    }

    private static func reached(_ kind: String) -> ContactPoint.Role? {
        switch kind {
        case "family", "occupant", "other": .family
        case "reference": .emergencyContact
        case "colleague": .colleague
        default: nil
        }
    }
}

extension OutcomeReader.Reading {
    fileprivate mutating func fault(_ pointer: String, _ reason: String) { faults.append(OutcomeFault(pointer: pointer, reason: reason)) }
}
