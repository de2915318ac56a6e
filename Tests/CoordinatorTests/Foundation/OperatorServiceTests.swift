import CollectionsDomain
import CollectionsStore
import Coordinator
import PostgresDriver
import RecourseTesting
import Testing

@Suite("Operators and the clock as services", .tags(.database), .freshDatabase, .timeLimit(.minutes(2)))
struct OperatorServiceTests {
    private struct Asked: Error {}

    @Test("the first operator is added by nobody and is an admin; later ones by an admin; each is audited")
    func adding() async throws {
        let db = try TestDatabase.current
        let service = OperatorService(database: db.database)
        let (admin, token) = try await service.add(name: "anna", role: nil) { throw Asked() }
        #expect(admin.role == .admin && token.text.hasPrefix("rop_"))
        await #expect(throws: Asked.self) { try await service.add(name: "ben", role: .viewer) { throw Asked() } }
        let (viewer, _) = try await service.add(name: "ben", role: nil) { admin }
        #expect(viewer.role == .viewer)
        await #expect(throws: OperatorError.roleForbids(.viewer)) { try await service.add(name: "carl", role: .admin) { viewer } }
        await #expect(throws: OperatorError.roleForbids(.viewer)) { try await service.disable(name: "anna", by: viewer) }
        let disabled = try await service.disable(name: "ben", by: admin)
        #expect(!disabled.active)
        #expect(try await service.list().map(\.name) == ["anna", "ben"])
        let entries: Int64 = try await db.administrator.query(
            "select count(*) from audit_entry where kind = \(AuditKind.operatorChange.rawValue)"
        ).value()
        #expect(entries == 3)
        let bodies = try await db.administrator.query("select body from audit_entry").map {
            String(decoding: try $0.get(0, as: [UInt8].self), as: UTF8.self)
        }
        #expect(bodies.allSatisfy { !$0.contains("anna") && !$0.contains("ben") })
    }

    @Test("the clock is moved by operators who may change something, and the move is audited")
    func clock() async throws {
        let db = try TestDatabase.current
        let service = ClockService(database: db.database)
        let (admin, _) = try await OperatorService(database: db.database).add(name: "anna", role: nil) { throw Asked() }
        let viewer = Operator(id: admin.id, name: "v", role: .viewer, active: true, createdAt: admin.createdAt)
        let time = try #require(Instant(iso8601: "2037-01-01T00:00:00Z"))
        await #expect(throws: OperatorError.roleForbids(.viewer)) { try await service.set(to: time, rate: nil, by: viewer) }
        #expect(try await service.set(to: time, rate: nil, by: admin).business == time)
        #expect(try await service.advance(by: .seconds(60), rate: nil, by: admin).business == time + .seconds(60))
        #expect(try await service.show().now.business == time + .seconds(60))
        let entries: Int64 = try await db.administrator.query("select count(*) from audit_entry where kind = \(AuditKind.clock.rawValue)")
            .value()
        #expect(entries == 2)
    }
}
