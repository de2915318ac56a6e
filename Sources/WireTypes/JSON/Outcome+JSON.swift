// An outcome and its parts, from bytes.

extension OutcomeItem: JSONReadable {
    package init(from json: inout JSONReader) throws(UnusualJSON) {
        var leaseToken: String?
        var result: String?
        var occurredAt: WireInstant?
        var endedAt: WireInstant?
        var collectorId: String?
        var collectorIds: [String]?
        var visitCollectors: Int?
        var contactPointId: String?
        var permitId: String?
        var recordingRef: String?
        var recordingSha256: String?
        var evidence: [Evidence]?
        var accountRefs: [String]?
        var amount: String?
        var currency: String?
        var promise: PromiseItem?
        var instalments: [Instalment]?
        var nextGoal: String?
        var callbackAt: WireInstant?
        var paidOn: WireDate?
        var optOut: OptOut?
        var thirdPartyKind: String?
        var debtDisclosed: Bool?
        var representative: Representative?
        var newContactPoints: [NewContactPoint]?
        var requestReason: String?
        var reply: ReplyItem?
        var letter: LetterStatus?
        var legal: LegalStatus?
        var requestNextLease: Bool?
        var reportRef: String?
        try json.beginObject()
        while let key = try json.nextKey() {
            switch key {
            case "lease_token": try json.read(&leaseToken)
            case "result": try json.read(&result)
            case "occurred_at": try json.read(&occurredAt)
            case "ended_at": try json.read(&endedAt)
            case "collector_id": try json.read(&collectorId)
            case "collector_ids": try json.read(&collectorIds)
            case "visit_collectors": try json.read(&visitCollectors)
            case "contact_point_id": try json.read(&contactPointId)
            case "permit_id": try json.read(&permitId)
            case "recording_ref": try json.read(&recordingRef)
            case "recording_sha256": try json.read(&recordingSha256)
            case "evidence": try json.read(&evidence)
            case "account_refs": try json.read(&accountRefs)
            case "amount": try json.read(&amount)
            case "currency": try json.read(&currency)
            case "promise": try json.read(&promise)
            case "instalments": try json.read(&instalments)
            case "next_goal": try json.read(&nextGoal)
            case "callback_at": try json.read(&callbackAt)
            case "paid_on": try json.read(&paidOn)
            case "opt_out": try json.read(&optOut)
            case "third_party_kind": try json.read(&thirdPartyKind)
            case "debt_disclosed": try json.read(&debtDisclosed)
            case "representative": try json.read(&representative)
            case "new_contact_points": try json.read(&newContactPoints)
            case "request_reason": try json.read(&requestReason)
            case "reply": try json.read(&reply)
            case "letter": try json.read(&letter)
            case "legal": try json.read(&legal)
            case "request_next_lease": try json.read(&requestNextLease)
            case "report_ref": try json.read(&reportRef)
            default: throw UnusualJSON()
            }
        }
        guard let leaseToken, let result, let occurredAt else { throw UnusualJSON() }
        self.init(
            leaseToken: leaseToken, result: result, occurredAt: occurredAt, endedAt: endedAt, collectorId: collectorId,
            collectorIds: collectorIds, visitCollectors: visitCollectors, contactPointId: contactPointId, permitId: permitId,
            recordingRef: recordingRef, recordingSha256: recordingSha256, evidence: evidence, accountRefs: accountRefs, amount: amount,
            currency: currency, promise: promise, instalments: instalments, nextGoal: nextGoal, callbackAt: callbackAt, paidOn: paidOn,
            optOut: optOut, thirdPartyKind: thirdPartyKind, debtDisclosed: debtDisclosed, representative: representative,
            newContactPoints: newContactPoints, requestReason: requestReason, reply: reply, letter: letter, legal: legal,
            requestNextLease: requestNextLease, reportRef: reportRef)
    }
}

extension PromiseItem: JSONReadable {
    package init(from json: inout JSONReader) throws(UnusualJSON) {
        var amount: String?
        var currency: String?
        var date: WireDate?
        var accountRef: String?
        try json.beginObject()
        while let key = try json.nextKey() {
            switch key {
            case "amount": try json.read(&amount)
            case "currency": try json.read(&currency)
            case "date": try json.read(&date)
            case "account_ref": try json.read(&accountRef)
            default: throw UnusualJSON()
            }
        }
        guard let amount, let date else { throw UnusualJSON() }
        self.init(amount: amount, currency: currency, date: date, accountRef: accountRef)
    }
}

extension Instalment: JSONReadable {
    package init(from json: inout JSONReader) throws(UnusualJSON) {
        var amount: String?
        var date: WireDate?
        try json.beginObject()
        while let key = try json.nextKey() {
            switch key {
            case "amount": try json.read(&amount)
            case "date": try json.read(&date)
            default: throw UnusualJSON()
            }
        }
        guard let amount, let date else { throw UnusualJSON() }
        self.init(amount: amount, date: date)
    }
}

