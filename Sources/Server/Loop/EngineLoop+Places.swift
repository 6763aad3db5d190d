// Places in line. A member's own token is told at once when its status changes; the others in the room move all the
// time, so each room is looked through at most once a second, and only what has changed is sent (spec/session.md).

import BoxOfficeEngine
import BoxOfficeProtocol
import Dispatch

/// When each room was looked through last, and which ones wait for their second.
struct PositionClock {
    var refreshed: [ConcertID: ContinuousClock.Instant] = [:]
    var waiting: Set<ConcertID> = []

    static let interval = Duration.seconds(1)
}

extension EngineLoop {
    func sendPlaces(_ batch: Batch, into mail: inout Mail) {
        let effects = batch.effects
        for answer in batch.answers {
            // The stored answer of an earlier call: its place has moved since.
            if case .reply(_, .joinQueue, .response(.place(let place), replayed: true)) = answer.delivery,
                let link = answer.link, link.places[place.concert] != nil
            {
                tellPlace(in: place.concert, to: link, onlyInLine: false, into: &mail)
            }
        }
        for (member, concert) in effects.changedPlaces {
            for link in router.links(of: member) where link.places[concert] != nil {
                tellPlace(in: concert, to: link, onlyInLine: false, into: &mail)
            }
        }
        guard !effects.changedRooms.isEmpty else { return }
        let now = ContinuousClock.now
        for room in effects.changedRooms where !router.watchers(of: room).isEmpty {
            guard !positions.waiting.contains(room) else { continue }
            let due = positions.refreshed[room].map { $0 + PositionClock.interval } ?? now
            if due <= now {
                refresh(room, at: now, into: &mail)
            } else {
                positions.waiting.insert(room)
                queue.asyncAfter(deadline: .now() + (due - now).seconds) { [weak self] in self?.refreshDue(room) }
            }
        }
    }

    private func refreshDue(_ room: ConcertID) {
        // Between batches: what the engine knows here is committed, unless the disk is full and a start is carried.
        guard !isStopped, positions.waiting.remove(room) != nil, carried == nil else { return }
        var mail = Mail(shards: hosts.count)
        refresh(room, at: .now, into: &mail)
        post(mail)
    }

    private func refresh(_ room: ConcertID, at now: ContinuousClock.Instant, into mail: inout Mail) {
        positions.refreshed[room] = now
        for link in router.watchers(of: room) { tellPlace(in: room, to: link, onlyInLine: true, into: &mail) }
    }

    /// Tells a place when it is another than the one told last. A token that has ended is told so once, by its own
    /// change; how many wait behind it is nothing to it.
    private func tellPlace(in concert: ConcertID, to link: Link, onlyInLine: Bool, into mail: inout Mail) {
        guard let place = engine.place(of: link.member, in: concert, at: clock.now),
            !onlyInLine || place.status == .waiting || place.status == .called, var told = link.places[concert]
        else { return }
        told.now = place.now
        guard told != place else { return }
        link.places[concert] = place
        mail.add(.place(place), to: link.connection)
    }
}

extension Duration {
    /// For Dispatch, which counts in seconds.
    var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
