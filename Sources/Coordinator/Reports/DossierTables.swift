import CollectionsDomain
import CollectionsStore
import WireTypes

/// The tables of a dossier as CSV (RFC 4180, UTF-8, instants in the zone of the report). Account, agency and task references; nothing personal.
struct DossierTables {
    let zone: Zone
    let names: TimelineNames

    private func csv(_ header: [String], _ rows: [[String]]) -> [UInt8] { CSVText.table([header] + rows) }

    private func time(_ instant: Instant?) -> String { instant?.iso8601(in: zone) ?? "" }
    private func agency(_ id: Int32?) -> String { id.map { names.agencies[$0] ?? "\($0)" } ?? "bank" }

    /// The ledger of an account: opening balance, every entry with the balance after it, and at the end I8: is what is left what the bank reports?
    func ledger(_ account: DossierQueries.Account, _ postings: [DossierQueries.Posting]) -> [UInt8] {
        let digits = Currency(account.currency)?.minorDigits ?? 2
        func amount(_ minorUnits: Int64) -> String { Money.decimalText(Int128(minorUnits), digits: digits) }
        var balance = account.opening
        var rows = [[time(account.createdAt), "opening", "", "", amount(balance), account.currency]]
        for posting in postings where posting.account == account.id {
            balance += posting.amount
            rows.append([time(posting.at), posting.type, posting.ref, amount(posting.amount), amount(balance), account.currency])
        }
        rows.append(["", "balance", balance == account.balance ? "agrees" : "differs", "", amount(account.balance), account.currency])
        if let bank = account.bankBalance {
            rows.append(["", "bank_balance", bank == account.balance ? "agrees" : "differs", "", amount(bank), account.currency])
        }
        rows.append(["", "principal", "", "", amount(account.principal), account.currency])
        rows.append(["", "interest", "", "", amount(account.interest), account.currency])
        rows.append(["", "fees", "", "", amount(account.fees), account.currency])
        return csv(["at", "entry", "reference", "amount", "balance", "currency"], rows)
    }

    /// Every act of contact.
    func contacts(_ contacts: [DossierQueries.Contact]) -> [UInt8] {
        csv(
            [
                "at", "ended_at", "by", "direction", "channel", "outcome", "party_role", "purpose", "collector_id", "recording_ref", "late",
                "task", "epoch",
            ],
            contacts.map {
                [
                    time($0.at), time($0.endedAt), agency($0.agency), $0.direction, $0.channel, $0.outcome, $0.role, $0.purpose,
                    $0.collector ?? "", $0.recording ?? "", $0.isLate ? "yes" : "no", $0.task.map(String.init) ?? "",
                    $0.epoch.map(String.init) ?? "",
                ]
            })
    }

    /// Every letter with the hash of its template.
    func letters(_ letters: [DossierQueries.Letter]) -> [UInt8] {
        csv(
            [
                "letter", "template", "template_sha256", "mail_class", "mail_no", "state", "ordered_at", "posted_at", "ended_at",
                "signed_by",
                "return_reason", "answered_at",
            ],
            letters.map {
                [
                    "\($0.id)", $0.template, $0.templateHash.map(Digest.hex) ?? "", $0.mailClass, $0.mailNo ?? "", $0.state,
                    time($0.orderedAt), time($0.postedAt), time($0.closedAt), $0.signedBy ?? "", $0.returnReason ?? "", time($0.answeredAt),
                ]
            })
    }

    /// Every receipt with the hash of what was reported.
    func receipts(_ receipts: [DossierQueries.Receipt]) -> [UInt8] {
        csv(
            ["kind", "id", "epoch", "by", "what", "at", "body_sha256", "policy_version"],
            receipts.map {
                [
                    $0.kind, "\($0.id)", "\($0.epoch)", agency($0.agency), $0.what, time($0.at), Digest.hex($0.hash),
                    $0.policy.map(String.init) ?? "",
                ]
            })
    }

    /// References and hashes of the evidence agencies keep.
    func evidence(_ receipts: [DossierQueries.Receipt]) -> [UInt8] {
        var rows: [[String]] = []
        for receipt in receipts {
            let found = receipt.kind == "activity" ? CanonicalEvidence(activity: receipt.body) : CanonicalEvidence(outcome: receipt.body)
            guard let found else {
                rows.append([receipt.kind, "\(receipt.id)", "\(receipt.epoch)", agency(receipt.agency), "unreadable", "", "", ""])
                continue
            }
            func row(_ kind: String, _ ref: String, _ hash: String?, _ length: Int64?) -> [String] {
                [
                    receipt.kind, "\(receipt.id)", "\(receipt.epoch)", agency(receipt.agency), kind, ref, hash ?? "",
                    length.map(String.init) ?? "",
                ]
            }
            if let recording = found.recordingRef { rows.append(row("recording", recording, found.recordingSha256, nil)) }
            rows += found.evidence.map { row($0.kind, $0.ref, $0.sha256, $0.bytes) }
        }
        return csv(["source", "id", "epoch", "kept_by", "kind", "reference", "sha256", "bytes"], rows)
    }
}
