package import CollectionsDomain
import Foundation

extension FeeSchedule {
    /// The text of `fee_schedule.rates`: `[{"band": "M2", "rate_bp": 1500, "tier": 1}]`; band `"*"` and tier null mean every one.
    package var json: CanonicalJSON {
        .array(
            rates.map { rate in
                ["band": .string(rate.band), "tier": .optional(rate.tier), "rate_bp": .number(rate.rate.value)]
            })
    }

    private struct StoredRate: Decodable {
        let band: String
        let tier: Int?
        let rate: Int

        enum CodingKeys: String, CodingKey {
            case band, tier
            case rate = "rate_bp"
        }
    }

    /// Reads what ``json`` wrote; `nil` for anything else.
    init?(json: String) {
        guard let stored = try? JSONDecoder().decode([StoredRate].self, from: Data(json.utf8)) else { return nil }
        var rates: [Rate] = []
        for row in stored {
            guard let rate = BasisPoints(row.rate) else { return nil }
            rates.append(Rate(band: row.band, tier: row.tier, rate: rate))
        }
        self.init(rates: rates)
    }
}
