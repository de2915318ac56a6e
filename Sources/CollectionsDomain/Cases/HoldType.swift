/// What stops or limits work on a debtor or an account; raw values are those of `hold.type`, of policies and of bank files (DOMAIN section 2).
package enum HoldType: String, CaseIterable, Sendable {
    case dispute
    case moratorium
    case crisisMoratorium = "crisis_moratorium"
    case adviserPlan = "adviser_plan"
    case incapacity
    /// No visit; everything else goes on.
    case vulnerableVisit = "vulnerable_visit"
    case instalmentPlan = "instalment_plan"
    case promise
    case deceased
    case ombudsman
    case complaint
    case hardship
    case bankRequest = "bank_request"
    /// The bank's cease order (停催).
    case cease
    /// Also identity theft.
    case fraudClaim = "fraud_claim"
    case minor
    case custody
    case selfHarmRisk = "self_harm_risk"
    /// Set by an operator or by quarantine.
    case `operator`

    /// Whether agencies stop all contact with the debtor while it is open. A visit-only hold leaves the other channels.
    package var stopsContact: Bool { self != .vulnerableVisit }

    /// Whether one account may carry it alone, so that the case goes on with the others (DOMAIN section 1, case).
    package var mayBeForAccount: Bool {
        switch self {
        case .dispute, .instalmentPlan, .promise: true
        case .moratorium, .crisisMoratorium, .adviserPlan, .incapacity, .vulnerableVisit, .deceased, .ombudsman, .complaint, .hardship,
            .bankRequest,
            .cease, .fraudClaim, .minor, .custody, .selfHarmRisk, .operator:
            false
        }
    }

    /// Whether two persons are needed to release it (DOMAIN section 2, operators).
    package var releaseNeedsTwo: Bool { self == .complaint || self == .deceased }
}

/// What only the bank may decide; raw values are those of `bank_request.type` and of `stages.requests`.
package enum RequestType: String, CaseIterable, Sendable {
    case hardship
    case plan
    case `extension`
    case settlement
    case skipTrace = "skip_trace"
    case dataCorrection = "data_correction"
    case deceasedCheck = "deceased_check"
    case legal
    case legalReview = "legal_review"

    /// Whether demands stop while it is open. A skip trace runs beside the case and changes no state.
    package var stopsDemands: Bool { self != .skipTrace }

    /// Persons who must decide it: two for settlement and legal (DOMAIN section 2), one otherwise.
    package var approvalsNeeded: Int {
        switch self {
        case .settlement, .legal: 2
        case .hardship, .plan, .extension, .skipTrace, .dataCorrection, .deceasedCheck, .legalReview: 1
        }
    }
}
