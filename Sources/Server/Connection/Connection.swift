// One socket: bytes → frame → session → wherever the request is answered.
//
//     Connection.swift             state, and what the channel tells
//     Connection+Frames.swift      a frame, by kind
//     Connection+Requests.swift    a request, by route
//     Connection+Catalogue.swift   concerts, dates, halls, seats: answered here
//     Connection+Holds.swift       holds that have lost their race: refused here
//     Connection+Passwords.swift   what has to be hashed or verified first
//     Connection+Operators.swift   operators' questions, uploads
//     Connection+Engine.swift      what the engine loop delivers
//     Connection+Standing.swift    stranger, guest or member: what limits on connections look at
//     Connection+Life.swift        keepalive, silence, slow readers, goodbye
//
// An idle connection is this object and its channel, without a buffer: what only some need is in `extras`.

import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeTransport

/// A client's connection.
///
/// `@unchecked Sendable`: the mutable state is touched on the queue of its shard only; others pass it along.
final class Connection: @unchecked Sendable {
    let id: UInt64
    let host: ShardHost
    /// Why this one may not stay, and is only told so.
    let turnedAway: LimitKind?

    var session: Session
    private(set) var channel: Channel?
    /// The channel before it is open, as long as a TLS handshake may take.
    private(set) var beginning: Channel?
    /// The login, as the engine loop knows it.
    var link: Link?
    /// The number of the running client, from its hello.
    var instance: UInt64 = 0
    var minor: UInt16 = 0
    /// At first, when it was opened: nothing is sent before the hello.
    var lastSentAt: ContinuousClock.Instant
    let acceptedAt: Instant
    var standing: Standing
    /// The first bytes of a frame are here since then, and the last ones are not.
    var frameBegunAt: Instant?
    /// When the bursts of requests and of frames will be whole again.
    var requestsWholeAt = Instant.distantPast
    var framesWholeAt = Instant.distantPast
    /// Frames came too fast: nothing is read for a moment.
    var isPaced = false
    /// One of those whom the doorkeeper lets say goodbye.
    var isToldToGo = false
    var loginFailures: UInt8 = 0
    var isReaderSlow = false
    var hasWatchedPlace = false
    /// Nothing more is read; `goAway` follows what is still to be answered.
    var leaving: Leaving?
    /// Places that were not sent yet, the newest of each room.
    var places = Few<PlaceNews>()
    /// What only some connections have.
    var extras: Extras?

    /// What a connection that looks at seats or uploads needs beside.
    final class Extras {
        var uploads = Uploads()
        /// The upload that is being brought in.
        var committing: UploadID?
        /// Dates whose seats are watched.
        var maps: [PerformanceID: WatchedMap] = [:]
        /// When the engine was told last that the member looks at a concert's seats.
        var lookedAt: [ConcertID: ContinuousClock.Instant] = [:]
    }

    struct WatchedMap {
        /// What the client has.
        var sent: SeatsVersion
        /// Why the watch is over, until that is sent.
        var endedBecause: RefusalCode?
    }

    /// The goodbye that is due.
    final class Leaving {
        let goAway: GoAway
        let since: ContinuousClock.Instant

        init(_ goAway: GoAway, since: ContinuousClock.Instant) {
            self.goAway = goAway
            self.since = since
        }
    }

    init(id: UInt64, host: ShardHost, isLocal: Bool, turnedAway: LimitKind?) {
        self.id = id
        self.host = host
        self.turnedAway = turnedAway
        standing = turnedAway != nil ? .turnedAway : isLocal ? .local : .stranger
        session = Session(isLocal: isLocal)
        lastSentAt = host.shard.now
        acceptedAt = host.services.clock.now
    }

    var services: Services { host.services }
    var limits: Limits { services.configuration.limits }
    var queuedBytes: Int { channel?.queuedBytes ?? 0 }

