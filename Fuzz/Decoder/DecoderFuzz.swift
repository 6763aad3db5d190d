// Frames and messages, of both sides. An input is one of two things, by its first byte:
//
//     stream    [0 | sender][cut] bytes…                    what arrives on a socket, in two pieces
//     message   [1][kind][flags][opcode u16] body…          a body in a frame whose header fits it
//
// What holds: however the bytes are cut, the same frames are found; a body that decodes encodes to something that
// decodes to the same; that something is the same bytes, or fewer where unknown tags were dropped; inflating stays within
// its cap.

import BoxOfficeFuzzing
import BoxOfficeProtocol
import Foundation

enum DecoderFuzz: FuzzTarget {
    enum Depth: Int, CaseIterable { case frames, violations, refused, decoded, inflated }

    static let name = "decoder"

    /// Smaller than the protocol's, so that inputs meet it.
    static let bodyBytesMax = 4096

    static func run(_ input: [UInt8], into tally: inout Tally<Depth>) {
        var bytes = FuzzBytes(input)
        let form = bytes.byte()
        if form & 1 == 0 {
            let cut = Int(bytes.byte())
            checkStream(bytes.rest(), from: form & 2 == 0 ? .client : .server, cut: cut, &tally)
        } else {
            let (kind, flags, opcode) = (bytes.byte(), bytes.byte(), bytes.short())
            let body = bytes.rest()
            var writer = WireWriter(reserving: FrameHeader.bytes + body.count)
            writer.write(UInt32(body.count))
            writer.write(kind)
            writer.write(flags)
            writer.write(opcode)
            writer.write(UInt64(1))
            writer.bytes += body
            checkStream(writer.bytes, from: .client, cut: 0, &tally)
            checkStream(writer.bytes, from: .server, cut: 0, &tally)
        }
    }

    // MARK: Frames

    /// Everything that the parser finds, until it needs more or gives up; and how far it came.
    static func steps(
        over bytes: [UInt8], from start: Int, _ parser: FrameParser
    ) -> (found: [FrameParser.Step], offset: Int) {
        var found: [FrameParser.Step] = []
        var offset = start
        while true {
            let step = parser.step(over: bytes.span, at: offset)
            switch step {
            case .needs(let needed):
                require(needed > bytes.count - offset, "needs \(needed) bytes and has them")
                require(needed <= FrameHeader.bytes + parser.bodyBytesMax, "needs \(needed) bytes, above the cap")
                return (found, offset)
            case .violation:
                return (found + [step], offset)
            case .frame(let header, _), .skip(let header):
                offset += FrameHeader.bytes + Int(header.bodyBytes)
                require(offset <= bytes.count, "a frame that goes beyond the bytes")
                found.append(step)
            }
        }
    }

    static func checkStream(
        _ bytes: [UInt8], from sender: FrameParser.Sender, cut: Int, _ tally: inout Tally<Depth>
    ) {
        let parser = FrameParser(from: sender, bodyBytesMax: bodyBytesMax)
        let whole = steps(over: bytes, from: 0, parser)
        let first = steps(over: Array(bytes.prefix(cut)), from: 0, parser)
        if case .violation = first.found.last {
            require(first.found == whole.found, "a cut that shows another violation")
        } else {
            let second = steps(over: bytes, from: first.offset, parser)
            require(first.found + second.found == whole.found, "a cut that shows other frames")
        }
        var offset = 0
        for step in whole.found {
            switch step {
            case .frame(let header, let kind):
                tally.reached(.frames)
                let start = offset + FrameHeader.bytes
                offset = start + Int(header.bodyBytes)
                checkFrame(header, kind, Array(bytes[start..<offset]), &tally)
            case .skip(let header): offset += FrameHeader.bytes + Int(header.bodyBytes)
            case .violation(let violation):
                tally.reached(.violations)
                tally.consume(Array(violation.description.utf8))
            case .needs: break
            }
        }
    }

    // MARK: Messages

    static func checkFrame(_ header: FrameHeader, _ kind: FrameKind, _ body: [UInt8], _ tally: inout Tally<Depth>) {
        var body = body
        if header.flags.contains(.compressed) {
            do throws(Compression.Failure) {
                let inflated = try Compression.inflated(body.span, bytesMax: bodyBytesMax)
                require(inflated.count <= bodyBytesMax, "inflated to \(inflated.count) bytes")
                tally.reached(.inflated)
                body = inflated
            } catch {
                return tally.consume(error == .corrupt ? 1 : 2)
            }
        }
        do throws(DecodeFailure) {
            guard let message = try decoded(kind, opcode: header.opcode, body: body) else { return }
            check(message, body: body)
            tally.reached(.decoded)
            tally.consume(message.encoded)
        } catch {
            require(0...body.count ~= error.offset, "a failure at \(error.offset) of \(body.count) bytes")
            tally.reached(.refused)
            tally.consume(UInt64(error.offset))
        }
    }

    static func decoded(
        _ kind: FrameKind, opcode: UInt16, body: [UInt8]
    ) throws(DecodeFailure) -> (any WireStructure)? {
        switch kind {
        case .hello: return try Hello(body: body.span)
        case .welcome: return try Welcome(body: body.span)
        case .goAway: return try GoAway(body: body.span)
        case .error: return try Refusal(body: body.span)
        default: break
        }
        guard let opcode = Opcode(rawValue: opcode) else { return nil }
        return switch kind {
        case .request: try Request.decode(opcode, body: body.span)?.message
        case .response: try Response.decode(opcode, body: body.span)?.message
        case .notice: try Notice.decode(opcode, body: body.span)?.message
        case .update: try Update.decode(opcode, body: body.span)?.message
        default: nil
        }
    }

    static func check<Message: WireStructure>(_ message: Message, body: [UInt8]) {
        let encoded = message.encoded
        require(encoded == body || encoded.count < body.count, "\(Message.self) has two encodings")
        require(encoded.count >= Message.bytesMin, "\(Message.self) is shorter than its shortest")
        do throws(DecodeFailure) {
            let again = try Message(body: encoded.span)
            require(again == message, "\(Message.self) decodes to another value")
            require(again.encoded == encoded, "\(Message.self) encodes to other bytes")
        } catch {
            fatalError("\(Message.self) does not decode what it encoded: \(error)")
        }
    }

    // MARK: Seeds

    static func seeds() -> [(name: String, bytes: [UInt8])] {
        VectorFrame.all().filter { $0.bytes.count <= FrameHeader.bytes + bodyBytesMax }.flatMap { frame in
            var stream = FuzzSeed()
            stream.byte(frame.isFromClient ? 0 : 2)
            stream.byte(20)
            stream.append(frame.bytes)
            guard frame.bytes.count >= FrameHeader.bytes else { return [(frame.name, stream.bytes)] }
            var message = FuzzSeed()
            message.byte(1)
            message.append(Array(frame.bytes[4..<8]))
            message.append(Array(frame.bytes[FrameHeader.bytes...]))
            return [("\(frame.name)-stream", stream.bytes), ("\(frame.name)-message", message.bytes)]
        }
    }
}

nonisolated(unsafe) private var tally = Tally<DecoderFuzz.Depth>()  // libFuzzer calls on one thread

/// libFuzzer calls this once, before the first input.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutableRawPointer?, _ arguments: UnsafeMutableRawPointer?) -> CInt {
    atexit { print("\(DecoderFuzz.name): \(tally.summary)") }
    return DecoderFuzz.start()
}

/// libFuzzer calls this for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    DecoderFuzz.testOneInput(start, count, &tally)
}
