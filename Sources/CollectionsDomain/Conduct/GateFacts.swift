/// What the gate is told besides the ledger: the account, the agency and the public holidays.
///
/// The lease path needs none of it unless a policy's limitation or holiday rule asks; facts that are not given are unknown there, and a
/// rule that needs one blocks.
package struct GateFacts: Hashable, Sendable {
    /// Facts of the account (the strictest ones, if an act is about several).
    package struct Account: Hashable, Sendable {
        /// When limitation starts; nil: not in default.
        package var defaultDate: Fact<Day?>
        /// The last day of limitation where it is given directly; nil: reckoned from `defaultDate`.
        package var limitationEnd: Fact<Day?>
        /// Without interest and fees; nil: nobody has it.
        package var principal: Fact<Money>
        /// Nil: no activity known besides the ledger's.
        package var lastActivityOn: Fact<Day?>
        /// Nil: not settled.
        package var settledOn: Fact<Day?>
        /// Whether the debtor was told of the outsourcing.
        package var outsourcingNotice: Fact<Bool>
        package var legalReviewDone: Fact<Bool>

        package init(
            defaultDate: Fact<Day?> = .unknown, limitationEnd: Fact<Day?> = .known(nil), principal: Fact<Money> = .unknown,
            lastActivityOn: Fact<Day?> = .unknown, settledOn: Fact<Day?> = .known(nil), outsourcingNotice: Fact<Bool> = .unknown,
            legalReviewDone: Fact<Bool> = .unknown
        ) {
            self.defaultDate = defaultDate
            self.limitationEnd = limitationEnd
            self.principal = principal
            self.lastActivityOn = lastActivityOn
            self.settledOn = settledOn
            self.outsourcingNotice = outsourcingNotice
            self.legalReviewDone = legalReviewDone
        }
    }

    /// Facts of the agency that acts or receives.
    package struct Agency: Hashable, Sendable {
        /// Whether it stands on the bank's public list.
        package var listed: Fact<Bool>
        /// Nil: never.
        package var lastEvaluatedOn: Fact<Day?>
        /// Nil: never.
        package var lastTrainedOn: Fact<Day?>
        /// The last day; nil: open.
        package var contractEnd: Fact<Day?>
        package var subcontracts: Fact<Bool>
        /// Whether it is paid by commission alone.
        package var commissionOnly: Fact<Bool>
        /// Agencies that hold accounts, this one included; only asked where a policy sets `max_agencies`.
        package var agenciesInUse: Fact<Int>

        package init(
            listed: Fact<Bool> = .unknown, lastEvaluatedOn: Fact<Day?> = .unknown, lastTrainedOn: Fact<Day?> = .unknown,
            contractEnd: Fact<Day?> = .unknown, subcontracts: Fact<Bool> = .unknown, commissionOnly: Fact<Bool> = .unknown,
            agenciesInUse: Fact<Int> = .unknown
        ) {
            self.listed = listed
            self.lastEvaluatedOn = lastEvaluatedOn
            self.lastTrainedOn = lastTrainedOn
            self.contractEnd = contractEnd
            self.subcontracts = subcontracts
            self.commissionOnly = commissionOnly
            self.agenciesInUse = agenciesInUse
        }
    }

    package var account: Account
    package var agency: Agency
    /// Public holidays as the policy's `holiday_calendar` lists them.
    package var calendar: Fact<BusinessCalendar>
    /// Whether a notice without a mark in the ledger was never sent (production), or counts as sent long enough ago (decision cases).
    package var unmarkedNoticesAreOld: Bool

    package init(
        account: Account = Account(), agency: Agency = Agency(), calendar: Fact<BusinessCalendar> = .unknown,
        unmarkedNoticesAreOld: Bool = false
    ) {
        self.account = account
        self.agency = agency
        self.calendar = calendar
        self.unmarkedNoticesAreOld = unmarkedNoticesAreOld
    }
}
