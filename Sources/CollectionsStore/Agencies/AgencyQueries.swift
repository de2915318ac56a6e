package import CollectionsDomain
package import PostgresDriver

/// A stored agency does not read as one: written past the program, or by a newer version.
package struct UnreadableAgency: Error, CustomStringConvertible {
    /// The agency's id.
    package let agencyId: Int32
    /// The column concerned.
    package let column: String

    package var description: String { "cannot read agency \(agencyId): \(column) holds a word this version does not know" }
}

/// Agencies, their contracts, rate cards and routes: control tables, without a lane.
package enum AgencyQueries {
    // MARK: Agencies

    /// Every agency, by id.
    package static func all(in db: PostgresConnection) async throws -> [AgencyRecord] {
        try await db.query(
            """
            select agency_id, name, display_name, kind, state, state_reason, listed, license_until, evaluated_on, trained_on, subcontracts
            from agency order by agency_id
            """
        ).map(agency)
    }

    /// The agency of that name, or nil.
    package static func named(_ name: String, in db: PostgresConnection) async throws -> AgencyRecord? {
        try await db.query(
            """
            select agency_id, name, display_name, kind, state, state_reason, listed, license_until, evaluated_on, trained_on, subcontracts
            from agency where name = \(name)
            """
        ).first.map(agency)
    }

    /// Locks agencies in the order of their ids and returns them. Whoever gives an agency accounts outside an approved plan, approves a plan
    /// or suspends it holds this lock, so that capacity is counted by one at a time.
    package static func lock(_ ids: [Int32], in db: PostgresConnection) async throws -> [AgencyRecord] {
        try await db.query(
            """
            select agency_id, name, display_name, kind, state, state_reason, listed, license_until, evaluated_on, trained_on, subcontracts
            from agency where agency_id = any(\(ids.sorted())) order by agency_id for no key update
            """
        ).map(agency)
    }

    /// Keeps agencies from being suspended until the transaction ends; others who give them accounts go on beside it.
    package static func share(_ ids: [Int32], in db: PostgresConnection) async throws {
        try await db.query("select agency_id from agency where agency_id = any(\(ids.sorted())) order by agency_id for share")
    }

    /// Keeps every other change of agencies away until the transaction ends; reading and row locks go on.
    package static func lockAll(in db: PostgresConnection) async throws {
        try await db.query("lock table agency in share row exclusive mode")
    }

    private static func agency(_ row: PostgresRow) throws -> AgencyRecord {
        let (id, name, display, kindText, stateText, reason, listed, license, evaluated, trained, subcontracts) = try row.decode(
            (Int32, String, String, String, String, String?, Bool, Day?, Day?, Day?, Bool).self)
        guard let kind = AgencyKind(rawValue: kindText) else { throw UnreadableAgency(agencyId: id, column: "kind") }
        guard let state = AgencyState(rawValue: stateText) else { throw UnreadableAgency(agencyId: id, column: "state") }
        return AgencyRecord(
            agencyId: id, name: name, displayName: display, kind: kind, state: state, stateReason: reason, listed: listed,
            licenseUntil: license,
            evaluatedOn: evaluated, trainedOn: trained, subcontracts: subcontracts)
    }

    /// Adds an agency, its empty notice feed with it, and returns its id.
    package static func insert(
        name: String, displayName: String, kind: AgencyKind, listed: Bool, licenseUntil: Day?, evaluatedOn: Day?, trainedOn: Day?,
        subcontracts: Bool, at: Instant, in db: PostgresConnection
    ) async throws -> Int32 {
        let id: Int32 = try await db.query(
            """
            insert into agency (name, display_name, kind, listed, license_until, evaluated_on, trained_on, subcontracts, created_at)
            values (\(name), \(displayName), \(kind.rawValue), \(listed), \(licenseUntil), \(evaluatedOn), \(trainedOn), \(subcontracts), \(at))
            returning agency_id
            """
        ).value()
        try await db.query("insert into agency_feed (agency_id) values (\(id)) on conflict (agency_id) do nothing")
        return id
    }

    /// Changes what the file may change of an agency; its kind and state stay.
    package static func update(
        _ id: Int32, displayName: String, listed: Bool, licenseUntil: Day?, evaluatedOn: Day?, trainedOn: Day?, subcontracts: Bool,
        in db: PostgresConnection
    ) async throws {
        try await db.query(
            """
            update agency set display_name = \(displayName), listed = \(listed), license_until = \(licenseUntil), evaluated_on = \(evaluatedOn),
                trained_on = \(trainedOn), subcontracts = \(subcontracts)
            where agency_id = \(id)
            """)
    }

    /// Suspends an agency or lets it work again, with the reason.
    package static func setState(_ state: AgencyState, reason: String, of id: Int32, in db: PostgresConnection) async throws {
        try await db.query("update agency set state = \(state.rawValue), state_reason = \(reason) where agency_id = \(id)")
    }

    // MARK: Contracts

    /// Every contract of every agency, the oldest first.
    package static func contracts(in db: PostgresConnection) async throws -> [(agencyId: Int32, terms: ContractTerms)] {
        try await db.query(
            """
            select agency_id, starts_on, ends_on, stages, regions, field_regions, products, currencies, min_balance, max_balance, capacity_count,
                capacity_amount, share_bp, weight, commission_only
            from agency_contract order by agency_id, starts_on
            """
        ).map { row in
            let (
                id, starts, ends, stageNames, regions, fieldRegions, products, currencies, minimum, maximum, count, amount, share, weight,
                commissionOnly
            ) = try row.decode(
                (
                    Int32, Day, Day, [String], [String], [String], [String], [String], Int64?, Int64?, Int32, Int64?, Int32, Int32, Bool
                ).self)
            let stages = stageNames.compactMap(Stage.init(name:))
            guard stages.count == stageNames.count else { throw UnreadableAgency(agencyId: id, column: "stages") }
            guard let share = BasisPoints(Int(share)) else { throw UnreadableAgency(agencyId: id, column: "share_bp") }
            return (
                id,
                ContractTerms(
                    startsOn: starts, endsOn: ends, stages: Set(stages), regions: Set(regions), fieldRegions: Set(fieldRegions),
                    products: Set(products), currencies: Set(currencies), minBalance: minimum, maxBalance: maximum,
                    capacityCount: Int(count),
                    capacityAmount: amount, share: share, weight: Int(weight), commissionOnly: commissionOnly)
            )
        }
    }

    /// Writes a contract: a new row, or new terms for the one with the same start.
    package static func put(_ terms: ContractTerms, of id: Int32, in db: PostgresConnection) async throws {
        let stages = terms.stages.sorted().map(\.name)
        try await db.query(
            """
            insert into agency_contract (agency_id, starts_on, ends_on, stages, regions, field_regions, products, currencies, min_balance,
                max_balance, capacity_count, capacity_amount, share_bp, weight, commission_only)
            values (\(id), \(terms.startsOn), \(terms.endsOn), \(stages), \(terms.regions.sorted()), \(terms.fieldRegions.sorted()),
                \(terms.products.sorted()), \(terms.currencies.sorted()), \(terms.minBalance), \(terms.maxBalance),
                \(Int32(terms.capacityCount)), \(terms.capacityAmount), \(Int32(terms.share.value)), \(Int32(terms.weight)),
                \(terms.commissionOnly))
            on conflict (agency_id, starts_on) do update set ends_on = excluded.ends_on, stages = excluded.stages, regions = excluded.regions,
                field_regions = excluded.field_regions, products = excluded.products, currencies = excluded.currencies,
                min_balance = excluded.min_balance, max_balance = excluded.max_balance, capacity_count = excluded.capacity_count,
                capacity_amount = excluded.capacity_amount, share_bp = excluded.share_bp, weight = excluded.weight,
                commission_only = excluded.commission_only
            """)
    }

    // MARK: Rate cards

    /// Every rate card, the oldest first.
    package static func feeSchedules(in db: PostgresConnection) async throws -> [(id: Int32, agencyId: Int32, card: RateCard)] {
        try await db.query("select fee_schedule_id, agency_id, starts_on, rates from fee_schedule order by agency_id, starts_on").map {
            row in
            let (id, agencyId, starts, rates) = try row.decode((Int32, Int32, Day, PostgresJSON).self)
            guard let fees = FeeSchedule(json: rates.text) else { throw UnreadableAgency(agencyId: agencyId, column: "rates") }
            return (id, agencyId, RateCard(startsOn: starts, fees: fees))
        }
    }

    /// The rates of the card of that id, or nil.
    package static func feeSchedule(_ id: Int32, in db: PostgresConnection) async throws -> FeeSchedule? {
        guard let row = try await db.query("select agency_id, rates from fee_schedule where fee_schedule_id = \(id)").first else {
            return nil
        }
        let (agencyId, rates) = try row.decode((Int32, PostgresJSON).self)
        guard let fees = FeeSchedule(json: rates.text) else { throw UnreadableAgency(agencyId: agencyId, column: "rates") }
        return fees
    }

    /// Adds a rate card and returns its id. Rate cards are never changed in place: signed statements were made by them.
    package static func insert(_ card: RateCard, of agencyId: Int32, in db: PostgresConnection) async throws -> Int32 {
        try await db.query(
            """
            insert into fee_schedule (agency_id, starts_on, rates) values (\(agencyId), \(card.startsOn), \(card.fees.json.postgres))
            returning fee_schedule_id
            """
        ).value()
    }

    // MARK: Routes

    /// Who executes what, in a stable order.
    package static func routes(in db: PostgresConnection) async throws -> [StageRoute] {
        try await db.query(
            """
            select r.stage, r.product, r.region, a.name, r.agency_id from stage_route r join agency a on a.agency_id = r.agency_id
            order by r.stage, r.product, r.region
            """
        ).map { row in
            let (stage, product, region, name, id) = try row.decode((Int16, String, String, String, Int32).self)
            guard let stage = Stage(rawValue: stage) else { throw UnreadableAgency(agencyId: id, column: "stage_route.stage") }
            return StageRoute(stage: stage, product: product, region: region, agency: name)
        }
    }

    /// Writes a route.
    package static func put(_ route: StageRoute, to agencyId: Int32, in db: PostgresConnection) async throws {
        try await db.query(
            """
            insert into stage_route (stage, product, region, agency_id)
            values (\(route.stage.rawValue), \(route.product), \(route.region), \(agencyId))
            on conflict (stage, product, region) do update set agency_id = excluded.agency_id
            """)
    }

    /// Removes a route.
    package static func remove(_ route: StageRoute, in db: PostgresConnection) async throws {
        try await db.query(
            "delete from stage_route where stage = \(route.stage.rawValue) and product = \(route.product) and region = \(route.region)")
    }

    // MARK: Inventory

    /// What an agency holds and what is kept free for it.
    package struct Inventory: Hashable, Sendable {
        /// Open accounts (active or being recalled) and undone items of approved plans.
        package var accounts: Int = 0
        /// Their money, minor units: refer balances, and balances of the undone items.
        package var amount: Int64 = 0

        package init(accounts: Int = 0, amount: Int64 = 0) {
            self.accounts = accounts
            self.amount = amount
        }
    }

    /// What every agency holds, plus what approved plans still keep free for it: one snapshot over all lanes.
    ///
    /// A reservation counts by the items of its plan that are not done, so a placement and the item it came from are never both counted.
    package static func inventory(in db: PostgresConnection) async throws -> [Int32: Inventory] {
        let rows = try await db.query(
            """
            select agency_id, sum(n)::bigint, sum(amount)::bigint from (
                select agency_id, count(*) n, coalesce(sum(refer_balance), 0) amount from placement
                where state in ('active', 'recalling') group by agency_id
                union all
                select i.agency_id, count(*), coalesce(sum(i.balance), 0) from plan_item i
                where not i.done and i.agency_id is not null
                  and i.run_id in (select r.run_id from capacity_reservation r where r.open)
                group by i.agency_id) held
            group by agency_id
            """)
        var inventory: [Int32: Inventory] = [:]
        for row in rows {
            let (id, count, amount) = try row.decode((Int32, Int64, Int64).self)
            inventory[id] = Inventory(accounts: Int(count), amount: amount)
        }
        return inventory
    }
}
