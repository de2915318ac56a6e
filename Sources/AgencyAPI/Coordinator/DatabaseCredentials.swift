import CollectionsDomain
package import CollectionsStore
import Coordinator
import PostgresDriver

/// Finds agencies by their credentials in the database, and their share by the contract in force.
package struct DatabaseCredentials: AgencyAuthenticator {
    private let database: Database

    /// Over the API's pool of a database.
    package init(_ database: Database) {
        self.database = database
    }

    package func caller(tokenHash: [UInt8]) async throws -> AgencyCaller? {
        try await DatabaseFailure.translating {
            try await database.api.withConnection { db in
                guard let agency = try await CredentialQueries.agency(ofTokenHash: tokenHash, in: db) else { return nil }
                let now = try await ClockQueries.read(in: db)
                let contract = try await AgencyQueries.contracts(in: db).filter { $0.agencyId == agency.agencyId }.map(\.terms)
                    .inForce(on: Zone.utc.day(of: now.business))
                return AgencyCaller(
                    id: agency.agencyId, name: agency.name, kind: agency.kind.rawValue, weight: contract?.weight ?? 1,
                    isActive: agency.state == .active)
            }
        }
    }
}
