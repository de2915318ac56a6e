extension LeaseRequest: JSONReadable {
    package init(from json: inout JSONReader) throws(UnusualJSON) {
        var requestId: String?
        var stages: [String]?
        var max: Int?
        var ttlSeconds: Int?
        var waitSeconds: Int?
        try json.beginObject()
        while let key = try json.nextKey() {
            switch key {
            case "request_id": try json.read(&requestId)
            case "stages": try json.read(&stages)
            case "max": try json.read(&max)
            case "ttl_seconds": try json.read(&ttlSeconds)
            case "wait_seconds": try json.read(&waitSeconds)
            default: throw UnusualJSON()
            }
        }
        guard let requestId, let stages else { throw UnusualJSON() }
        self.init(requestId: requestId, stages: stages, max: max ?? 1, ttlSeconds: ttlSeconds, waitSeconds: waitSeconds)
    }
}
