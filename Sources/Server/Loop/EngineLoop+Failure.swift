// When a commit fails, memory is ahead of the disk, and nothing decided in the batch may be told.
//
//     full               rolled back for good: changes are refused with storageFull, memory is read anew from the file,
//                        and until the disk has space only questions that write nothing are answered
//     ambiguous, failed  the transaction may be on disk or not: changes are answered with outcomeUnknown, the file is
//                        closed, opened and read anew, and a TRUNCATE checkpoint must succeed first, because after a
//                        failed sync the page cache may show what the disk lacks. If that fails, the process stops.
//
// The operation keys settle what happened.

import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore

extension EngineLoop {
    /// Whether changes are refused without trying.
    var isDiskFull: Bool {
        guard let fullUntil else { return false }
        if fullUntil > platform.now { return true }
        self.fullUntil = nil
        return false
    }

    func commitFailed(_ failure: StoreFailure, _ batch: Batch) {
        let refusal: Refusal
        let lost: Lost?
        if failure == .full {
            logger.error("the disk is full: changes are refused", metadata: ["retrySeconds": "\(Int(fullSeconds))"])
            refusal = storageFull
            fullUntil = platform.now + .seconds(fullSeconds)
            fullSeconds = min(8 * configuration.storageFullSeconds, fullSeconds * 2)
            lost = reload()
        } else {
            logger.critical("a commit failed, and its outcome is not known: \(failure)")
            refusal = Refusal(.outcomeUnknown)
            lost = reopen()
        }
        // What may be true after all has to be told; after a full disk nothing is, and memory is what was told last.
        let mayBeTrue = lost == nil && failure != .full
        var mail = Mail(shards: hosts.count, mayBeTrue ? publisher.publishAll(of: engine) : .init())
        for answer in batch.answers { mail.add(failed(answer, refusal, lost), to: answer.connection) }
        for link in batch.ended {
            router.remove(link)
            mail.add(.goAway(.superseded, message: "The client has connected anew."), to: link.connection)
        }
        for (link, feed, _) in batch.read where link.feed?.number == feed { link.feed!.pulled() }
        if mayBeTrue { tellAllPlaces(after: mail) } else { post(mail) }
        for (_, then) in batch.ownAnswers { then(.refused(refusal)) }
        if let lost { stopForGood(lost) }
    }

    /// A checkpoint, or the witness, failed: the file is opened anew to find out whether the disk still takes anything.
    func checkpointFailed(_ failure: StoreFailure) {
        guard failure != .full else {
            return logger.warning("no space for a checkpoint or the witness: tried again with each commit")
        }
        logger.error("a checkpoint or the witness failed: \(failure)")
        if let lost = reopen() { return stopForGood(lost) }
        tellAllPlaces(after: Mail(shards: hosts.count, publisher.publishAll(of: engine)))
    }

    var storageFull: Refusal {
        Refusal(.storageFull, retryAfterMilliseconds: UInt32(fullSeconds * 1_000))
    }

    /// What becomes of an answer whose batch was lost.
    private func failed(_ answer: Batch.Answer, _ refusal: Refusal, _ lost: Lost?) -> Delivery {
        let nobodyKnows = Reply.refused(Refusal(.busy, retryAfterMilliseconds: 1_000))
        return switch answer.basis {
        case .nothing: answer.delivery
        case .resume: .goAway(.storage, message: refusal.message)
        case .change: answer.delivery.replied(.refused(refusal))
        case .command(let command): answer.delivery.replied(lost == nil ? readOnly(command) : nobodyKnows)
        case .ask(let question): answer.delivery.replied(lost == nil ? question(engine, clock.now) : nobodyKnows)
        }
    }

    /// The answer to a question, as long as nothing has to be written for it to be true.
    private func readOnly(_ command: Command) -> Reply {
        engine.answerWithoutChange(to: command, at: clock.now) ?? .refused(storageFull)
    }

