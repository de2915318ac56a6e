package import CollectionsDomain
package import WireTypes

/// What a simulated collector finds when a lease is worked: a pure function of the world's seed, the lease and the time.
///
/// Facts only: the coordinator decides what follows. The same lease always ends the same way, so a killed and restarted run meets the same world.
package struct LeaseBehaviour: Sendable {
    /// The seed of the world all workers share.
    package let seed: UInt64
    /// How good the agency is at its work; 1 is average, it scales how often people are reached and won.
    package let strength: Double
    /// The zone whose local dates promises name.
    package let zone: Zone

    package init(seed: UInt64, strength: Double, zone: Zone) {
        self.seed = seed
        self.strength = strength
        self.zone = zone
    }

    /// The outcome of working `lease` at `now`, in business time.
    package func outcome(of lease: Lease, at now: Instant) -> OutcomeItem {
        var random = SeededGenerator(seed: seed, key: "\(lease.taskId)/\(lease.epoch)")
        let debtor = DebtorCharacter(seed: seed, debtor: lease.workCard.caseRef)
        switch Step(name: lease.step) {
        case .gather: return gathered(lease, at: now, random: &random)
        case .smsReminder, .emailReminder:
            return contact(lease, random.pick([("delivered", 0.93), ("failed", 0.04), ("replied", 0.03)]), at: now)
        case .call:
            return lease.workCard.thirdParty == nil
                ? called(lease, debtor, at: now, random: &random) : calledThirdParty(lease, at: now, random: &random)
        case .registeredLetter: return letterPosted(lease, at: now, random: &random)
        case .visit: return visited(lease, debtor, at: now, random: &random)
        case .legalDossier: return dossier(lease, at: now, random: &random)
        case .lawFirm: return lawFirm(lease, at: now, random: &random)
        case nil: return OutcomeItem(leaseToken: lease.leaseToken, result: "not_attempted", occurredAt: now.wire)
        }
    }

    /// The outcome of working `lease` with a given result: all that the result has to say about itself.
    package func outcome(of lease: Lease, saying code: ResultCode, at now: Instant) -> OutcomeItem {
        var random = SeededGenerator(seed: seed, key: "\(lease.taskId)/\(lease.epoch)/\(code.name)")
        let step = Step(name: lease.step)
        switch code {
        case .promise, .metPromise, .commitmentSigned: return promise(lease, code.name, within: 3, at: now, random: &random)
        case .proposed, .notRecommended:
            var item = dossier(lease, at: now, random: &random)
            item.result = code.name
            return item
        case .letterIssued, .letterRejected: return OutcomeItem(leaseToken: lease.leaseToken, result: code.name, occurredAt: now.wire)
        case .permitBlocked:
            return OutcomeItem(
                leaseToken: lease.leaseToken, result: code.name, occurredAt: now.wire,
                contactPointId: lease.workCard.visit?.contactPointId, callbackAt: (now + .seconds(7_200)).wire)
        default: break
        }
        var item =
            switch step {
            case .visit: visit(lease, code.name, at: now)
            case .call, .smsReminder, .emailReminder: contact(lease, code.name, at: now)
            case .gather, .registeredLetter, .legalDossier, .lawFirm, nil:
                OutcomeItem(leaseToken: lease.leaseToken, result: code.name, occurredAt: now.wire, collectorId: "desk-1")
            }
        switch code {
        case .paidClaimed: item.paidOn = zone.day(of: now).adding(days: -1).wire
        case .callback: item.callbackAt = (now + .seconds(5 * 3_600)).wire
        case .optOut: item.optOut = OptOut(scope: "channel", channel: "email")
        case .newContactData:
            item.newContactPoints = [
                NewContactPoint(
                    role: "debtor", channel: "mobile", value: "+9996" + String(lease.taskId.suffix(8)), provenance: "debtor_stated_on_call")
            ]
        case .letterReplyReceived: item.reply = ReplyItem(result: "rpc_no_commitment")
        case .dispute: item.accountRefs = lease.workCard.accounts.map { $0.prefix(1).map(\.accountRef) }
        default: break
        }
        return item
    }

    private func gathered(_ lease: Lease, at now: Instant, random: inout SeededGenerator) -> OutcomeItem {
        let result = random.pick([
            ("dossier_complete", 0.955), ("contact_found", 0.025), ("no_contact_found", 0.015), ("data_error", 0.005),
        ])
        return OutcomeItem(
            leaseToken: lease.leaseToken, result: result, occurredAt: now.wire, endedAt: (now + .seconds(60)).wire, collectorId: "desk-1")
    }

    private func called(_ lease: Lease, _ debtor: DebtorCharacter, at now: Instant, random: inout SeededGenerator) -> OutcomeItem {
        guard random.chance(min(0.9, debtor.reachability * strength)) else {
            let unreached = random.pick([
                ("no_answer", 0.5), ("voicemail", 0.14), ("busy", 0.1), ("power_off", 0.09), ("not_connected", 0.06), ("hung_up", 0.06),
                ("number_invalid", 0.02), ("wrong_number", 0.01), ("third_party_answered", 0.02),
            ])
            return contact(lease, unreached, at: now, seconds: unreached == "hung_up" ? 5 : 30)
        }
        if lease.attempt <= 6, random.chance(0.5) {
            switch debtor.circumstance {
            case .ordinary: break
            case .disputes: return contact(lease, "dispute", at: now)
            case .inHardship:
                return contact(lease, random.pick([("hardship", 0.5), ("plan_requested", 0.3), ("settlement_requested", 0.2)]), at: now)
            case .complains: return contact(lease, "complaint", at: now)
            case .represented: return contact(lease, "represented", at: now)
            case .deceased: return contact(lease, "deceased", at: now)
            case .paidAlready:
                var item = contact(lease, "paid_claimed", at: now)
                item.paidOn = zone.day(of: now).adding(days: -1).wire
                return item
            }
        }
        if random.chance(min(0.85, debtor.willingness * strength)) { return promise(lease, "promise", within: 7, at: now, random: &random) }
        let answer = random.pick([
            ("rpc_no_commitment", 0.5), ("refused", 0.22), ("callback", 0.16), ("hung_up", 0.08), ("extension_requested", 0.02),
            ("vulnerable", 0.01),
            ("opt_out", 0.005), ("new_contact_data", 0.005),
        ])
        var item = contact(lease, answer, at: now)
        switch answer {
        case "callback": item.callbackAt = (now + .seconds(Int64.random(in: 3...40, using: &random) * 3_600)).wire
        case "opt_out": item.optOut = OptOut(scope: "channel", channel: "sms")
        case "new_contact_data":
            item.newContactPoints = [
                NewContactPoint(
                    role: "debtor", channel: "mobile", value: "+9997" + String(lease.taskId.suffix(8)), provenance: "debtor_stated_on_call")
            ]
        default: break
        }
        return item
    }

    private func calledThirdParty(_ lease: Lease, at now: Instant, random: inout SeededGenerator) -> OutcomeItem {
        contact(
            lease, random.pick([("no_answer", 0.4), ("third_party_relayed", 0.35), ("message_left", 0.15), ("third_party_refused", 0.1)]),
            at: now)
    }

    private func letterPosted(_ lease: Lease, at now: Instant, random: inout SeededGenerator) -> OutcomeItem {
        guard random.chance(0.97) else {
            return OutcomeItem(leaseToken: lease.leaseToken, result: "rejected_by_lettershop", occurredAt: now.wire)
        }
        var item = OutcomeItem(leaseToken: lease.leaseToken, result: "posted", occurredAt: now.wire)
        item.letter = LetterStatus(letterId: lease.workCard.letter?.letterId, mailNo: "R\(lease.taskId)", postedAt: now.wire)
        return item
    }

    private func visited(_ lease: Lease, _ debtor: DebtorCharacter, at now: Instant, random: inout SeededGenerator) -> OutcomeItem {
        if !random.chance(debtor.addressQuality) {
            return visit(lease, random.pick([("moved", 0.6), ("address_not_found", 0.4)]), at: now)
        }
        if random.chance(min(0.7, 0.25 + debtor.reachability * 0.5)) {
            if random.chance(min(0.8, debtor.willingness * 1.3 * strength)) {
                return promise(lease, random.pick([("met_promise", 0.6), ("commitment_signed", 0.4)]), within: 3, at: now, random: &random)
            }
            return visit(
                lease,
                random.pick([
                    ("met_refused", 0.45), ("met_no_commitment", 0.45), ("met_hardship", 0.05), ("met_dispute", 0.03),
                    ("met_deceased_info", 0.02),
                ]), at: now)
        }
        return visit(
            lease, random.pick([("absent_card_left", 0.85), ("third_party_met", 0.07), ("no_entry", 0.06), ("unsafe", 0.02)]), at: now)
    }

    private func dossier(_ lease: Lease, at now: Instant, random: inout SeededGenerator) -> OutcomeItem {
        var item = OutcomeItem(
            leaseToken: lease.leaseToken, result: random.chance(0.9) ? "proposed" : "not_recommended", occurredAt: now.wire)
        item.evidence = [
            Evidence(kind: "dossier", ref: "dossier-\(lease.taskId)", sha256: String(repeating: "0", count: 64), bytes: 120_000)
        ]
        item.legal = LegalStatus(route: "civil")
        return item
    }

    private func lawFirm(_ lease: Lease, at now: Instant, random: inout SeededGenerator) -> OutcomeItem {
        let next: String =
            switch lease.workCard.legal?.lastEvent {
            case "dossier_accepted": "lawyer_letter_sent"
            case "lawyer_letter_sent": "filed"
            case "filed": random.pick([("judgment", 0.6), ("mediation_agreed", 0.3), ("withdrawn", 0.05), ("dismissed", 0.05)])
            case "judgment": "enforcement_filed"
            case "mediation_agreed", "enforcement_filed": "enforcement_closed"
            default: "dossier_accepted"
            }
        var item = OutcomeItem(leaseToken: lease.leaseToken, result: next, occurredAt: now.wire)
        item.legal = LegalStatus(caseNo: next == "filed" ? "CIV-\(lease.taskId)" : nil, eventOn: zone.day(of: now).wire)
        return item
    }

    /// A promise over what is due on all accounts of the card's first currency, most of the time within the days the policy leaves.
    private func promise(
        _ lease: Lease, _ result: String, within days: Int, at now: Instant, random: inout SeededGenerator
    ) -> OutcomeItem {
        var item = result == "promise" ? contact(lease, result, at: now) : visit(lease, result, at: now)
        guard let account = lease.workCard.accounts?.first, let currency = Currency(account.currency),
            let due = amount(account.amountDue, currency), due > 0
        else {
            item.result = result == "promise" ? "rpc_no_commitment" : "met_no_commitment"
            return item
        }
        let percent: Int64 = random.pick([(100, 0.6), (60, 0.25), (30, 0.15)])
        let least = account.minPayment.flatMap { amount($0, currency) } ?? 0
        let offered = max(min(due, max(least, 1)), due * percent / 100)
        let wait = random.chance(0.04) ? days + 4 : Int.random(in: 1...max(1, min(days, 3)), using: &random)
        item.promise = PromiseItem(
            amount: Money(minorUnits: offered, currency: currency).decimalText, currency: currency.code,
            date: zone.day(of: now).adding(days: wait).wire, accountRef: account.accountRef)
        return item
    }

    private func amount(_ text: String, _ currency: Currency) -> Int64? {
        do { return try Money(parsing: text, currency: currency).minorUnits } catch { return nil }  // an unreadable card makes no promise
    }

    private func contact(_ lease: Lease, _ result: String, at now: Instant, seconds: Int64 = 120) -> OutcomeItem {
        OutcomeItem(
            leaseToken: lease.leaseToken, result: result, occurredAt: now.wire, endedAt: (now + .seconds(seconds)).wire, collectorId: "c-1",
            contactPointId: lease.workCard.permit?.contactPointId, recordingRef: "rec-\(lease.taskId)-\(lease.epoch)")
    }

    private func visit(_ lease: Lease, _ result: String, at now: Instant) -> OutcomeItem {
        OutcomeItem(
            leaseToken: lease.leaseToken, result: result, occurredAt: now.wire, endedAt: (now + .seconds(240)).wire, collectorId: "f-1",
            collectorIds: ["f-1", "f-2"], visitCollectors: 2, contactPointId: lease.workCard.visit?.contactPointId,
            recordingRef: "vid-\(lease.taskId)-\(lease.epoch)")
    }
}
