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
        guard let channel, channel.isOpen, !isLeaving else { return }
        let configuration = services.configuration
        if session.phase == .awaitingHello, now - openedAt > .seconds(configuration.handshakeSeconds) {
            return leave(.silence, "There was no hello in time.", atOnce: true)
        }
        if channel.queuedBytes > 0, now - channel.lastWriteProgressAt > .seconds(configuration.slowReaderSeconds) {
            return leave(.slowReader, "What was sent was not read.", atOnce: true)
        }
        let keepalive = Duration.seconds(Int64(configuration.keepaliveSeconds))
        // While nothing is read, silence is this side's doing.
        if session.reads, !isReaderSlow, now - channel.lastReceivedAt > keepalive * 3 / 2 {
            return leave(.silence, "Nothing came for one and a half keepalives.", atOnce: true)
        }
        if session.phase == .open, now - lastSentAt >= keepalive { send(Frame.bare(.ping)) }
        // A pause for a long queue that was written off before anybody called it slow ends here.
        readOn()
    }

    /// Over the soft bound: updates only, until the reader has caught up.
    func readerSlow(_ isSlow: Bool) {
        isReaderSlow = isSlow
        if isSlow { channel?.pauseReading() } else { readOn() }
        if let link { services.loop.post(.readerSlow(link, isSlow)) }
    }

    // MARK: Goodbye

    /// Says goodbye and closes: at once, or when everything that was taken is answered.
    func leave(_ reason: GoAwayReason, _ message: String, atOnce: Bool = false) {
        guard !isLeaving else { return }
        isLeaving = true
        session.left()
        let retryAfter =
            switch reason {
            case .shuttingDown, .storage, .tooManyConnections: services.jitteredRetryMilliseconds()
            default: UInt32(0)
            }
        services.logger.debug("goodbye", metadata: metadata(["reason": "\(reason.name)"]))
        let goAway = GoAway(reason: reason, retryAfterMilliseconds: retryAfter, message: message)
        send(Frame.goAway(goAway, lastRequest: session.lastRequest))
        if atOnce { channel?.closeAfterFlush() } else { closeWhenAnswered() }
    }

    func leaveForShutdown() { leave(.shuttingDown, "The server is stopping.") }

    func closeWhenAnswered() {
        guard isLeaving, session.inFlight == 0 else { return }
        channel?.closeAfterFlush()
    }
}