    /// Everything that waits, while the disk is full.
    func answerWithoutWriting() {
        var mail = Mail(shards: hosts.count)
        var batch = Batch(now: clock.now)
        batch.noteCancels(among: backlog[...])
        while let event = backlog.popFirst() {
            switch event {
            case .command(_, let origin) where batch.refusal(of: origin) != nil,
                .ask(_, let origin) where batch.refusal(of: origin) != nil:
                let reply = Reply.refused(batch.refusal(of: origin)!)
                mail.add(.reply(number: origin.number, origin.opcode, reply), to: origin.connection)
            case .command(let command, let origin):
                let reply = origin.opcode.changes ? .refused(storageFull) : readOnly(command)
                mail.add(.reply(number: origin.number, origin.opcode, reply), to: origin.connection)
            case .ownCommand(_, let then): then(.refused(storageFull))
            case .ask(let question, let origin):
                let reply = question(engine, batch.now)
                mail.add(.reply(number: origin.number, origin.opcode, reply), to: origin.connection)
            case .look(let body): body(engine, batch.now)
            case .logIn(_, let origin), .logOut(let origin), .subscribe(let origin):
                mail.add(.reply(number: origin.number, origin.opcode, .refused(storageFull)), to: origin.connection)
            case .resume(_, _, let connection):
                mail.add(.goAway(.storage, message: storageFull.message), to: connection)
            case .unsubscribe, .noticesRead, .readerSlow, .pump, .cancel: handle(event, in: &batch)
            case .looked: break  // A hint that memory alone keeps; reading anew counts as a look.
            case .closed, .acknowledged, .relink: deferred.append(event)
            }
        }
        post(mail)
        // What needs no disk goes its usual way.
        release(batch)
    }

    // MARK: Reading anew

    /// Why the process cannot go on.
    struct Lost {
        let why: String
    }

    /// Reads memory from the file as it is open.
    private func reload() -> Lost? {
        do {
            try readAnew()
            return nil
        } catch {
            return Lost(why: "the file cannot be read anew: \(error)")
        }
    }

    /// Closes the file, opens it and reads it.
    private func reopen() -> Lost? {
        store.close()
        do {
            store = try Store.open(directory: configuration.dataDirectory)
            try readAnew()
            try store.checkpoint(truncate: true)
            try store.updateWitness()
            history.value = try store.history(on: Self.historyQueue(platform))
            logger.notice("the file was opened anew")
            return nil
        } catch {
            return Lost(why: "the file cannot be opened anew: \(error)")
        }
    }

    private func readAnew() throws(StoreFailure) {
        engine = Engine(configuration: configuration.engine)
        try store.load(into: &engine)
        engine.loaded(at: clock.now)
        if let broken = engine.brokenInvariant() { throw .damaged(broken) }
        for link in router.links {
            link.isPresent = false
            backlog.prepend(.relink(link))
        }
        // Deadlines that passed meanwhile are carried out by the next batch, and told with it: until then memory says what
        // is on disk, and so does everything that is published.
        queue.async { self.drain() }
    }

    /// Tells those who watch a room where they are. What the lost batch would have told may be true after all.
    private func tellAllPlaces(after mail: consuming Mail) {
        var batch = Batch(now: clock.now)
        for link in router.links {
            for room in link.watches.rooms {
                batch.effects.changedPlaces.append((link.member, room))
                batch.effects.changedPolicies.insert(room)
            }
        }
        sendPlaces(of: batch, into: &mail)
        post(mail)
        refreshRooms(of: batch)
    }

    /// Says goodbye and leaves the process to its supervisor: what memory says is worth nothing any more.
    private func stopForGood(_ lost: Lost) {
        isStopped = true
        logger.critical("\(lost.why); the process has to start anew")
        for host in hosts { host.sayGoodbye(.storage, message: "The server has lost its storage.") }
        queue.after(.seconds(1)) { self.storageLost() }
    }
}

extension Delivery {
    /// Another answer to the same request; what is no answer to a request stays.
    func replied(_ reply: Reply) -> Delivery {
        switch self {
        case .reply(let number, let opcode, _): .reply(number: number, opcode, reply)
        case .loggedIn(let number, _, _): .reply(number: number, .logIn, reply)
        case .loggedOut(let number): .reply(number: number, .logOut, reply)
        case .subscribed(let number, _): .reply(number: number, .subscribeNotices, reply)
        case .resumed, .resumeRefused, .notice, .gap, .replayed, .place, .goAway: self
        }
    }
}
