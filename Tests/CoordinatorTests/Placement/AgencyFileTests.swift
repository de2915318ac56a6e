import CollectionsDomain
import CollectionsStore
import Testing

@testable import Coordinator

@Suite("agencies file")
struct AgencyFileTests {
    private static let whole = """
        agencies:
          - name: north-star
            display_name: North Star Collections Ltd
            kind: collection
            listed: true
            license_until: 2027-12-31
            evaluated_on: "2026-06-01"
            trained_on: 2026-06-01
            contract:
              starts_on: 2026-01-01
              ends_on: 2027-12-31
              stages: [information_gathering, phone, field_visit]
              regions: [CN-44, CN-31]
              field_regions: [CN-44]
              products: ["*"]
              currencies: [CNY]
              min_balance: "100.00"
              capacity_count: 2000
              capacity_amount: 5000000.00
              share: 30%
              weight: 3
            fees:
              rates:
                - {band: M2, tier: 1, rate: 15%}
                - {band: "*", tier: "*", rate: "0.2"}
          - name: letters
            kind: lettershop
            contract: {starts_on: 2026-01-01, ends_on: 2027-12-31, stages: [letter], capacity_count: 0}
        routes:
          - {stage: letter, agency: letters}
        """

    @Test("every key is read, what is left out has its default")
    func reads() throws {
        let file = try AgencyFile(yaml: Self.whole, file: "agencies.yaml")
        #expect(file.agencies.count == 2)
        let first = try #require(file.agencies.first)
        #expect(first.displayName == "North Star Collections Ltd" && first.kind == .collection && first.listed && !first.subcontracts)
        #expect(first.licenseUntil == Day(iso: "2027-12-31") && first.evaluatedOn == Day(iso: "2026-06-01"))
        #expect(first.contract.stages == [.informationGathering, .phone, .fieldVisit])
        #expect(first.contract.minBalance == 100_00 && first.contract.maxBalance == nil && first.contract.capacityAmount == 5_000_000_00)
        #expect(first.contract.share == BasisPoints(3_000) && first.contract.weight == 3)
        #expect(first.fees?.startsOn == first.contract.startsOn)
        #expect(first.fees?.fees.rate(band: "M2", tier: 1) == BasisPoints(1_500))
        #expect(first.fees?.fees.rate(band: "M2", tier: 2) == BasisPoints(2_000))
        let second = try #require(file.agencies.last)
        #expect(second.displayName == "letters" && second.fees == nil && second.contract.regions == ["*"] && second.contract.weight == 1)
        #expect(file.routes == [StageRoute(stage: .letter, product: "*", region: "*", agency: "letters")])
    }

    @Test(
        "a fault is named with its line and reason",
        arguments: [
            ("listed: true", "listd: true", 5, "unknown key"),
            ("kind: collection", "kind: collector", 4, "expected one of collection"),
            (
                "ends_on: 2027-12-31\n      stages: [information_gathering", "ends_on: 2025-12-31\n      stages: [information_gathering",
                11, "before starts_on"
            ),
            ("license_until: 2027-12-31", "license_until: 2027-02-30", 6, "expected a date"),
            ("phone, field_visit]", "phone, visit]", 12, "expected one of information_gathering"),
            ("currencies: [CNY]", "currencies: [CNY, USD]", 17, "exactly one currency"),
            ("currencies: [CNY]", "currencies: [RMB]", 16, "currency code"),
            ("min_balance: \"100.00\"", "min_balance: \"-1\"", 17, "expected an amount"),
            ("share: 30%", "share: 130%", 20, "expected a share"),
            ("weight: 3", "weight: 0", 21, "expected 1..."),
            ("{band: \"*\", tier: \"*\", rate: \"0.2\"}", "{band: M3, rate: \"0.2\"}", 24, "no rate for every band"),
            ("regions: [CN-44, CN-31]", "regions: [\"*\", CN-31]", 13, "stands alone"),
            ("capacity_count: 2000", "capacity_count: many", 18, "whole number"),
            ("name: letters", "name: north-star", 26, "stands twice"),
            ("field_regions: [CN-44]", "field_regions: []", 14, "empty list"),
            ("    fees:", "    fee:", 22, "missing key 'fees'"),
            ("{stage: letter, agency: letters}", "{stage: letter, agency: letters, x: 1}", 30, "unknown key"),
        ])
    func faults(old: String, new: String, line: Int, reason: String) throws {
        let yaml = Self.whole.replacing(old, with: new)
        try #require(yaml != Self.whole)
        let error = try #require(throws: PolicyError.self) { try AgencyFile(yaml: yaml, file: "agencies.yaml") }
        #expect(error.reason.contains(reason), "\(error)")
        #expect(error.line == line || reason.contains("missing"), "\(error)")
    }
}
