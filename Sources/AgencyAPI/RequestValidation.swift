import WireTypes

/// What each call must look like before dispatch sees it: limits and vocabulary, not business.
enum RequestValidation {
    /// Checks a lease request and puts full names in place of short stage names.
    static func checked(_ request: LeaseRequest) throws -> LeaseRequest {
        var faults: [ProblemPointer] = []
        var checked = request
        if !isKey(request.requestId) { faults.append(.init(pointer: "/request_id", reason: "not_1_to_100_printable_characters")) }
        if request.stages.isEmpty { faults.append(.init(pointer: "/stages", reason: "empty")) }
        if request.stages.count > StageName.all.count { faults.append(.init(pointer: "/stages", reason: "too_many")) }
        checked.stages = request.stages.prefix(StageName.all.count).enumerated().compactMap { index, text in
            guard let name = StageName.named(text) else {
                faults.append(.init(pointer: "/stages/\(index)", reason: "unknown_stage"))
                return nil
            }
            return name
        }
        if !(1...WireLimit.itemsMax).contains(request.max) { faults.append(.init(pointer: "/max", reason: "not_1_to_500")) }
        if let ttl = request.ttlSeconds, ttl < 1 { faults.append(.init(pointer: "/ttl_seconds", reason: "not_positive")) }
        if let wait = request.waitSeconds, !(0...WireLimit.waitSecondsMax).contains(wait) {
            faults.append(.init(pointer: "/wait_seconds", reason: "not_0_to_60"))
        }
        try refuse(faults)
        return checked
    }

    /// Checks the number of items of a batch.
    static func checkCount(_ count: Int, at pointer: String) throws {
        if count > WireLimit.itemsMax { try refuse([.init(pointer: pointer, reason: "more_than_500")]) }
    }

    /// Checks a release.
    static func check(_ request: ReleaseRequest) throws {
        try checkCount(request.leases.count, at: "/leases")
        if ReleaseReason(rawValue: request.reason) == nil { try refuse([.init(pointer: "/reason", reason: "unknown_reason")]) }
    }

    /// Checks a permit request.
    static func check(_ request: PermitRequest) throws {
        var faults: [ProblemPointer] = []
        if !Self.acts.contains(request.act) { faults.append(.init(pointer: "/act", reason: "unknown_act")) }
        if let collectors = request.collectors, !(1...Self.collectorsMax).contains(collectors) {
            faults.append(.init(pointer: "/collectors", reason: "not_1_to_20"))
        }
        if Int64(request.contactPointId) == nil { faults.append(.init(pointer: "/contact_point_id", reason: "not_an_id")) }
        try refuse(faults)
    }

    /// The cursor and wait of `GET /v1/notices`.
    static func noticesQuery(_ query: [Substring: Substring]) throws -> (after: Int64, waitSeconds: Int) {
        var faults: [ProblemPointer] = []
        var after: Int64 = 0
        var wait = 0
        if let text = query["after"] {
            if let value = Int64(text), value >= 0 {
                after = value
            } else {
                faults.append(.init(pointer: "?after", reason: "not_a_cursor"))
            }
        }
        if let text = query["wait"] {
            if let value = Int(text), (0...WireLimit.waitSecondsMax).contains(value) {
                wait = value
            } else {
                faults.append(.init(pointer: "?wait", reason: "not_0_to_60"))
            }
        }
        try refuse(faults)
        return (after, wait)
    }

    /// Whether the text can be a `request_id`, an `activity_ref` or an `Idempotency-Key`: 1 to 100 printable ASCII characters.
    static func isKey(_ text: String) -> Bool {
        (1...WireLimit.keyLengthMax).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }

    private static let acts: Set<String> = ["visit", "call", "sms", "email", "letter"]

    /// More than a visit ever has; a larger number is a mistake.
    private static let collectorsMax = 20

    private static func refuse(_ faults: [ProblemPointer]) throws {
        if !faults.isEmpty { throw Problem(.validation, pointers: faults) }
    }
}
