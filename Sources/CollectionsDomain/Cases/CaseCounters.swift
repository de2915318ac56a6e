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
    /// Number of the day on which the last pause ended; 0: there was none. Idle days count from there.
    package var resumedDay = 0

    package init() {}

    // Written out, and not a list of key paths: those cost 1 us a case (one look-up each at run time), this nothing that shows.

    /// The integers of `case_file.counters`.
    package var stored: [Int32] {
        [
            Int32(clamping: attempts),
            Int32(clamping: talks),
            Int32(clamping: refusals),
            Int32(clamping: hangUpsInRow),
            Int32(clamping: notAttemptedInRow),
            Int32(clamping: busyRetry),
            Int32(clamping: smallPromises),
            Int32(clamping: brokenPromises),
            Int32(clamping: rounds),
            Int32(clamping: visits),
            Int32(clamping: letterRejections),
            Int32(clamping: lettersPosted),
            Int32(clamping: collections),
            Int32(clamping: effectiveCollections),
            Int32(clamping: thirdPartyRefusals),
            Int32(clamping: brokenEver),
            Int32(clamping: pausedDays),
            Int32(clamping: pausedSince),
            Int32(clamping: claimedDay),
            Int32(clamping: resumedDay),
        ]
    }

    /// The counters stored as `stored`; a shorter list (written before a counter existed) leaves the rest at 0.
    package init(stored: [Int32]) {
        func value(_ index: Int) -> Int { index < stored.count ? Int(stored[index]) : 0 }
        attempts = value(0)
        talks = value(1)
        refusals = value(2)
        hangUpsInRow = value(3)
        notAttemptedInRow = value(4)
        busyRetry = value(5)
        smallPromises = value(6)
        brokenPromises = value(7)
        rounds = value(8)
        visits = value(9)
        letterRejections = value(10)
        lettersPosted = value(11)
        collections = value(12)
        effectiveCollections = value(13)
        thirdPartyRefusals = value(14)
        brokenEver = value(15)
        pausedDays = value(16)
        pausedSince = value(17)
        claimedDay = value(18)
        resumedDay = value(19)
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
