import Metrics
import WireTypes

/// Counters and timers of the API; labels hold routes and codes, never identities.
struct APIMetrics: Sendable {
    /// One answered request.
    func answered(route: String, status: Int, duration: Duration) {
        let dimensions = [("route", route), ("status", String(status))]
        Counter(label: "recourse_api_requests_total", dimensions: dimensions).increment()
        Metrics.Timer(label: "recourse_api_request_duration", dimensions: [("route", route)]).recordNanoseconds(duration.nanoseconds)
    }

    /// A refusal by admission control.
    func refused(_ kind: ProblemType) {
        Counter(label: "recourse_api_refused_total", dimensions: [("problem", kind.rawValue)]).increment()
    }

    /// Leases granted by one call.
    func leased(_ count: Int) {
        Counter(label: "recourse_api_leases_total").increment(by: count)
    }

    /// Outcomes of one call.
    func reported(_ outcomes: [OutcomeReply]) {
        for status in OutcomeStatus.allCases {
            let count = outcomes.count { $0.status == status }
            if count > 0 { Counter(label: "recourse_api_outcomes_total", dimensions: [("status", status.rawValue)]).increment(by: count) }
        }
    }

    /// Requests at work, waiting for their turn and parked.
    func load(inFlight: Int, queued: Int, parked: Int) {
        Gauge(label: "recourse_api_in_flight").record(inFlight)
        Gauge(label: "recourse_api_queued").record(queued)
        Gauge(label: "recourse_api_parked").record(parked)
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
