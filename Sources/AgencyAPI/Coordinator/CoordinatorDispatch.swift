import CollectionsDomain
import CollectionsStore
package import Coordinator
package import WireTypes

/// The coordinator's dispatch, as the HTTP layer asks it.
package struct CoordinatorDispatch: DispatchPort {
    private let dispatch: Dispatch

    /// Over the process's one dispatch.
    package init(_ dispatch: Dispatch) {
        self.dispatch = dispatch
    }

    package func lease(_ request: LeaseRequest, for agency: AgencyCaller) async throws -> LeaseReply {
        try await DatabaseFailure.translating { try await dispatch.lease(request, for: Self.identity(agency)) }
    }

    package func heartbeat(_ request: HeartbeatRequest, for agency: AgencyCaller) async throws -> HeartbeatReply {
        try await DatabaseFailure.translating { try await dispatch.heartbeat(request, for: Self.identity(agency)) }
    }

    package func release(_ request: ReleaseRequest, for agency: AgencyCaller) async throws -> ReleaseReply {
        try await DatabaseFailure.translating { try await dispatch.release(request, for: Self.identity(agency)) }
    }

    package func permit(_ request: PermitRequest, for agency: AgencyCaller) async throws -> PermitReply {
        try await DatabaseFailure.translating { try await dispatch.permit(request, for: Self.identity(agency)) }
    }

    package func report(_ report: OutcomeReport, for agency: AgencyCaller) async throws -> OutcomeReportReply {
        try await DatabaseFailure.translating(unknown: .outcomeUnknown) { try await dispatch.report(report, for: Self.identity(agency)) }
    }

    package func activities(_ report: ActivityReport, for agency: AgencyCaller) async throws -> ActivityReportReply {
        try await DatabaseFailure.translating { try await dispatch.activities(report, for: Self.identity(agency)) }
    }

    package func notices(after seq: Int64, waitSeconds: Int, for agency: AgencyCaller) async throws -> NoticesReply {
        try await DatabaseFailure.translating {
            try await dispatch.notices(after: seq, waitSeconds: waitSeconds, for: Self.identity(agency))
        }
    }

    package func acknowledge(_ request: NoticeAckRequest, for agency: AgencyCaller) async throws -> NoticeAckReply {
        try await DatabaseFailure.translating { try await dispatch.acknowledge(request, for: Self.identity(agency)) }
    }

    package func isReady() async -> Bool { await dispatch.isReady() }

    private static func identity(_ agency: AgencyCaller) throws -> AgencyIdentity {
        guard let kind = AgencyKind(rawValue: agency.kind) else { throw UnknownAgencyKind() }
        return AgencyIdentity(agencyId: agency.id, name: agency.name, kind: kind, state: agency.isActive ? .active : .suspended)
    }
}

/// A caller was made up whose kind no agency has.
struct UnknownAgencyKind: Error {}
