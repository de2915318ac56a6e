package import CollectionsDomain
import Foundation
package import PostgresDriver

/// What the audit record says of a debtor's case: the rules behind each decision, and what no other table keeps (leases given and withheld, permits
/// refused, leases that ran out, what runs decided).
package enum TimelineAuditQueries {
    /// What is asked about.
    package struct Subject: Sendable {
        package var part: Int32
        package var tasks: [Int64]
        package var cases: [Int64]
        package var payments: [Int64]
        package var activities: [Int64]
        /// Agencies that may have asked for the tasks.
        package var agencies: [Int32]
        /// The first writer's number that can matter.
        package var floor: Int64

        package init(
            part: Int32, tasks: [Int64], cases: [Int64], payments: [Int64], activities: [Int64], agencies: [Int32], floor: Int64
        ) {
            self.part = part
            self.tasks = tasks
            self.cases = cases
            self.payments = payments
            self.activities = activities
            self.agencies = agencies
            self.floor = floor
        }
    }

    /// The rules of a fact that another table tells of.
    package struct Rules: Hashable, Sendable {
        package enum Of: Hashable, Sendable {
            case outcome(task: Int64, epoch: Int32)
            case payment(Int64)
            case activity(Int64)
        }
        package var of: Of
        package var rules: [String]
    }

    /// What was found.
    package struct Answer: Sendable {
        package var rules: [Rules] = []
        package var entries: [TimelineEntry] = []
    }

    /// The most lease calls of agencies that are looked at: a case has tens.
    static let mostLeaseCalls: Int32 = 5_000

    private struct Blocked: Decodable {
        let task: Int64
        let until: String?
        let rules: [String]
    }

    private struct Body: Decodable {
        let epoch: Int32?
        let agency: Int32?
        let rules: [String]?
        let rule: String?
        let at: String?
        let allowed: Bool?
        let until: String?
        let how: String?
        let by: String?
        let state: String?
        let tasks: [Int64]?
        let epochs: [Int32]?
        let blocked: [Blocked]?
    }

    /// Reads what concerns the subject.
    package static func read(_ subject: Subject, in db: PostgresConnection) async throws -> Answer {
        let part = subject.part
        let wanted: [(AuditKind, [Int64])] = [
            (.outcomeAccepted, subject.tasks), (.outcomeLate, subject.tasks), (.permit, subject.tasks), (.release, subject.tasks),
            (.expiry, subject.tasks), (.posting, subject.payments), (.activity, subject.activities), (.caseChange, subject.cases),
            (.reconciliation, subject.cases),
        ]
        let kinds = wanted.flatMap { kind, ids in ids.map { _ in kind.rawValue } }
        let ids = wanted.flatMap(\.1)
        let results = try await db.pipeline([
            """
            select a.kind, a.subject, a.at, a.body, a.writer, a.seq from unnest(\(kinds), \(ids)) u (kind, subject)
            cross join lateral (
                select kind, subject, at, body, writer, seq from audit_entry
                where part = \(part) and kind = u.kind and subject = u.subject and writer >= \(subject.floor)) a
            """,
            // A call that leases from several lanes is recorded in one of them. A task's number stands in the text of the calls that gave or
            // withheld it; what is found is read properly below.
            """
            select kind, subject, at, body, writer, seq from audit_entry
            where kind = \(AuditKind.lease.rawValue) and subject = any(\(subject.agencies.map(Int64.init)))
                and writer >= \(subject.floor)
                and exists (select from unnest(\(subject.tasks)) t (id) where position(convert_to(t.id::text, 'UTF8') in body) > 0)
            order by writer desc, seq desc limit \(mostLeaseCalls)
            """,
        ])
        let decoder = JSONDecoder()
        var answer = Answer()
        let tasks = Set(subject.tasks)
        for row in results.joined() {
            let (kind, id, real, bytes, writer, seq) = try row.decode((Int16, Int64, Instant, [UInt8], Int64, Int64).self)
            guard let kind = AuditKind(rawValue: kind) else { continue }
            let body: Body
            do {
                body = try decoder.decode(Body.self, from: Data(bytes))
            } catch {
                throw PostgresError(code: .decode, message: "audit entry \(writer)/\(seq) of lane \(part) does not read")
            }
            // Entries tell business time where they know it; in production the clock of the record is the same.
            let at = body.at.flatMap { Instant(iso8601: $0) } ?? real
            take(kind, id, body, at: at, tasks: tasks, into: &answer)
        }
        return answer
    }

    private static func take(_ kind: AuditKind, _ id: Int64, _ body: Body, at: Instant, tasks: Set<Int64>, into answer: inout Answer) {
        let rules = body.rules ?? body.rule.map { [$0] } ?? []
        func entry(_ fact: TimelineFact, _ actor: TimelineActor, task: Int64? = nil, caseId: Int64? = nil) -> TimelineEntry {
            TimelineEntry(at: at, fact, by: actor, rules: rules, caseId: caseId, task: task, epoch: body.epoch, row: id)
        }
        let agency = body.agency.map(TimelineActor.agency) ?? TimelineActor(by: body.by ?? "bank")
        switch kind {
        case .outcomeAccepted, .outcomeLate:
            if let epoch = body.epoch { answer.rules.append(Rules(of: .outcome(task: id, epoch: epoch), rules: rules)) }
        case .posting: answer.rules.append(Rules(of: .payment(id), rules: rules))
        case .activity: answer.rules.append(Rules(of: .activity(id), rules: rules))
        case .permit:
            // What was permitted the table of permits tells.
            if body.allowed == false { answer.entries.append(entry(.permit(until: nil), agency, task: id)) }
        case .release: answer.entries.append(entry(.leaseEnded(.released), agency, task: id))
        case .expiry:
            answer.entries.append(entry(.leaseEnded(body.how == "handler_failed" ? .handlerFailed : .expired), agency, task: id))
        case .caseChange, .reconciliation:
            // The daily look that found nothing to do is no event.
            let isIdle = rules.allSatisfy { $0.hasSuffix(".none") || $0 == "wait.not_yet" }
            if let state = body.state, state != "opened", state != "closed", !isIdle {
                answer.entries.append(entry(.decided(state: state), TimelineActor(by: body.by ?? "bank"), caseId: id))
            }
        case .lease:
            let caller = Int32(exactly: id).map(TimelineActor.agency) ?? .bank
            for (task, epoch) in zip(body.tasks ?? [], body.epochs ?? []) where tasks.contains(task) {
                answer.entries.append(TimelineEntry(at: at, .granted, by: caller, task: task, epoch: epoch, row: task))
            }
            for blocked in body.blocked ?? [] where tasks.contains(blocked.task) {
                let until = blocked.until.flatMap { Instant(iso8601: $0) }
                answer.entries.append(
                    TimelineEntry(
                        at: at, .withheld(until: until), by: caller, rules: blocked.rules, task: blocked.task, row: blocked.task))
            }
        default: break
        }
    }
}
