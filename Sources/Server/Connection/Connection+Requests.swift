import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore
import BoxOfficeTransport

extension Connection {
    func requestReceived(_ header: FrameHeader, body: Span<UInt8>) {
        let action = session.requestReceived(header, body: body, inFlightMax: limits.requestsInFlightMax)
        switch action {
        case .take(let request, let route):
            services.counters.requestTaken()
            take(request, route, number: header.id)
        case .refuse(let refusal):
            services.counters.requestTaken()
            services.counters.requestRefused()
            if refusal.code == .busy { reached(.requestsInFlight, "too many requests were without an answer") }
            send(Frame.refusal(refusal, opcode: header.opcode, request: header.id))
        case .violation(let what): violated(what)
        case .ignore: break
        }
    }

    /// Each request that is taken gets exactly one `answer`, sooner or later.
    private func take(_ request: Request, _ route: Route, number: UInt64) {
        let origin = Origin(connection: self, number: number, opcode: request.opcode, link: link)
        let (actor, now) = (session.actor, host.turnBeganAt)
        becameKnown()
        if let refusal = requestRateRefusal(request, at: now) { return refuse(origin, refusal) }
        // To watch is no poll: a client does it once a connection, and a crowd that reconnects must not be refused. To
        // watch again and again is one.
        let counted = origin.opcode == .watchPlace && hasWatchedPlace ? .getPlace : origin.opcode
        if origin.opcode == .watchPlace { hasWatchedPlace = true }
        if let refusal = services.rates.refusal(of: counted, by: actor, from: channel?.peer, at: now) {
            reached(.rates, "over a rate: \(origin.opcode.name)")
            return refuse(origin, refusal)
        }
        switch route {
        case .published: answerFromPublished(request, origin)
        case .connection: uploadPart(request, origin)
        case .engine:
            if case .hold(let hold) = request, let refusal = lostRace(of: hold, by: actor) {
                session.lost(hold)
                return refuse(origin, refusal)
            }
            let command = Command(actor: actor, action: request.action, digest: request.operationDigest)
            services.loop.post(.command(command, origin))
        case .password: takePassword(request, origin)
        case .logOut: services.loop.post(.logOut(origin))
        case .history: readHistory(request, origin)
        case .notices:
            if case .subscribeNotices = request {
                services.loop.post(.subscribe(origin))
            } else {
                services.loop.post(.unsubscribe(origin))
            }
        case .operators: askForOperator(request, origin)
        case .upload: commitUpload(request, origin)
        }
    }

    // MARK: Answers

    /// The answer to a request that was taken.
    func answer(_ number: UInt64, _ opcode: Opcode, _ reply: Reply) {
        switch reply {
        case .refused(let refusal): refuse(number, opcode, refusal)
        case .response(let response, let replayed):
            let frame: [UInt8]
            if opcode.compresses {
                let body = EncodedBody({ response.encode(into: &$0) }, level: 1)
                guard !body.isTooLong else { return refuse(number, opcode, .answerTooLong) }
                frame = body.response(to: opcode, number: number)
            } else {
                frame = Frame.response(response, to: opcode, number: number, replayed: replayed)
            }
            answered(opcode, with: frame)
        }
    }

    func answer(_ origin: Origin, _ response: Response) { answer(origin.number, origin.opcode, .response(response)) }

    func answer(_ origin: Origin, _ body: EncodedBody) {
        guard !body.isTooLong else { return refuse(origin, .answerTooLong) }
        answered(origin.opcode, with: body.response(to: origin.opcode, number: origin.number))
    }

    func refuse(_ origin: Origin, _ refusal: Refusal) { refuse(origin.number, origin.opcode, refusal) }

    private func refuse(_ number: UInt64, _ opcode: Opcode, _ refusal: Refusal) {
        services.counters.requestRefused()
        answered(opcode, with: Frame.refusal(refusal, opcode: opcode.rawValue, request: number))
    }

    private func answered(_ opcode: Opcode, with frame: [UInt8]) {
        // Notices have a lane of their own, which answers pass. Those that begin or end the notices must not: they leave
        // behind the notices before them.
        if opcode.endsNotices { push(frame) } else { send(frame) }
        session.answered(opcode)
        if leaving != nil { closeWhenAnswered() } else { readOn() }
    }

    // MARK: The past

    private func readHistory(_ request: Request, _ origin: Origin) {
        guard let member = session.actor.member else { return refuse(origin, Refusal(.loginRequired)) }
        let history = services.loop.history.value
        switch request {
        case .getLedger(let get):
            history.ledger(of: member, before: get.before, limit: Int(get.limit)) {
                self.historyRead($0, origin) { .ledgerPage($0) }
            }
        case .getPayments(let get):
            history.payments(of: member, before: get.before, limit: Int(get.limit)) {
                self.historyRead($0, origin) { .paymentPage($0) }
            }
        case .getReservations(let get):
            history.reservations(
                of: member, before: get.before, limit: Int(get.limit), performance: get.performance
            ) { result in
                // Labels of seats are the engine's to know.
                switch result {
                case .success(let page):
                    self.services.loop.post(.ask({ .response(.reservationPage($0.told(page, at: $1))) }, origin))
                case .failure(let failure): self.historyFailed(failure, origin)
                }
            }
        default: refuse(origin, Refusal(.unsupported))
        }
    }

    /// What operators changed about a room. The names of members are the engine's to know.
    func readRoomChanges(_ get: GetRoomChanges, _ origin: Origin) {
        services.loop.history.value.roomChanges(of: get.concert, before: get.before, limit: Int(get.limit)) { result in
            switch result {
            case .success(let page):
                self.services.loop.post(
                    .ask(
                        { engine, now in
                            guard engine.draw(of: get.concert, at: now) != nil else {
                                return .refused(Refusal(.unknownConcert))
                            }
                            let changes = page.rows.map(engine.told)
                            return .response(.roomChangePage(RoomChangePage(changes: changes, more: page.more)))
                        }, origin))
            case .failure(let failure): self.historyFailed(failure, origin)
            }
        }
    }

    private func historyRead<Page: Sendable>(
        _ result: Result<Page, StoreFailure>, _ origin: Origin, _ response: @escaping @Sendable (Page) -> Response
    ) {
        switch result {
        case .success(let page): host.shard.post { self.answer(origin, response(page)) }
        case .failure(let failure): historyFailed(failure, origin)
        }
    }

    private func historyFailed(_ failure: StoreFailure, _ origin: Origin) {
        if failure != .busy { services.logger.error("a history read failed: \(failure)") }
        host.shard.post { self.refuse(origin, Refusal(.busy, retryAfterMilliseconds: 1_000)) }
    }
}

extension Opcode {
    fileprivate var endsNotices: Bool {
        switch self {
        case .subscribeNotices, .unsubscribeNotices, .logIn, .logOut: true
        default: false
        }
    }
}

extension Refusal {
    /// A page is made to fit a frame, so this takes a catalogue that nobody has.
    static let answerTooLong = Refusal(.badRequest, "The answer is longer than a frame may be.")
}

extension Engine {
    /// As many of the reservations as fit a frame.
    func told(_ page: History.Reservations, at now: Instant) -> ReservationPage {
        var told = ReservationPage(reservations: [], more: page.more, now: now)
        var bytes = 0
        for row in page.rows {
            let reservation = self.told(row)
            bytes += reservation.encoded.count
            guard bytes <= Limits.pageBytesMax || told.reservations.isEmpty else {
                told.more = true
                break
            }
            told.reservations.append(reservation)
        }
        return told
    }
}
