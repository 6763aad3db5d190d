import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeTransport

/// Makes what is published from what was committed. On the engine's queue.
struct Publisher {
    /// Read by everybody.
    let catalogue = Current(PublishedCatalogue.empty)
    /// Read by everybody.
    let insiders = Insiders()

    private var halls: [PlanID: PublishedHall] = [:]
    private var seats: [PerformanceID: Current<SeatsVersion>] = [:]
    private var gates: [ConcertID: Current<RoomGate>] = [:]
    private let preparing: any WorkQueue

    /// Halls are made ready on `preparing`, before somebody asks.
    init(preparing: any WorkQueue) { self.preparing = preparing }

    /// What a commit changed for those who watch.
    struct Changes {
        var maps: [PerformanceID] = []
        var gates: [ConcertID] = []
    }

    /// Everything, as after a start.
    mutating func publishAll(of engine: Engine) -> Changes {
        insiders.publish(dueAt: engine.nextDeadline) {
            let state = engine.catalogue()
            publishCatalogue(state, of: engine)
            insiders.replace(by: engine.insiders)
            return publish(maps: state.performances.map(\.id), rooms: state.concerts.map(\.id), of: engine)
        }
    }

    /// What a batch changed.
    mutating func publish(_ effects: Effects, of engine: Engine) -> Changes {
        insiders.publish(dueAt: engine.nextDeadline) {
            var maps = effects.changedMaps
            if effects.catalogueChanged {
                let state = engine.catalogue()
                publishCatalogue(state, of: engine)
                // A new price or a new plan changes what the seats cost and which of them are for sale.
                maps.formUnion(state.performances.lazy.map(\.id))
            }
            // Once for each: a hold alone has two facts about its member.
            for member in Set(effects.facts.lazy.compactMap(\.changedInsider)) {
                insiders[member] = engine.insider(member)
            }
            let rooms = effects.changedRooms.union(effects.changedPlaces.lazy.map(\.concert))
            return publish(maps: maps, rooms: rooms, of: engine)
        }
    }

    private mutating func publish(
        maps: some Sequence<PerformanceID>, rooms: some Sequence<ConcertID>, of engine: Engine
    ) -> Changes {
        var changes = Changes()
        for id in maps {
            guard let place = seats[id], let map = engine.seatMap(of: id) else { continue }
            let categories = engine.availability(of: id)
            let known = place.value
            guard known.map != map || known.categories != categories else { continue }
            place.value = SeatsVersion(map, categories: categories)
            if known.map != map { changes.maps.append(id) }
        }
        for id in rooms {
            guard let place = gates[id] else { continue }
            let gate = engine.gate(of: id)
            guard place.value != gate else { continue }
            place.value = gate
            changes.gates.append(id)
        }
        return changes
    }

    private mutating func publishCatalogue(_ state: CatalogueState, of engine: Engine) {
        for plan in state.plans where halls[plan.id]?.plan != plan {
            let hall = PublishedHall(plan)
            halls[plan.id] = hall
            preparing.async { hall.prepare() }
        }
        let dates = state.performances.compactMap { row -> PublishedDate? in
            guard let hall = halls[row.plan], let map = engine.seatMap(of: row.id) else { return nil }
            let place =
                seats[row.id] ?? Current(SeatsVersion(map, categories: engine.availability(of: row.id)))
            seats[row.id] = place
            let gate = gates[row.concert] ?? Current(engine.gate(of: row.concert))
            gates[row.concert] = gate
            return PublishedDate(row, hall: hall, seats: place, gate: gate)
        }
        catalogue.value = PublishedCatalogue(
            concerts: state.concerts, dates: dates, halls: state.plans.compactMap { halls[$0.id] })
    }
}
