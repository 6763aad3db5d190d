import BoxOfficeProtocol
import Testing

/// Frames out of bytes as they drip in.
@Suite struct FrameParserTests {
    static let hold = Frame.request(
        Hold(operation: OperationKey(Bytes16(high: 1, low: 2)), performance: PerformanceID(5), seats: [SeatIndex(11)]),
        number: 7)
    static let ping = Frame.bare(.ping, id: 9)
    let parser = FrameParser(from: .client, bodyBytesMax: 1_024)

    /// The frames in `stream`, which comes in pieces of `size` bytes; what is left over at the end comes last.
    func frames(in stream: [UInt8], piece size: Int) -> (frames: [FrameHeader], rest: [UInt8]) {
        var buffer: [UInt8] = []
        var found: [FrameHeader] = []
        for start in stride(from: 0, to: stream.count, by: size) {
            buffer += stream[start..<min(start + size, stream.count)]
            taking: while true {
                switch parser.step(over: buffer.span, at: 0) {
                case .frame(let header, _), .skip(let header):
                    found.append(header)
                    buffer.removeFirst(FrameHeader.bytes + Int(header.bodyBytes))
                case .needs(let bytes):
                    #expect(bytes > buffer.count)
                    break taking
                case .violation(let violation):
                    Issue.record("\(violation)")
                    return (found, buffer)
                }
            }
        }
        return (found, buffer)
    }

    @Test func `whole, byte by byte, and in pieces of any size`() {
        let stream = Self.hold + Self.ping + Self.hold + Frame.bare(.ack, id: 3)
        for size in 1...stream.count {
            let (headers, rest) = frames(in: stream, piece: size)
            #expect(headers.map(\.id) == [7, 9, 7, 3], "pieces of \(size)")
            #expect(rest.isEmpty)
        }
    }

    @Test func `two frames in one read, cut in every place`() {
        let stream = Self.hold + Self.ping
        for cut in stream.indices {
            let (headers, rest) = frames(in: Array(stream.prefix(cut)), piece: cut + 1)
            #expect(headers.count == (cut >= Self.hold.count ? 1 : 0), "cut at \(cut)")
            #expect(rest.count == cut - (headers.isEmpty ? 0 : Self.hold.count))
        }
    }

    @Test func `says how many bytes it needs`() {
        #expect(parser.step(over: [UInt8]().span, at: 0) == .needs(bytes: 16))
        #expect(parser.step(over: Self.hold.span, at: Self.hold.count) == .needs(bytes: 16))
        #expect(parser.step(over: Array(Self.hold.prefix(16)).span, at: 0) == .needs(bytes: Self.hold.count))
    }

    @Test func `looks where it is told to`() {
        let stream = Self.hold + Self.ping
        guard case .frame(let header, .ping) = parser.step(over: stream.span, at: Self.hold.count) else {
            Issue.record("no ping there")
            return
        }
        #expect(header.id == 9)
    }

    @Test func `the cap comes first, and as soon as the header is there`() {
        var bytes = Frame.bytes(.welcome, flags: FrameFlags(rawValue: 0xFF)) { _ in }
        bytes.replaceSubrange(0..<4, with: [0, 0, 4, 1])
        guard case .violation(.tooLong(let header)) = parser.step(over: bytes.span, at: 0) else {
            Issue.record("1,025 bytes pass a cap of 1,024")
            return
        }
        #expect(header.bodyBytes == 1_025)
    }

    @Test func `a body as long as the cap is taken`() {
        let frame = Frame.bytes(.request, opcode: 1) { $0.bytes += [UInt8](repeating: 0, count: 1_024) }
        guard case .frame = parser.step(over: frame.span, at: 0) else {
            Issue.record("a body of the cap is refused")
            return
        }
    }

    @Test func `each side may send its own kinds only`() {
        let fromClient: Set<FrameKind> = [.hello, .request, .cancel, .ack, .ping, .pong]
        for kind in FrameKind.allCases {
            let frame = Frame.bare(kind)
            for (sender, allowed) in [
                (FrameParser.Sender.client, fromClient.contains(kind)),
                (.server, !fromClient.contains(kind) || kind == .ping || kind == .pong),
            ] {
                let step = FrameParser(from: sender, bodyBytesMax: 0).step(over: frame.span, at: 0)
                if case .frame(_, let found) = step {
                    #expect(allowed && found == kind)
                } else {
                    #expect(!allowed, "\(kind) from the \(sender)")
                }
            }
        }
    }

    @Test func `every kind and every flag has an outcome`() {
        for kind in UInt8.min...UInt8.max {
            for flags in UInt8.min...UInt8.max {
                let bytes: [UInt8] = [0, 0, 0, 0, kind, flags] + [UInt8](repeating: 0, count: 10)
                for sender in [FrameParser.Sender.client, .server] {
                    let step = FrameParser(from: sender, bodyBytesMax: 0).step(over: bytes.span, at: 0)
                    switch step {
                    case .skip: #expect(kind < 0x80 && FrameKind(rawValue: kind) == nil)
                    case .frame: #expect(flags & ~3 == 0 && (sender == .server || flags == 0))
                    case .violation: #expect(flags != 0 || kind >= 0x80 || FrameKind(rawValue: kind) != nil)
                    case .needs: Issue.record("a whole header needs no more")
                    }
                }
            }
        }
    }
}
