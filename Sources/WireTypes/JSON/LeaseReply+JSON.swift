// The answer to a lease call, as bytes.

extension LeaseReply: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("leases", leases)
        json.member("server_time", serverTime)
        json.member("clock_rate", clockRate)
        json.member("next_poll_after_ms", nextPollAfterMs)
        json.endObject()
    }
}

extension Lease: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("task_id", taskId)
        json.member("lease_token", leaseToken)
        json.member("epoch", epoch)
        json.member("act_before", actBefore)
        json.member("report_by", reportBy)
        json.member("expires_in_ms", expiresInMs)
        json.member("stage", stage)
        json.member("step", step)
        json.member("goal", goal)
        json.member("priority", priority)
        json.member("attempt", attempt)
        json.member("work_card", workCard)
        json.endObject()
    }
}

extension WorkCard: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("case_ref", caseRef)
        json.member("placement_refs", placementRefs)
        json.member("stage", stage)
        json.member("step", step)
        json.member("goal", goal)
        json.member("next_goals", nextGoals)
        json.member("act_before", actBefore)
        json.member("report_by", reportBy)
        json.member("permit", permit)
        json.member("debtor", debtor)
        json.member("balance_as_of", balanceAsOf)
        json.member("accounts", accounts)
        json.member("last_contacts", lastContacts)
        json.member("open_promise", openPromise)
        json.member("open_request", openRequest)
        json.member("script_id", scriptId)
        json.member("disclosures", disclosures)
        json.member("forbidden_fields", forbiddenFields)
        json.member("repayment_channels", repaymentChannels)
        json.member("may_request_plan", mayRequestPlan)
        json.member("constraints", constraints)
        json.member("third_party", thirdParty)
        json.member("visit", visit)
        json.member("letter", letter)
        json.member("legal", legal)
        json.member("contact_points", contactPoints)
        json.endObject()
    }
}