    /// Queues a frame. Nothing happens when the channel is closing.
    func send(_ frame: [UInt8]) {
        lastSentAt = host.shard.now
        channel?.send(frame)
        host.shedOutboxes()
    }
}

extension Connection {
    /// A socket was accepted, which opens at once or after a TLS handshake.
    func adopted(_ channel: Channel) {
        beginning = channel
        if standing == .stranger { isStranger() }
    }
}

extension Connection: ChannelHandler {
    func channelOpened(_ channel: Channel) {
        self.channel = channel
        beginning = nil
        if channel.isEncrypted { services.encryption?.succeeded() }
        host.opened(self)
        opened()
    }

    func channelReceived(_ channel: Channel, bytes: Span<UInt8>) -> Int {
        var offset = 0
        var frames = 0
        while session.reads {
            if frames == Self.framesPerTurn, offset < bytes.count {
                frameBegunAt = nil
                channel.pauseReadingForTurn()
                return offset
            }
            frames += 1
            let parser = FrameParser(from: .client, bodyBytesMax: session.frameBytesMax)
            let step = parser.step(over: bytes, at: offset)
            switch step {
            case .needs(let count):
                // Between frames the first byte is wanted, as the time of a frame begins with it.
                let hasBegun = offset < bytes.count
                channel.bytesWanted = hasBegun ? count : 0
                frameWaits(isNew: offset > 0, hasBegun: hasBegun)
                return offset
            case .skip(let header):
                offset += FrameHeader.bytes + Int(header.bodyBytes)
            case .frame(let header, let kind):
                let start = offset + FrameHeader.bytes
                offset = start + Int(header.bodyBytes)
                received(kind, header, body: bytes.extracting(start..<offset))
            case .violation(let violation):
                violated(violation.description, violation.limit)
            }
            // Answers pile up: the rest of the requests waits until they are read.
            if channel.queuedBytes > limits.outboxSoftBytes || paceFrames() { break }
        }
        // What is read no further is not late.
        frameBegunAt = nil
        // What comes after a goodbye is nobody's.
        guard session.phase != .leaving else { return bytes.count }
        channel.pauseReading()
        return offset
    }

    /// Goes on with what was kept, once nothing holds it up.
    func readOn() {
        guard let channel, session.reads, !isReaderSlow, !isPaced, channel.queuedBytes <= limits.outboxSoftBytes
        else { return }
        channel.resumeReading()
    }

    func channelEncodesUpdate(_ channel: Channel, _ subject: UpdateSubject, into buffer: inout [UInt8]) {
        lastSentAt = host.shard.now
        encodeUpdate(about: subject, into: &buffer)
    }

    func channelOverflowed(_ channel: Channel, bound: OutboxBound) {
        switch bound {
        case .soft: readerSlow(true)
        case .hard:
            reached(.outbox, "a reader was too slow")
            leave(.slowReader, "What was sent was not read.", atOnce: true)
        }
    }

    func channelDrained(_ channel: Channel) { readerSlow(false) }

    func channelClosed(_ channel: Channel, reason: CloseReason) {
        services.logger.debug("connection closed", metadata: ["connection": "\(id)", "reason": "\(reason)"])
        if self.channel == nil, case .tlsFailed(let failure) = reason {
            services.encryption?.failed()
            services.limits.reached(.tlsHandshake, "no TLS handshake: \(failure)") {
                (services.encryption?.tally ?? [:]).merging(["peer": "\(channel.peer)"]) { $1 }
            }
        }
        self.channel = nil
        beginning = nil
        session.left()
        for performance in (extras?.maps ?? [:]).keys { host.unwatch(performance, by: self) }
        if let bytes = extras?.uploads.announcedBytes { uploadsChanged(by: -bytes) }
        extras = nil
        places = Few()
        if let link { services.loop.post(.closed(link)) }
        link = nil
        closed(from: channel.peer)
        host.closed(self)
    }
}
