// Whether a draw is what it was promised to be, with everything that could be wrong about it.

import Testing

@testable import BoxOfficeClient

@Suite struct DrawCheckTests {
    private static let seed = DrawSeed(Bytes32((0..<32).map { UInt8($0) })!)
    private static let concert = ConcertID(3)
    private static let now = Instant(seconds: 1_797_069_600)

    private static func draw(tickets: UInt64 = 100, isDrawn: Bool = true) -> Draw {
        Draw(
            concert: concert, commitment: seed.commitment, tickets: tickets, now: now, seed: isDrawn ? seed : nil,
            drawnAt: isDrawn ? now : nil)
    }

    /// The place of a ticket as an honest server has it, with so many ahead gone.
    private static func place(_ ticket: UInt64, of tickets: UInt64 = 100, gone: UInt64 = 0) -> Place {
        let rank = DrawOrder(seed: seed, tickets: tickets).rank(of: ticket)
        let position = UInt32(rank + 1 - min(gone, rank))
        return Place(
            concert: concert, token: TokenID(8), ticket: ticket, status: .waiting, position: position,
            ahead: position - 1, waiting: 100, reason: .full, now: now, rank: rank)
    }

    private static func undrawn(_ ticket: UInt64) -> Place {
        Place(
            concert: concert, token: TokenID(8), ticket: ticket, status: .waiting, position: 0, ahead: 0, waiting: 100,
            reason: .notOpen, now: now)
    }

    private static let witness = DrawWitness(draw: draw(isDrawn: false), place: undrawn(7))

    @Test("an honest draw is right, for whoever looks and however the line has moved")
    func right() {
        let steps = DrawCheck.Step.allCases
        let all = DrawCheck(of: Self.draw(), place: Self.place(7), witness: Self.witness)
        #expect(all.verdict == .right && steps.allSatisfy { all[$0] == .right })
        #expect(all.computedCommitment == Self.seed.commitment)
        for gone in [0, 1, 50, 99] as [UInt64] {
            let check = DrawCheck(of: Self.draw(), place: Self.place(7, gone: gone), witness: Self.witness)
            #expect(check.verdict == .right && check[.positionFits] == .right)
        }
        // Who came after the draw keeps the ticket's number.
        let late = DrawCheck(of: Self.draw(), place: Self.place(130))
        #expect(late.verdict == .right && late.computedRank == 130 && late[.commitmentKept] == .unknown)
        // A stranger sees the seed only.
        let stranger = DrawCheck(of: Self.draw())
        #expect(stranger.verdict == .right && stranger[.seedFits] == .right && stranger[.rankFits] == .unknown)
        var inside = Self.place(7)
        (inside.status, inside.position) = (.active, 0)
        #expect(DrawCheck(of: Self.draw(), place: inside)[.positionFits] == .unknown)
    }

    @Test("one lie, one step that is wrong")
    func wrong() throws {
        typealias Case = (name: String, step: DrawCheck.Step, draw: Draw, place: Place, witness: DrawWitness?)
        var otherSeed = Self.draw()
        otherSeed.seed = DrawSeed(Bytes32([UInt8](repeating: 9, count: 32))!)
        var otherCommitment = Self.draw()
        otherCommitment.commitment = Digest(hashing: [1])
        var otherRank = Self.place(7)
        otherRank.rank = (otherRank.rank ?? 0) + 1
        var noRank = Self.place(7)
        noRank.rank = nil
        var behind = Self.place(7)
        behind.position += 1
        let cases: [Case] = [
            ("another seed than promised", .seedFits, otherSeed, Self.place(7), Self.witness),
            ("another promise than before", .commitmentKept, otherCommitment, Self.place(7), Self.witness),
            ("somebody else's rank", .rankFits, Self.draw(), otherRank, Self.witness),
            ("no rank at all", .rankFits, Self.draw(), noRank, Self.witness),
            ("further back than drawn", .positionFits, Self.draw(), behind, Self.witness),
            ("left out of the draw", .ticketDrawn, Self.draw(tickets: 7), Self.place(7, of: 7), Self.witness),
            ("another ticket than before", .ticketDrawn, Self.draw(), Self.place(8), Self.witness),
        ]
        for (name, step, draw, place, witness) in cases {
            let check = DrawCheck(of: draw, place: place, witness: witness)
            #expect(check.verdict == .wrong && check[step] == .wrong, "\(name)")
        }
    }

    @Test("before the draw there is nothing to verify, but a promise that has changed is wrong already")
    func before() {
        let draw = Self.draw(isDrawn: false)
        let check = DrawCheck(of: draw, place: Self.undrawn(7), witness: Self.witness)
        #expect(check.verdict == .nothingYet && check[.commitmentKept] == .right && check.computedRank == nil)
        var other = draw
        other.commitment = Digest(hashing: [1])
        #expect(DrawCheck(of: other, place: Self.undrawn(7), witness: Self.witness).verdict == .wrong)
    }

    @Test("only what was seen before the draw is a witness")
    func witnesses() {
        #expect(Self.witness?.ticket == 7)
        #expect(DrawWitness(draw: Self.draw(), place: Self.undrawn(7)) == nil)
        #expect(DrawWitness(draw: Self.draw(isDrawn: false), place: Self.place(7)) == nil)
        var elsewhere = Self.undrawn(7)
        elsewhere.concert = ConcertID(4)
        #expect(DrawWitness(draw: Self.draw(isDrawn: false), place: elsewhere) == nil)
        #expect(DrawCheck(of: Self.draw(), place: elsewhere, witness: nil).computedRank == nil, "another room's place")
    }
}
