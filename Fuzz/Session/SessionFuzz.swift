// What clients may send to a server, from the frame to the engine's answer. An input is a list of steps:
//
//     [what | line] then        line: one of the eight below
//       0…3  frame              [kind][opcode u16][number][body bytes u16] body…     answered at once
//       4    frame              the same, answered with what comes later
//       5    time passes        [which of `spans`]
//       6    the line closes, and is open again
//       7    what waits on the line is answered
//
// What holds: nothing traps; I1–I6 after each change; a retry is answered with the same and changes nothing; no answer to
// somebody without the role; what is answered is what a client reads.

import BoxOfficeEngine
import BoxOfficeFuzzing
import BoxOfficeProtocol
import Foundation

@testable import BoxOfficeServer

enum SessionFuzz: FuzzTarget {
    enum Depth: Int, CaseIterable { case taken, answered, refused, violations }

    static let name = "session"

    /// Steps of one input that are looked at.
    static let stepsMax = 48

    static let spans: [Microseconds] = [
        Microseconds(1), .seconds(1), .seconds(30), .seconds(61), .seconds(240), .seconds(301), .seconds(601),
        .seconds(1801), .seconds(3_600), .seconds(86_401), .seconds(31 * 86_400), .seconds(-3_600),
    ]

    static func run(_ input: [UInt8], into tally: inout Tally<Depth>) {
        var bytes = FuzzBytes(input)
        var desk = Opening.desk
        for _ in 0..<stepsMax where !bytes.isEmpty {
            let step = bytes.byte()
            let line = Int(step & 7)
            switch step >> 3 & 7 {
            case 5: desk.pass(spans[Int(bytes.byte()) % spans.count])
            case 6: desk.reopen(line)
            case 7: desk.answerAll(on: line, &tally)
            case let what: desk.received(frame(&bytes, on: desk.lines[line]), on: line, answersLater: what == 4, &tally)
            }
        }
        for line in desk.lines.indices { desk.answerAll(on: line, &tally) }
        tally.consume(UInt64(bitPattern: desk.now.rawValue))
    }

    /// A frame whose header fits its body. Number 0 stands for the next one of the line.
    private static func frame(_ bytes: inout FuzzBytes, on line: Line) -> [UInt8] {
        let (kind, opcode, number) = (bytes.byte(), bytes.short(), UInt64(bytes.byte()))
        let body = bytes.take(Int(bytes.short()))
        var writer = WireWriter(reserving: FrameHeader.bytes + body.count)
        writer.write(UInt32(body.count))
        writer.write(kind)
        writer.write(UInt8(0))
        writer.write(opcode)
        writer.write(number == 0 ? line.session.lastRequest + 1 : number)
        writer.bytes += body
        return writer.bytes
    }

    static let deployment = DeploymentID(Bytes16(high: 1, low: 1))
}

nonisolated(unsafe) private var tally = Tally<SessionFuzz.Depth>()  // libFuzzer calls on one thread

/// libFuzzer calls this once, before the first input.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutableRawPointer?, _ arguments: UnsafeMutableRawPointer?) -> CInt {
    atexit { print("\(SessionFuzz.name): \(tally.summary)") }
    return SessionFuzz.start()
}

/// libFuzzer calls this for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    SessionFuzz.testOneInput(start, count, &tally)
}
