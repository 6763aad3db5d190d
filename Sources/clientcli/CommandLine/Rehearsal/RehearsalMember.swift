// One member's part, played with the client library as any program would: the server sees no difference.

import BoxOfficeClient

/// What all parts have in common.
struct RehearsalStage: Sendable {
    let address: ServerAddress
    let trust: ServerTrust
    let concert: ConcertID
    let performance: PerformanceID
    let hall: HallMap
    /// The box office that all of it is about: at another one nobody begins.
    let deployment: DeploymentID?
    let beginning: ContinuousClock.Instant
    let tally: RehearsalTally
}

struct RehearsalMember: Sendable {
    let script: RehearsalScript
    let session: SessionToken
    let stage: RehearsalStage

    private var tally: RehearsalTally { stage.tally }

    /// From the arrival to the end, which is noted.
    func play() async {
        let due = stage.beginning + script.arrival
        guard (try? await Task.sleep(until: due, clock: .continuous)) != nil else { return }
        await tally.hasArrived()
        var configuration = ClientConfiguration(
            address: stage.address, credentials: .session(session), clientName: Settings.clientName)
        configuration.trust = stage.trust
        configuration.deployment = stage.deployment
        let office = BoxOffice(configuration)
        let run = Task { await office.run() }
        let end = await played(office, due: due)
        await office.close()
        await run.value
        await tally.ended(end)
    }

    private func played(_ office: BoxOffice, due: ContinuousClock.Instant) async -> RehearsalEnd {
        do {
            try await timed(.connect, since: due) { try await office.connected(timeout: .seconds(60)) }
            let notices = try await office.subscribedNotices()
            // Both end with the client.
            Task { for await _ in notices { await tally.wasNoticed() } }
            Task { await countLosses(of: office) }
            return try await buy(office)
        } catch let error as BoxOfficeError {
            if Task.isCancelled { return .cut }
            await tally.heard(error)
            return error.code == nil ? .failed : .refused
        } catch {
            return .cut
        }
    }

    /// The client connects anew by itself: only here it is told that it had to.
    private func countLosses(of office: BoxOffice) async {
        for await state in office.states() {
            if case .waiting = state { await tally.failed("connectionLost") }
        }
    }

    private func buy(_ office: BoxOffice) async throws -> RehearsalEnd {
        guard try await isAdmitted(office) else { return Task.isCancelled ? .cut : .refused }
        var dice = SeededGenerator(seed: script.seed)
        for _ in 0..<script.triesMax {
            let due = try await think()
            let map = try await timed(.map, since: due) { try await office.seatMap(of: stage.performance) }
            let seats = SeatChoice.pick(script.seats, of: map.statuses, in: stage.hall, using: &dice)
            guard !seats.isEmpty else { break }
            if let held = try await hold(seats, office) { return try await end(held, office) }
        }
        try await office.leaveQueue(of: stage.concert)
        return .withoutSeats
    }

    /// Nil when somebody else was faster.
    private func hold(_ seats: [SeatIndex], _ office: BoxOffice) async throws -> ReservationState? {
        let due = try await think()
        do {
            let held = try await timed(.hold, since: due) {
                try await office.hold(.indices(seats), at: stage.performance)
            }
            await tally.hasHeld(at: ContinuousClock.now - stage.beginning)
            return held
        } catch let error as BoxOfficeError {
            guard error.code == .seatTaken else { throw error }
            await tally.heard(error)
            return nil
        }
    }

    /// Joins and waits; false when the place ended, or the time.
    private func isAdmitted(_ office: BoxOffice) async throws -> Bool {
        let joining = ContinuousClock.now
        let room = try await timed(.join, since: joining) { try await office.waitingRoom(of: stage.concert) }
        let joined = ContinuousClock.now
        await tally.hasJoined()
        var announced: [AnnouncedWait] = []
        var place = room.place
        for await newest in room.places {
            place = newest
            guard place.isInLine else { continue }
            announced.append(
                AnnouncedWait(
                    at: ContinuousClock.now - joined, secondsMin: place.waitSecondsMin, secondsMax: place.waitSecondsMax
                ))
        }
        let waited = ContinuousClock.now - joined
        guard place.status == .active else {
            if Task.isCancelled { await tally.isStillWaiting(after: waited) }
            return false
        }
        await tally.wasAdmitted(after: waited, announced)
        return true
    }

    private func end(_ held: ReservationState, _ office: BoxOffice) async throws -> RehearsalEnd {
        let due = try await think()
        switch script.ending {
        case .leaves: return .abandoned
        case .releases:
            _ = try await timed(.release, since: due) { try await office.release(held) }
            try await office.leaveQueue(of: stage.concert)
            return .released
        case .pays:
            let paid = try await timed(.pay, since: due) { try await office.pay(held) }
            await tally.hasPaid(for: paid.reservation.seats.map(\.seat))
            return .bought
        }
    }

    /// Returns when the next step is due, at that moment.
    private func think() async throws -> ContinuousClock.Instant {
        let due = ContinuousClock.now + script.thinking
        if script.thinking > .zero { try await Task.sleep(until: due, clock: .continuous) }
        return due
    }

    /// Asks, and notes how long the answer took, or has not come.
    private func timed<Answer: Sendable>(
        _ step: RehearsalStep, since due: ContinuousClock.Instant, _ ask: () async throws -> Answer
    ) async throws -> Answer {
        do {
            let answer = try await ask()
            let took = ContinuousClock.now - due
            await tally.timed(step, took)
            return answer
        } catch let error as BoxOfficeError {
            let took = ContinuousClock.now - due
            if error.code == .seatTaken {
                await tally.timed(.lost, took)
            } else if Task.isCancelled || error.name == "timeout" {
                await tally.isUnanswered(step, after: took)
            }
            throw error
        }
    }
}
