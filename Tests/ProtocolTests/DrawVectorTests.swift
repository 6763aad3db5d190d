import BoxOfficeProtocol
import Testing

/// Draws against those that the Python client made (spec/vectors/draw.txt): the two share nothing but spec/draw.md.
@Suite struct DrawVectorTests {
    static let vectors = Vector.paragraphs(of: Project.spec.appending(path: "vectors/draw.txt"))

    @Test func `agrees with the vectors`() throws {
        #expect(Self.vectors.count >= 19)
        for vector in Self.vectors {
            let name = try #require(vector["name"])
            let seed = try #require(Bytes32(digits(vector["seed"])).map(DrawSeed.init))
            let tickets = try #require(vector["tickets"].flatMap { UInt64($0) })
            #expect(seed.commitment.rawValue.bytes == digits(vector["commitment"]), "\(name)")
            let order = DrawOrder(seed: seed, tickets: tickets)
            let ranks = (0..<tickets).map(order.rank)
            #expect(order.count == Int(tickets))
            if let whole = vector["order"] {
                #expect(ranks.map { "\($0)" }.joined(separator: " ") == whole, "\(name)")
            } else {
                let bytes = ranks.flatMap { rank in (0..<8).map { UInt8(truncatingIfNeeded: rank >> (56 - 8 * $0)) } }
                #expect(Digest(hashing: bytes).rawValue.bytes == digits(vector["digest"]), "\(name)")
                for pair in try #require(vector["ranks"]).split(separator: " ") {
                    let numbers = pair.split(separator: ":").compactMap { UInt64($0) }
                    try #require(numbers.count == 2)
                    #expect(order.rank(of: numbers[0]) == numbers[1], "\(name): \(pair)")
                }
            }
            // Who joins after the draw keeps the number of the ticket.
            for ticket in [tickets, tickets + 1, .max] { #expect(order.rank(of: ticket) == ticket, "\(name)") }
        }
    }

    @Test func `the Python client finds a tampered draw wrong`() throws {
        let (status, output) = try Project.run(["python3", "-B", "spec/python/test_draw.py"])
        #expect(status == 0, "\(output)")
    }

    private func digits(_ text: String?) -> [UInt8] { bytes(hexadecimal: text ?? "") ?? [] }
}
