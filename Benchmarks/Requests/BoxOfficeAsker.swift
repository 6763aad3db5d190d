import BoxOfficeProtocol
import Dispatch

/// Requests of the project's own protocol. Counts refusals among the answers.
struct BoxOfficeAsker: Asker {
    /// What is asked.
    private let append: (_ connection: Int, _ number: UInt64, _ writer: inout WireWriter) -> Void
    private var writer = WireWriter()
    /// Rises from one asker of a connection to the next.
    private var number = DispatchTime.now().uptimeNanoseconds
    private(set) var refusals: [RefusalCode: Int] = [:]

    /// - Parameter message: The next request of a connection.
    init<Message: RequestMessage>(_ message: @escaping (_ connection: Int) -> Message) {
        append = { connection, number, writer in
            let message = message(connection)
            Frame.append(.request, opcode: Message.opcode.rawValue, id: number, to: &writer) {
                message.encode(into: &$0)
            }
        }
    }

    /// Pings.
    init() {
        append = { _, number, writer in Frame.append(.ping, id: number, to: &writer) { _ in } }
    }

    mutating func appendRequest(of connection: Int, to bytes: inout [UInt8]) {
        number += 1
        swap(&writer.bytes, &bytes)
        append(connection, number, &writer)
        swap(&writer.bytes, &bytes)
    }

    mutating func takeAnswers(in bytes: [UInt8], count: Int) throws -> (answers: Int, end: Int) {
        let parser = FrameParser(from: .server, bodyBytesMax: WireLimits.replyBytesMax)
        var answers = 0
        var end = 0
        let span = bytes.span.extracting(0..<count)
        while case .frame(let header, let kind) = parser.step(over: span, at: end) {
            let body = end + FrameHeader.bytes
            end = body + Int(header.bodyBytes)
            switch kind {
            case .response, .pong: answers += 1
            case .error:
                answers += 1
                refusals[try Refusal(body: span.extracting(body..<end)).code, default: 0] += 1
            case .goAway: throw Failed("goodbye: \(try GoAway(body: span.extracting(body..<end)).message)")
            default: break
            }
        }
        return (answers, end)
    }
}
