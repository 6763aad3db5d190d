import BoxOfficeProtocol
import Testing

/// The golden vectors against this codec. They are written by the Python one: the two check each other.
@Suite struct VectorTests {
    @Test(arguments: Set(Vector.all.map(\.file)).sorted()) func `agrees with the vectors`(of file: String) {
        for vector in Vector.all where vector.file == file {
            #expect(outcome(of: vector) == vector.expected, "\(vector)")
        }
    }

    @Test func `every message has a vector`() {
        let headers = Vector.all.filter { $0.expected["value"] != nil }.map { vector in
            FrameParser(from: vector.sender, bodyBytesMax: .max).step(over: vector.bytes.span, at: 0)
        }
        var seen: [FrameKind: Set<UInt16>] = [:]
        for case .frame(let header, let kind) in headers { seen[kind, default: []].insert(header.opcode) }
        for opcode in Opcode.allCases {
            let kinds: [FrameKind] =
                switch opcode.rawValue {
                case 1024..<1280: [.notice]
                case 1280...: [.update]
                default: [.request, .response]
                }
            for kind in kinds { #expect(seen[kind]?.contains(opcode.rawValue) == true, "\(kind) \(opcode)") }
        }
        for kind in FrameKind.allCases { #expect(seen[kind] != nil, "\(kind)") }
        let codes = Vector.all.filter { $0.file == "refusals.txt" }.map(\.name)
        for code in RefusalCode.known { #expect(codes.contains("refusal-\(code.name)")) }
    }

    @Test func `the same frame can be written again`() throws {
        for vector in Vector.all where vector.expected["value"] != nil && vector.expected["again"] == nil {
            guard
                case .frame(let header, let kind) = FrameParser(from: vector.sender, bodyBytesMax: vector.cap).step(
                    over: vector.bytes.span, at: 0), !header.flags.contains(.compressed)
            else { continue }
            let message = try decoded(kind, opcode: header.opcode, body: vector.body)
            let frame = Frame.bytes(kind, flags: header.flags, opcode: header.opcode, id: header.id) {
                message?.encode(into: &$0)
            }
            #expect(frame == vector.bytes, "\(vector)")
        }
    }

    @Test func `bodies cut anywhere do not decode`() throws {
        for vector in Vector.all where vector.expected["value"] != nil && vector.body.count < 2_000 {
            guard
                case .frame(let header, let kind) = FrameParser(from: vector.sender, bodyBytesMax: vector.cap).step(
                    over: vector.bytes.span, at: 0), !header.flags.contains(.compressed)
            else { continue }
            for size in vector.body.indices {
                #expect(throws: DecodeFailure.self, "\(vector) cut at \(size)") {
                    try decoded(kind, opcode: header.opcode, body: Array(vector.body.prefix(size)))
                }
            }
            if !vector.body.isEmpty {
                let failure = #expect(throws: DecodeFailure.self) {
                    try decoded(kind, opcode: header.opcode, body: vector.body + [0])
                }
                #expect(failure?.reason == .trailingBytes, "\(vector)")
            }
        }
    }

    @Test func `the Python client agrees with all vectors`() throws {
        let (status, output) = try Project.run(["python3", "spec/python/test_vectors.py"])
        #expect(status == 0, "\(output)")
    }
}
