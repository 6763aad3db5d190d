// An on-sale, rehearsed: members are made, come, wait, look, hold and pay, each over a connection of their own, and what
// they saw is reported (docs/rehearsal.md).
//
//     operator: is it a rehearsal? ──▶ members are made ──▶ each plays a part ──▶ figures ──▶ audit of a copy

import BoxOfficeClient
import Foundation

/// What is rehearsed.
struct RehearsalSettings: Sendable {
    var profile: RehearsalProfile
    var members: Int
    var duration: Duration
    var thinking: Duration
    var seed: UInt64
    /// What every member has.
    static let points = Points(10_000_000)
    /// Members that are made in one request.
    static let batch = 5_000
}

/// A moment of the sale, for the chart.
struct RehearsalMoment: Hashable, Sendable {
    var seconds: Double
    var waiting: Int
    var held: Int
    var seatsSold: Int
}

/// Plays a rehearsal.
struct Rehearsal: Sendable {
    let settings: RehearsalSettings
    let office: BoxOffice
    let address: ServerAddress
    let trust: ServerTrust
    let concert: ConcertID
    let performance: Performance

    /// Everybody plays their part, until all have or the time is over.
    /// - Parameter progress: called every second.
    func play(
        progress: @escaping @Sendable @MainActor (RehearsalMoment, RehearsalTally) async -> Void
    ) async throws -> RehearsalReport {
        try await requireRehearsal()
        let hall = try await office.hall(of: performance)
        let sessions = try await makeMembers()
        let seatsMax = min(Int(office.limits?.seatsPerMemberMax ?? 1), WireLimits.holdSeatsMax)
        let scripts = RehearsalScript.crowd(
            settings.profile, members: settings.members, duration: settings.duration, thinking: settings.thinking,
            seatsMax: seatsMax, seed: settings.seed)
        let tally = RehearsalTally()
        let beginning = ContinuousClock.now
        let stage = RehearsalStage(
            address: address, trust: trust, concert: concert, performance: performance.performance, hall: hall,
            deployment: office.deployment, beginning: beginning, tally: tally)
        let crowd = Task {
            await withTaskGroup(of: Void.self) { crowd in
                for (script, session) in zip(scripts, sessions) {
                    let member = RehearsalMember(script: script, session: session, stage: stage)
                    crowd.addTask { await member.play() }
                }
            }
        }
        let end = Task {
            try await Task.sleep(until: beginning + settings.duration, clock: .continuous)
            crowd.cancel()
        }
        let watching = Task { await Self.watch(tally, since: beginning, progress) }
        await withTaskCancellationHandler {
            await crowd.value
        } onCancel: {
            crowd.cancel()
        }
        end.cancel()
        watching.cancel()
        let moments = await watching.value
        let took = ContinuousClock.now - beginning
        return await RehearsalReport(
            of: concert, performance.performance, settings, tally, moments: moments, took: took)
    }

    /// Whoever answers where the crowd is to go is the same box office, and a rehearsal: nobody is sent anywhere else.
    private func requireRehearsal() async throws {
        var configuration = ClientConfiguration(address: address, clientName: Settings.clientName)
        configuration.trust = trust
        configuration.deployment = office.deployment
        configuration.retriesFirstConnection = false
        let isRehearsal = try await withBoxOffice(configuration) { $0.isRehearsal }
        guard isRehearsal else { throw Failure(refusing: .notRehearsal, "\(address) is no rehearsal.") }
    }

    private func makeMembers() async throws(BoxOfficeError) -> [SessionToken] {
        var sessions: [SessionToken] = []
        while sessions.count < settings.members {
            let count = min(RehearsalSettings.batch, settings.members - sessions.count)
            let points = min(RehearsalSettings.points, office.limits?.chargeMax ?? Points(0))
            sessions += try await office.makeRehearsalMembers(count, points: points)
        }
        return sessions
    }

    /// Looks at the figures every second; one last time at the end.
    private static func watch(
        _ tally: RehearsalTally, since beginning: ContinuousClock.Instant,
        _ progress: @Sendable @MainActor (RehearsalMoment, RehearsalTally) async -> Void
    ) async -> [RehearsalMoment] {
        var moments = [RehearsalMoment(seconds: 0, waiting: 0, held: 0, seatsSold: 0)]
        var next = beginning
        func look() async -> RehearsalMoment {
            await RehearsalMoment(
                seconds: (ContinuousClock.now - beginning) / .seconds(1), waiting: tally.joined - tally.admitted,
                held: tally.held, seatsSold: tally.seatsSold)
        }
        while !Task.isCancelled {
            next += .seconds(1)
            try? await Task.sleep(until: next, clock: .continuous)
            guard !Task.isCancelled else { break }
            let moment = await look()
            moments.append(moment)
            await progress(moment, tally)
        }
        moments.append(await look())
        return moments
    }
}
