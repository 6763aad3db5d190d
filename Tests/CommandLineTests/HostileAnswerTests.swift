// What a server may say is anything that decodes: the largest of every number, instants from before history, seats that
// no hall has, and text that a terminal would obey. Showing it must not end the program.

import BoxOfficeTerminal
import Foundation
import Testing

@testable import BoxOfficeClient
@testable import BoxOfficeCommandLine

@Suite struct HostileAnswerTests {
    /// The bodies that `spec/vectors` has for everything a server sends, by kind and opcode.
    static let samples: [(kind: FrameKind, opcode: Opcode, body: [UInt8])] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "spec/vectors", directoryHint: .isDirectory)
        return ["responses", "notices", "updates"].flatMap { name in
            let text = (try? String(contentsOf: folder.appending(path: "\(name).txt"), encoding: .utf8)) ?? ""
            return text.split(separator: "\n").filter { $0.hasPrefix("hex ") }.compactMap {
                line -> (FrameKind, Opcode, [UInt8])? in
                let frame = bytes(hexadecimal: line.dropFirst(4).replacing(" ", with: "")) ?? []
                guard frame.count > 16, frame[5] & FrameFlags.compressed.rawValue == 0,
                    let kind = FrameKind(rawValue: frame[4]),
                    let opcode = Opcode(rawValue: UInt16(frame[6]) << 8 | UInt16(frame[7]))
                else { return nil }
                return (kind, opcode, Array(frame.dropFirst(16)))
            }
        }
    }()

    /// Both faces of it; how many lines that were.
    static func show(_ shown: any Shown) -> Int {
        _ = shown.json
        return shown.lines(Look(style: Style(isOn: true), columns: 20)).count
    }

    static func show(_ kind: FrameKind, _ opcode: Opcode, _ body: [UInt8]) -> Int {
        switch kind {
        case .response:
            guard let message = try? Response.decode(opcode, body: body.span)?.message else { return 0 }
            return (message as? any Shown).map(show) ?? 0
        case .notice:
            return show(ReceivedNotice(InboundFrame(kind: kind, opcode: opcode.rawValue, id: .max, body: body)))
        default: return 0
        }
    }

    @Test("runs of the same byte, at every place of every answer and notice", arguments: [UInt8(0x80), 0xFF])
    func extremes(byte: UInt8) throws {
        try #require(Self.samples.count > 60)
        var lines = 0
        for (kind, opcode, body) in Self.samples where body.count < 2_000 {
            for start in body.indices {
                for width in [1, 4, 8] where start + width <= body.count {
                    var changed = body
                    changed.replaceSubrange(start..<start + width, with: repeatElement(byte, count: width))
                    lines += Self.show(kind, opcode, changed)
                }
            }
        }
        #expect(lines > 1_000, "many of them are shown")
    }
}
