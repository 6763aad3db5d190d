// One event at a time: what the engine makes of it. Answers go into the batch; who is connected and who watches what
// changes only once the batch is committed (EngineLoop+Release).

import BoxOfficeEngine
import BoxOfficeProtocol

extension EngineLoop {
    func handle(_ event: EngineEvent, in batch: inout Batch) {
        switch event {
        case .command(let command, let origin):
            if let refusal = batch.refusal(of: origin) {
                return batch.answer(origin, .refused(refusal), basis: .nothing)
            }
            let reply = engine.decide(command, at: batch.now, into: &batch.effects)
            batch.answer(origin, reply, basis: origin.opcode.changes ? .change : .command(command))
        case .ownCommand(let command, let then):
            batch.ownAnswers.append((engine.decide(command, at: batch.now, into: &batch.effects), then))
        case .ask(let question, let origin):
            if let refusal = batch.refusal(of: origin) {
                return batch.answer(origin, .refused(refusal), basis: .nothing)
            }
            batch.answer(origin, question(engine, batch.now), basis: .ask(question))
        case .look(let body): body(engine, batch.now)
        case .looked(let member, let concert):
            engine.looked(member: member, at: concert, now: batch.now, into: &batch.effects)
        case .logIn(let attempt, let origin): logIn(attempt, origin, in: &batch)
        case .logOut(let origin): logOut(origin, in: &batch)
        case .resume(let digest, let instance, let connection):
            resume(digest, instance: instance, connection, in: &batch)
        case .closed(let link): closed(link, in: &batch)
        case .subscribe(let origin): subscribe(origin, in: &batch)
        case .unsubscribe(let origin):
            origin.link?.feed = nil
            batch.answer(
                origin, .reply(number: origin.number, origin.opcode, .response(.empty(Empty()))), basis: .nothing)
        case .acknowledged(let link, let sequence):
            engine.acknowledge(session: link.session, through: sequence, at: batch.now, into: &batch.effects)
            link.feed?.acknowledged(through: sequence)
            batch.pumped.append(link)
        case .noticesRead(let link, let feed, let rows): batch.read.append((link, feed, rows))
        case .readerSlow(let link, let isSlow):
            link.feed?.isHeldBack = isSlow
            batch.pumped.append(link)
        case .pump(let link): batch.pumped.append(link)
        case .cancel: break  // Looked at before the batch.
        case .relink(let link): relink(link, in: &batch)
        }
    }

    private func logIn(_ attempt: LogInAttempt, _ origin: Origin, in batch: inout Batch) {
        if let refusal = batch.refusal(of: origin) {
            return batch.answer(origin, .refused(refusal), basis: .nothing)
        }
        let known = engine.credentials(nameKey: attempt.nameKey)
        guard let known, known.member == attempt.member, known.passwordHash == attempt.verifiedHash else {
            // Changed while it was being verified.
            return batch.answer(origin, .refused(Refusal(.badCredentials)), basis: .change)
        }
        if let old = origin.link { leave(old, in: &batch) }
        let ended = batch.effects.endedSessions.count
        guard
            let (session, account) = engine.logIn(
                member: attempt.member, verifiedHash: attempt.verifiedHash, tokenDigest: attempt.tokenDigest,
                device: attempt.device, at: batch.now, into: &batch.effects)
        else { return batch.answer(origin, .refused(Refusal(.badCredentials)), basis: .change) }
        if batch.effects.endedSessions.count > ended {
            origin.connection.services.limits.reached(.sessionsPerMember, "a member's oldest session was ended")
        }
        engine.connected(member: session.member, session: session.id, at: batch.now, into: &batch.effects)
        let link = Link(connection: origin.connection, session: session, instance: attempt.instance)
        let loggedIn = LoggedIn(account: account, session: attempt.token, expiresAt: engine.absoluteEnd(of: session))
        batch.answer(origin, .loggedIn(number: origin.number, loggedIn, link), basis: .change)
    }

    private func logOut(_ origin: Origin, in batch: inout Batch) {
        if let refusal = batch.refusal(of: origin) {
            return batch.answer(origin, .refused(refusal), basis: .nothing)
        }
        if let link = origin.link { leave(link, in: &batch) }
        batch.answer(origin, .loggedOut(number: origin.number), basis: .change)
    }

    /// A connection gives its session up; the session's other connections are told through `endedSessions`.
    private func leave(_ link: Link, in batch: inout Batch) {
        if link.isPresent {
            link.isPresent = false
            engine.disconnected(member: link.member, session: link.session, at: batch.now, into: &batch.effects)
        }
        engine.logOut(session: link.session, at: batch.now, into: &batch.effects)
    }

    private func resume(_ digest: Digest, instance: UInt64, _ connection: Connection, in batch: inout Batch) {
        var delivery = Delivery.resumeRefused
        var link: Link?
        if let (session, account) = engine.resume(tokenDigest: digest, at: batch.now, into: &batch.effects) {
            engine.connected(member: session.member, session: session.id, at: batch.now, into: &batch.effects)
            let resumed = Link(connection: connection, session: session, instance: instance)
            link = resumed
            delivery = .resumed(resumed, account)
            // At once, not after the commit: from here on nothing that the old connection asks for is begun.
            for old in router.links(of: session.id) where old.instance == instance && old.voidBecause == nil {
                old.voidBecause = .superseded
                batch.ended.append(old)
                if old.isPresent {
                    old.isPresent = false
                    engine.disconnected(member: old.member, session: old.session, at: batch.now, into: &batch.effects)
                }
            }
        }
        batch.answers.append(Batch.Answer(connection: connection, delivery: delivery, basis: .resume, link: link))
    }

    private func closed(_ link: Link, in batch: inout Batch) {
        guard !link.isClosed else { return }
        link.isClosed = true
        router.remove(link)
        guard link.isPresent else { return }
        link.isPresent = false
        engine.disconnected(member: link.member, session: link.session, at: batch.now, into: &batch.effects)
    }

    private func subscribe(_ origin: Origin, in batch: inout Batch) {
        if let refusal = batch.refusal(of: origin) {
            return batch.answer(origin, .refused(refusal), basis: .nothing)
        }
        guard let link = origin.link,
            let subscribed = engine.subscribe(session: link.session, at: batch.now, into: &batch.effects)
        else { return batch.answer(origin, .refused(Refusal(.loginRequired)), basis: .nothing) }
        batch.answer(origin, .subscribed(number: origin.number, subscribed), basis: .change)
    }

    private func relink(_ link: Link, in batch: inout Batch) {
        guard !link.isClosed, !link.isPresent, link.voidBecause == nil else { return }
        guard engine.resume(tokenDigest: link.tokenDigest, at: batch.now, into: &batch.effects) != nil else {
            batch.effects.endedSessions.append(link.session)
            return
        }
        link.isPresent = true
        engine.connected(member: link.member, session: link.session, at: batch.now, into: &batch.effects)
        batch.pumped.append(link)
    }
}
