import BoxOfficeProtocol

// Seating plans and concert files, once they are parsed: all of a file or nothing.

extension Engine {
    /// Takes a seating plan by its name. The same seats again change nothing but the file; other seats replace those
    /// of a plan that no date uses.
    mutating func importPlan(
        _ hall: Hall, document: [UInt8], into effects: inout Effects
    ) throws(Refusal) -> Imported {
        let known = planByName[hall.name]
        if let known, plans[known]!.row.hall.digest != hall.digest,
            performances.values.contains(where: { $0.row.plan == known })
        {
            throw Refusal(.planInUse)
        }
        let row = PlanRow(id: known ?? PlanID(identifiers.plan), hall: hall, document: document)
        if plans[row.id]?.row != row {
            emit(.plan(row), into: &effects)
            effects.catalogueChanged = true
        }
        return Imported(seats: UInt32(plans[row.id]!.categories.count), concerts: [], plan: row.id)
    }

    mutating func importConcerts(
        _ drafts: [ConcertDraft], by actor: Actor, at now: Instant, into effects: inout Effects
    ) throws(Refusal) -> Imported {
        for (index, draft) in drafts.enumerated() { try check(draft, at: "concerts[\(index)]") }
        var imported: [ImportedConcert] = []
        for draft in drafts { imported.append(take(draft, by: actor, at: now, into: &effects)) }
        effects.catalogueChanged = true
        return Imported(seats: 0, concerts: imported)
    }

    private func check(_ draft: ConcertDraft, at path: String) throws(Refusal) {
        if let refusal = Request.setRoom(draft.room.request).argumentRefusal {
            throw Refusal(.badConcerts, refusal.message, path: "\(path).room.\(refusal.path ?? "")")
        }
        for (index, date) in draft.dates.enumerated() { try check(date, of: draft, at: "\(path).dates[\(index)]") }
    }

    private func check(_ date: PerformanceDraft, of draft: ConcertDraft, at path: String) throws(Refusal) {
        guard let planID = planByName[date.plan], let plan = plans[planID] else {
            throw Refusal(.unknownPlan, "No seating plan is called \(date.plan).", path: "\(path).plan")
        }
        let names = plan.row.hall.categories
        if let unknown = date.prices.keys.sorted().first(where: { !names.contains($0) }) {
            throw Refusal(.badConcerts, "The plan has no category \(unknown).", path: "\(path).prices")
        }
        for category in Set(plan.categories).sorted() where date.prices[names[Int(category)]] == nil {
            throw Refusal(.badConcerts, "No price for the category \(names[Int(category)]).", path: "\(path).prices")
        }
        let dear = date.prices.filter { !(Points(0)...PerformanceDraft.priceMax).contains($0.value) }.keys.min()
        if let dear {
            throw Refusal(
                .badConcerts, "A price is 0 to \(PerformanceDraft.priceMax) points.",
                path: "\(path).prices[\"\(dear)\"]")
        }
        // Also when all of them have ended: a booking record names seats of the hall it was made in.
        if let known = performance(key: date.key, ofConcertKey: draft.key), known.row.plan != planID, known.wasReserved
        {
            throw Refusal(.badConcerts, "This date has reservations: its plan stays.", path: "\(path).plan")
        }
    }

    private func performance(key: String, ofConcertKey concertKey: String) -> PerformanceState? {
        guard let concert = concertByKey[concertKey] else { return nil }
        return performanceByKey[PerformanceKey(concert: concert, key: key)].map { performances[$0]! }
    }

    private mutating func take(
        _ draft: ConcertDraft, by actor: Actor, at now: Instant, into effects: inout Effects
    ) -> ImportedConcert {
        let id = concertByKey[draft.key] ?? ConcertID(identifiers.concert)
        let row = ConcertRow(
            id: id, key: draft.key, title: draft.title, artists: draft.artists, description: draft.description)
        if concerts[id] != row { emit(.concert(row), into: &effects) }
        rooms[id]?.timePasses(until: now)
        let known = rooms[id].map { (row: $0.row, opensAt: $0.opensAt) }
        if known == nil {
            let room = RoomRow(
                concert: id, capacity: configuration.roomCapacity, activeSeconds: configuration.activeSeconds,
                callWindowSeconds: configuration.callWindowSeconds, seed: draft.seed)
            emit(.room(room.applying(draft.room.request)), into: &effects)
        }
        // The dates before the policies: nobody is drawn or let in by what the file says together with old dates.
        let dates = draft.dates.map { take($0, of: draft.key, concert: id, at: now, into: &effects) }
        if let known {
            change(to: known.row.applying(draft.room.request), by: actor, at: now, into: &effects)
            if rooms[id]!.opensAt != known.opensAt { effects.changedPolicies.insert(id) }
        }
        effects.changedRooms.insert(id)
        admit(in: id, at: now, into: &effects)
        saleClosed(id, at: now, into: &effects)
        return ImportedConcert(concert: id, title: draft.title, performances: dates)
    }

    private mutating func take(
        _ date: PerformanceDraft, of concertKey: String, concert: ConcertID, at now: Instant,
        into effects: inout Effects
    ) -> PerformanceID {
        let known = performance(key: date.key, ofConcertKey: concertKey)?.row
        let plan = planByName[date.plan]!
        let row = PerformanceRow(
            id: known?.id ?? PerformanceID(identifiers.performance), key: date.key, concert: concert, plan: plan,
            startsAt: date.startsAt, timeZone: date.timeZone, saleOpensAt: date.saleOpensAt ?? .distantPast,
            saleClosesAt: date.saleClosesAt ?? date.startsAt,
            prices: plans[plan]!.row.hall.categories.map { date.prices[$0] },
            blocked: known.flatMap { $0.plan == plan ? $0.blocked : nil } ?? [])
        guard known != row else { return row.id }
        emit(.performance(row), into: &effects)
        effects.changedMaps.insert(row.id)
        if let known, known.startsAt != row.startsAt { tellOwners(of: row, at: now, into: &effects) }
        return row.id
    }

    /// Who holds or owns seats of a date learns that it was moved.
    private mutating func tellOwners(of row: PerformanceRow, at now: Instant, into effects: inout Effects) {
        let owners = Set(performances[row.id]!.owners).compactMap { reservations[$0]?.member }
        for member in Set(owners).sorted() {
            notify(
                member,
                .concertChanged(
                    ConcertChanged(at: now, concert: row.concert, performance: row.id, startsAt: row.startsAt)),
                about: row.id.rawValue, at: now, into: &effects)
        }
    }
}

extension RoomDraft {
    /// What an operator would ask for to the same effect. The key and the concert are the import's own.
    fileprivate var request: SetRoom {
        SetRoom(
            operation: OperationKey(Bytes16(high: 0, low: 0)), concert: ConcertID(0), capacity: capacity,
            activeSeconds: activeSeconds, callWindowSeconds: callWindowSeconds,
            admissionsPerMinute: admissionsPerMinute, idleSeconds: idleSeconds, opensAt: opensAt)
    }
}
