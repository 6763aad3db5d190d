// What comes from the server, frame by frame. A frame that cannot be right ends the connection: `brokeProtocol`.

extension ClientSession {
    /// Any byte is a sign of life.
    mutating func bytesReceived(_ id: ConnectionID, at now: Moment) {
        if connection == id { lastReceivedAt = now }
    }

    mutating func frameReceived(_ frame: InboundFrame, on id: ConnectionID, at now: Moment) {
        guard connection == id else { return }
        if case .closing = phase { return }
        do throws(DecodeFailure) {
            switch frame.kind {
            case .welcome:
                guard case .greeting = phase else { return brokeProtocol(id, "a second welcome", at: now) }
                welcomed(try Welcome(body: frame.body.span), on: id, at: now)
            case .error where frame.id == 0:
                connectionRefused(try Refusal(body: frame.body.span), at: now)
            case .goAway:
                goneAway(try GoAway(body: frame.body.span), lastTaken: frame.id, on: id, at: now)
            case .ping:
                send(Frame.bare(.pong, id: frame.id), on: id, at: now)
            case .pong, .replayed:
                break
            default:
                if case .greeting = phase { return brokeProtocol(id, "a frame before welcome", at: now) }
                try conversed(frame, on: id, at: now)
            }
        } catch {
            brokeProtocol(id, "a frame of kind \(frame.kind), opcode \(frame.opcode): \(error)", at: now)
        }
    }

    private mutating func conversed(
        _ frame: InboundFrame, on id: ConnectionID, at now: Moment
    ) throws(DecodeFailure) {
        switch frame.kind {
        case .response, .error:
            try requestAnswered(frame, on: id, at: now)
        case .notice:
            madeProgress()
            guard notices.received(ReceivedNotice(frame), bytes: frame.body.count) else {
                return brokeProtocol(id, "more notices than its window", at: now)
            }
            news(about: .notices)
        case .gap:
            notices.gap(through: frame.id)
            news(about: .notices)
        case .update:
            guard let opcode = Opcode(rawValue: frame.opcode),
                let update = try Update.decode(opcode, body: frame.body.span)
            else { return }  // Of a kind that this version does not know: only the newest matters, none is no loss.
            updated(update, on: id, at: now)
        default:
            brokeProtocol(id, "a frame of kind \(frame.kind)", at: now)
        }
    }

    private mutating func updated(_ update: Update, on id: ConnectionID, at now: Moment) {
        switch update {
        case .positionChanged(let update):
            if places.arrived(update.place) { news(about: .place(update.place.concert)) }
        case .seatsChanged(let update):
            switch maps.changed(update) {
            case .changed: news(about: .seats(update.performance))
            case .nothing: break
            case .nonsense: brokeProtocol(id, "a change of a seat that the hall does not have", at: now)
            case .hole:
                let call = ask(WatchSeats(performance: update.performance), for: .seats(update.performance), at: now)
                maps.asked(update.performance, in: call)
                sendQueued(at: now)
            }
        case .seatsEnded(let update):
            maps.ended(update.performance, with: BoxOfficeError(refusing: update.code))
            news(about: .seats(update.performance))
        }
    }

    // MARK: Answers

    private mutating func requestAnswered(
        _ frame: InboundFrame, on id: ConnectionID, at now: Moment
    ) throws(DecodeFailure) {
        let refusal = frame.kind == .error ? try Refusal(body: frame.body.span) : nil
        switch calls.answered(frame.id) {
        case .unknown:
            return brokeProtocol(id, "an answer to request \(frame.id), which was not made", at: now)
        case .forgotten:
            break
        case .call(let call):
            if let refusal {
                refused(call, refusal, at: now)
            } else if frame.opcode != call.opcode.rawValue {
                calls.requeue(call)
                return brokeProtocol(id, "an answer of another kind than the request", at: now)
            } else {
                try answered(call, Reply(opcode: call.opcode, body: frame.body, isReplayed: frame.isReplayed), at: now)
            }
        }
        leaveWhenDone(at: now)
        sendQueued(at: now)
    }

    private mutating func answered(_ call: Call, _ reply: Reply, at now: Moment) throws(DecodeFailure) {
        if call.owner != .login { madeProgress() }
        do throws(DecodeFailure) {
            try take(reply, to: call, at: now)
        } catch {
            // The call fails with its own words, and the connection with it.
            answer(call, .failure(call.ending(with: .protocolError("\(call.opcode): \(error)"), isUnanswered: true)))
            throw error
        }
        answer(call, .success(reply))
    }

    /// What an answer means for the session itself.
    private mutating func take(_ reply: Reply, to call: Call, at now: Moment) throws(DecodeFailure) {
        switch call.opcode {
        case .logIn: loggedIn(try LoggedIn(body: reply.body.span), at: now)
        case .logOut: loggedOut()
        case .whoAmI: account = try Account(body: reply.body.span)
        case .joinQueue, .watchPlace, .getPlace, .leaveQueue:
            let place = try Place(body: reply.body.span)
            // After these the server tells of this room by itself. But an answer from the store is the first one: where
            // the token stands now, only asking tells.
            if call.opcode == .watchPlace || (call.opcode == .joinQueue && !reply.isReplayed) {
                places.asked(place.concert, in: call.id)
            }
            if places.arrived(place) { news(about: .place(place.concert)) }
            takeUp(at: now)
        case .subscribeNotices where notices.phase == .subscribing(call.id):
            let cursor = notices.subscribed(try Subscribed(body: reply.body.span))
            if let cursor, let connection { send(Frame.bare(.ack, id: cursor), on: connection, at: now) }
            for call in calls.take(ownedBy: .subscription) { answer(call, .success(reply)) }
        case .watchSeats:
            guard case .seats(let performance) = call.owner, maps.maps[performance]?.asked == call.id else { return }
            let map = try SeatMap(body: reply.body.span)
            guard map.performance == performance, maps.arrived(map) else {
                throw DecodeFailure(.truncated, at: reply.body.count)
            }
            news(about: .seats(performance))
        default: break
        }
    }
}
