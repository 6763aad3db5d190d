// One shard and the connections that live on it: who watches which seats, what was encoded for them, and the clock that
// looks at all of them at once.

import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeTransport

/// The server's side of one event loop.
///
/// `@unchecked Sendable`: the mutable state is touched on the shard's queue only.
final class ShardHost: @unchecked Sendable {
    let shard: Shard
    let index: Int
    let services: Services

    private(set) var connections: [UInt64: Connection] = [:]
    private var seatWatchers: [PerformanceID: [UInt64: Connection]] = [:]
    private var differences: [PerformanceID: Differences] = [:]
    private var isLeaving = false
    private var isShedding = false
    /// What its connections may have queued.
    private let outboxesBytesMax: Int
    private var turn: (monotonic: ContinuousClock.Instant, now: Instant)

    /// Changes of one date's seats, encoded once for everybody who has the same version.
    private struct Differences {
        var to: SeatsVersion
        var framesByVersion: [UInt64: [UInt8]] = [:]
    }

    init(_ shard: Shard, index: Int, services: Services) {
        self.shard = shard
        self.index = index
        self.services = services
        let configuration = services.configuration
        outboxesBytesMax = configuration.limits.outboxesBytes / configuration.shards
        turn = (shard.now, services.clock.now)
        let seconds = min(
            Double(configuration.keepaliveSeconds) / 4, configuration.handshakeSeconds / 4,
            configuration.slowReaderSeconds / 4, configuration.limits.frameSeconds / 4)
        shard.every(seconds: seconds) { [weak self] now in
            guard let self else { return }
            for connection in self.connections.values { connection.clockTicked(now) }
            self.shedOutboxes()
            self.watchersLook()
        }
    }

    /// Who has a watch open looks at the seats as long as it is.
    private func watchersLook() {
        for (performance, watchers) in seatWatchers {
            guard let date = services.catalogue.date[performance], date.gate.value.idleSeconds > 0 else { continue }
            for connection in watchers.values { connection.looks(at: date) }
        }
    }

    /// When the turn began, for what need not be later than that. To read the clock for each frame is a tenth of what a
    /// short one costs.
    var turnBeganAt: Instant {
        let monotonic = shard.now
        if turn.monotonic != monotonic { turn = (monotonic, services.clock.instant(monotonic)) }
        return turn.now
    }

    // MARK: Connections

    /// From any thread: takes over an accepted socket.
    func adopt(_ descriptor: Int32, peer: SocketAddress, isLocal: Bool, isEncrypted: Bool, turnedAway: LimitKind?) {
        shard.post {
            let connection = Connection(
                id: self.services.nextConnectionID(), host: self, isLocal: isLocal, turnedAway: turnedAway)
            // The channel is kept by its shard, and the connection by its channel.
            let channel = Channel(
                adopting: descriptor, peer: peer, on: self.shard, limits: self.services.configuration.limits.outbox,
                handler: connection)
            // Before a TLS handshake: who never finishes it is a stranger too.
            connection.adopted(channel)
            if isEncrypted, let encryption = self.services.encryption { channel.secure(with: encryption.server) }
            channel.start()
        }
    }

    func opened(_ connection: Connection) {
        connections[connection.id] = connection
        if isLeaving { connection.leaveForShutdown() }
    }

    func closed(_ connection: Connection) {
        connections[connection.id] = nil
        services.counters.connections.wrappingSubtract(1, ordering: .relaxed)
    }

    // MARK: All outboxes together

    /// What its connections have queued is more than this shard's part of what all may have: those with the most go,
    /// until there is some space again, so that the next one is not looked for at once.
    func shedOutboxes() {
        guard shard.queuedBytes > outboxesBytesMax, !isShedding else { return }
        isShedding = true
        defer { isShedding = false }
        let largest = connections.values.filter { $0.queuedBytes > 0 }.sorted {
            ($0.queuedBytes, $0.id) > ($1.queuedBytes, $1.id)
        }
        for connection in largest where shard.queuedBytes > outboxesBytesMax / 8 * 7 { connection.shedOutbox() }
    }

    // MARK: From the engine loop

    func post(_ mail: ShardMail) { shard.post { self.deliver(mail) } }

    func post(_ mail: PlacesMail) {
        shard.post {
            for (connection, inLine) in mail.places { connection.delivered(.inLine(mail.news, inLine)) }
        }
    }

    private func deliver(_ mail: ShardMail) {
        for (connection, delivery) in mail.deliveries { connection.delivered(delivery) }
        guard !seatWatchers.isEmpty else { return }
        for concert in mail.gates {
            for date in services.catalogue.dates[concert] ?? [] {
                for connection in (seatWatchers[date.row.id] ?? [:]).values { connection.gateChanged(of: date) }
            }
        }
        for performance in mail.maps {
            for connection in (seatWatchers[performance] ?? [:]).values { connection.seatsChanged(of: performance) }
        }
    }

    // MARK: Seats

    func watch(_ performance: PerformanceID, by connection: Connection) {
        seatWatchers[performance, default: [:]][connection.id] = connection
    }

    func unwatch(_ performance: PerformanceID, by connection: Connection) {
        seatWatchers[performance]?[connection.id] = nil
        if seatWatchers[performance]?.isEmpty == true {
            seatWatchers[performance] = nil
            differences[performance] = nil
        }
    }

    /// The update that brings `old` to `new`, encoded once for all connections that have `old`.
    func difference(from old: SeatsVersion, to new: SeatsVersion) -> [UInt8] {
        let performance = new.map.performance
        if differences[performance]?.to !== new { differences[performance] = Differences(to: new) }
        if let known = differences[performance]?.framesByVersion[old.map.version] { return known }
        let frame = Frame.update(.seatsChanged(new.changes(since: old)), version: new.map.version)
        differences[performance]?.framesByVersion[old.map.version] = frame
        return frame
    }

    // MARK: The end

    /// From any thread: every connection is told to come back later, and closes when it is answered.
    func leaveForShutdown(_ done: @escaping @Sendable () -> Void) {
        shard.post {
            self.isLeaving = true
            for connection in self.connections.values { connection.leaveForShutdown() }
            done()
        }
    }

    /// From any thread: every connection is told this and closes.
    func sayGoodbye(_ reason: GoAwayReason, message: String) {
        shard.post {
            self.isLeaving = true
            for connection in self.connections.values { connection.leave(reason, message, atOnce: true) }
        }
    }
}
