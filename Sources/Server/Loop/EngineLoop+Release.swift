// What leaves after a commit, and in which order: the new state can be queried, then replies, then notices, then
// updates. Each shard gets one post for all of it.

import BoxOfficeEngine
import BoxOfficeProtocol

extension EngineLoop {
    /// The batch is on disk.
    func release(_ batch: Batch) {
        let changes = publisher.publish(batch.effects, of: engine)
        var mail = Mail(shards: hosts.count, changes)
        for answer in batch.answers {
            committed(answer)
            mail.add(answer.delivery, to: answer.connection)
        }
        endLinks(of: batch, into: &mail)
        sendNotices(of: batch, into: &mail)
        sendPlaces(of: batch, into: &mail)
        post(mail)
        refreshRooms(of: batch)
        for (reply, then) in batch.ownAnswers { then(reply) }
    }

    func post(_ mail: Mail) {
        for (host, shardMail) in zip(hosts, mail.shards) where !shardMail.isEmpty { host.post(shardMail) }
    }

    /// Who is connected and who watches what follows the answers that say so.
    private func committed(_ answer: Batch.Answer) {
        switch answer.delivery {
        case .loggedIn(_, _, let link):
            if let old = answer.link { router.remove(old) }
            router.add(link)
        case .loggedOut:
            if let old = answer.link { router.remove(old) }
        case .resumed(let link, _):
            router.add(link)
        case .subscribed(_, let subscribed):
            newestFeed += 1
            answer.link?.feed = Feed(number: newestFeed, subscribed)
        case .reply(_, .joinQueue, .response(.place(let place), _)),
            .reply(_, .watchPlace, .response(.place(let place), _)):
            // A connection that has closed since is not in the router any more.
            if let link = answer.link, !link.isClosed, link.voidBecause == nil {
                router.watch(place.concert, by: link, told: ToldPlace(place))
            }
        default: break
        }
    }

    /// Sessions that ended elsewhere, and connections whose place a new one took.
    func endLinks(of batch: Batch, into mail: inout Mail) {
        for link in batch.ended {
            router.remove(link)
            mail.add(.goAway(.superseded, message: "The client has connected anew."), to: link.connection)
        }
        for session in batch.effects.endedSessions {
            for link in router.links(of: session) {
                link.voidBecause = .loginRequired
                link.isPresent = false
                router.remove(link)
                mail.add(.goAway(.sessionEnded, message: "The session was ended."), to: link.connection)
            }
        }
    }

    // MARK: Notices

    private func sendNotices(of batch: Batch, into mail: inout Mail) {
        var pumped = batch.pumped
        for row in batch.effects.notices {
            for link in router.links(of: row.member) {
                guard let feed = link.feed else { continue }
                if feed.takesLive(row.sequence) {
                    send(row, to: link, into: &mail)
                } else {
                    pumped.append(link)
                }
            }
        }
        for (link, number, rows) in batch.read where link.feed?.number == number {
            link.feed!.pulled()
            guard let rows, !rows.isEmpty else {
                // The store was busy, or is being reopened.
                queue.after(.seconds(1)) { [weak self] in self?.post(.pump(link)) }
                continue
            }
            for row in rows { send(row, to: link, into: &mail) }
            pumped.append(link)
        }
        for case let answer in batch.answers {
            if case .subscribed = answer.delivery, let link = answer.link { pumped.append(link) }
        }
        for link in pumped { pump(link, into: &mail) }
    }

    private func send(_ row: NoticeRow, to link: Link, into mail: inout Mail) {
        guard link.feed?.send(row.sequence) == true else { return }
        let isReplay = link.feed!.isReplay(row.sequence)
        let body = engine.body(of: row)
        mail.add(.notice(sequence: row.sequence, row.opcode, body: body, isReplay: isReplay), to: link.connection)
    }

    /// Does what the connection's subscription needs next.
    private func pump(_ link: Link, into mail: inout Mail) {
        guard !link.isClosed, link.voidBecause == nil else { return }
        while let step = link.feed?.next(newest: engine.newestNotice(of: link.member)) {
            switch step {
            case .wait: return
            case .sendReplayed:
                mail.add(.replayed(newest: link.feed!.replayedThrough), to: link.connection)
            case .pull(let limit):
                let (firstKept, rows) = engine.noticeRows(of: link.member, after: link.feed!.sent, limit: limit)
                if let through = link.feed!.keptFrom(firstKept) {
                    mail.add(.gap(through: through), to: link.connection)
                }
                guard rows.isEmpty else { return pull(rows, for: link) }
                link.feed!.pulled()
                // Nothing is left but the gap.
                if link.feed!.sent < engine.newestNotice(of: link.member) { return }
            }
        }
    }

    private func pull(_ rows: [UInt64], for link: Link) {
        let number = link.feed!.number
        history.value.notices(rows: rows) { [weak self] result in
            // Asked again in a second, so that this is a line a second at most for each who waits for them.
            if case .failure(let failure) = result, failure != .busy {
                self?.logger.error("a history read failed: \(failure)")
            }
            self?.post(.noticesRead(link, feed: number, try? result.get()))
        }
    }
}

/// Mail for all shards, as it is put together.
struct Mail {
    var shards: [ShardMail]

    init(shards count: Int, _ changes: Publisher.Changes = .init()) {
        var mail = ShardMail()
        mail.maps = changes.maps
        mail.gates = changes.gates
        shards = Array(repeating: mail, count: count)
    }

    mutating func add(_ delivery: Delivery, to connection: Connection) {
        shards[connection.host.index].deliveries.append((connection, delivery))
    }
}
