/// A message of NOTIFY.
public struct PostgresNotification: Sendable, Hashable {
    /// The channel it was sent on.
    public let channel: String
    /// The text sent with it; empty when there was none.
    public let payload: String
    /// The server process that sent it.
    public let backendPID: Int32
}
