// Everything that a box office says by itself, in one stream: notices, places in waiting rooms, seat maps, and what the
// connection is doing.

import BoxOfficeClient

/// Something that arrived unasked.
enum Push: Sendable {
    case notice(ReceivedNotice)
    case place(Place)
    case seats(PerformanceID, SeatMapChange, names: [String])
    case connection(ConnectionState)
}

/// Follows a box office until it is cancelled, or the client gives up.
@MainActor
final class PushFeed {
    private let office: BoxOffice
    /// Shows a push. A notice counts as seen, for the server too, once this has returned.
    private let deliver: (Push) throws -> Void
    /// The newest of each room, so that what has not changed is not told twice.
    private var places: [ConcertID: Place] = [:]
    private var followed: Set<ConcertID> = []
    /// What went wrong with showing a place.
    private var failure: (any Error)?

    /// The server tells about a room only who has asked. Joining happens in other processes too, so now and then this
    /// looks whether there is a place to follow.
    private static let lookInterval: Duration = .seconds(3)
    /// After the first look, which asks for all rooms, one is asked for after the other.
    private static let roomInterval: Duration = .seconds(1)
    /// Looking into every room of a large catalogue would be a burden: the newest so many.
    private static let roomsMax = 200

    init(_ office: BoxOffice, deliver: @escaping (Push) throws -> Void) {
        self.office = office
        self.deliver = deliver
    }

    /// - Parameters:
    ///   - followsMember: notices and places, which take a login.
    ///   - dates: seat maps to follow.
    func run(followsMember: Bool, dates: [Performance]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.followConnection() }
            if followsMember {
                group.addTask { try await self.followNotices() }
                group.addTask { try await self.lookForPlaces() }
            }
            for date in dates { group.addTask { try await self.followSeats(of: date) } }
            while try await group.next() != nil {}  // unlike waitForAll, throws as soon as one fails
        }
    }

    private func followConnection() async throws {
        for await state in office.states() {
            try deliver(.connection(state))
            if case .closed(let error?) = state { throw error }
        }
    }

    private func followNotices() async throws {
        for await notice in office.notices { try deliver(.notice(notice)) }
    }

    private func followSeats(of performance: Performance) async throws {
        let names = try await office.hall(of: performance).seatNames
        for try await change in office.seatMapChanges(of: performance.performance) {
            try deliver(.seats(performance.performance, change, names: names))
        }
    }

    // MARK: Places

    private func lookForPlaces() async throws {
        await withDiscardingTaskGroup { group in
            var isFirstLook = true
            while !Task.isCancelled, failure == nil {
                for concert in await rooms() where !followed.contains(concert) {
                    if !isFirstLook { try? await Task.sleep(for: Self.roomInterval) }
                    guard !Task.isCancelled, failure == nil else { break }
                    // Not GetPlace: that is what people ask with, and the box office counts how often.
                    guard let place = try? await office.perform(WatchPlace(concert: concert)), isNews(place) else {
                        continue
                    }
                    followed.insert(concert)
                    group.addTask { await self.follow(concert) }
                }
                isFirstLook = false
                try? await Task.sleep(for: Self.lookInterval)
            }
            group.cancelAll()
        }
        if let failure { throw failure }
    }

    /// The member's rooms could be any; a guest has none.
    private func rooms() async -> [ConcertID] {
        guard office.account != nil, let concerts = try? await office.concerts() else { return [] }
        return concerts.suffix(Self.roomsMax).map(\.concert)
    }

    private func follow(_ concert: ConcertID) async {
        defer { followed.remove(concert) }
        do {
            let room = try await office.waitingRoom(of: concert, joining: false)
            for await place in room.places where isNews(place) {
                places[concert] = place
                try deliver(.place(place))
            }
        } catch is BoxOfficeError {
            // The next look finds out whether there is still a place.
        } catch {
            failure = error
        }
    }

    /// A token that had ended before anybody looked is no news.
    private func isNews(_ place: Place) -> Bool {
        guard let before = places[place.concert] else { return place.isInLine || place.status == .active }
        if place.isInLine { return !place.isSame(as: before) }
        return place.token != before.token || place.status != before.status
    }
}
