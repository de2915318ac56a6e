import ArgumentParser
import CollectionsStore
import Foundation
import PostgresDriver

/// Who acts. Every changing command asks.
struct OperatorOptions: ParsableArguments {
    @Option(name: .customLong("operator"), help: ArgumentHelp("Your name as an operator (or RECOURSE_OPERATOR).", valueName: "name"))
    var name: String?
    @Option(
        name: .customLong("operator-token"),
        help: ArgumentHelp(
            "Your token; better in RECOURSE_OPERATOR_TOKEN, where other users of this machine do not see it.", valueName: "token"))
    var token: String?

    /// The operator, proved by the token.
    ///
    /// - Throws: `UsageError` without a token; `OperatorError.refused`.
    func authenticate(in database: Database) async throws -> Operator {
        let variables = ProcessInfo.variables
        guard let token = token ?? variables["RECOURSE_OPERATOR_TOKEN"], !token.isEmpty else {
            throw UsageError(
                "--operator-token is missing: this command changes something (hint: RECOURSE_OPERATOR_TOKEN, recourse operator add)")
        }
        let name = name ?? variables["RECOURSE_OPERATOR"]
        return try await database.core.withConnection {
            try await OperatorQueries.authenticate(name: name, tokenHash: NewToken.hash(of: token), in: $0)
        }
    }

    /// The operator, whose role must allow what is asked.
    ///
    /// - Throws: as ``authenticate(in:)``, and `OperatorError.roleForbids`.
    func authenticate(in database: Database, _ allowed: (OperatorRole) -> Bool) async throws -> Operator {
        let found = try await authenticate(in: database)
        guard allowed(found.role) else { throw OperatorError.roleForbids(found.role) }
        return found
    }
}
