import BoxOfficeEngine
import BoxOfficeProtocol

extension Services {
    /// The server's live figures. On the engine's queue.
    func figures(_ engine: Engine, _ now: Instant) -> ServerFigures {
        let concerts = catalogue.concerts.prefix(WireLimits.pageItemsMax)
        return ServerFigures(
            now: now, uptimeSeconds: clock.uptimeSeconds,
            connections: UInt32(clamping: counters.connections.load(ordering: .relaxed)),
            membersConnected: UInt32(clamping: loop.router.memberCount), members: UInt64(engine.memberCount),
            requests: counters.requests.load(ordering: .relaxed), refusals: counters.refusals.load(ordering: .relaxed),
            commits: loop.commits, facts: loop.factsWritten,
            rooms: concerts.compactMap { engine.roomFigures(of: $0.id, at: now) }, limits: limits.figures)
    }
}
