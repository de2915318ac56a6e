import Foundation
import Testing
import WireTypes

/// The JSON other people's programs see: each sample is complete, is read without loss, and is written with the same members and values.
@Suite("JSON of the wire types")
struct GoldenJSONTests {
    @Test("is read and written without loss, with every member present", arguments: GoldenJSON.samples)
    func roundTrip(sample: GoldenSample) throws {
        try sample.check()
    }

    @Test("leaves out what is absent")
    func absent() throws {
        #expect(
            try Sample.json(LeaseRequest(requestId: "r", stages: ["phone"])) == #"{"max":1,"request_id":"r","stages":["phone"]}"#)
        #expect(try Sample.json(OutcomeReply(status: .accepted)) == #"{"status":"accepted"}"#)
    }

    @Test("takes 1 lease where the number is left out, and ignores members it does not know")
    func defaults() throws {
        let request = try JSONDecoder().decode(LeaseRequest.self, from: Data(#"{"request_id":"r","stages":[],"colour":"blue"}"#.utf8))
        #expect(request.max == 1)
    }
}

struct GoldenSample: Sendable, CustomTestStringConvertible {
    let name: String
    let json: String
    let check: @Sendable () throws -> Void
    var testDescription: String { name }

    init<Value: Codable & Hashable & Sendable>(_ type: Value.Type, _ json: String) {
        name = "\(type)"
        self.json = json
        check = {
            let value = try JSONDecoder().decode(type, from: Data(json.utf8))
            let written = try JSONSerialization.jsonObject(with: JSONEncoder().encode(value)) as? NSDictionary
            let given = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? NSDictionary
            #expect(written == given)
            Self.expectComplete(value, type: "\(type)")
        }
    }

    /// No optional member may be absent: a sample that forgets one would not notice a wrong name.
    private static func expectComplete(_ value: Any, type: String) {
        for child in Mirror(reflecting: value).children {
            guard let label = child.label else { continue }
            let mirror = Mirror(reflecting: child.value)
            if mirror.displayStyle == .optional {
                #expect(mirror.children.count == 1, "\(type).\(label) is missing in the sample")
            }
            guard let content = mirror.displayStyle == .optional ? mirror.children.first?.value : .some(child.value) else { continue }
            // A lease in a reply, and a problem in an item, have samples of their own.
            let exempt = content is Problem || content is Lease || content is WorkCard
            if !exempt, Mirror(reflecting: content).displayStyle == .struct { expectComplete(content, type: "\(type).\(label)") }
            if let first = (content as? [Any])?.first, Mirror(reflecting: first).displayStyle == .struct, !(first is Lease) {
                expectComplete(first, type: "\(type).\(label)[0]")
            }
        }
    }
}

enum GoldenJSON {
    static let evidence = #"{"kind":"photo","ref":"f/1","sha256":"ab","bytes":12}"#
    static let point = #"{"role":"debtor","channel":"mobile","value":"+99900000000","provenance":"debtor"}"#
    static let letter =
        #"{"letter_id":"5","mail_no":"R1","print_ref":"p1","posted_at":"2026-11-03T02:00:00.000000Z","delivered_at":"2026-11-05T02:00:00.000000Z","signed_by_kind":"debtor","return_reason":"moved"}"#
    static let legal =
        #"{"route":"civil","case_no":"2026-1","court":"K","event_on":"2026-11-03","costs":"12.50","costs_currency":"CNY"}"#
    static let promise = #"{"amount":"1200.00","currency":"CNY","date":"2026-11-06","account_ref":"A1"}"#
    static let representative = #"{"kind":"attorney","mandate_ref":"m","contact":"# + point + "}"
    static let problem =
        #"{"type":"urn:recourse:problem:outcome-invalid","title":"the outcome is not valid","status":422,"detail":"d","reasons":["bad_promise"],"pointers":[{"pointer":"/promise/date","reason":"bad_promise"}],"retry_after_ms":1000,"request_id":"q1"}"#
    static let clock = #""server_time":"2026-11-02T02:00:00.000000Z","clock_rate":1"#

    static let outcome = #"""
        {"lease_token":"v1.1.3.4.5.1.x","result":"promise","occurred_at":"2026-11-02T02:00:00.000000Z","ended_at":"2026-11-02T02:03:00.000000Z",
         "collector_id":"k7","collector_ids":["k7","k8"],"visit_collectors":2,"contact_point_id":"77","permit_id":"9","recording_ref":"rec/1",
         "recording_sha256":"cd","evidence":[\#(evidence)],"account_refs":["A1"],"amount":"10.00","currency":"CNY","promise":\#(promise),
         "instalments":[{"amount":"5.00","date":"2026-12-01"}],"next_goal":"verify_payment","callback_at":"2026-11-03T02:00:00.000000Z",
         "paid_on":"2026-11-01","opt_out":{"scope":"channel","channel":"sms"},"third_party_kind":"family","debt_disclosed":false,
         "representative":\#(representative),"new_contact_points":[\#(point)],"request_reason":"job_loss",
         "reply":{"result":"dispute","received_at":"2026-11-02T01:00:00.000000Z"},"letter":\#(letter),"legal":\#(legal),
         "request_next_lease":true,"report_ref":"rr1"}
        """#

    static let card = #"""
        {"case_ref":"C1","placement_refs":["P1"],"stage":"phone","step":"call","goal":"get_date","next_goals":["get_date","reach"],
         "act_before":"2026-11-02T14:00:00.000000Z","report_by":"2026-11-02T14:15:00.000000Z",
         "permit":{"contact_point_id":"77","channel":"call","dial_token":"t","value":"+99900000000","masked":"+999*","party_role":"debtor","purposes":["demand"]},
         "debtor":{"name":"N","language":"zh-CN","time_zone":"Asia/Shanghai","id_number":"X"},
         "balance_as_of":"2026-11-01T15:59:59.000000Z",
         "accounts":[{"account_ref":"A1","placement_ref":"P1","product":"card","currency":"CNY","amount_due":"1200.00","balance":"8000.00","min_payment":"100.00","days_past_due":45,"bucket":"M2"}],
         "last_contacts":[{"occurred_at":"2026-10-30T02:00:00.000000Z","channel":"call","direction":"outbound","outcome":"no_answer","party_role":"debtor"}],
         "open_promise":{"amount":"1200.00","currency":"CNY","due_on":"2026-11-06","state":"open"},
         "open_request":{"type":"hardship","due_at":"2026-11-09T02:00:00.000000Z"},
         "script_id":"s1","disclosures":["identity"],"forbidden_fields":["id_number"],"repayment_channels":["bank_app"],"may_request_plan":true,
         "constraints":[{"rule":"contact_windows","until":"2026-11-02T14:00:00.000000Z","value":"08:00-22:00"}],
         "third_party":{"person_sought":"N","purpose":"relay","script_id":"s2"},
         "visit":{"contact_point_id":"78","address":"street","kit":["staff_id"],"letter_ref":"5","collectors":2,"notice_days":1},
         "letter":{"letter_id":"5","contact_point_id":"78","address":"street","template":"t1","template_sha256":"ef","fields":{"amount":"1200.00"},"mail_class":"registered","seal_id":"seal1"},
         "legal":{"evidence":[\#(evidence)],"months_unpaid":6,"letters_posted":2,"collections":3,"route":"civil","case_no":"2026-1","last_event":"filed"},
         "contact_points":[{"contact_point_id":"77","channel":"mobile","party_role":"debtor","state":"valid","masked":"+999*"}]}
        """#

    static let lease = #"""
        {"task_id":"90071992547409931","lease_token":"v1.1.3.4.5.1.x","epoch":1,"act_before":"2026-11-02T14:00:00.000000Z",
         "report_by":"2026-11-02T14:15:00.000000Z","expires_in_ms":1800000,"stage":"phone","step":"call","goal":"get_date","priority":50,"attempt":2,
         "work_card":\#(card)}
        """#

    static let activity = #"""
        {"activity_ref":"x1","placement_ref":"P1","case_ref":"C1","type":"complaint","occurred_at":"2026-11-02T02:00:00.000000Z",
         "ended_at":"2026-11-02T02:01:00.000000Z","collector_id":"k7","contact_point_id":"77","channel":"call","direction":"inbound","result":"complaint",
         "refers_to":"5","recording_ref":"rec/1","evidence":[\#(evidence)],"account_refs":["A1"],"amount":"10.00","currency":"CNY","promise":\#(promise),
         "paid_on":"2026-11-01","opt_out":{"scope":"channel","channel":"sms"},"third_party_kind":"family","representative":\#(representative),
         "new_contact_points":[\#(point)],"complaint":{"code":"c1","external_no":"Z1","source":"regulator","text_sha256":"aa"},"letter":\#(letter),
         "legal":\#(legal)}
        """#

    static let notice = #"""
        {"seq":12,"kind":"recall","at":"2026-11-02T02:00:00.000000Z","case_ref":"C1","placement_ref":"P1","task_id":"5","account_ref":"A1",
         "reason":"COMPLIANCE","amount":"10.00","currency":"CNY","effective_at":"2026-11-02T02:00:00.000000Z","contact_point_id":"77","needs_ack":true}
        """#

    static let samples = [
        GoldenSample(LeaseRequest.self, #"{"request_id":"r1","stages":["phone"],"max":3,"ttl_seconds":10,"wait_seconds":20}"#),
        GoldenSample(WorkCard.self, card),
        GoldenSample(Lease.self, lease),
        GoldenSample(LeaseReply.self, #"{"leases":[\#(lease)],\#(clock),"next_poll_after_ms":5000}"#),
        GoldenSample(HeartbeatRequest.self, #"{"leases":["t1","t2"]}"#),
        GoldenSample(
            HeartbeatReply.self,
            #"{"leases":[{"report_by":"2026-11-02T14:15:00.000000Z","expires_in_ms":5,"cancelled":"hold","problem":\#(problem)}],\#(clock)}"#
        ),
        GoldenSample(ReleaseRequest.self, #"{"leases":["t1"],"reason":"shutdown"}"#),
        GoldenSample(ReleaseReply.self, #"{"leases":[{"released":true,"cancelled":"recall","problem":\#(problem)}],\#(clock)}"#),
        GoldenSample(PermitRequest.self, #"{"lease_token":"t1","contact_point_id":"78","act":"visit","collectors":2}"#),
        GoldenSample(
            PermitReply.self,
            #"{"permit_id":"9","allowed_until":"2026-11-02T14:00:00.000000Z","conditions":["visit.id_required"],"blocked":{"reasons":["contact_windows"],"earliest":"2026-11-03T00:00:00.000000Z"},\#(clock)}"#
        ),
        GoldenSample(OutcomeReport.self, #"{"outcomes":[\#(outcome)]}"#),
        GoldenSample(
            OutcomeReportReply.self,
            #"{"outcomes":[{"receipt_id":"r1","status":"late","problem":\#(problem),"next":{"stage":"phone","not_before":"2026-11-08T00:00:00.000000Z"},"next_lease":\#(lease)}],\#(clock)}"#
        ),
        GoldenSample(ActivityReport.self, #"{"activities":[\#(activity)]}"#),
        GoldenSample(
            ActivityReportReply.self, #"{"activities":[{"receipt_id":"a1","status":"duplicate","problem":\#(problem)}],\#(clock)}"#),
        GoldenSample(NoticesReply.self, #"{"notices":[\#(notice)],"next":12,\#(clock)}"#),
        GoldenSample(
            NoticeAckRequest.self,
            #"{"notices":[{"seq":12,"stopped_at":"2026-11-02T02:00:00.000000Z","open_items":1,"evidence_count":2,"purge_proof_ref":"z"}]}"#),
        GoldenSample(NoticeAckReply.self, #"{"notices":[{"seq":12,"acknowledged":true,"problem":\#(problem)}],\#(clock)}"#),
        GoldenSample(Problem.self, problem),
    ]
}
