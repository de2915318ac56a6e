package import CollectionsDomain
package import CollectionsStore
import Foundation
import PostgresDriver

/// One archive with everything a court or an auditor asks about a case.
package struct Dossier: Sendable {
    /// A file of the archive, as its index names it.
    package struct Entry: Hashable, Sendable {
        package let name: String
        /// Hexadecimal.
        package let sha256: String
        package let kind: String
        /// Where the facts come from.
        package let source: String
        package let bytes: Int
    }

    /// The files, the index left out.
    package let entries: [Entry]
    /// The archive (tar).
    package let archive: [UInt8]
    /// The archive's hash, hexadecimal.
    package var sha256: String { Digest.hex(Digest.sha256(archive)) }
}

/// Why a dossier is not given.
package enum DossierError: Error, Hashable, CustomStringConvertible {
    case mayNotReveal(OperatorRole)
    case noReason

    package var description: String {
        switch self {
        case .mayNotReveal(let role): "role \(role.rawValue) may not reveal personal data (hint: compliance or supervisor)"
        case .noReason: "personal data is revealed for a reason only: say which"
        }
    }
}

/// Puts dossiers together. The same case at the same business time gives the same bytes; what is revealed is audited before it is given.
package struct DossierService: Sendable {
    private let database: Database
    private let reporter: CaseReporter

    package init(database: Database, policies: PolicyService) {
        self.database = database
        reporter = CaseReporter(database: database, policies: policies)
    }

    /// The dossier of a case.
    ///
    /// - Parameters:
    ///   - language: Of the readable record.
    ///   - reveal: Who asks for the debtor's personal data, and why; nil: without them.
    /// - Throws: ``CaseReportError``, ``DossierError``.
    package func make(
        _ reference: String, language: PlainLanguage, reveal: (person: Operator, reason: String)? = nil
    ) async throws -> Dossier {
        if let reveal {
            guard reveal.person.role == .compliance || reveal.person.role == .supervisor else {
                throw DossierError.mayNotReveal(reveal.person.role)
            }
            guard !reveal.reason.allSatisfy(\.isWhitespace) else { throw DossierError.noReason }
        }
        let report = try await reporter.report(reference)
        let head = report.head
        let subject = TimelineQueries.Subject(
            part: head.part, debtorId: head.debtorId, firstCase: head.firstCase, amountCurrency: report.policy.stages.amountCurrency)
        let (parts, referrals, orders) = try await database.core.withTransaction(isolation: .repeatableRead, readOnly: true) { db in
            (
                try await DossierQueries.read(subject, in: db),
                try await LegalQueries.ofDebtor(part: head.part, debtor: head.debtorId, in: db),
                try await CardOrderQueries.ofDebtor(part: head.part, debtor: head.debtorId, in: db)
            )
        }
        var files = try common(report, parts: parts, referrals: referrals, orders: orders, language: language)
        if let reveal { files.append(try await personal(head, reveal: reveal)) }
        return archive(files, report: report, revealed: reveal)
    }

    private struct File {
        var name: String
        var kind: String
        var source: String
        var bytes: [UInt8]
    }

    private func common(
        _ report: CaseReport, parts: DossierQueries.Answer, referrals: [LegalReferral], orders: [CardOrder], language: PlainLanguage
    ) throws -> [File] {
        let words = PlainWords(language)
        let tables = DossierTables(zone: report.zone, names: report.names)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var files = [
            File(
                name: "timeline.json", kind: "timeline", source: "every table and the audit record",
                bytes: Array(try encoder.encode(report.lines(words)))),
            File(
                name: "timeline.html", kind: "timeline", source: "every table and the audit record",
                bytes: Array(report.html(words, language: language).utf8)),
        ]
        for (index, account) in parts.accounts.enumerated() {
            files.append(
                File(
                    name: "ledger-\(index + 1).csv", kind: "ledger", source: "account \(account.ref) \(account.currency)",
                    bytes: tables.ledger(account, parts.postings)))
        }
        files += [
            File(name: "contacts.csv", kind: "contact_log", source: "contact_event", bytes: tables.contacts(parts.contacts)),
            File(name: "letters.csv", kind: "letters", source: "letter", bytes: tables.letters(parts.letters)),
            File(
                name: "receipts.csv", kind: "receipts", source: "outcome, late_outcome, activity", bytes: tables.receipts(parts.receipts)),
            File(name: "evidence.csv", kind: "evidence", source: "outcome, late_outcome, activity", bytes: tables.evidence(parts.receipts)),
            File(
                name: "legal.json", kind: "legal", source: "legal_referral, card_order, policy",
                bytes: try legal(report, referrals: referrals, orders: orders).bytes),
            File(
                name: "policies.json", kind: "policies", source: "policy_version",
                bytes: CanonicalJSON.array(
                    parts.policies.map {
                        [
                            "version": .number($0.version), "policy": .string($0.id), "text": .string($0.text),
                            "sha256": .string(Digest.hex($0.hash)), "effective_from": .string($0.from.description),
                        ]
                    }
                ).bytes),
        ]
        return files
    }

    /// Guard facts as they were at each proposal with the rule that asked for them, and as they are now; orders to the card system.
    private func legal(_ report: CaseReport, referrals: [LegalReferral], orders: [CardOrder]) throws -> CanonicalJSON {
        func time(_ instant: Instant?) -> CanonicalJSON { .optional(instant?.iso8601(in: report.zone)) }
        return [
            "referrals": .array(
                try referrals.map { referral in
                    [
                        "account": .string(referral.accountRef), "case": .string(CaseReport.reference(referral.caseId)),
                        "state": .string(referral.state), "case_no": .optional(referral.caseNo), "costs": .int(referral.costs),
                        // A report to the police is compliance's own and in no dossier.
                        "route": .optional(referral.route.flatMap { $0 == .criminalReport ? nil : $0.rawValue }),
                        "proposed_at": time(referral.proposedAt), "decided_at": time(referral.decidedAt),
                        "guard": try CanonicalJSON(parsing: referral.guardFacts),
                    ]
                }),
            "guards_now": .array(
                report.guards.map { guardFacts in
                    [
                        "account": .string(report.accountRefs[guardFacts.account] ?? "\(guardFacts.account)"),
                        "holds": .bool(guardFacts.holds), "collections": .number(guardFacts.collections),
                        "months_unpaid": .number(guardFacts.monthsUnpaid), "letters_posted": .number(guardFacts.lettersPosted),
                        "amount": .optional(guardFacts.amount?.minorUnits),
                        "missing": .strings(guardFacts.missing.map { "legal_referral.entry.\($0)" }),
                    ]
                }),
            "card_orders": .array(
                orders.map { order in
                    [
                        "act": .string(order.act.rawValue), "ordered_at": time(order.orderedAt), "confirm_by": time(order.confirmBy),
                        "confirmed_at": time(order.confirmedAt),
                    ]
                }),
        ]
    }

    /// The debtor's name, identity number and contact points in clear. The audit entry is committed before anything is given.
    private func personal(
        _ head: CaseOverviewQueries.Head, reveal: (person: Operator, reason: String)
    ) async throws -> File {
        let cipher = database.cipher
        let sealed = try await database.withAuditedTransaction(database.core, part: head.part) { tx in
            let sealed = try await DossierQueries.personal(part: head.part, debtor: head.debtorId, in: tx.connection)
            tx.audit(
                .reveal, subject: head.debtorId,
                [
                    "what": "legal_dossier", "case": .int(head.caseId), "operator": .number(reveal.person.id),
                    "role": .string(reveal.person.role.rawValue), "reason": .string(reveal.reason), "points": .number(sealed.points.count),
                ])
            return sealed
        }
        let points = try sealed.points.map { point -> CanonicalJSON in
            [
                "contact_point": .int(point.id), "role": .string(point.role), "channel": .string(point.channel),
                "state": .string(point.state), "value": .string(try cipher.open(point.value)),
            ]
        }
        let body: CanonicalJSON = [
            "debtor": .string(head.debtorRef), "name": .optional(try sealed.name.map { try cipher.open($0) }),
            "id_number": .optional(try sealed.idNumber.map { try cipher.open($0) }), "contact_points": .array(points),
        ]
        return File(name: "personal.json", kind: "personal", source: "debtor, contact_point", bytes: body.bytes)
    }

    private func archive(_ files: [File], report: CaseReport, revealed: (person: Operator, reason: String)?) -> Dossier {
        let files = files.sorted { $0.name < $1.name }
        let entries = files.map {
            Dossier.Entry(
                name: $0.name, sha256: Digest.hex(Digest.sha256($0.bytes)), kind: $0.kind, source: $0.source, bytes: $0.bytes.count)
        }
        let at = report.at.iso8601(in: report.zone)
        let index: CanonicalJSON = [
            "case": .string(CaseReport.reference(report.head.caseId)), "debtor": .string(report.head.debtorRef), "made_at": .string(at),
            "revealed_by": .optional(revealed?.person.name), "reveal_reason": .optional(revealed?.reason),
            "entries": .array(
                entries.map {
                    [
                        "name": .string($0.name), "sha256": .string($0.sha256), "kind": .string($0.kind), "source": .string($0.source),
                        "time": .string(at), "bytes": .number($0.bytes),
                    ]
                }),
        ]
        var archive = TarArchive(time: report.at.seconds)
        archive.add("index.json", index.bytes)
        for file in files { archive.add(file.name, file.bytes) }
        return Dossier(entries: entries, archive: archive.bytes)
    }
}
