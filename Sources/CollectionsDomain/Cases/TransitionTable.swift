/// The transition table as the program has it: ``CaseMachine`` run over every result of every step, and over every event, on sample cases.
///
/// Nothing here decides; it asks and writes down. So the document made of it cannot differ from what a case does.
package struct TransitionTable: Sendable {
    /// Where in the life of a stage the result comes.
    package enum Situation: String, CaseIterable, Sendable {
        /// The stage has just begun, its budgets are whole.
        case fresh
        /// One more attempt, talk, refusal, letter or visit, and the stage's budget is used.
        case spent
    }

    /// Where a case is worked.
    package enum Place: String, CaseIterable, Sendable {
        case info, phone, letter, field, legal
        case lawFirm = "law_firm"
        /// After the last stage, to the end of the term.
        case light

        /// The place of a case by its columns.
        package init(stage: Stage, light: Bool, lawFirm: Bool) {
            if lawFirm {
                self = .lawFirm
            } else if light {
                self = .light
            } else {
                switch stage {
                case .informationGathering: self = .info
                case .phone: self = .phone
                case .letter: self = .letter
                case .fieldVisit: self = .field
                case .legalReferral: self = .legal
                }
            }
        }
    }

    /// What followed.
    package struct Outcome: Hashable, Sendable {
        /// The place after; nil: the case is closed.
        package var place: Place?
        package var state: CaseState
        /// State and next task in words.
        package var next: String
        /// Ids of the rules that decided.
        package var rules: [String]
        /// What else is done, in codes.
        package var effects: [String]
    }

    /// One result at one step, or one event.
    package struct Row: Hashable, Sendable {
        package var from: Place
        /// The step reported on; nil: an event no worker reports.
        package var step: Step?
        /// The result's word, or the event's.
        package var what: String
        package var situation: Situation
        package var outcome: Outcome
    }

    /// Rows by step and result.
    package let results: [Row]
    /// Rows by event.
    package let events: [Row]

    /// The table under a policy.
    ///
    /// - Throws: ``MoneyError``; the samples' amounts never bring one about.
    package init(policy: StagePolicy = .bankDefault) throws(MoneyError) {
        let sample = TransitionSample(policy: policy)
        var results: [Row] = []
        for step in Step.allCases {
            for result in ResultCode.allCases where result.family.fits(step) {
                for situation in Situation.allCases { results.append(try sample.row(step, result, situation)) }
            }
        }
        self.results = results
        var events: [Row] = []
        for (name, event, change) in sample.events { events.append(try sample.row(name, event, change)) }
        self.events = events
    }
}
