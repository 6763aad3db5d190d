// One socket: bytes → frame → session → wherever the request is answered.
//
//     Connection.swift             state, and what the channel tells
//     Connection+Frames.swift      a frame, by kind
//     Connection+Requests.swift    a request, by route
//     Connection+Catalogue.swift   concerts, dates, halls, seats: answered here
//     Connection+Passwords.swift   what has to be hashed or verified first
//     Connection+Operators.swift   operators' questions, uploads
//     Connection+Engine.swift      what the engine loop delivers
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
    /// There are as many connections as there may be: this one is told to come back.
    let isOneTooMany: Bool

    var session: Session
    private(set) var channel: Channel?
    /// The login, as the engine loop knows it.
    var link: Link?
    /// The number of the running client, from its hello.
    var instance: UInt64 = 0
    var minor: UInt16 = 0
    /// At first, when it was opened: nothing is sent before the hello.
    var lastSentAt: ContinuousClock.Instant
    var isReaderSlow = false
    var hasWatchedPlace = false
    /// Nothing more is read; `goAway` follows what is still to be answered.
    var leaving: Leaving?
    /// Places that were not sent yet, the newest of each room.
    var places: [PlaceNews] = []
    /// What only some connections have.
    var extras: Extras?

    /// Above the soft bound nothing more is read; then 64 answers of the usual size still fit. An answer of the largest
    /// size fits four times.
    static let outboxLimits = OutboxLimits(
        bytesSoftMax: 256 * 1024, bytesHardMax: 4 * WireLimits.replyBytesMax)

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

    init(id: UInt64, host: ShardHost, isLocal: Bool, isOneTooMany: Bool) {
        self.id = id
        self.host = host
        self.isOneTooMany = isOneTooMany
        session = Session(isLocal: isLocal)
        lastSentAt = host.shard.now
    }

    var services: Services { host.services }

    /// Queues a frame. Nothing happens when the channel is closing.
    func send(_ frame: [UInt8]) {
        lastSentAt = host.shard.now
        channel?.send(frame)
    }
}

extension Connection: ChannelHandler {
    func channelOpened(_ channel: Channel) {
        self.channel = channel
        if channel.isEncrypted { services.encryption?.succeeded() }
        host.opened(self)
        if isOneTooMany { leave(.tooManyConnections, "The server is full.", atOnce: true) }
    }

    func channelReceived(_ channel: Channel, bytes: Span<UInt8>) -> Int {
        var offset = 0
        while session.reads {
            let parser = FrameParser(from: .client, bodyBytesMax: session.frameBytesMax)
            switch parser.step(over: bytes, at: offset) {
            case .needs(let count):
                channel.bytesWanted = count
                return offset
            case .skip(let header):
                offset += FrameHeader.bytes + Int(header.bodyBytes)
            case .frame(let header, let kind):
                let start = offset + FrameHeader.bytes
                offset = start + Int(header.bodyBytes)
                received(kind, header, body: bytes.extracting(start..<offset))
            case .violation(let violation):
                violated(violation.description)
            }
            // Answers pile up: the rest of the requests waits until they are read.
            if channel.queuedBytes > Self.outboxLimits.bytesSoftMax { break }
        }
        // What comes after a goodbye is nobody's.
        guard session.phase != .leaving else { return bytes.count }
        channel.pauseReading()
        return offset
    }

    /// Goes on with what was kept, once nothing holds it up.
    func readOn() {
        guard let channel, session.reads, !isReaderSlow,
            channel.queuedBytes <= Self.outboxLimits.bytesSoftMax
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
        case .hard: leave(.slowReader, "What was sent was not read.", atOnce: true)
        }
    }

    func channelDrained(_ channel: Channel) { readerSlow(false) }

    func channelClosed(_ channel: Channel, reason: CloseReason) {
        services.logger.debug("connection closed", metadata: ["connection": "\(id)", "reason": "\(reason)"])
        if self.channel == nil, case .tlsFailed(let failure) = reason {
            services.encryption?.failed(failure, from: channel.peer, at: host.shard.now)
        }
        self.channel = nil
        session.left()
        for performance in (extras?.maps ?? [:]).keys { host.unwatch(performance, by: self) }
        extras = nil
        places = []
        if let link { services.loop.post(.closed(link)) }
        link = nil
        host.closed(self)
    }
}
