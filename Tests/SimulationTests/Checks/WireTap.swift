// Reads along on the server's side of every connection: what the client library would forgive is a finding here.

import BoxOfficeProtocol

final class WireTap {
    private struct Line {
        var rest: [UInt8] = []
        /// The next notice of the subscription; nil before there is one.
        var nextNotice: UInt64?
        var isOver = false
    }

    private var lines: [Int: Line] = [:]
    private(set) var findings: [String] = []
    private(set) var frames = 0
    /// Hears of each frame.
    var listen: ((_ connection: Int, _ words: String) -> Void)?

    func serverSent(_ bytes: ArraySlice<UInt8>, on connection: Int) {
        var line = lines[connection] ?? Line()
        guard !line.isOver else { return }
        line.rest.append(contentsOf: bytes)
        let parser = FrameParser(from: .server, bodyBytesMax: WireLimits.replyBytesMax)
        var offset = 0
        reading: while true {
            switch parser.step(over: line.rest.span, at: offset) {
            case .needs: break reading
            case .skip(let header): offset += FrameHeader.bytes + Int(header.bodyBytes)
            case .violation(let violation):
                findings.append("connection \(connection): the server sends \(violation)")
                line.isOver = true
                break reading
            case .frame(let header, let kind):
                let start = offset + FrameHeader.bytes
                offset = start + Int(header.bodyBytes)
                frames += 1
                if let listen {
                    let opcode = Opcode(rawValue: header.opcode)?.name ?? ""
                    let refusal =
                        kind == .error
                        ? (try? Refusal(body: line.rest.span.extracting(start..<offset)))?.code.name ?? "" : ""
                    listen(connection, "\(kind) \(opcode) \(header.id) \(refusal)")
                }
                if line.isOver { findings.append("connection \(connection): a frame after goAway") }
                read(kind, header, Array(line.rest[start..<offset]), connection, &line)
            }
        }
        line.rest.removeFirst(offset)
        lines[connection] = line
    }

    private func read(
        _ kind: FrameKind, _ header: FrameHeader, _ body: [UInt8], _ connection: Int, _ line: inout Line
    ) {
        switch kind {
        case .response where header.opcode == Opcode.subscribeNotices.rawValue:
            guard let subscribed = try? Subscribed(body: body.span) else { return }
            line.nextNotice = subscribed.acknowledged + 1
        case .response where header.opcode == Opcode.logIn.rawValue || header.opcode == Opcode.logOut.rawValue:
            line.nextNotice = nil
        case .gap: line.nextNotice = header.id + 1
        case .notice:
            guard let next = line.nextNotice else {
                return findings.append("connection \(connection): notice \(header.id) without a subscription")
            }
            if header.id != next {
                findings.append("connection \(connection): notice \(header.id) where \(next) was due")
            }
            line.nextNotice = header.id + 1
        case .goAway: line.isOver = true
        default: break
        }
    }
}
