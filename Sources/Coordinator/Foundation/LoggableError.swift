import PostgresDriver

/// What a log may say of an error: of the database its own line, which never carries data of a person; of anything else its type alone.
package struct LoggableError: CustomStringConvertible, Sendable {
    package let description: String

    /// The line of an error.
    package init(_ error: any Error) {
        description = (error as? PostgresError)?.description ?? "\(type(of: error))"
    }
}
