import CollectionsDomain
package import PostgresDriver

extension CaseWrites {
    /// The statements that write all this, in lock order; audit entries are the caller's, who knows the connection.
    package func statements(part: Int32, now: Now) -> [PostgresQuery] {
        var list: [PostgresQuery] = []
        if !ledgers.isEmpty { list.append(ConductQueries.write(part: part, ledgers.map { ($0.key, $0.value) })) }
        if !deletedTasks.isEmpty { list += TaskQueries.delete(part: part, tasks: Array(deletedTasks)) }
        for (dueAt, tasks) in Dictionary(grouping: postponed.keys, by: { postponed[$0] ?? now.business }).sorted(by: { $0.key < $1.key }) {
            list += TaskQueries.postpone(part: part, tasks: Array(tasks), until: dueAt)
        }
        appendPlacements(to: &list, part: part, now: now)
        if !accountStates.isEmpty { list.append(accountStatement(part: part, now: now)) }
        appendPromises(to: &list, part: part, now: now)
        appendPlans(to: &list, part: part, now: now)
        if !newCases.isEmpty { list.append(newCaseStatement(part: part, now: now)) }
        if !cases.isEmpty { list.append(caseStatement(part: part, now: now)) }
        if !newTasks.isEmpty { list.append(TaskQueries.insert(part: part, newTasks)) }
        if !taskEnds.isEmpty { list.append(TaskQueries.insertEnds(part: part, taskEnds, at: now.business)) }
        appendHoldsAndRequests(to: &list, part: part, now: now)
        appendPoints(to: &list, part: part, now: now)
        appendDocuments(to: &list, part: part, now: now)
        if !cardOrders.isEmpty { list.append(CardOrderQueries.insert(part: part, cardOrders, at: now.business)) }
        if !contactEvents.isEmpty { list.append(contactEventStatement(part: part, now: now)) }
        if !violations.isEmpty { list.append(violationStatement(part: part, now: now)) }
        if !breaks.isEmpty || !violations.isEmpty { list.append(breakStatement(part: part, now: now)) }
        if !quarantine.isEmpty { list.append(QuarantineQueries.insert(part: part, quarantine, now: now)) }
        if !outbox.isEmpty { list.append(OutboxQueries.insert(part: part, outbox, at: now.business)) }
        return list
    }

    // MARK: Placements and accounts

    private func appendPlacements(to list: inout [PostgresQuery], part: Int32, now: Now) {
        let touched = placementEnds.map(\.placementId) + reopenedPlacements + recallingPlacements + resumedPlacements + termExtensions.keys
        guard !touched.isEmpty else { return }
        list.append(
            """
            select p.* from unnest(\(touched.sorted())) u (id) cross join lateral (
                select placement_id from placement where part = \(part) and placement_id = u.id for update) p
            """)
        if !placementEnds.isEmpty {
            list.append(
                """
                update placement p set state = 'closed', close_code = u.code, closed_at = \(now.business)
                from unnest(\(placementEnds.map(\.placementId)), \(placementEnds.map(\.code.rawValue))) u (id, code)
                where p.part = \(part) and p.placement_id = u.id and p.state <> 'closed'
                """)
        }
        if !reopenedPlacements.isEmpty {
            list.append(
                """
                update placement set state = 'active', close_code = null, closed_at = null
                where part = \(part) and placement_id = any(\(reopenedPlacements)) and state = 'closed'
                """)
        }
        if !recallingPlacements.isEmpty {
            list.append(
                "update placement set state = 'recalling' where part = \(part) and placement_id = any(\(recallingPlacements)) and state = 'active'"
            )
        }
        if !resumedPlacements.isEmpty {
            list.append(
                "update placement set state = 'active' where part = \(part) and placement_id = any(\(resumedPlacements)) and state = 'recalling'"
            )
        }
        if !termExtensions.isEmpty {
            let terms = termExtensions.sorted { $0.key < $1.key }
            list.append(
                """
                update placement p set extended_until = u.until from unnest(\(terms.map(\.key)), \(terms.map(\.value))) u (id, until)
                where p.part = \(part) and p.placement_id = u.id
                """)
        }
    }

    private func accountStatement(part: Int32, now: Now) -> PostgresQuery {
        let rows = accountStates.sorted { $0.key < $1.key }
        return """
            update account a set status = u.status, status_since = \(now.business)
            from unnest(\(rows.map(\.key)), \(rows.map(\.value.rawValue))) u (id, status)
            where a.part = \(part) and a.account_id = u.id and a.status <> u.status
            """
    }

