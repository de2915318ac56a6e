import CollectionsDomain

/// Random histories of one debtor, the same for the same seed.
extension SeededRandom {
    private static let parties: [(PartyKey, PartyRole)] = [
        (0, .debtor), (0, .debtor), (0, .debtor), (9, .guarantor), (501, .family), (77, .attorney),
    ]

    /// An instant within `days` before 2026-12-01, on a whole minute.
    mutating func instant(days: Int) -> Instant {
        Scene.at("2026-12-01 12:00") - .seconds(60 * Int.random(in: 0...days * 1_440, using: &self))
    }

    mutating func accounts() -> [Int64] {
        pick([[1], [1], [2], [1, 2]])
    }

    mutating func scene(days: Int = 12, events: Int = 14) -> Scene {
        var scene = Scene()
        if once(in: 12) { scene.ledger.profile.numberInvalid = .known(true) }
        if once(in: 12) { scene.ledger.profile.deceasedOn = .known(Day(iso: "2026-11-20")) }
        if once(in: 12) { scene.ledger.profile.numberInvalid = .unknown }
        for _ in 0..<Int.random(in: 0...events, using: &self) { scene.ledger.add(entry(&scene, days: days)) }
        for _ in 0..<Int.random(in: 0...3, using: &self) { scene.ledger.add(mark(&scene, days: days)) }
        for task in 0..<Int.random(in: 0...2, using: &self) { scene.ledger.reserve(reservation(Int64(task), &scene)) }
        if once(in: 8) {
            let from = instant(days: 3)
            scene.ledger.hold(
                pick([.complaint, .hardship, .cease]), on: once(in: 2) ? [1] : nil, from: from,
                until: once(in: 3) ? nil : from + .seconds(400_000))
        }
        for _ in 0..<(once(in: 4) ? 2 : 0) { scene.ledger.add(consent()) }
        return scene
    }

    mutating func entry(_ scene: inout Scene, days: Int) -> ContactEntry {
        let channel = pick(Channel.allCases)
        let outcomes: [ContactOutcome] =
            switch channel {
            case .call, .noticeCall: [.conversation, .connected, .voicemail, .noAnswer, .noAnswer, .noAnswer, .busy, .notInService]
            case .sms, .email, .letter: [.sent, .delivered, .failed, .returned, .receiptSigned]
            case .visit: [.met, .nobodyHome]
            }
        let (party, role) = pick(Self.parties)
        return ContactEntry(
            at: instant(days: days), channel: channel, direction: once(in: 9) ? .inbound : .outbound, outcome: pick(outcomes),
            purpose: pick([.demandPayment, .reminder, .relay, .optOutConfirmation]), party: party, role: role, point: pick([11, 12]),
            pointIsReserved: once(in: 2), accounts: scene.ledger.register(accounts()), by: pick([.bank, Scene.agency, Scene.other]),
            consented: once(in: 6))
    }

    mutating func mark(_ scene: inout Scene, days: Int) -> ConductMark {
        let kind = pick(MarkKind.allCases)
        let at = instant(days: days)
        let detail: Int32 =
            switch kind {
            case .promiseTaken: Scene.shanghai.day(of: at).number + Int32.random(in: 0...7, using: &self)
            case .optOut: Int32(pick([ChannelSet.message, .phone, [.sms]]).bits)
            case .representativeKnown: Int32(PartyRole.attorney.rawValue)
            case .disputeReceived: 1
            default: 0
            }
        return ConductMark(kind, at: at, party: once(in: 4) ? 501 : 0, accounts: scene.ledger.register(accounts()), detail: detail)
    }

    mutating func reservation(_ task: Int64, _ scene: inout Scene) -> Reservation {
        let from = Scene.at("2026-12-01 12:00") - .seconds(60 * Int.random(in: 0...600, using: &self))
        return Reservation(
            task: task, epoch: 1, channel: pick([.call, .sms, .letter, .visit]), purpose: pick([.demandPayment, .reminder]),
            point: pick([11, 12]),
            accounts: scene.ledger.register(accounts()), by: pick([Scene.agency, Scene.other]), from: from,
            actBefore: from + .seconds(60 * Int.random(in: 1...3_000, using: &self)), isPresumed: once(in: 2))
    }

    mutating func consent() -> LedgerConsent {
        let start = Int.random(in: 0..<1_440, using: &self)
        let end = (start + Int.random(in: 60...900, using: &self)) % 1_440
        let given = Scene.shanghai.day(of: instant(days: 10))
        return LedgerConsent(
            kind: pick([.widenWindow, .narrowWindow, .callConsent]), channels: pick([.all, .phone, [.sms]]),
            start: TimeOfDay(minutes: start) ?? .midnight, end: TimeOfDay(minutes: end) ?? .endOfDay, isRecorded: !once(in: 3),
            givenOn: given,
            validUntil: once(in: 2) ? given.adding(days: Int.random(in: 0...20, using: &self)) : nil)
    }

    mutating func act() -> Act {
        let (party, role) = pick(Self.parties)
        let channel = pick(Channel.allCases)
        return Scene.contact(
            channel, party: party, role: role, point: ContactPointRef(id: pick([11, 12]), kind: .mobile),
            purpose: pick([.demandPayment, .demandPayment, .reminder, .relay, .optOutConfirmation, .disputeReply]), accounts: accounts(),
            by: pick([.bank, Scene.agency]))
    }

    /// An instant of the days around 2026-12-01, at any hour.
    mutating func now() -> Instant {
        Scene.at("2026-12-01 12:00") + .seconds(Int.random(in: 0...3 * 86_400, using: &self))
    }
}
