package import CollectionsStore
package import Logging
import PostgresDriver

extension IntakeService {
    /// A service whose payments and account updates move the cases they concern; without a policy in force there are no cases, and only
    /// figures move.
    package static func working(_ database: Database, logger: Logger) async throws -> IntakeService {
        let policies = PolicyService(database: database)
        let environments = CaseEnvironmentSource(database: database, policies: policies)
        let now = try await database.core.withConnection { try await ClockQueries.read(in: $0) }
        do {
            _ = try await environments.current(at: now)
        } catch let error as PolicyServiceError {
            guard case .none = error else { throw error }
            return IntakeService(database: database)
        }
        return IntakeService(
            database: database, payments: CasePaymentSink(database: database, environments: environments),
            updates: CaseAccountUpdateSink(database: database, environments: environments), environments: environments,
            dispatch: Dispatch(database: database, policies: policies, logger: logger))
    }
}
