import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeTransport

extension Connection {
    /// A whole frame.
    func received(_ kind: FrameKind, _ header: FrameHeader, body: Span<UInt8>) {
        switch kind {
        case .hello: helloReceived(body)
        case .request: requestReceived(header, body: body)
        case .ack: ackReceived(through: header.id)
        case .ping:
            guard session.takesControlFrames else { return violated("The first frame is hello.") }
            send(Frame.bare(.pong, id: header.id))
        case .pong:
            guard session.takesControlFrames else { return violated("The first frame is hello.") }
        case .cancel:
            guard session.takesControlFrames else { return violated("The first frame is hello.") }
            if session.cancelReceived(header.id) {
                services.loop.post(.cancel(connection: id, number: header.id))
            }
        case .welcome, .response, .error, .notice, .update, .gap, .replayed, .goAway:
            // The parser refuses what only the server sends.
            violated("Frames of kind \(header.kind) are the server's.")
        }
    }

    // MARK: Hello

    private func helloReceived(_ body: Span<UInt8>) {
        let action = session.helloReceived(body, deployment: services.loop.deployment)
        switch action {
        case .sendWelcome(let minor):
            note(body, minor)
            sendWelcome(.none, account: nil)
        case .resume(let token, let minor):
            note(body, minor)
            services.loop.post(
                .resume(tokenDigest: Digest(hashing: token.rawValue.bytes), instance: instance, self))
        case .refuse(let refusal):
            reached(.violation, "hello refused: \(refusal.message)")
            send(Frame.refusal(refusal, request: 0))
            leave(.protocolViolation, refusal.message, atOnce: true)
        }
    }

    private func note(_ body: Span<UInt8>, _ minor: UInt16) {
        self.minor = minor
        guard let hello = try? Hello(body: body) else { return }
        instance = hello.instance
        services.logger.debug("hello", metadata: metadata(["client": "\(hello.client)"]))
    }

    func sendWelcome(_ resumed: ResumeResult, account: Account?) {
        let welcome = Welcome(
            major: WireLimits.major, minor: minor, features: services.features, deployment: services.loop.deployment,
            now: services.clock.now, resumed: resumed, server: Services.serverName,
            limits: services.configuration.toldLimits, account: account)
        send(Frame.welcome(welcome))
    }

    // MARK: Acks

    private func ackReceived(through sequence: UInt64) {
        switch session.ackReceived(through: sequence) {
        case .acknowledge(let through):
            if let link { services.loop.post(.acknowledged(link, through: through)) }
        case .violation(let what): violated(what)
        case .ignore: break
        }
    }

    // MARK: Violations

    /// The connection cannot go on: what is wrong is said once, and it closes.
    func violated(_ what: String, _ limit: LimitKind = .violation) {
        guard leaving == nil else { return }
        reached(limit, "protocol violation: \(what)")
        send(Frame.refusal(Refusal(.protocolViolation, what), request: 0))
        leave(.protocolViolation, what, atOnce: true)
    }
}
