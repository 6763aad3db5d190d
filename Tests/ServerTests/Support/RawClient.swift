import BoxOfficeProtocol
import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// How long a test waits for what must come: only there so that a defect is a failure and not a hang.
let patienceSeconds = 60

// Spans are made in functions of their own: the compiler (6.3.1) fails on some larger functions with one inside.

func decoded<Message: WireStructure>(_: Message.Type, _ frame: RawClient.Received) throws -> Message {
    let body = frame.body
    return try Message(body: body.span)
}

private func inflated(_ body: [UInt8]) throws -> [UInt8] {
    try Compression.inflated(body.span, bytesMax: WireLimits.replyBytesMax)
}

private func decodedNotice(_ opcode: Opcode, _ body: [UInt8]) throws -> Notice? {
    try Notice.decode(opcode, body: body.span)
}

private func decodedUpdate(_ opcode: Opcode, _ body: [UInt8]) throws -> Update? {
    try Update.decode(opcode, body: body.span)
}

private func firstStep(of bytes: [UInt8]) -> FrameParser.Step {
    FrameParser(from: .server, bodyBytesMax: WireLimits.replyBytesMax).step(over: bytes.span, at: 0)
}

/// A client of plain blocking calls that says whatever a test wants, right or wrong.
final class RawClient {
    let descriptor: Int32
    private var inbound: [UInt8] = []
    /// Of the newest request.
    var number: UInt64 = 0
    var answersPings = true
    /// Pushes that came while an answer was awaited, in order.
    private(set) var pushes: [Received] = []
    private var answers: [UInt64: Received] = [:]
    /// Of the welcome.
    private(set) var welcome: Welcome?
    private var clockOffset: Int64 = 0

    struct Received {
        var header: FrameHeader
        var kind: FrameKind
        var body: [UInt8]
    }

    struct Failed: Error, CustomStringConvertible {
        var description: String
    }

