/// What a case counts; stored as `case_file.counters`, one integer per field in the order of ``stored``.
///
/// Stage budgets start again with a stage and with a new holder; ``lifetime`` counters never do (DOMAIN section 2, terms and cycles), so a
/// new case begins with ``carriedOver`` of the debtor's last one.
package struct CaseCounters: Hashable, Sendable {
    /// Dials of this stage, whatever came of them.
    package var attempts = 0
    /// Talks of this stage.
    package var talks = 0
    /// Refusals of this stage.
    package var refusals = 0
    /// Hang-ups one after the other.
    package var hangUpsInRow = 0
    /// Tasks nobody attempted, one after the other.
    package var notAttemptedInRow = 0
    /// 1 while the one quick retry of a busy line is out.
    package var busyRetry = 0
    /// Promises below the minimum payment in this stage.
    package var smallPromises = 0
    /// Promises broken in this stage.
    package var brokenPromises = 0
    /// Rounds of information gathering.
    package var rounds = 0
    /// Visits of this case, those at a closed door counted as well.
    package var visits = 0
    /// Letters the lettershop refused in this case.
    package var letterRejections = 0
    /// Letters posted to the debtor, over all holders. Lifetime.
    package var lettersPosted = 0
    /// Effective conversations since the delinquency began, over all holders and the bank. Lifetime.
    package var collections = 0
    /// Collections whose receipt by the debtor is confirmable. Lifetime.
    package var effectiveCollections = 0
    /// Third parties who refused. Lifetime.
    package var thirdPartyRefusals = 0
    /// Promises broken over the debtor's whole delinquency. Lifetime.
    package var brokenEver = 0
    /// Days of this stage spent in hold, request, promise or plan: they do not count against its budget.
    package var pausedDays = 0
    /// Number of the day since which the case is paused; 0: it is not.
    package var pausedSince = 0
    /// Number of the day on which somebody says he paid; 0: nobody does.
    package var claimedDay = 0

    package init() {}

    private static let fields: [any WritableKeyPath<CaseCounters, Int> & Sendable] = [
        \.attempts, \.talks, \.refusals, \.hangUpsInRow, \.notAttemptedInRow, \.busyRetry, \.smallPromises, \.brokenPromises, \.rounds,
        \.visits,
        \.letterRejections, \.lettersPosted, \.collections, \.effectiveCollections, \.thirdPartyRefusals, \.brokenEver, \.pausedDays,
        \.pausedSince, \.claimedDay,
    ]

    /// The integers of `case_file.counters`.
    package var stored: [Int32] { Self.fields.map { Int32(clamping: self[keyPath: $0]) } }

    /// The counters stored as `stored`; a shorter list (written before a counter existed) leaves the rest at 0.
    package init(stored: [Int32]) {
        for (field, value) in zip(Self.fields, stored) { self[keyPath: field] = Int(value) }
    }

    /// Stage budgets at the start of a stage.
    package mutating func enterStage() {
        attempts = 0
        talks = 0
        refusals = 0
        hangUpsInRow = 0
        busyRetry = 0
        smallPromises = 0
        brokenPromises = 0
        pausedDays = 0
    }

    /// The counters a new holder's case begins with.
    package var carriedOver: CaseCounters {
        var next = CaseCounters()
        next.lettersPosted = lettersPosted
        next.collections = collections
        next.effectiveCollections = effectiveCollections
        next.thirdPartyRefusals = thirdPartyRefusals
        next.brokenEver = brokenEver
        return next
    }

    /// Counts a contact in the lifetime counters, whoever made it.
    package mutating func count(_ contact: ContactFact) {
        if contact.isConversation && contact.role.isLiable { collections += 1 }
        if contact.isEffectiveCollection { effectiveCollections += 1 }
    }
}
