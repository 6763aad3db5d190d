import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeTransport

extension Connection {
    /// Something the engine loop has to say, after its commit.
    func delivered(_ delivery: Delivery) {
        switch delivery {
        case .reply(let number, .commitUpload, let reply): uploadAnswered(number, reply)
        case .reply(let number, let opcode, let reply): answer(number, opcode, reply)
        case .loggedIn(let number, let loggedIn, let link):
            becomes(link)
            session.loggedIn(loggedIn.account, session: link.session)
            becameMember(true)
            becameAnother()
            answer(number, .logIn, .response(.loggedIn(loggedIn)))
        case .loggedOut(let number):
            link = nil
            session.loggedOut()
            becameMember(false)
            becameAnother()
            answer(number, .logOut, .response(.empty(Empty())))
        case .resumed(let link, let account):
            becomes(link)
            session.resumed(account, session: link.session)
            becameMember(true)
            if leaving == nil { sendWelcome(.resumed, account: account) }
            readOn()
        case .resumeRefused:
            session.resumeRefused()
            if leaving == nil { sendWelcome(.refused, account: nil) }
            readOn()
        case .subscribed(let number, let subscribed):
            session.noticesSent(through: subscribed.newest)
            answer(number, .subscribeNotices, .response(.subscribed(subscribed)))
        case .notice(let sequence, let opcode, let body, let isReplay):
            session.noticesSent(through: sequence)
            push(Frame.notice(opcode, body: body, sequence: sequence, replayed: isReplay))
        case .gap(let through):
            session.noticesSent(through: through)
            push(Frame.bare(.gap, id: through))
        case .replayed(let newest): push(Frame.bare(.replayed, id: newest))
        case .place(let news): delivered(news)
        case .goAway(let reason, let message): leave(reason, message)
        }
    }

    /// The newest place in a room takes the slot of the one before it.
    func delivered(_ news: PlaceNews) {
        let concert = news.concert
        guard channel?.markUpdate(.place(concert)) == true else { return }
        places.removeAll { $0.concert == concert }
        places.append(news)
    }

    /// What there is to tell about a room, once.
    func takePlace(in concert: ConcertID) -> Place? {
        guard let news = places.first(where: { $0.concert == concert }) else { return nil }
        places.removeAll { $0.concert == concert }
        return news.place
    }

    /// Queues a frame behind the notices before it.
    func push(_ frame: [UInt8]) {
        lastSentAt = host.shard.now
        channel?.sendNotice(frame)
        host.shedOutboxes()
    }

    private func becomes(_ link: Link) {
        self.link = link
        // It closed while the engine was at it: the engine has to hear of that now.
        if channel == nil {
            services.loop.post(.closed(link))
            self.link = nil
        }
    }

    /// The connection is somebody else's from here on: places that wait to be sent are not for them, and who may look at
    /// seats is asked again.
    private func becameAnother() {
        for news in places { channel?.clearUpdate(.place(news.concert)) }
        places = Few()
        extras?.lookedAt = [:]
        for performance in (extras?.maps ?? [:]).keys {
            if let date = services.catalogue.date[performance] { gateChanged(of: date) }
        }
    }
}