    /// Connects to `HOST:PORT` on this machine, or to a path; from the IPv4 address `source`, when it is given.
    init(_ address: String, from source: String? = nil, receiveBufferBytes: Int32? = nil) throws {
        let isPath = address.hasPrefix("/")
        descriptor = socket(isPath ? AF_UNIX : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var patience = timeval(tv_sec: patienceSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        if var receiveBufferBytes {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBufferBytes, socklen_t(MemoryLayout<Int32>.size))
        }
        if let source {
            var own = sockaddr_in()
            own.sin_family = sa_family_t(AF_INET)
            own.sin_addr.s_addr = inet_addr(source)
            let bound = withUnsafePointer(to: &own) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard bound == 0 else { throw Failed(description: "bind \(source): \(errno)") }
        }
        let result = isPath ? connectUnix(address) : try connectTCP(address)
        guard result == 0 else { throw Failed(description: "connect \(address): \(errno)") }
    }

    deinit { close(descriptor) }

    private func connectTCP(_ address: String) throws -> Int32 {
        guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw Failed(description: address)
        }
        var storage = sockaddr_in()
        storage.sin_family = sa_family_t(AF_INET)
        storage.sin_port = port.bigEndian
        storage.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private func connectUnix(_ path: String) -> Int32 {
        var storage = sockaddr_un()
        storage.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &storage.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        return withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    // MARK: Bytes

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failed(description: "send: \(errno)") }
            sent += count
        }
    }

    /// The next frame; nil when the server has closed the connection.
    func receive() throws -> Received? {
        while true {
            switch firstStep(of: inbound) {
            case .frame(let header, let kind):
                let end = FrameHeader.bytes + Int(header.bodyBytes)
                let body = Array(inbound[FrameHeader.bytes..<end])
                inbound.removeFirst(end)
                guard header.flags.contains(.compressed) else {
                    return Received(header: header, kind: kind, body: body)
                }
                return Received(header: header, kind: kind, body: try inflated(body))
            case .needs:
                var room = [UInt8](repeating: 0, count: 65_536)
                let count = room.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
                if count == 0 || (count < 0 && errno == ECONNRESET) { return nil }
                guard count > 0 else { throw Failed(description: "nothing came: \(errno)") }
                inbound.append(contentsOf: room.prefix(count))
            case .skip, .violation:
                throw Failed(description: "the server broke the rules")
            }
        }
    }

    /// Whether nothing comes for so long.
    func isQuiet(forMilliseconds milliseconds: Int32) -> Bool {
        if !inbound.isEmpty { return false }
        var descriptors = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&descriptors, 1, milliseconds) == 0
    }

    /// Makes the close a reset.
    func resetOnClose() {
        var abort = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &abort, socklen_t(MemoryLayout<linger>.size))
    }

    // MARK: The conversation

    @discardableResult
    func hello(
        token: SessionToken? = nil, instance: UInt64 = UInt64.random(in: 1 ... .max), deployment: DeploymentID? = nil
    ) throws -> Welcome {
        try send(
            Frame.hello(
                Hello(
                    magic: WireLimits.magic, major: 1, minor: 0, features: 0, instance: instance, client: "test",
                    session: token, deployment: deployment)))
        guard let frame = try receive(), frame.kind == .welcome else { throw Failed(description: "no welcome") }
        let welcome = try decoded(Welcome.self, frame)
        self.welcome = welcome
        clockOffset = welcome.now.rawValue - Int64(Date().timeIntervalSince1970 * 1_000_000)
        return welcome
    }

    /// A fresh operation key, by the server's time.
    func key() -> OperationKey {
        let now = Instant(Int64(Date().timeIntervalSince1970 * 1_000_000) + clockOffset)
        return OperationKey(at: now, random: DeploymentID.random().rawValue)
    }

    /// Sends a request without waiting for its answer.
    @discardableResult
    func request(_ message: some RequestMessage) throws -> UInt64 {
        number += 1
        try send(Frame.request(message, number: number))
        return number
    }

    /// The answer to this request. Pushes and other answers on the way are kept.
    func answer(to number: UInt64) throws -> Received {
        if let known = answers.removeValue(forKey: number) { return known }
        while let frame = try receive() {
            switch frame.kind {
            case .response, .error:
                if frame.header.id == number { return frame }
                if frame.header.id == 0 {
                    let refusal = try decoded(Refusal.self, frame)
                    throw Failed(description: "refused: \(refusal)")
                }
                answers[frame.header.id] = frame
            case .ping where answersPings: try send(Frame.bare(.pong, id: frame.header.id))
            default: pushes.append(frame)
            }
        }
        throw Failed(description: "closed before the answer to request \(number)")
    }

    /// Asks and takes the answer.
    func call<Message: RequestMessage>(_ message: Message) throws -> Result<Message.Response, Refusal> {
        let frame = try answer(to: try request(message))
        if frame.kind == .response { return .success(try decoded(Message.Response.self, frame)) }
        return .failure(try decoded(Refusal.self, frame))
    }

    /// Asks, and the answer must be good.
    func ok<Message: RequestMessage>(
        _ message: Message, location: SourceLocation = #_sourceLocation
    ) throws -> Message.Response {
        switch try call(message) {
        case .success(let response): return response
        case .failure(let refusal):
            Issue.record("\(Message.opcode.name) was refused: \(refusal)", sourceLocation: location)
            throw Failed(description: "\(refusal.code)")
        }
    }

    /// Asks, and must be refused; nil when it was not.
    func refused(_ message: some RequestMessage) throws -> RefusalCode? {
        if case .failure(let refusal) = try call(message) { refusal.code } else { nil }
    }

    /// The first push that is like this; others stay.
    func push(where isWanted: (Received) throws -> Bool) throws -> Received {
        var looked = 0
        while true {
            while looked < pushes.count {
                if try isWanted(pushes[looked]) { return pushes.remove(at: looked) }
                looked += 1
            }
            guard let frame = try receive() else { throw Failed(description: "closed before the push") }
            // Kept as well: a test that waits for nothing else looks for it.
            if frame.kind == .ping, answersPings { try send(Frame.bare(.pong, id: frame.header.id)) }
            pushes.append(frame)
        }
    }

    func push(_ kind: FrameKind) throws -> Received { try push { $0.kind == kind } }

    /// The next notice of this kind.
    func notice(_ opcode: Opcode) throws -> (sequence: UInt64, notice: Notice, isReplay: Bool) {
        let frame = try push { $0.kind == .notice && $0.header.opcode == opcode.rawValue }
        guard let notice = try decodedNotice(opcode, frame.body) else { throw Failed(description: "notice") }
        return (frame.header.id, notice, frame.header.flags.contains(.replayed))
    }

    func update(_ opcode: Opcode) throws -> Update {
        let frame = try push { $0.kind == .update && $0.header.opcode == opcode.rawValue }
        guard let update = try decodedUpdate(opcode, frame.body) else { throw Failed(description: "update") }
        return update
    }

    func goAway() throws -> GoAway { try decoded(GoAway.self, push(.goAway)) }

    /// Reads to the end of the stream: the reason of the goAway on the way.
    func goAwayAndClose() throws -> GoAwayReason {
        let reason = try goAway().reason
        while try receive() != nil {}
        return reason
    }

    // MARK: Members

    func signUp(_ name: String, password: String = "correct horse") throws -> Account {
        try ok(SignUp(operation: key(), name: name, password: Secret(password)))
    }

    func logIn(_ name: String, password: String = "correct horse") throws -> LoggedIn {
        try ok(LogIn(name: name, password: Secret(password), device: "test"))
    }
}