    private func appendPromises(to list: inout [PostgresQuery], part: Int32, now: Now) {
        if !judgedPromises.isEmpty {
            let rows = judgedPromises.sorted { $0.promiseId < $1.promiseId }
            list.append(
                """
                update promise p set state = u.state, judged_at = \(now.business), paid_amount = u.paid
                from unnest(\(rows.map(\.promiseId)), \(rows.map(\.state.rawValue)), \(rows.map(\.paid))) u (id, state, paid)
                where p.part = \(part) and p.promise_id = u.id and p.state in ('open', 'awaiting_ledger')
                """)
        }
        if !newPromises.isEmpty {
            list.append(
                """
                insert into promise (part, promise_id, case_id, debtor_id, account_id, agency_id, task_id, epoch, type, state, amount, currency, due_on,
                    judge_after, taken_at)
                select \(part), u.id, u.case_id, u.debtor, u.account, u.agency, u.task, u.epoch, u.type, u.state, u.amount, u.currency, u.due, u.judge,
                    \(now.business)
                from unnest(\(newPromises.map(\.promiseId)), \(newPromises.map(\.caseId)), \(newPromises.map(\.debtorId)),
                    \(newPromises.map(\.accountId)), \(newPromises.map(\.agencyId)), \(newPromises.map(\.grant?.taskId)),
                    \(newPromises.map(\.grant?.epoch)), \(newPromises.map(\.type.rawValue)), \(newPromises.map(\.state.rawValue)),
                    \(newPromises.map(\.amount.minorUnits)), \(newPromises.map(\.amount.currency.code)), \(newPromises.map(\.dueOn)),
                    \(newPromises.map(\.judgeAfter)))
                    u (id, case_id, debtor, account, agency, task, epoch, type, state, amount, currency, due, judge)
                """)
        }
    }

    private func appendPlans(to list: inout [PostgresQuery], part: Int32, now: Now) {
        if !endedPlans.isEmpty {
            list.append(
                """
                update instalment_plan p set state = case when u.fulfilled then 'settled' else 'broken' end
                from unnest(\(endedPlans.map(\.debtor)), \(endedPlans.map(\.fulfilled))) u (debtor, fulfilled)
                where p.part = \(part) and p.debtor_id = u.debtor and p.state = 'active'
                """)
        }
        if !newPlans.isEmpty {
            list.append(PlanQueries.insert(part: part, newPlans, signedAt: now.business))
        }
    }

    // MARK: Cases

    private static func counterText(_ change: CaseChange) -> String {
        "{" + change.counters.stored.map(String.init).joined(separator: ",") + "}"
    }

    private func newCaseStatement(part: Int32, now: Now) -> PostgresQuery {
        let changes = newCases.map(\.change)
        return """
            insert into case_file (part, case_id, debtor_id, agency_id, state, reason, until, stage, stage_entered_at, step, goal, point_id, counters,
                light_cadence, last_rule, policy_version, opened_at, closed_at, close_code)
            select \(part), u.id, u.debtor, u.agency, u.state, u.reason, u.until, u.stage, u.entered, u.step, u.goal, u.point, u.counters::int[], u.light,
                u.rule, u.policy, \(now.business), case when u.state = 'closed' then \(now.business) end, case when u.state = 'closed' then u.reason end
            from unnest(\(changes.map(\.caseId)), \(newCases.map(\.debtorId)), \(newCases.map(\.agencyId)), \(changes.map(\.state.storedCode)),
                \(changes.map(\.state.reason)), \(changes.map(\.state.until)), \(changes.map(\.stage.rawValue)), \(changes.map(\.stageEnteredAt)),
                \(changes.map(\.step.rawValue)), \(changes.map(\.goal.rawValue)), \(changes.map(\.pointId)), \(changes.map(Self.counterText)),
                \(changes.map(\.lightCadence)), \(changes.map(\.rule)), \(changes.map(\.policyVersion)))
                u (id, debtor, agency, state, reason, until, stage, entered, step, goal, point, counters, light, rule, policy)
            """
    }

