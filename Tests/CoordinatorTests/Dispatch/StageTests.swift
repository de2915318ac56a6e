import CollectionsDomain
import CollectionsStore
import PostgresDriver
import RecourseTesting
import Testing
import WireTypes

@testable import Coordinator

@Suite("Stages", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct StageTests {
    @Test("Information gathering: the card shows masked points, and a complete dossier leads to the phone")
    func gathering() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(stage: .informationGathering, agency: scene.alpha.agencyId)
        let lease = try #require(try await scene.lease(["info"]).first)
        #expect(lease.step == "gather" && lease.actBefore == nil && lease.workCard.permit == nil)
        let points = try #require(lease.workCard.contactPoints)
        #expect(points.count == 3 && points.allSatisfy { $0.masked?.contains("*") == true })
        #expect(try await scene.ledger(debtor).reservations.isEmpty, "gathering facts contacts nobody")
        let reply = try #require(try await scene.report([try await scene.outcome(lease, "dossier_complete")]).first)
        #expect(reply.status == .accepted && reply.next?.stage == "phone")
        let call = try #require(try await scene.lease().first)
        #expect(call.step == "call" && call.workCard.caseRef == lease.workCard.caseRef)
        #expect(
            try await scene.value("select stage from case_file where case_id = \(debtor.caseId)", as: Int16.self) == Stage.phone.rawValue)
    }

    @Test("Phone to letter: after the last way to call, the lettershop gets the letter and nobody else")
    func letter() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await letterCase(scene)
        #expect(try await scene.lease(["letter"], max: 10).isEmpty, "the letter is the lettershop's, not the holder's")
        let lease = try #require(try await scene.lease(["letter"], max: 10, as: scene.lettershop).first)
        let letter = try #require(lease.workCard.letter)
        #expect(lease.step == "registered_letter" && lease.actBefore == nil)
        #expect(letter.address == "1 Test Road" && letter.mailClass == "registered" && letter.sealId != nil)
        // Every field the law asks of a letter.
        for element in [
            "name", "balance", "reason", "law", "rights_duties", "query_channel", "repay_channel", "object_channel", "evidence_channel",
            "issuer_contact", "business_seal",
        ] {
            #expect(letter.fields[element]?.isEmpty == false, "\(element)")
        }
        #expect(lease.workCard.debtor?.idNumber == nil && lease.workCard.accounts?.count == 1)
        #expect(try await scene.ledger(debtor).reservations.map(\.channel) == [.letter])

        let issued = try await scene.report([try await scene.outcome(lease, "issued")], as: scene.lettershop)
        #expect(issued.first?.status == .accepted)
        #expect(try await scene.ledger(debtor).reservations.isEmpty, "printing contacts nobody")
        let post = try #require(try await scene.lease(["letter"], max: 10, as: scene.lettershop).first)
        #expect(post.workCard.letter?.letterId == letter.letterId, "the same letter goes on to the post")
        let posted = try await scene.report(
            [try await scene.outcome(post, "posted") { $0.letter = LetterStatus(letterId: letter.letterId, mailNo: "R1") }],
            as: scene.lettershop)
        #expect(posted.first?.status == .accepted)
        #expect(try await scene.value("select state || mail_no from letter", as: String.self) == "postedR1")
        #expect(try await scene.ledger(debtor).entries.map(\.channel) == [.letter])
        #expect(try await scene.state(debtor).hasPrefix("waiting letter_answer"))
        // Tracking comes without a lease.
        let returned = try await scene.dispatch.activities(
            ActivityReport(activities: [
                ActivityItem(
                    activityRef: "track-1", caseRef: String(debtor.caseId), type: "letter_status",
                    occurredAt: WireInstant(DispatchHarness.monday),
                    result: "returned", refersTo: letter.letterId, letter: LetterStatus(letterId: letter.letterId, returnReason: "moved"))
            ]), for: scene.lettershop)
        #expect(returned.activities.first?.status == .accepted)
        #expect(
            try await scene.value("select state from letter where letter_id = \(Int64(letter.letterId) ?? 0)", as: String.self)
                == "returned")
        #expect(
            try await scene.value("select state from contact_point where contact_point_id = \(debtor.contactPointIds[1])", as: String.self)
                == "invalid",
            "the address does not reach the debtor")
    }

    /// A case in stage letter with its letter ordered.
    private func letterCase(_ scene: DispatchHarness) async throws -> PlacedDebtor {
        let debtor = try await scene.db.makePlacedDebtor(stage: .informationGathering, agency: scene.alpha.agencyId)
        // No telephone: the dossier leads to a letter.
        try await scene.db.administrator.query(
            "update contact_point set state = 'invalid' where debtor_id = \(debtor.debtorId) and channel <> 'home_address'")
        let lease = try #require(try await scene.lease(["info"]).first)
        #expect(try await scene.report([try await scene.outcome(lease, "no_contact_found")]).first?.status == .accepted)
        return debtor
    }

    @Test("A visit: the lease has no hours, the permit at the door has, and reserves; the visit is on record")
    func visit() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(accounts: [6_500_000], stage: .fieldVisit, agency: scene.alpha.agencyId)
        try await scene.db.administrator.query(
            "update case_file set point_id = \(debtor.contactPointIds[1]) where case_id = \(debtor.caseId)")
        try await scene.db.setBusinessTime(DispatchHarness.instant("2026-11-02T22:05:00+08:00"))
        let lease = try #require(try await scene.lease(["field"]).first, "routes are planned at night")
        #expect(lease.step == "visit" && lease.actBefore == nil && lease.workCard.permit == nil)
        #expect(lease.workCard.visit?.address == "1 Test Road" && lease.workCard.visit?.collectors == 2)
        #expect(try await scene.ledger(debtor).reservations.isEmpty, "a visit reserves at its permit")
        func permit(_ collectors: Int) async throws -> PermitReply {
            try await scene.dispatch.permit(
                PermitRequest(
                    leaseToken: lease.leaseToken, contactPointId: String(debtor.contactPointIds[1]), act: "visit", collectors: collectors),
                for: scene.alpha)
        }
        let night = try await permit(2)
        #expect(night.blocked?.reasons == ["contact_windows"])
        #expect(night.blocked?.earliest == WireInstant(DispatchHarness.instant("2026-11-03T08:00:00+08:00")))
        try await scene.db.setBusinessTime(DispatchHarness.instant("2026-11-03T10:00:00+08:00"))
        #expect(try await permit(1).blocked?.reasons == ["visit.min_collectors"])
        let allowed = try await permit(2)
        #expect(allowed.allowedUntil == WireInstant(DispatchHarness.instant("2026-11-03T22:00:00+08:00")))
        #expect(try await permit(2).permitId == allowed.permitId, "asking twice reserves once")
        #expect(try await scene.ledger(debtor).reservations.count == 1)
        let reply = try await scene.report([
            try await scene.outcome(lease, "met_no_commitment") {
                $0.contactPointId = String(debtor.contactPointIds[1])
                $0.visitCollectors = 2
                $0.permitId = allowed.permitId
            }
        ])
        #expect(reply.first?.status == .accepted)
        #expect(try await scene.count("select count(*) from violation") == 0)
        #expect(try await scene.value("select result from visit", as: Int16.self) == ResultCode.metNoCommitment.rawValue)
        let ledger = try await scene.ledger(debtor)
        #expect(ledger.reservations.isEmpty && ledger.entries.map(\.channel) == [.visit])
    }

    @Test("A visit without a permit is stored, counted and raised as a violation")
    func visitWithoutPermit() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(accounts: [6_500_000], stage: .fieldVisit, agency: scene.alpha.agencyId)
        try await scene.db.administrator.query(
            "update case_file set point_id = \(debtor.contactPointIds[1]) where case_id = \(debtor.caseId)")
        let lease = try #require(try await scene.lease(["field"]).first)
        let reply = try await scene.report([
            try await scene.outcome(lease, "absent_card_left") {
                $0.contactPointId = String(debtor.contactPointIds[1])
                $0.visitCollectors = 2
            }
        ])
        #expect(reply.first?.status == .accepted)
        #expect(try await scene.value("select rule from violation", as: String.self) == "contact_without_permit")
        #expect(try await scene.ledger(debtor).entries.count == 1)
    }

    @Test("Legal: the card carries the identity number, and the proposal becomes the bank's to decide")
    func legal() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(
            accounts: [2_000_000], stage: .legalReferral, agency: scene.alpha.agencyId, step: .legalDossier, daysPastDue: 200)
        let letter = try await scene.db.database.ids.next(.letter)
        try await scene.db.administrator.query(
            """
            insert into letter (part, letter_id, case_id, debtor_id, agency_id, contact_point_id, template, accounts, state, ordered_at, posted_at)
            values (\(debtor.part), \(letter), \(debtor.caseId), \(debtor.debtorId), \(scene.lettershop.agencyId), \(debtor.contactPointIds[1]), 't',
                \(debtor.accountIds), 'posted', \(DispatchHarness.monday), \(DispatchHarness.monday))
            """)
        var counters = CaseCounters()
        counters.effectiveCollections = 2
        try await scene.db.administrator.query("update case_file set counters = \(counters.stored) where case_id = \(debtor.caseId)")
        let lease = try #require(try await scene.lease(["legal"]).first)
        #expect(lease.step == "legal_dossier" && lease.workCard.debtor?.idNumber == "ID\(debtor.debtorId)")
        #expect(lease.workCard.legal?.lettersPosted == 1 && lease.workCard.legal?.monthsUnpaid == 6)
        let reply = try #require(try await scene.report([try await scene.outcome(lease, "proposed")]).first)
        #expect(reply.status == .accepted)
        #expect(try await scene.state(debtor) == "requested legal")
        #expect(try await scene.value("select state from legal_referral", as: String.self) == "proposed")
        #expect(try await scene.count("select count(*) from bank_request where type = 'legal' and approvals_needed = 2") == 1)
        #expect(try await scene.count("select count(*) from outbox where target = 'card_block' and kind = 'card_block'") == 1)
    }

    @Test("A third party's card names the person sought and the purpose, and carries no word of the debt")
    func thirdPartyCard() async throws {
        let scene = try await DispatchHarness()
        let debtor = try await scene.db.makePlacedDebtor(agency: scene.alpha.agencyId)
        // The debtor is lost: both numbers are dead. The brother's number is unlocked.
        try await scene.db.administrator.query(
            """
            update contact_point set state = 'invalid' where debtor_id = \(debtor.debtorId) and channel in ('mobile', 'home_phone')
            """)
        let brother = try await scene.db.database.ids.next(.contactPoint)
        try await scene.db.administrator.query(
            """
            insert into contact_point (part, contact_point_id, debtor_id, contact_ref, role, relation, channel, value_enc, value_bidx, rank, state, provenance,
                created_at)
            values (\(debtor.part), \(brother), \(debtor.debtorId), 'B', 'family', 'immediate_family', 'mobile', \(scene.db.database.cipher.seal("13900000000")),
                '\\x00', 1, 'valid', 'application', \(DispatchHarness.monday))
            """)
        var ledger = try await scene.ledger(debtor)
        ledger.profile.numberInvalid = .known(true)
        try await scene.db.administrator.query("update debtor_conduct set ledger = \(ledger.bytes) where debtor_id = \(debtor.debtorId)")
        try await scene.db.administrator.query(
            "update case_file set point_id = \(brother), goal = \(WorkGoal.askContact.rawValue) where case_id = \(debtor.caseId)")
        let card = try #require(try await scene.lease().first).workCard
        #expect(card.thirdParty?.personSought == "Test Person \(debtor.debtorId)" && card.thirdParty?.purpose == "ask_contact")
        #expect(card.permit?.value == "13900000000" && card.permit?.partyRole == "family")
        #expect(
            card.accounts == nil && card.placementRefs == nil && card.debtor == nil && card.balanceAsOf == nil && card.lastContacts == nil)
        #expect(card.openPromise == nil && card.legal == nil && card.repaymentChannels == nil)
    }
}
