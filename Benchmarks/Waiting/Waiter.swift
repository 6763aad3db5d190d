import BoxOfficeProtocol
import BoxOfficeTransport

/// A connection of one member: resumes a session, joins, and takes what it is told. On the queue of its shard.
///
/// `@unchecked Sendable`: touched on that queue only; others pass it along.
final class Waiter: ChannelHandler, @unchecked Sendable {
    private let session: SessionToken?
    private unowned let crowd: Crowd
    private var channel: Channel?
    private var number: UInt64 = 0
    private var isAdmitted = false
    /// The newest place.
    private(set) var position: UInt32 = 0
    private(set) var reason = StillReason.moving

    init(session: SessionToken?, of crowd: Crowd) {
        self.session = session
        self.crowd = crowd
    }

    func request(_ message: some RequestMessage) {
        number += 1
        channel?.send(Frame.request(message, number: number))
    }

    func ping() { channel?.send(Frame.bare(.ping)) }

    func channelOpened(_ channel: Channel) {
        self.channel = channel
        channel.send(Frame.hello(.ofBenchmark(session)))
    }

    func channelReceived(_ channel: Channel, bytes: Span<UInt8>) -> Int {
        let parser = FrameParser(from: .server, bodyBytesMax: WireLimits.replyBytesMax)
        var offset = 0
        while offset < bytes.count {
            guard case .frame(let header, let kind) = parser.step(over: bytes, at: offset) else { return offset }
            let end = offset + FrameHeader.bytes + Int(header.bodyBytes)
            do {
                try received(kind, header, bytes.extracting(offset + FrameHeader.bytes..<end))
            } catch {
                crowd.failed("a frame does not decode: \(error)")
            }
            offset = end
        }
        return offset
    }

    private func received(_ kind: FrameKind, _ header: FrameHeader, _ body: Span<UInt8>) throws(DecodeFailure) {
        switch kind {
        case .ping: channel?.send(Frame.bare(.pong, id: header.id))
        case .welcome:
            if session != nil, try Welcome(body: body).resumed != .resumed { crowd.failed("a session was refused") }
            crowd.welcomed()
        case .response:
            if Opcode(rawValue: header.opcode) == .joinQueue { placed(try Place(body: body), isNews: false) }
            crowd.answered()
        case .error: crowd.failed("refused: \(try Refusal(body: body))")
        case .update:
            if Opcode(rawValue: header.opcode) == .positionChanged {
                placed(try PositionChanged(body: body).place, isNews: true)
            }
            if Opcode(rawValue: header.opcode) == .seatsChanged {
                for change in try SeatsChanged(body: body).changes { crowd.changed(change.seat) }
            }
        case .notice:
            if Opcode(rawValue: header.opcode) == .admitted {
                crowd.admissionNoticed(at: try Admitted(body: body).at)
                channel?.send(Frame.bare(.ack, id: header.id))
            }
        case .goAway: crowd.failed("goodbye: \(try GoAway(body: body).message)")
        default: break
        }
    }

    private func placed(_ place: Place, isNews: Bool) {
        position = place.position
        reason = place.reason
        if place.status == .active, !isAdmitted {
            isAdmitted = true
            crowd.admissionShown(at: place.now)
        }
        if isNews { crowd.moved(reason: place.reason) }
    }

    func channelClosed(_ channel: Channel, reason: CloseReason) {
        self.channel = nil
        crowd.failed("a connection closed: \(reason)")
    }
}

extension Hello {
    /// Of a client that measures; nil is the session of a guest.
    static func ofBenchmark(_ session: SessionToken?) -> Hello {
        Hello(
            magic: WireLimits.magic, major: WireLimits.major, minor: WireLimits.minor, features: 0, instance: 1,
            client: "boxoffice-benchmark", session: session)
    }
}
