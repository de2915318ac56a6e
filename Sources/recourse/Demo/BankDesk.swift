import CollectionsDomain
import CollectionsStore
import Coordinator
import Foundation
import Simulator

/// The two operators of the demo's bank: they answer what agencies ask, each decision that needs two persons by both.
struct BankDesk: Sendable {
    let requests: RequestService
    let legal: LegalService
    let complaints: ComplaintService
    let disputes: DisputeService
    let first: Operator
    let second: Operator
    let zone: Zone
    let seed: UInt64

    /// Answers every request that has been open for at least a day, or is due today.
    func decide(at now: Instant) async throws -> Int {
        var decided = 0
        for request in try await requests.open() where request.askedAt <= now - .seconds(86_400) || request.slaDue <= now + .seconds(86_400)
        {
            do {
                try await decide(request, decision(on: request, at: now))
            } catch LegalError.blocked {
                // Out of time, or a hold stands against it: the bank may only say no.
                try await decide(request, .refused)
            }
            decided += 1
        }
        // The card system does what it is told.
        for (part, order) in try await legal.openOrders() {
            _ = try await legal.confirm(part: part, account: order.accountId, by: first)
        }
        decided += try await answerComplaints(at: now)
        return try await decided + resolveDisputes(at: now)
    }

    /// Five days after a complaint came its letter of reply goes out.
    private func answerComplaints(at now: Instant) async throws -> Int {
        let due = try await complaints.list(all: false, limit: 10_000).complaints.filter {
            $0.state == .open && $0.receivedAt <= now - .seconds(5 * 86_400)
        }
        for complaint in due {
            do {
                _ = try await complaints.answer(complaint.reference, replyHash: nil, by: first)
            } catch ApprovalError.makerIsChecker {
                // Proposed before the database went away: the day's work is done again from its beginning.
            }
            _ = try await complaints.answer(complaint.reference, replyHash: nil, by: second)
            _ = try await complaints.close(complaint.reference, by: first)
        }
        return due.count
    }

    /// Ten days after an account was disputed the bank knows; here the claim always stands, because the demo's balances are right.
    private func resolveDisputes(at now: Instant) async throws -> Int {
        let known = try await disputes.open().filter { $0.since <= now - .seconds(10 * 86_400) }
        for dispute in known {
            let target = HoldTarget(
                part: dispute.part, debtor: dispute.debtorId, account: dispute.accountId, reference: dispute.debtorRef)
            _ = try await disputes.resolve(target, .unfounded, reason: "checked with the merchant", by: first)
        }
        return known.count
    }

    /// Both persons, where it takes two.
    private func decide(_ request: OpenRequest, _ decision: RequestDecision) async throws {
        if try await requests.decide(part: request.part, id: request.id, decision, by: first) == .awaitsSecond {
            _ = try await requests.decide(part: request.part, id: request.id, decision, by: second)
        }
    }

    /// What was asked, as far as the answer depends on it.
    private struct Detail: Decodable { let subject: String }

    private func decision(on request: OpenRequest, at now: Instant) throws -> RequestDecision {
        var random = SeededGenerator(seed: seed, key: "request/\(request.id)")
        let today = zone.day(of: now)
        switch request.type {
        case .skipTrace, .dataCorrection: return .answered(found: random.chance(0.6))
        case .legal: return random.chance(0.8) ? .approved(.civil) : .refused
        case .legalReview: return .granted(until: nil, date: nil, amount: nil)
        case .deceasedCheck:
            let hold = HoldType(rawValue: try JSONDecoder().decode(Detail.self, from: Data(request.detail.utf8)).subject)
            return random.chance(0.6) ? .verified(hold ?? .deceased) : .unfounded(hold ?? .deceased)
        case .hardship: return random.chance(0.6) ? .granted(until: now + .seconds(30 * 86_400), date: nil, amount: nil) : .refused
        case .extension: return random.chance(0.7) ? .granted(until: nil, date: today.adding(days: 10), amount: nil) : .refused
        case .plan: return random.chance(0.6) ? .granted(until: nil, date: today.adding(days: 20), amount: nil) : .refused
        case .settlement: return random.chance(0.5) ? .granted(until: nil, date: today.adding(days: 7), amount: nil) : .refused
        }
    }
}
