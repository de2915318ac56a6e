import AsyncHTTPClient
import Foundation
import NIOCore
import WireTypes

/// What one answer to a call means: a pure decision.
enum Attempt {
    enum Verdict {
        /// The body is the reply.
        case done
        /// Trying again does not help.
        case refused(AgencyClientError)
        /// Try again later.
        case again(Failure)
    }

    struct Failure {
        /// For logs: a code, never a body.
        var what: String
        /// What the coordinator asked to wait.
        var retryAfter: Duration?
    }

    /// Judges an HTTP answer.
    static func judge(status: Int, body: Data, retryAfter: String?) -> Verdict {
        if (200..<300).contains(status) { return .done }
        let problem = readProblem(body)
        let wait = problem?.retryAfterMs.map { Duration.milliseconds($0) } ?? retryAfter.flatMap(Int64.init).map { Duration.seconds($0) }
        let what = problem?.kind?.rawValue ?? "status \(status)"
        switch status {
        case 401, 403:
            // 403 from something in between has no problem body of ours.
            return .refused(.unauthorized(problem ?? Problem(status == 401 ? .unauthorized : .forbidden)))
        case 408, 425, 429, 500, 502, 503, 504: return .again(Failure(what: what, retryAfter: wait.map { min($0, retryAfterMax) }))
        default:
            if let problem { return .refused(.refused(problem)) }
            return .refused(.notACoordinator(what))
        }
    }

    /// A name for a failure below HTTP: its kind, without addresses.
    static func name(of error: any Error) -> String {
        if let error = error as? HTTPClientError { return "\(error.shortDescription)" }
        if error is NIOTooManyBytesError { return "answer too large" }
        return "\(type(of: error))"
    }

    private static func readProblem(_ body: Data) -> Problem? {
        do {
            return try JSONDecoder().decode(Problem.self, from: body)
        } catch {
            // A proxy's page, or nothing: the status has to do.
            return nil
        }
    }

    /// Longer waits are not believed: a worker that sleeps for a day because of a proxy's mistake helps nobody.
    private static let retryAfterMax = Duration.seconds(120)
}
