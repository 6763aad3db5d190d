// One member's part, played with the client library as any program would: the server sees no difference.

import BoxOfficeClient

/// What all parts have in common.
struct RehearsalStage: Sendable {
    let address: ServerAddress
    let trust: ServerTrust
    let concert: ConcertID
    let performance: PerformanceID
    let hall: HallMap
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
        let office = BoxOffice(configuration)
        let run = Task { await office.run() }
        let end = await played(office, due: due)
        await office.close()
        await run.value
        await tally.ended(end)
    }

    private func played(_ office: BoxOffice, due: ContinuousClock.Instant) async -> RehearsalEnd {
        do {
            try await office.connected(timeout: .seconds(60))
            await timed(.connect, since: due)
            let notices = try await office.subscribedNotices()
            // Ends with the client.
            Task { for await _ in notices { await tally.wasNoticed() } }
            return try await buy(office)
        } catch let error as BoxOfficeError {
            if Task.isCancelled { return .cut }
            await tally.heard(error)
            return error.code == nil ? .failed : .refused
        } catch {
            return .cut
        }
    }

    private func buy(_ office: BoxOffice) async throws -> RehearsalEnd {
        guard try await isAdmitted(office) else { return Task.isCancelled ? .cut : .refused }
        var dice = RehearsalDice(seed: script.seed)
        for _ in 0..<script.triesMax {
            let looking = try await think()
            let map = try await office.seatMap(of: stage.performance)
            await timed(.map, since: looking)
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
        do throws(BoxOfficeError) {
            let held = try await office.hold(.indices(seats), at: stage.performance)
            await timed(.hold, since: due)
            await tally.hasHeld()
            return held
        } catch {
            guard error.code == .seatTaken else { throw error }
            await timed(.lost, since: due)
            await tally.heard(error)
            return nil
        }
    }

    /// Joins and waits; false when the place ended, or the time.
    private func isAdmitted(_ office: BoxOffice) async throws -> Bool {
        let joining = ContinuousClock.now
        let room = try await office.waitingRoom(of: stage.concert)
        await timed(.join, since: joining)
        await tally.hasJoined()
        let joined = ContinuousClock.now
        var announced: [AnnouncedWait] = []
        var place = room.place
        for await newest in room.places {
            place = newest
            guard place.isInLine, let low = place.waitSecondsMin, let high = place.waitSecondsMax else { continue }
            announced.append(AnnouncedWait(at: ContinuousClock.now - joined, secondsMin: low, secondsMax: high))
        }
        guard place.status == .active else { return false }
        await tally.wasAdmitted(after: ContinuousClock.now - joined, announced)
        return true
    }

    private func end(_ held: ReservationState, _ office: BoxOffice) async throws(BoxOfficeError) -> RehearsalEnd {
        guard let due = try? await think() else { return .cut }
        switch script.ending {
        case .leaves: return .abandoned
        case .releases:
            try await office.release(held)
            await timed(.release, since: due)
            try await office.leaveQueue(of: stage.concert)
            return .released
        case .pays:
            let paid = try await office.pay(held)
            await timed(.pay, since: due)
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

    private func timed(_ step: RehearsalStep, since due: ContinuousClock.Instant) async {
        await tally.timed(step, ContinuousClock.now - due)
    }
}
