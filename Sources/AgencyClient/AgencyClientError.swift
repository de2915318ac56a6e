public import WireTypes

/// Why a call came to nothing. Codes and addresses only: it may be logged.
public enum AgencyClientError: Error, Sendable {
    /// The coordinator does not know the credential, or forbids what was asked. Trying again does not help.
    case unauthorized(Problem)
    /// The coordinator refused the call as it is. Trying again does not help.
    case refused(Problem)
    /// The coordinator could not be reached, or had no time, for as long as the caller wanted to try.
    case unreachable(attempts: Int, last: String)
    /// What answered does not speak this protocol.
    case notACoordinator(String)
}

extension AgencyClientError: CustomStringConvertible {
    /// One line for a person.
    public var description: String {
        switch self {
        case .unauthorized(let problem): "the coordinator refused the credential: \(problem)"
        case .refused(let problem): "the coordinator refused the call: \(problem)"
        case .unreachable(let attempts, let last): "could not reach the coordinator in \(attempts) attempts: \(last)"
        case .notACoordinator(let what): "the address does not answer as a coordinator: \(what)"
        }
    }
}
