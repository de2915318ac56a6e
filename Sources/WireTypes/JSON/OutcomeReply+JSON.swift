// The answer to a report, as bytes.

extension OutcomeReportReply: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("outcomes", outcomes)
        json.member("server_time", serverTime)
        json.member("clock_rate", clockRate)
        json.endObject()
    }
}

extension OutcomeReply: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("receipt_id", receiptId)
        json.member("status", status)
        json.member("problem", problem)
        json.member("next", next)
        json.member("next_lease", nextLease)
        json.endObject()
    }
}

extension NextStep: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("stage", stage)
        json.member("not_before", notBefore)
        json.endObject()
    }
}

extension Problem: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("type", type)
        json.member("title", title)
        json.member("status", status)
        json.member("detail", detail)
        json.member("reasons", reasons)
        json.member("pointers", pointers)
        json.member("retry_after_ms", retryAfterMs)
        json.member("request_id", requestId)
        json.endObject()
    }
}

extension ProblemPointer: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("pointer", pointer)
        json.member("reason", reason)
        json.endObject()
    }
}
