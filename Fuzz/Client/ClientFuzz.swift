// A server that says anything at all, to the client library: frame by frame through the parser, inflating and the pure
// session. An input is a byte of settings and a list of steps:
//
//     [what | detail] then      detail: three bits more
//       0…4  frame              [kind][flags][opcode u16][number][body bytes u16] body…
//       5    answer             [flags][body bytes u16] body…       to the newest request, as its opcode
//       6    compressed         as 0, and the body is deflated first: what a fuzzer does not hit by chance
//       7    connection         opened, lost, or time passes        [detail]
//       8…   what callers do    calls, cancellations, subscriptions, looks
//
// What holds: nothing traps; a call ends once, and at the end each has ended; what is sent are frames that a server
// takes; timers come to rest; what is kept of what the server says is bounded.

import BoxOfficeFuzzing
import Foundation

@testable import BoxOfficeClient

enum ClientFuzz: FuzzTarget {
    enum Depth: Int, CaseIterable { case frames, connected, answered, failed, faults }

    static let name = "client"

    /// Steps of one input that are looked at.
    static let stepsMax = 96

    static func run(_ input: [UInt8], into tally: inout Tally<Depth>) {
        var bytes = FuzzBytes(input)
        let settings = bytes.byte()
        var play = HostilePlay(asMember: settings & 1 != 0, retries: settings & 2 != 0)
        if settings & 4 != 0 { play.connect() }
        for _ in 0..<stepsMax where !bytes.isEmpty && !play.session.isClosed {
            let step = bytes.byte()
            let detail = step >> 4 & 7
            switch step & 15 {
            case 0...4: play.frame(&bytes, isCompressed: false, &tally)
            case 5: play.answer(&bytes, &tally)
            case 6: play.frame(&bytes, isCompressed: true, &tally)
            case 7: play.connectionEvent(detail)
            case let what: play.caller(does: what, detail, &bytes)
            }
        }
        play.end(&tally)
    }

    static func seeds() -> [(name: String, bytes: [UInt8])] {
        VectorFrame.all().filter { !$0.isFromClient && (16...4_000).contains($0.bytes.count) }.flatMap { vector in
            let body = Array(vector.bytes.dropFirst(16))
            // Pushed at a member who calls, iterates and watches.
            var frame = opening(settings: 7)
            frame.byte(0)
            frame.append(Array(vector.bytes[4..<8]))
            frame.byte(vector.bytes[15])
            frame.short(UInt16(body.count))
            frame.append(body)
            guard vector.bytes[4] == FrameKind.response.rawValue || vector.bytes[4] == FrameKind.error.rawValue else {
                return [(name: vector.name, bytes: frame.bytes)]
            }
            // As the answer to a request of its kind.
            var answer = opening(settings: 7)
            answer.byte(15)
            answer.append([vector.bytes[6], vector.bytes[7]])
            answer.byte(5)
            answer.byte(vector.bytes[5] | (vector.bytes[4] == FrameKind.error.rawValue ? 0x80 : 0))
            answer.short(UInt16(body.count))
            answer.append(body)
            return [(name: vector.name, bytes: frame.bytes), (name: "\(vector.name)-answered", bytes: answer.bytes)]
        }
    }

    private static func opening(settings: UInt8) -> FuzzSeed {
        var seed = FuzzSeed()
        seed.append([settings, 8, 11, 12, 9])
        return seed
    }
}

nonisolated(unsafe) private var tally = Tally<ClientFuzz.Depth>()  // libFuzzer calls on one thread

/// libFuzzer calls this once, before the first input.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutableRawPointer?, _ arguments: UnsafeMutableRawPointer?) -> CInt {
    atexit { print("\(ClientFuzz.name): \(tally.summary)") }
    return ClientFuzz.start()
}

/// libFuzzer calls this for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    ClientFuzz.testOneInput(start, count, &tally)
}
