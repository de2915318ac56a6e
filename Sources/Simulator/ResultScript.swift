package import CollectionsDomain

/// What chance would miss: every result a step knows, each reported once by a worker process, spread over its leases.
///
/// A result that protects a person is rare among debtors and still has to be seen in a rehearsal; so the script counts leases of a step and lets
/// every n-th one end with the next result of the list.
package actor ResultScript {
    private var left: [Step: [ResultCode]]
    private var leases: [Step: Int] = [:]

    /// The whole script.
    package init() {
        var left: [Step: [ResultCode]] = [:]
        for step in Step.allCases {
            left[step] = ResultCode.allCases.filter { code in
                switch code.family {
                // What any step may report is said on the phone; what the post reports comes from its tracking.
                case .any: step == .call
                case .letter: step == .registeredLetter && [.letterIssued, .letterRejected, .letterReplyReceived].contains(code)
                case .gather, .message, .call, .visit, .dossier, .firm: code.family.fits(step)
                }
            }
        }
        self.left = left
    }

    /// The scripted result of the next lease of a step; nil: chance decides.
    package func next(_ step: Step, isThirdParty: Bool) -> ResultCode? {
        leases[step, default: 0] += 1
        guard leases[step, default: 0].isMultiple(of: Self.spacing(step)) else { return nil }
        guard let index = left[step]?.firstIndex(where: { Self.needsThirdParty($0) == isThirdParty || step != .call }) else { return nil }
        return left[step]?.remove(at: index)
    }

    /// Every how many leases one is scripted: steps that come seldom are scripted often.
    private static func spacing(_ step: Step) -> Int {
        switch step {
        case .call: 12
        case .gather, .smsReminder, .emailReminder: 10
        case .registeredLetter: 8
        case .visit, .legalDossier, .lawFirm: 2
        }
    }

    private static func needsThirdParty(_ code: ResultCode) -> Bool {
        [.messageLeft, .thirdPartyRelayed, .thirdPartyRefused].contains(code)
    }
}
