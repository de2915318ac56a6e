/// Fields of a request in fixed order, so that equal facts give equal bytes whatever the JSON looked like.
///
/// What a receipt is compared by: the coordinator hashes these bytes and refuses the same key with other ones. A field that is absent
/// writes nothing and a present one its number first: a field added at the end in a later version leaves earlier receipts comparable.
struct CanonicalFields {
    private(set) var bytes: [UInt8] = []
    private var number: UInt8 = 0

    /// Follows the last field of a part; no part has that many fields.
    private static let end: UInt8 = 255

    mutating func add(_ value: String?) {
        number += 1
        guard let value else { return }
        bytes.append(number)
        put(value)
    }

    mutating func add(_ value: Int64?) {
        number += 1
        guard let value else { return }
        bytes.append(number)
        for shift in stride(from: Int64(56), through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    mutating func add(_ value: Int?) { add(value.map(Int64.init)) }

    mutating func add(_ value: Bool?) { add(value.map { $0 ? Int64(1) : 0 }) }

    mutating func add(_ value: WireInstant?) { add(value?.microseconds) }

    mutating func add(_ value: WireDate?) { add(value?.daysSince1970) }

    mutating func add(_ value: (some CanonicalPart)?) {
        number += 1
        guard let value else { return }
        bytes.append(number)
        put(part: value)
    }

    mutating func add(_ values: [String]?) {
        number += 1
        guard let values else { return }
        bytes.append(number)
        put(count: values.count)
        for value in values { put(value) }
    }

    mutating func add(_ values: [some CanonicalPart]?) {
        number += 1
        guard let values else { return }
        bytes.append(number)
        put(count: values.count)
        for value in values { put(part: value) }
    }

    private mutating func put(_ text: String) {
        put(count: text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func put(part: some CanonicalPart) {
        let outer = number
        number = 0
        part.add(to: &self)
        number = outer
        bytes.append(Self.end)
    }

    private mutating func put(count: Int) {
        for shift in stride(from: 24, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: count >> shift)) }
    }
}

/// A part of a request that enters its canonical bytes.
protocol CanonicalPart {
    func add(to fields: inout CanonicalFields)
}

extension LeaseRequest: CanonicalPart {
    /// What a replayed `request_id` must agree on: everything but the id and the wait.
    package var canonicalBytes: [UInt8] {
        var fields = CanonicalFields()
        add(to: &fields)
        return fields.bytes
    }

    func add(to fields: inout CanonicalFields) {
        fields.add(stages)
        fields.add(max)
        fields.add(ttlSeconds)
    }
}

extension OutcomeItem: CanonicalPart {
    /// What a repeated outcome must agree on: every fact, without the token.
    package var canonicalBytes: [UInt8] {
        var fields = CanonicalFields()
        add(to: &fields)
        return fields.bytes
    }

    func add(to fields: inout CanonicalFields) {
        fields.add(result)
        fields.add(occurredAt)
        fields.add(endedAt)
        fields.add(collectorId)
        fields.add(collectorIds)
        fields.add(visitCollectors)
        fields.add(contactPointId)
        fields.add(permitId)
        fields.add(recordingRef)
        fields.add(recordingSha256)
        fields.add(evidence)
        fields.add(accountRefs)
        fields.add(amount)
        fields.add(currency)
        fields.add(promise)
        fields.add(instalments)
        fields.add(nextGoal)
        fields.add(callbackAt)
        fields.add(paidOn)
        fields.add(optOut)
        fields.add(thirdPartyKind)
        fields.add(debtDisclosed)
        fields.add(representative)
        fields.add(newContactPoints)
        fields.add(requestReason)
        fields.add(reply)
        fields.add(letter)
        fields.add(legal)
        fields.add(reportRef)
    }
}

extension ActivityItem: CanonicalPart {
    /// What a repeated activity must agree on: every fact, without its reference.
    package var canonicalBytes: [UInt8] {
        var fields = CanonicalFields()
        add(to: &fields)
        return fields.bytes
    }

    func add(to fields: inout CanonicalFields) {
        fields.add(placementRef)
        fields.add(caseRef)
        fields.add(type)
        fields.add(occurredAt)
        fields.add(endedAt)
        fields.add(collectorId)
        fields.add(contactPointId)
        fields.add(channel)
        fields.add(direction)
        fields.add(result)
        fields.add(refersTo)
        fields.add(recordingRef)
        fields.add(evidence)
        fields.add(accountRefs)
        fields.add(amount)
        fields.add(currency)
        fields.add(promise)
        fields.add(paidOn)
        fields.add(optOut)
        fields.add(thirdPartyKind)
        fields.add(representative)
        fields.add(newContactPoints)
        fields.add(complaint)
        fields.add(letter)
        fields.add(legal)
    }
}

extension PromiseItem: CanonicalPart {
    func add(to fields: inout CanonicalFields) {
        fields.add(amount)
        fields.add(currency)
        fields.add(date)
        fields.add(accountRef)
    }
}

extension Instalment: CanonicalPart {
    func add(to fields: inout CanonicalFields) {
        fields.add(amount)
        fields.add(date)
    }
}

extension OptOut: CanonicalPart {
    func add(to fields: inout CanonicalFields) {
        fields.add(scope)
        fields.add(channel)
    }
}

extension Evidence: CanonicalPart {
    func add(to fields: inout CanonicalFields) {
        fields.add(kind)
        fields.add(ref)
        fields.add(sha256)
        fields.add(bytes)
    }
}

extension Representative: CanonicalPart {
    func add(to fields: inout CanonicalFields) {
        fields.add(kind)
        fields.add(mandateRef)
        fields.add(contact)
    }
}

extension NewContactPoint: CanonicalPart {
    func add(to fields: inout CanonicalFields) {
        fields.add(role)
        fields.add(channel)
        fields.add(value)
        fields.add(provenance)
    }
}

extension ReplyItem: CanonicalPart {
    func add(to fields: inout CanonicalFields) {
        fields.add(result)
        fields.add(receivedAt)
    }
}

extension LetterStatus: CanonicalPart {
    func add(to fields: inout CanonicalFields) {
        fields.add(letterId)
        fields.add(mailNo)
        fields.add(printRef)
        fields.add(postedAt)
        fields.add(deliveredAt)
        fields.add(signedByKind)
        fields.add(returnReason)
    }
}

extension LegalStatus: CanonicalPart {
    func add(to fields: inout CanonicalFields) {
        fields.add(route)
        fields.add(caseNo)
        fields.add(court)
        fields.add(eventOn)
        fields.add(costs)
        fields.add(costsCurrency)
    }
}

extension ComplaintItem: CanonicalPart {
    func add(to fields: inout CanonicalFields) {
        fields.add(code)
        fields.add(externalNo)
        fields.add(source)
        fields.add(textSha256)
    }
}