    private func caseStatement(part: Int32, now: Now) -> PostgresQuery {
        let changes = cases.values.sorted { $0.caseId < $1.caseId }
        return """
            update case_file c set state = u.state, reason = u.reason, until = u.until, stage = u.stage, stage_entered_at = u.entered, step = u.step,
                goal = u.goal, point_id = u.point, counters = u.counters::int[], light_cadence = u.light,
                last_worked_at = coalesce(u.worked, c.last_worked_at), last_rule = u.rule, policy_version = u.policy,
                closed_at = case when u.state = 'closed' then coalesce(c.closed_at, \(now.business)) end,
                close_code = case when u.state = 'closed' then u.reason end
            from unnest(\(changes.map(\.caseId)), \(changes.map(\.state.storedCode)), \(changes.map(\.state.reason)), \(changes.map(\.state.until)),
                \(changes.map(\.stage.rawValue)), \(changes.map(\.stageEnteredAt)), \(changes.map(\.step.rawValue)), \(changes.map(\.goal.rawValue)),
                \(changes.map(\.pointId)), \(changes.map(Self.counterText)), \(changes.map(\.lightCadence)), \(changes.map(\.lastWorkedAt)),
                \(changes.map(\.rule)), \(changes.map(\.policyVersion)))
                u (id, state, reason, until, stage, entered, step, goal, point, counters, light, worked, rule, policy)
            where c.part = \(part) and c.case_id = u.id
            """
    }

    // MARK: Holds and requests

    private func appendHoldsAndRequests(to list: inout [PostgresQuery], part: Int32, now: Now) {
        if !newHolds.isEmpty {
            list.append(
                """
                insert into hold (part, hold_id, debtor_id, account_id, case_id, type, set_at, until, set_by, reason)
                select \(part), u.id, u.debtor, u.account, u.case_id, u.type, \(now.business), u.until, u.set_by, u.reason
                from unnest(\(newHolds.map(\.holdId)), \(newHolds.map(\.debtorId)), \(newHolds.map(\.accountId)), \(newHolds.map(\.caseId)),
                    \(newHolds.map(\.type.rawValue)), \(newHolds.map(\.until)), \(newHolds.map(\.setBy)), \(newHolds.map(\.reason)))
                    u (id, debtor, account, case_id, type, until, set_by, reason)
                """)
        }
        if !releasedHolds.isEmpty {
            list.append(
                """
                update hold h set state = 'released', released_at = \(now.business), released_by = u.released_by
                from unnest(\(releasedHolds.map(\.holdId)), \(releasedHolds.map(\.by))) u (id, released_by)
                where h.part = \(part) and h.hold_id = u.id and h.state = 'open'
                """)
        }
        list += newComplaints.map { ComplaintQueries.insert(part: part, $0) }
        if !newRequests.isEmpty {
            list.append(
                """
                insert into bank_request (part, request_id, case_id, debtor_id, account_id, agency_id, type, state, detail, asked_at, sla_due,
                    approvals_needed)
                select \(part), u.id, u.case_id, u.debtor, u.account, u.agency, u.type, 'open', u.detail::jsonb, \(now.business), u.due, u.approvals
                from unnest(\(newRequests.map(\.requestId)), \(newRequests.map(\.caseId)), \(newRequests.map(\.debtorId)),
                    \(newRequests.map(\.accountId)), \(newRequests.map(\.agencyId)), \(newRequests.map(\.type.rawValue)),
                    \(newRequests.map(\.detail.text)), \(newRequests.map(\.slaDue)), \(newRequests.map(\.approvals)))
                    u (id, case_id, debtor, account, agency, type, detail, due, approvals)
                """)
        }
        if !endedRequests.isEmpty {
            list.append(
                """
                update bank_request set state = 'withdrawn', decided_at = \(now.business)
                where part = \(part) and request_id = any(\(endedRequests)) and state = 'open'
                """)
        }
    }

    // MARK: Contact points

    private func appendPoints(to list: inout [PostgresQuery], part: Int32, now: Now) {
        if !pointUpdates.isEmpty {
            list.append(
                """
                update contact_point p set state = coalesce(u.state, p.state), state_reason = u.reason, visits_off = p.visits_off or u.visits_off
                from unnest(\(pointUpdates.map(\.pointId)), \(pointUpdates.map { $0.state?.rawValue }), \(pointUpdates.map(\.reason)),
                    \(pointUpdates.map(\.visitsOff))) u (id, state, reason, visits_off)
                where p.part = \(part) and p.contact_point_id = u.id
                """)
        }
        if !newPoints.isEmpty {
            list.append(
                """
                insert into contact_point (part, contact_point_id, debtor_id, contact_ref, role, channel, value_enc, value_bidx, rank, state, provenance,
                    created_at)
                select \(part), u.id, u.debtor, u.ref, u.role, u.channel, u.value, u.bidx, u.rank, 'unverified', u.provenance, \(now.business)
                from unnest(\(newPoints.map(\.pointId)), \(newPoints.map(\.debtorId)), \(newPoints.map(\.reference)), \(newPoints.map(\.role.rawValue)),
                    \(newPoints.map(\.channel.rawValue)), \(newPoints.map(\.sealedValue)), \(newPoints.map(\.blindIndex)), \(newPoints.map(\.rank)),
                    \(newPoints.map(\.provenance))) u (id, debtor, ref, role, channel, value, bidx, rank, provenance)
                where not exists (select from contact_point p where p.part = \(part) and p.debtor_id = u.debtor and p.channel = u.channel
                    and p.value_bidx = u.bidx)
                """)
        }
    }

