package import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// A message as a system of the bank gets it: keys and codes; name, number and text are that system's own.
package struct PortOrder: Sendable {
    /// The message's number: the same message again has the same one, so that a system that was interrupted can tell.
    package let messageId: String
    package let port: String
    package let kind: String
    /// The message whole, one JSON object.
    package let json: [UInt8]
}

/// What became of some messages.
package struct PortReport: Encodable, Sendable {
    /// Taken by the system.
    package var delivered = 0
    /// Refused or not reached; they wait for the next time.
    package var failed = 0
    /// Kept back because nobody must write to the person now, by the hold.
    package var withheld: [String: Int] = [:]
    /// Kept back until contact hours begin.
    package var waitingForHours = 0

    package init() {}
}

/// Hands the bank's messages over to its systems: SMS and letters to debtors, notices of placement, card orders, alarms.
///
/// At least once, in order of age, one process at a time per port. A message leaves the outbox in the transaction that records its delivery; a system
/// that fails delays nothing but its own messages. Nobody is written to under a hold that forbids it, nor outside contact hours.
package struct PortService: Sendable {
    /// The holds under which a person is not written to, whatever the message says.
    package static let silencing: [HoldType] = [.deceased, .incapacity, .minor, .selfHarmRisk, .fraudClaim]

    /// Ports whose messages reach a person at once.
    private static let personal: Set<OutboxRow.Target> = [.sms]
    /// Ports whose messages reach a person at all.
    private static let toDebtors: Set<OutboxRow.Target> = [.sms, .letter, .notice]
    /// After so many failures one after the other the system is taken to be away.
    private static let failuresInRowMax = 3

    private let database: Database
    private let environments: CaseEnvironmentSource

    package init(database: Database, policies: PolicyService) {
        self.database = database
        environments = CaseEnvironmentSource(database: database, policies: policies)
    }

    /// How many messages wait, by port and kind, and since when.
    package func waiting() async throws -> [(port: OutboxRow.Target, kind: String, count: Int64, oldest: Instant)] {
        try await database.core.withConnection { try await PortQueries.waiting(in: $0) }
    }

    /// Hands over what waits at a port.
    ///
    /// - Parameters:
    ///   - holder: A name for this process, unique among those alive.
    ///   - send: Hands one message over; false: it was not taken.
    /// - Throws: ``RunError/running(kind:by:)`` while another process does it; the driver's errors.
    package func deliver(
        port: OutboxRow.Target, limit: Int, holder: String, _ send: (PortOrder) async throws -> Bool
    ) async throws -> PortReport {
        let id = try await database.ids.next(.run)
        let (run, now) = try await database.core.withTransaction { db in
            let now = try await ClockQueries.read(in: db)
            return (
                try await RunQueries.start(id: id, kind: "deliver", subject: port.rawValue, holder: holder, now: now, in: db).run, now
            )
        }
        var report = PortReport()
        do {
            try await deliver(port: port, limit: limit, run: run.id, holder: holder, now: now, into: &report, send)
        } catch {
            // The first error is the one that matters; the row's lease ends by itself.
            do { try await end(run.id, holder: holder, report, as: .failed) } catch is PostgresError {} catch is RunError {}
            throw error
        }
        try await end(run.id, holder: holder, report, as: report.failed == 0 ? .done : .failed)
        return report
    }

    private func end(_ run: Int64, holder: String, _ report: PortReport, as state: Run.State) async throws {
        try await database.core.withTransaction { db in
            try await RunQueries.finish(
                id: run, holder: holder, state: state,
                detail: ["delivered": .number(report.delivered), "failed": .number(report.failed)],
                now: try await ClockQueries.read(in: db), in: db)
        }
    }

    private func deliver(
        port: OutboxRow.Target, limit: Int, run: Int64, holder: String, now: Now, into report: inout PortReport,
        _ send: (PortOrder) async throws -> Bool
    ) async throws {
        let environment = try await environments.current(at: now)
        var after: Int64 = 0
        var failuresInRow = 0
        while report.delivered < limit {
            let messages = try await database.core.withConnection { db in
                try await PortQueries.next(port: port, after: after, limit: 100, holds: Self.silencing, in: db)
            }
            guard let last = messages.last else { return }
            after = last.outboxId
            for message in messages where report.delivered < limit {
                switch Self.judge(message, environment: environment, now: now) {
                case .withhold(let type):
                    report.withheld[type.rawValue, default: 0] += 1
                    continue
                case .waitForHours:
                    report.waitingForHours += 1
                    continue
                case .send:
                    break
                }
                try await renew(run, holder: holder, done: report.delivered)
                if try await send(Self.order(message)) {
                    try await record(message)
                    report.delivered += 1
                    failuresInRow = 0
                } else {
                    report.failed += 1
                    failuresInRow += 1
                    if failuresInRow == Self.failuresInRowMax { return }
                }
            }
        }
    }

    private enum Judgement {
        case send
        case withhold(HoldType)
        case waitForHours
    }

    private static func judge(_ message: PortMessage, environment: CaseEnvironment, now: Now) -> Judgement {
        if toDebtors.contains(message.port), let hold = message.holds.first { return .withhold(hold) }
        if personal.contains(message.port), let zone = message.timeZone, !environment.hours(timeZone: zone).isOpen(at: now.business) {
            return .waitForHours
        }
        return .send
    }

    /// Another process may have taken over a run that was silent for too long: then this one must not send.
    private func renew(_ run: Int64, holder: String, done: Int) async throws {
        try await database.core.withTransaction { db in
            try await RunQueries.progress(id: run, holder: holder, done: Int64(done), now: try await ClockQueries.read(in: db), in: db)
        }
    }

    private func record(_ message: PortMessage) async throws {
        try await database.withAuditedTransaction(database.core, part: message.part) { transaction in
            guard try await PortQueries.take(part: message.part, outboxId: message.outboxId, in: transaction.connection) else { return }
            transaction.audit(
                .message, subject: message.outboxId,
                ["port": .string(message.port.rawValue), "kind": .string(message.kind), "case": .optional(message.caseId)])
        }
    }

    private static func order(_ message: PortMessage) -> PortOrder {
        let head: CanonicalJSON = [
            "message_id": .string(String(message.outboxId)), "port": .string(message.port.rawValue), "kind": .string(message.kind),
            "at": .string(message.at.iso8601()), "case_ref": .optional(message.caseId.map(String.init)),
            "debtor_ref": .optional(message.debtorRef),
        ]
        // The body is canonical JSON already: it goes in as it is.
        var json = Array(head.bytes.dropLast())
        json += Array(",\"facts\":".utf8) + message.body + [UInt8(ascii: "}")]
        return PortOrder(messageId: String(message.outboxId), port: message.port.rawValue, kind: message.kind, json: json)
    }
}
