/// A document without which the bank may not work with an agency, and its last day (DOMAIN section 2, kill switch; E10).
package struct AgencyLapse: Hashable, Sendable {
    /// Raw values are stable codes of reasons and breaks.
    package enum Document: String, CaseIterable, Sendable {
        case whitelist, licence, evaluation, contract
    }

    /// Which document.
    package var document: Document
    /// The last day it holds; `nil`: it has none, or there is no such document at all.
    package var lastDay: Day?

    /// Days before its last day from which the bank is warned.
    package static let warningDays = 30

    package init(_ document: Document, lastDay: Day?) {
        self.document = document
        self.lastDay = lastDay
    }

    /// What the record says of it once it has lapsed.
    package var text: String {
        switch (document, lastDay) {
        case (.whitelist, _): "it is not on the public list"
        case (.licence, let day?): "its licence ended \(day)"
        case (.licence, nil): "it has no licence"
        case (.evaluation, let day?): "its evaluation held until \(day)"
        case (.evaluation, nil): "it was never evaluated"
        case (.contract, let day?): "its contract ended \(day)"
        case (.contract, nil): "it has no contract in force"
        }
    }

    /// Documents of a holder that have lapsed on `day`, in the order of ``Document``. The last day itself still holds.
    package static func lapsed(_ agency: AgencyOffer, controls: AgencyControls, on day: Day) -> [AgencyLapse] {
        var found: [AgencyLapse] = []
        if controls.publicList, !agency.isListed { found.append(AgencyLapse(.whitelist, lastDay: nil)) }
        for dated in dated(agency, controls: controls) where dated.lastDay.map({ $0 < day }) ?? true { found.append(dated) }
        return found
    }

    /// Documents that still hold on `day` and end within ``warningDays``.
    package static func nearing(_ agency: AgencyOffer, controls: AgencyControls, on day: Day) -> [AgencyLapse] {
        dated(agency, controls: controls).filter { lapse in
            lapse.lastDay.map { $0 >= day && day.days(until: $0) <= warningDays } ?? false
        }
    }

    private static func dated(_ agency: AgencyOffer, controls: AgencyControls) -> [AgencyLapse] {
        var found: [AgencyLapse] = []
        // Without a date the agency needs no licence.
        if let until = agency.licenceUntil { found.append(AgencyLapse(.licence, lastDay: until)) }
        if let months = controls.evaluationMonths {
            found.append(AgencyLapse(.evaluation, lastDay: agency.evaluatedOn?.adding(months: months)))
        }
        found.append(AgencyLapse(.contract, lastDay: agency.contract?.upperBound))
        return found
    }
}
