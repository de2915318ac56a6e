// The parts of a work card, as bytes.

extension CardPermit: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("contact_point_id", contactPointId)
        json.member("channel", channel)
        json.member("dial_token", dialToken)
        json.member("value", value)
        json.member("masked", masked)
        json.member("party_role", partyRole)
        json.member("purposes", purposes)
        json.endObject()
    }
}

extension CardDebtor: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("name", name)
        json.member("language", language)
        json.member("time_zone", timeZone)
        json.member("id_number", idNumber)
        json.endObject()
    }
}

extension CardAccount: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("account_ref", accountRef)
        json.member("placement_ref", placementRef)
        json.member("product", product)
        json.member("currency", currency)
        json.member("amount_due", amountDue)
        json.member("balance", balance)
        json.member("min_payment", minPayment)
        json.member("days_past_due", daysPastDue)
        json.member("bucket", bucket)
        json.endObject()
    }
}

extension CardContact: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("occurred_at", occurredAt)
        json.member("channel", channel)
        json.member("direction", direction)
        json.member("outcome", outcome)
        json.member("party_role", partyRole)
        json.endObject()
    }
}

extension CardPromise: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("amount", amount)
        json.member("currency", currency)
        json.member("due_on", dueOn)
        json.member("state", state)
        json.endObject()
    }
}

extension CardRequest: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("type", type)
        json.member("due_at", dueAt)
        json.endObject()
    }
}

extension CardConstraint: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("rule", rule)
        json.member("until", until)
        json.member("value", value)
        json.endObject()
    }
}

extension CardThirdParty: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("person_sought", personSought)
        json.member("purpose", purpose)
        json.member("script_id", scriptId)
        json.endObject()
    }
}

extension CardVisit: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("contact_point_id", contactPointId)
        json.member("address", address)
        json.member("kit", kit)
        json.member("letter_ref", letterRef)
        json.member("collectors", collectors)
        json.member("notice_days", noticeDays)
        json.endObject()
    }
}

extension CardLetter: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("letter_id", letterId)
        json.member("contact_point_id", contactPointId)
        json.member("address", address)
        json.member("template", template)
        json.member("template_sha256", templateSha256)
        json.member("fields", fields)
        json.member("mail_class", mailClass)
        json.member("seal_id", sealId)
        json.endObject()
    }
}

extension CardLegal: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("evidence", evidence)
        json.member("months_unpaid", monthsUnpaid)
        json.member("letters_posted", lettersPosted)
        json.member("collections", collections)
        json.member("route", route)
        json.member("case_no", caseNo)
        json.member("last_event", lastEvent)
        json.endObject()
    }
}

extension CardContactPoint: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("contact_point_id", contactPointId)
        json.member("channel", channel)
        json.member("party_role", partyRole)
        json.member("state", state)
        json.member("masked", masked)
        json.endObject()
    }
}

extension Evidence: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("kind", kind)
        json.member("ref", ref)
        json.member("sha256", sha256)
        json.member("bytes", bytes)
        json.endObject()
    }
}
