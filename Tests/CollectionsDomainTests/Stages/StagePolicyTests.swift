import CollectionsDomain
import Testing

@Suite("The stages section of a policy")
struct StagePolicyTests {
    /// DOMAIN section 4 as a tree; a test may change one value by its path.
    private func tree(_ change: (inout PolicyTree) -> Void = { _ in }) -> PolicyNode {
        var tree = PolicyTree.bankDefault
        change(&tree)
        return tree.node
    }

    private func read(_ change: (inout PolicyTree) -> Void = { _ in }) throws -> StagePolicy {
        try StagePolicy(reading: PolicyReader(tree(change), path: "stages"))
    }

    @Test("the documented section reads as the documented numbers")
    func documented() throws {
        #expect(try read() == StagePolicy.bankDefault)
    }

    @Test("numbers are taken from the file, with their basis beside them")
    func numbers() throws {
        let policy = try read {
            $0.set("intake.min_dpd", .map([("value", .plain("61")), ("force", .plain("bank"))]))
            $0.set("list[3].entry.min_amount", .quoted("50000.00"))
            $0.set("list[2].steps[0].max", .plain("3"))
        }
        #expect(policy.intake.minDpd == 61 && policy.field.minAmount.minorUnits == 5_000_000 && policy.letter.maxLetters == 3)
    }

    @Test(
        "every fault is found with its path",
        arguments: [
            ("intake.min_dpd", PolicyTree.plain("many"), "stages.intake.min_dpd"),
            ("unit", .plain("account"), "stages.unit"),
            ("promise.window_days[0].collections_from", .plain("1"), "stages.promise.window_days"),
            ("contact_order[0]", .plain("work_phone"), "stages.contact_order[0]"),
            ("list[0].stage", .plain("phone"), "stages.list[0].stage"),
            ("list[1].min_days", .plain("90"), "stages.list[1].max_days"),
            ("list[1].lease.heartbeat_minutes", .plain("30"), "stages.list[1].lease"),
            ("list[3].entry.min_amount", .plain("20000.00"), "stages.list[3].entry.min_amount"),
            ("list[3].entry.not_holds[0]", .plain("vulnerable"), "stages.list[3].entry.not_holds[0]"),
            ("list[4].decision.approvals", .plain("1"), "stages.list[4].decision.approvals"),
            ("list[4].criminal.visible_to_agency", .plain("true"), "stages.list[4].criminal.visible_to_agency"),
            ("list[3].exit.unsuccessful", .list([.plain("legal_referral")]), "stages.list[3].exit.unsuccessful"),
            ("retry.expired_minutes", .list([.plain("5")]), "stages.retry.quarantine_after"),
            ("segments.low_risk.call_factor", .quoted("1.50"), "stages.segments.low_risk.call_factor"),
        ])
    func faults(_ path: String, _ value: PolicyTree, _ expected: String) {
        do {
            _ = try read { $0.set(path, value) }
            Issue.record("no fault at \(path)")
        } catch let error as PolicyError {
            #expect(error.path == expected)
        } catch {
            Issue.record("another error: \(error)")
        }
    }

    @Test("an unknown key and a missing one are faults")
    func strict() {
        #expect(throws: PolicyError.self) { try read { $0.set("intake.max_dpd", .plain("1")) } }
        #expect(throws: PolicyError.self) { try read { $0.remove("ledger.blocks") } }
    }

    @Test("requests are due at the end of their business days, holidays left out")
    func requestDue() {
        let calendar = BusinessCalendar(holidays: [CaseSample.day("2026-11-04")])
        let due = StagePolicy.bankDefault.requestDue(.dataCorrection, asked: CaseSample.now, zone: CaseSample.zone, calendar: calendar)
        #expect(due == CaseSample.zone.endOfDay(CaseSample.day("2026-11-06")))
    }

    @Test("a weekly number of light calls keeps its distance", arguments: [(1, 7), (2, 4), (3, 3), (7, 1)])
    func spacing(_ count: Int, _ days: Int) {
        var call = StagePolicy.bankDefault.letter.call
        call.maxPer7Days = count
        #expect(call.spacingDays == days)
    }
}