    // MARK: Letters, visits, referrals

    private func appendDocuments(to list: inout [PostgresQuery], part: Int32, now: Now) {
        if !newLetters.isEmpty {
            list.append(
                """
                insert into letter (part, letter_id, case_id, debtor_id, agency_id, task_id, contact_point_id, template, accounts, state, ordered_at)
                select \(part), u.id, u.case_id, u.debtor, u.agency, u.task, u.point, u.template, u.accounts::bigint[], 'ordered', \(now.business)
                from unnest(\(newLetters.map(\.letterId)), \(newLetters.map(\.caseId)), \(newLetters.map(\.debtorId)), \(newLetters.map(\.agencyId)),
                    \(newLetters.map(\.taskId)), \(newLetters.map(\.pointId)), \(newLetters.map(\.template)),
                    \(newLetters.map { "{" + $0.accounts.map(String.init).joined(separator: ",") + "}" }))
                    u (id, case_id, debtor, agency, task, point, template, accounts)
                """)
        }
        if !letterChanges.isEmpty {
            list.append(
                """
                update letter l set state = coalesce(u.state, l.state), task_id = coalesce(u.task, l.task_id), mail_no = coalesce(u.mail_no, l.mail_no),
                    posted_at = coalesce(l.posted_at, u.posted), closed_at = coalesce(u.closed, l.closed_at),
                    return_reason = coalesce(u.reason, l.return_reason), signed_by_kind = coalesce(u.signed_by, l.signed_by_kind),
                    answered_at = coalesce(l.answered_at, u.answered)
                from unnest(\(letterChanges.map(\.letterId)), \(letterChanges.map { $0.state?.rawValue }), \(letterChanges.map(\.taskId)),
                    \(letterChanges.map(\.mailNo)), \(letterChanges.map(\.postedAt)), \(letterChanges.map(\.closedAt)),
                    \(letterChanges.map(\.returnReason)), \(letterChanges.map(\.signedBy)), \(letterChanges.map(\.answeredAt)))
                    u (id, state, task, mail_no, posted, closed, reason, signed_by, answered)
                where l.part = \(part) and l.letter_id = u.id
                """)
        }
        if !visits.isEmpty {
            list.append(
                """
                insert into visit (part, visit_id, case_id, debtor_id, agency_id, task_id, epoch, contact_point_id, collectors, permitted_at, allowed_until,
                    occurred_at, result)
                select \(part), u.id, u.case_id, u.debtor, u.agency, u.task, u.epoch, u.point, u.collectors, u.permitted, u.until, u.occurred, u.result
                from unnest(\(visits.map(\.visitId)), \(visits.map(\.caseId)), \(visits.map(\.debtorId)), \(visits.map(\.agencyId)),
                    \(visits.map(\.key.taskId)), \(visits.map(\.key.epoch)), \(visits.map(\.pointId)), \(visits.map(\.collectors)),
                    \(visits.map(\.permittedAt)), \(visits.map(\.allowedUntil)), \(visits.map(\.occurredAt)), \(visits.map { $0.result?.rawValue }))
                    u (id, case_id, debtor, agency, task, epoch, point, collectors, permitted, until, occurred, result)
                on conflict (part, visit_id) do update set occurred_at = excluded.occurred_at, result = excluded.result,
                    collectors = greatest(visit.collectors, excluded.collectors)
                """)
        }
        if !newReferrals.isEmpty {
            list.append(
                """
                insert into legal_referral (part, referral_id, case_id, debtor_id, account_id, agency_id, task_id, state, amount, guard, proposed_at,
                    card_block_due)
                select \(part), u.id, u.case_id, u.debtor, u.account, u.agency, u.task, 'proposed', u.amount, u.guard::jsonb, \(now.business), u.block_due
                from unnest(\(newReferrals.map(\.referralId)), \(newReferrals.map(\.caseId)), \(newReferrals.map(\.debtorId)),
                    \(newReferrals.map(\.accountId)), \(newReferrals.map(\.agencyId)), \(newReferrals.map(\.taskId)), \(newReferrals.map(\.amount)),
                    \(newReferrals.map(\.guardFacts.text)), \(newReferrals.map(\.cardBlockDue)))
                    u (id, case_id, debtor, account, agency, task, amount, guard, block_due)
                """)
        }
        if !referralChanges.isEmpty {
            list.append(
                """
                update legal_referral r set state = u.state, route = coalesce(u.route, r.route), case_no = coalesce(u.case_no, r.case_no),
                    costs = r.costs + u.costs, agency_id = coalesce(u.firm, r.agency_id), decided_at = case when u.decision then \(now.business) else r.decided_at end
                from unnest(\(referralChanges.map(\.referralId)), \(referralChanges.map(\.state)), \(referralChanges.map(\.route)),
                    \(referralChanges.map(\.caseNo)), \(referralChanges.map(\.costs)), \(referralChanges.map(\.isDecision)),
                    \(referralChanges.map(\.firm)))
                    u (id, state, route, case_no, costs, decision, firm)
                where r.part = \(part) and r.referral_id = u.id
                """)
        }
    }

