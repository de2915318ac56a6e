import CollectionsDomain
import Testing

@Suite("Documents of an agency that lapse")
struct AgencyLapseTests {
    private static let day = CaseSample.day("2026-11-02")

    private func agency(
        licence: String? = "2027-12-31", evaluated: String? = "2026-06-15", contractEnd: String = "2027-12-31", listed: Bool = true
    ) -> AgencyOffer {
        AgencyOffer(
            id: 1, name: "alpha", isListed: listed, licenceUntil: licence.map(CaseSample.day), evaluatedOn: evaluated.map(CaseSample.day),
            trainedOn: Self.day, contract: CaseSample.day("2026-01-01")...CaseSample.day(contractEnd), stages: [.phone], capacityCount: 1)
    }

    private func lapsed(_ agency: AgencyOffer) -> [AgencyLapse] {
        AgencyLapse.lapsed(agency, controls: AgencyControls(), on: Self.day)
    }

    private func nearing(_ agency: AgencyOffer) -> [AgencyLapse] {
        AgencyLapse.nearing(agency, controls: AgencyControls(), on: Self.day)
    }

    @Test("the last day still holds, the day after has lapsed, and the reason names the document and its day")
    func lastDay() {
        #expect(lapsed(agency()).isEmpty && nearing(agency()).isEmpty)
        #expect(lapsed(agency(licence: "2026-11-02")).isEmpty)
        #expect(lapsed(agency(licence: "2026-11-01")).map(\.text) == ["its licence ended 2026-11-01"])
        #expect(lapsed(agency(evaluated: "2025-11-02")).isEmpty)
        #expect(lapsed(agency(evaluated: "2025-11-01")).map(\.text) == ["its evaluation held until 2026-11-01"])
        #expect(lapsed(agency(contractEnd: "2026-11-01")).map(\.document) == [.contract])
        #expect(lapsed(agency(evaluated: nil, listed: false)).map(\.document) == [.whitelist, .evaluation])
        #expect(lapsed(agency(licence: nil)).isEmpty, "it needs none")
    }

    @Test("warned from thirty days before the last day")
    func warning() {
        #expect(nearing(agency(licence: "2026-12-02")).map(\.document) == [.licence])
        #expect(nearing(agency(licence: "2026-12-03")).isEmpty)
        #expect(nearing(agency(evaluated: "2025-11-20", contractEnd: "2026-11-02")).map(\.document) == [.evaluation, .contract])
        #expect(nearing(agency(licence: "2026-11-01")).isEmpty, "lapsed is no warning")
    }
}
