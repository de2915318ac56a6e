/// Rows of the bank's files with the columns the scenarios need.
enum ScenarioFiles {
    static let accountHeader =
        "account_ref,debtor_ref,product,currency,balance,amount_due,principal,interest,fees,days_past_due,delinquent_since,region,time_zone,"
        + "name,billing_address,as_of,internal_collection_done,outsourcing_notice_at\n"

    /// One account, told of the outsourcing long ago.
    static func account(
        _ ref: String, debtor: String, balance: String, due: String? = nil, dpd: Int = 45, since: String = "2026-09-18",
        region: String = "CN-44",
        address: String = "Test Road 1", asOf: String = "2026-11-02"
    ) -> String {
        "\(ref),\(debtor),credit_card,CNY,\(balance),\(due ?? balance),\(balance),0.00,0.00,\(dpd),\(since),\(region),Asia/Shanghai,"
            + "Person \(debtor),\(address),\(asOf),true,2026-10-20\n"
    }

    static let contactHeader = "debtor_ref,role,channel,value,rank,provenance,consent_until\n"

    static func mobile(_ debtor: String, _ number: Int = 1) -> String {
        "\(debtor),cardholder,mobile,+99913087714\(number + 10),\(number),application_form,\n"
    }

    static func home(_ debtor: String, _ address: String) -> String {
        "\(debtor),cardholder,address,\(address),2,application_form,\n"
    }

    static let paymentHeader = "payment_ref,account_ref,amount,currency,paid_at,posted_at,channel,reversal_of\n"
    static let updateHeader = "account_ref,currency,as_of,balance,amount_due,days_past_due,status\n"

    /// The agencies of the scenarios: alpha calls everywhere and visits nowhere, bravo visits in CN-44; letters go to the lettershop.
    ///
    /// - Parameter bravoFrom: When bravo's contract begins.
    static func agencies(_ names: [String], bravoFrom: String = "2026-01-01") -> String {
        var text = "agencies:\n"
        for name in names {
            let kind = ["shop": "lettershop", "firm": "law_firm"][name] ?? "collection"
            let stages =
                switch name {
                case "shop": "[letter]"
                case "firm": "[legal_referral]"
                case "alpha": "[information_gathering, phone, legal_referral]"
                default: "[information_gathering, phone, field_visit, legal_referral]"
                }
            text += """
                  - name: \(name)
                    display_name: Agency \(name)
                    kind: \(kind)
                    listed: true
                    license_until: 2028-12-31
                    evaluated_on: 2026-06-15
                    trained_on: 2026-06-15
                    contract:
                      starts_on: \(name == "bravo" ? bravoFrom : "2026-01-01")
                      ends_on: 2028-12-31
                      stages: \(stages)
                      capacity_count: 1000
                \(name == "bravo" ? "      field_regions: [CN-44]\n" : "")\
                \(kind == "collection" ? "    fees:\n      rates:\n        - {band: \"*\", rate: 15%}\n" : "")
                """
        }
        var routes = ""
        if names.contains("shop") { routes += "  - {stage: letter, agency: shop}\n" }
        if names.contains("firm") { routes += "  - {stage: legal_referral, agency: firm}\n" }
        return text + (routes.isEmpty ? "" : "routes:\n" + routes)
    }
}