extension OptOut: JSONReadable {
    package init(from json: inout JSONReader) throws(UnusualJSON) {
        var scope: String?
        var channel: String?
        try json.beginObject()
        while let key = try json.nextKey() {
            switch key {
            case "scope": try json.read(&scope)
            case "channel": try json.read(&channel)
            default: throw UnusualJSON()
            }
        }
        guard let scope else { throw UnusualJSON() }
        self.init(scope: scope, channel: channel)
    }
}

extension Evidence: JSONReadable {
    package init(from json: inout JSONReader) throws(UnusualJSON) {
        var kind: String?
        var ref: String?
        var sha256: String?
        var bytes: Int64?
        try json.beginObject()
        while let key = try json.nextKey() {
            switch key {
            case "kind": try json.read(&kind)
            case "ref": try json.read(&ref)
            case "sha256": try json.read(&sha256)
            case "bytes": try json.read(&bytes)
            default: throw UnusualJSON()
            }
        }
        guard let kind, let ref else { throw UnusualJSON() }
        self.init(kind: kind, ref: ref, sha256: sha256, bytes: bytes)
    }
}

extension Representative: JSONReadable {
    package init(from json: inout JSONReader) throws(UnusualJSON) {
        var kind: String?
        var mandateRef: String?
        var contact: NewContactPoint?
        try json.beginObject()
        while let key = try json.nextKey() {
            switch key {
            case "kind": try json.read(&kind)
            case "mandate_ref": try json.read(&mandateRef)
            case "contact": try json.read(&contact)
            default: throw UnusualJSON()
            }
        }
        guard let kind else { throw UnusualJSON() }
        self.init(kind: kind, mandateRef: mandateRef, contact: contact)
    }
}

extension NewContactPoint: JSONReadable {
    package init(from json: inout JSONReader) throws(UnusualJSON) {
        var role: String?
        var channel: String?
        var value: String?
        var provenance: String?
        try json.beginObject()
        while let key = try json.nextKey() {
            switch key {
            case "role": try json.read(&role)
            case "channel": try json.read(&channel)
            case "value": try json.read(&value)
            case "provenance": try json.read(&provenance)
            default: throw UnusualJSON()
            }
        }
        guard let role, let channel, let value, let provenance else { throw UnusualJSON() }
        self.init(role: role, channel: channel, value: value, provenance: provenance)
    }
}

extension ReplyItem: JSONReadable {
    package init(from json: inout JSONReader) throws(UnusualJSON) {
        var result: String?
        var receivedAt: WireInstant?
        try json.beginObject()
        while let key = try json.nextKey() {
            switch key {
            case "result": try json.read(&result)
            case "received_at": try json.read(&receivedAt)
            default: throw UnusualJSON()
            }
        }
        guard let result else { throw UnusualJSON() }
        self.init(result: result, receivedAt: receivedAt)
    }
}

extension LetterStatus: JSONReadable {
    package init(from json: inout JSONReader) throws(UnusualJSON) {
        var letterId: String?
        var mailNo: String?
        var printRef: String?
        var postedAt: WireInstant?
        var deliveredAt: WireInstant?
        var signedByKind: String?
        var returnReason: String?
        try json.beginObject()
        while let key = try json.nextKey() {
            switch key {
            case "letter_id": try json.read(&letterId)
            case "mail_no": try json.read(&mailNo)
            case "print_ref": try json.read(&printRef)
            case "posted_at": try json.read(&postedAt)
            case "delivered_at": try json.read(&deliveredAt)
            case "signed_by_kind": try json.read(&signedByKind)
            case "return_reason": try json.read(&returnReason)
            default: throw UnusualJSON()
            }
        }
        self.init(
            letterId: letterId, mailNo: mailNo, printRef: printRef, postedAt: postedAt, deliveredAt: deliveredAt,
            signedByKind: signedByKind, returnReason: returnReason)
    }
}

extension LegalStatus: JSONReadable {
    package init(from json: inout JSONReader) throws(UnusualJSON) {
        var route: String?
        var caseNo: String?
        var court: String?
        var eventOn: WireDate?
        var costs: String?
        var costsCurrency: String?
        try json.beginObject()
        while let key = try json.nextKey() {
            switch key {
            case "route": try json.read(&route)
            case "case_no": try json.read(&caseNo)
            case "court": try json.read(&court)
            case "event_on": try json.read(&eventOn)
            case "costs": try json.read(&costs)
            case "costs_currency": try json.read(&costsCurrency)
            default: throw UnusualJSON()
            }
        }
        self.init(route: route, caseNo: caseNo, court: court, eventOn: eventOn, costs: costs, costsCurrency: costsCurrency)
    }
}

extension OutcomeReport: JSONReadable {
    package init(from json: inout JSONReader) throws(UnusualJSON) {
        var outcomes: [OutcomeItem]?
        try json.beginObject()
        while let key = try json.nextKey() {
            guard key == "outcomes" else { throw UnusualJSON() }
            try json.read(&outcomes)
        }
        guard let outcomes else { throw UnusualJSON() }
        self.init(outcomes: outcomes)
    }
}
