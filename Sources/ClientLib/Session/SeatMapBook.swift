// Seat maps that somebody looks at. The server tells changes as steps from one version to another:
//
//     from = ours    apply
//     to ≤ ours      known already
//     else           a hole: ask for the whole map again
//
// Versions mean something on one connection only, so iterations go by a revision of our own.

struct SeatMapBook: Sendable {
    struct Watched: Sendable {
        var watchers: Set<SubscriberID> = []
        /// Those who have yet to hear that the server tells no more.
        var ended: [SubscriberID: BoxOfficeError] = [:]
        var map: SeatMapState?
        /// Rises with each change of `map`, also from one connection to the next.
        var revision: UInt64 = 0
        /// The request for the whole map that is under way.
        var asked: CallID?
        /// Whether `map` is kept up to date by this connection.
        var isLive = false
    }

    /// What an update leads to.
    enum Step: Hashable, Sendable {
        case changed
        case nothing
        /// The whole map has to be asked for.
        case hole
        /// It cannot be true.
        case nonsense
    }

    private(set) var maps: [PerformanceID: Watched] = [:]

    mutating func watch(_ performance: PerformanceID, by id: SubscriberID) {
        maps[performance, default: Watched()].watchers.insert(id)
    }

    /// True when nobody looks at it any more, and the server should be told.
    mutating func unwatch(_ performance: PerformanceID, by id: SubscriberID) -> Bool {
        guard var watched = maps[performance] else { return false }
        let wasWatching = watched.watchers.remove(id) != nil
        watched.ended[id] = nil
        maps[performance] = watched.watchers.isEmpty && watched.ended.isEmpty ? nil : watched
        return wasWatching && watched.watchers.isEmpty
    }

    mutating func asked(_ performance: PerformanceID, in call: CallID?) { maps[performance]?.asked = call }

    /// The whole map has come. False when it is none.
    mutating func arrived(_ map: SeatMap) -> Bool {
        guard let state = SeatMapState(map) else { return false }
        guard var watched = maps[map.performance] else { return true }
        watched.map = state
        watched.revision += 1
        watched.isLive = true
        watched.asked = nil
        maps[map.performance] = watched
        return true
    }

    mutating func changed(_ update: SeatsChanged) -> Step {
        // While the whole map is on its way, steps lead from something that we do not have.
        guard let watched = maps[update.performance], watched.isLive, watched.asked == nil, let map = watched.map else {
            return .nothing
        }
        guard update.toVersion > map.version else { return .nothing }
        guard update.fromVersion == map.version else { return .hole }
        guard maps[update.performance]?.map?.apply(update) == true else { return .nonsense }
        maps[update.performance]?.revision = watched.revision + 1
        return .changed
    }

    /// The server tells no more about it, and why.
    mutating func ended(_ performance: PerformanceID, with error: BoxOfficeError) {
        guard var watched = maps[performance] else { return }
        for id in watched.watchers { watched.ended[id] = error }
        watched.watchers = []
        watched.isLive = false
        watched.asked = nil
        watched.map = nil
        maps[performance] = watched.ended.isEmpty ? nil : watched
    }

    mutating func connectionLost() {
        for performance in maps.keys {
            maps[performance]?.isLive = false
            maps[performance]?.asked = nil
        }
    }

    /// The maps that this connection has to be asked for.
    var unwatched: [PerformanceID] {
        maps.filter { !$0.value.isLive && $0.value.asked == nil && !$0.value.watchers.isEmpty }.map(\.key).sorted()
    }
}
