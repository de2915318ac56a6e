import CollectionsDomain
package import CollectionsStore
import PostgresDriver

/// What `recourse doctor` says of a database.
package struct DoctorReport: Sendable {
    /// One invariant's question and its answer.
    package struct Check: Sendable {
        /// `I1` … `I12`.
        package let invariant: String
        package let name: String
        package let violations: Int64
        /// The first few subjects; ids only.
        package let samples: [String]
        /// What to do about it.
        package let hint: String
    }

    package var checks: [Check] = []
    /// Things worth knowing that break no invariant.
    package var remarks: [String] = []
    /// Sum over all checks; 0 means every invariant holds.
    package var violations: Int64 { checks.reduce(0) { $0 + $1.violations } }
}

/// Asks the live database whether the invariants hold. Reads only, takes no locks, may run beside full load.
package struct Doctor: Sendable {
    /// A snapshot held longer than this keeps dead rows alive.
    static let longSnapshot: Duration = .seconds(600)

    private let database: Database
    private let policy: ActivePolicy?

    /// - Parameter policy: The policy whose limits I7 is checked against; without one I7 is not asked, and the report says so.
    package init(database: Database, policy: ActivePolicy?) {
        self.database = database
        self.policy = policy
    }

    /// Runs every check.
    ///
    /// - Parameter progress: Called with the name of each check before it runs.
    package func check(progress: @Sendable (String) -> Void = { _ in }) async throws -> DoctorReport {
        var report = DoctorReport()
        for check in DoctorCheck.statements {
            progress(check.name)
            let found = try await database.core.withConnection { try await DoctorQueries.run(check, in: $0) }
            report.checks.append(
                DoctorReport.Check(
                    invariant: check.invariant, name: check.name, violations: found.count, samples: found.samples, hint: check.hint))
        }
        progress("frequency limits")
        if let policy {
            report.checks.append(try await LimitCheck(database: database, policy: policy).run())
        } else {
            report.remarks.append("I7 was not asked: no policy has been loaded")
        }
        progress("isolation")
        report.checks.append(try await isolation())
        progress("audit record")
        report.checks.append(try await audit())
        let held = try await database.core.withConnection { try await DoctorQueries.oldestSnapshot(in: $0, olderThan: Self.longSnapshot) }
        if let held {
            report.remarks.append("backend \(held.pid) has held its snapshot for \(Int(held.seconds)) s: dead rows pile up until it ends")
        }
        return report
    }

    private func isolation() async throws -> DoctorReport.Check {
        var faults: [String] = []
        if try await database.api.withConnection({ try await DoctorQueries.mayBypassIsolation(in: $0) }) {
            faults.append("the API's role is superuser, owner or BYPASSRLS")
        }
        let agencies = try await database.core.withConnection { try await AgencyQueries.all(in: $0).map(\.agencyId) }
        for table in DoctorQueries.agencyOwned {
            for agency in [nil] + agencies.map(Optional.some) {
                let seen = try await database.api.withConnection {
                    try await DoctorQueries.foreignRows(table: table, agency: agency, in: $0)
                }
                if seen > 0 {
                    faults.append(
                        "\(table): \(seen) rows visible \(agency.map { "to agency \($0) that are another's" } ?? "without a setting")")
                }
            }
        }
        return DoctorReport.Check(
            invariant: "I9", name: "no row is visible to another agency", violations: Int64(faults.count), samples: Array(faults.prefix(5)),
            hint: "stop serving agencies until the role and its row-level policies are as the migrations made them")
    }

    private func audit() async throws -> DoctorReport.Check {
        let report = try await AuditVerifier(database: database).verify()
        return DoctorReport.Check(
            invariant: "I10", name: "the audit record verifies", violations: Int64(report.faults.count),
            samples: Array(report.faults.prefix(5)),
            hint: "keep the database as it is, compare with the anchors kept outside: `recourse audit verify --anchors FILE`")
    }
}