    // MARK: What happened

    private func contactEventStatement(part: Int32, now: Now) -> PostgresQuery {
        let entries = contactEvents.map(\.entry)
        return """
            insert into contact_event (part, event_id, debtor_id, contact_point_id, agency_id, direction, channel, outcome, party_role, purpose, task_id,
                epoch, activity_id, occurred_at, ended_at, collector_id, recording_ref, late, received_at)
            select \(part), u.id, u.debtor, u.point, u.agency, u.direction, u.channel, u.outcome, u.role, u.purpose, u.task, u.epoch, u.activity, u.occurred,
                u.ended, u.collector, u.recording, u.late, \(now.real)
            from unnest(\(contactEvents.map(\.eventId)), \(contactEvents.map(\.debtorId)), \(contactEvents.map(\.pointId)),
                \(contactEvents.map(\.agencyId)), \(entries.map(\.direction.name)), \(entries.map(\.channel.name)), \(entries.map(\.outcome.name)),
                \(entries.map(\.role.name)), \(entries.map(\.purpose.name)), \(contactEvents.map(\.grant?.taskId)), \(contactEvents.map(\.grant?.epoch)),
                \(contactEvents.map(\.activityId)), \(entries.map(\.at)), \(contactEvents.map(\.endedAt)), \(contactEvents.map(\.collector)),
                \(contactEvents.map(\.recording)), \(contactEvents.map(\.isLate)))
                u (id, debtor, point, agency, direction, channel, outcome, role, purpose, task, epoch, activity, occurred, ended, collector, recording, late)
            """
    }

    private func violationStatement(part: Int32, now: Now) -> PostgresQuery {
        """
        insert into violation (part, violation_id, debtor_id, agency_id, task_id, epoch, activity_id, rule, occurred_at, recorded_at, policy_version)
        select \(part), u.id, u.debtor, u.agency, u.task, u.epoch, u.activity, u.rule, u.occurred, \(now.business), u.policy
        from unnest(\(violations.map(\.violationId)), \(violations.map(\.debtorId)), \(violations.map(\.agencyId)),
            \(violations.map(\.grant?.taskId)), \(violations.map(\.grant?.epoch)), \(violations.map(\.activityId)), \(violations.map(\.rule)),
            \(violations.map(\.occurredAt)), \(violations.map(\.policyVersion)))
            u (id, debtor, agency, task, epoch, activity, rule, occurred, policy)
        """
    }

    /// Breaks, and one for each violation: somebody has to settle it.
    private func breakStatement(part: Int32, now: Now) -> PostgresQuery {
        let rows =
            breaks
            + violations.map {
                NewBreak(
                    breakId: $0.breakId, kind: "violation", subjectKind: "violation", subjectId: $0.violationId, debtorId: $0.debtorId,
                    agencyId: $0.agencyId, severity: .high, rule: $0.rule)
            }
        return """
            insert into break (part, break_id, kind, subject_kind, subject_id, debtor_id, agency_id, severity, rule, opened_at)
            select \(part), u.id, u.kind, u.subject_kind, u.subject, u.debtor, u.agency, u.severity, u.rule, \(now.business)
            from unnest(\(rows.map(\.breakId)), \(rows.map(\.kind)), \(rows.map(\.subjectKind)), \(rows.map(\.subjectId)), \(rows.map(\.debtorId)),
                \(rows.map(\.agencyId)), \(rows.map(\.severity.rawValue)), \(rows.map(\.rule)))
                u (id, kind, subject_kind, subject, debtor, agency, severity, rule)
            on conflict (part, kind, subject_kind, subject_id) where state = 'open' do nothing
            """
    }
}
