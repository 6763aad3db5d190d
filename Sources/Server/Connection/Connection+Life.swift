import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeTransport
import Logging

extension Connection {
    /// What a log line says about this connection. Names of members are not among it.
    func metadata(_ more: Logger.Metadata = [:]) -> Logger.Metadata {
        var metadata = more
        metadata["connection"] = "\(id)"
        if let peer = channel?.peer { metadata["peer"] = "\(peer)" }
        return metadata
    }

    // MARK: The clock

    /// Now and then, for each connection of the shard.
    func clockTicked(_ now: ContinuousClock.Instant) {
        guard let channel, channel.isOpen else { return }
        if let leaving {
            if now - leaving.since > .seconds(Self.leavingSeconds) { sayGoodbye() }
            return
        }
        let configuration = services.configuration
        if let (limit, message) = lateness(at: services.clock.now) {
            reached(limit, "a connection was too slow")
            return leave(.silence, message, atOnce: true)
        }
        if channel.queuedBytes > 0, now - channel.lastWriteProgressAt > .seconds(configuration.slowReaderSeconds) {
            reached(.writeProgress, "a reader took nothing")
            return leave(.slowReader, "What was sent was not read.", atOnce: true)
        }
        let keepalive = Duration.seconds(Int64(configuration.keepaliveSeconds))
        // While nothing is read, silence is this side's doing.
        if session.reads, !isReaderSlow, !isPaced, now - channel.lastReceivedAt > keepalive * 3 / 2 {
            reached(.silence, "a connection fell silent")
            return leave(.silence, "Nothing came for one and a half keepalives.", atOnce: true)
        }
        if session.phase == .open, now - lastSentAt >= keepalive { send(Frame.bare(.ping)) }
        // A pause for a long queue that was written off before anybody called it slow ends here.
        readOn()
    }

    /// Over the soft bound: updates only, until the reader has caught up.
    func readerSlow(_ isSlow: Bool) {
        isReaderSlow = isSlow
        // What was not read is not late.
        if frameBegunAt != nil { frameBegunAt = services.clock.now }
        if isSlow { channel?.pauseReading() } else { readOn() }
        if let link { services.loop.post(.readerSlow(link, isSlow)) }
    }

    // MARK: Goodbye

    /// How long what was taken may take to be answered, before the goodbye.
    static let leavingSeconds = 10.0

    /// Reads nothing more, says goodbye and closes: at once, or when everything that was taken is answered.
    func leave(_ reason: GoAwayReason, _ message: String, atOnce: Bool = false) {
        guard leaving == nil else { return }
        session.left()
        let retryAfter =
            switch reason {
            case .shuttingDown, .storage, .tooManyConnections: services.jitteredRetryMilliseconds()
            default: UInt32(0)
            }
        leaving = Leaving(
            GoAway(reason: reason, retryAfterMilliseconds: retryAfter, message: message),
            since: host.shard.now)
        services.logger.debug("goodbye", metadata: metadata(["reason": "\(reason.name)"]))
        if atOnce { sayGoodbye() } else { closeWhenAnswered() }
    }

    func leaveForShutdown() { leave(.shuttingDown, "The server is stopping.") }

    func closeWhenAnswered() {
        if session.inFlight == 0 { sayGoodbye() }
    }

    /// The last frame (spec/session.md, goAway): behind every answer and notice.
    private func sayGoodbye() {
        guard let leaving else { return }
        push(Frame.goAway(leaving.goAway, lastRequest: session.lastRequest))
        // Who is turned away has a second to hear of it: each keeps a descriptor for so long.
        let isBrief = standing == .turnedAway || isToldToGo
        channel?.closeAfterFlush(deadlineSeconds: isBrief ? 1 : Channel.flushSeconds)
    }
}
