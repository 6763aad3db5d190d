// Places in line. A member's own token is told at once when its status changes, and everybody in the room when a policy
// does. The others move all the time: they are told in ticks (PositionClock), and only what has changed.
//
//     watchers of the room ──▶ who has moved ──▶ chunks of (connection, position) ──▶ shard: the connection's slot ──▶ frame
//
// What all of them are told alike is made once; what is one's own is made into a frame on the shard, when the socket has
// room. A chunk goes out as soon as it is full, so that the shards write while the rest is still looked at.

import BoxOfficeEngine
import BoxOfficeProtocol

extension EngineLoop {
    /// Places per chunk.
    private static let chunkMax = 256

    /// Those whose own token has changed.
    func sendPlaces(of batch: Batch, into mail: inout Mail) {
        for answer in batch.answers {
            // The member's other devices have the place too; and the stored answer of an earlier call may have moved since.
            if case .reply(_, .joinQueue, .response(.place(let place), _)) = answer.delivery, let link = answer.link {
                tellPlace(of: link.member, in: place.concert, into: &mail)
            }
        }
        for (member, concert) in batch.effects.changedPlaces { tellPlace(of: member, in: concert, into: &mail) }
    }

    private func tellPlace(of member: MemberID, in room: ConcertID, into mail: inout Mail) {
        for link in router.links(of: member) { tellPlace(in: room, to: link, into: &mail) }
    }

    /// Those of whom others have changed the place.
    func refreshRooms(of batch: Batch) {
        let now = platform.now
        for room in batch.effects.changedPolicies {
            refresh(room, .everybody)
            positions.everybodyTold(in: room, at: now)
        }
        for room in batch.effects.changedRooms.subtracting(batch.effects.changedPolicies)
        where !router.watchers(of: room).isEmpty {
            guard let wait = positions.placesChanged(in: room, at: now) else { continue }
            if wait == .zero { tick(room) } else { tick(room, after: wait) }
        }
    }

    private func tick(_ room: ConcertID, after wait: Duration) {
        queue.after(wait) { [weak self] in self?.tick(room) }
    }

    /// Between batches, when all that the engine knows is committed.
    private func tick(_ room: ConcertID) {
        guard !isStopped else { return }
        guard let (told, goesOn) = positions.tick(in: room, at: platform.now) else { return }
        refresh(room, told)
        if goesOn { tick(room, after: PositionClock.interval) }
    }

    private func refresh(_ room: ConcertID, _ told: PositionClock.Told) {
        // In hand once: reading it out of this object for each watcher would copy all its references each time.
        let engine = engine
        guard let news = engine.lineNews(of: room, at: clock.now) else { return }
        var chunks = hosts.map { _ in PlacesMail(news: news) }
        var others = Mail(shards: hosts.count)
        for link in router.watchers(of: room) {
            guard let before = link.watches[room]?.told else { continue }
            guard let inLine = engine.inLine(before.token) else {
                // How many wait is nothing to a token that has ended or is active; why nothing moves is to a called one.
                if before.status == .called { tellPlace(in: room, to: link, always: told == .everybody, into: &others) }
                continue
            }
            let place = ToldPlace(news, inLine)
            guard told.includes(position: inLine.position, connection: link.connection.id),
                place != before || told == .everybody
            else { continue }
            link.watches[room]!.told = place
            let shard = link.connection.host.index
            chunks[shard].places.append((link.connection, inLine))
            guard chunks[shard].places.count == Self.chunkMax else { continue }
            hosts[shard].post(chunks[shard])
            chunks[shard].places = []
            chunks[shard].places.reserveCapacity(Self.chunkMax)
        }
        for (host, chunk) in zip(hosts, chunks) where !chunk.places.isEmpty { host.post(chunk) }
        post(others)
    }

    /// Tells a connection that watches a room the place of its member, when it is another than the one told last.
    private func tellPlace(in room: ConcertID, to link: Link, always: Bool = false, into mail: inout Mail) {
        guard let before = link.watches[room]?.told,
            let place = engine.place(of: link.member, in: room, at: clock.now)
        else { return }
        let told = ToldPlace(place)
        guard told != before || always else { return }
        link.watches[room]!.told = told
        mail.add(.place(.whole(place)), to: link.connection)
    }
}
