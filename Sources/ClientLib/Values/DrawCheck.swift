// Checking a draw takes no trust in who made it, as far as this goes:
//
//     before the draw      the server shows SHA-256(seed), and everybody who joins a ticket        keep both
//     the draw             the server shows the seed and n; the order of 0…n−1 follows             recompute
//
// What it cannot show is whether all n tickets belong to different people, or whether the operator knew the seed and
// chose when to close the list (spec/draw.md).

/// What somebody saw of a room before its draw, to hold the draw against.
public struct DrawWitness: Hashable, Sendable {
    /// SHA-256 of the seed, as it was shown then.
    public var commitment: Digest
    /// The token that one had then.
    public var token: TokenID
    /// Its ticket.
    public var ticket: UInt64

    /// What is known when a member has a place, and the draw has not been made: nil when it has been.
    public init?(draw: Draw, place: Place) {
        guard draw.seed == nil, place.rank == nil, place.isInLine, draw.concert == place.concert else { return nil }
        self.init(commitment: draw.commitment, token: place.token, ticket: place.ticket)
    }

    /// What was kept.
    public init(commitment: Digest, token: TokenID, ticket: UInt64) {
        (self.commitment, self.token, self.ticket) = (commitment, token, ticket)
    }
}

/// Whether a draw is what it was promised to be, and one's own place what the draw made it.
public struct DrawCheck: Hashable, Sendable {
    /// One thing that is looked at.
    public enum Step: String, Hashable, Sendable, CaseIterable {
        /// The commitment is the one that was seen before the draw.
        case commitmentKept
        /// SHA-256 of the seed is the commitment.
        case seedFits
        /// A ticket that was taken before the draw took part in it.
        case ticketDrawn
        /// The rank recomputed from seed, number of tickets and ticket is the one that the server says.
        case rankFits
        /// The position is not behind the rank: those ahead who leave move the others up, and nobody moves down.
        case positionFits
    }

    /// What became of a step.
    public enum Finding: Hashable, Sendable {
        case right, wrong
        /// What it takes is not there: no draw yet, no place, nothing kept from before.
        case unknown
    }

    /// All of it together.
    public enum Verdict: String, Hashable, Sendable {
        /// Nothing is wrong, and the seed was there to be looked at.
        case right
        /// At least one step is wrong.
        case wrong
        /// The draw has not been made.
        case nothingYet
    }

    /// Of each step.
    public let findings: [Step: Finding]
    /// SHA-256 of the seed; nil before the draw.
    public let computedCommitment: Digest?
    /// The rank that seed, number of tickets and ticket give; nil before the draw, and without a place.
    public let computedRank: UInt64?
    private let isDrawn: Bool

    /// Looks at everything that there is.
    /// - Parameters:
    ///   - draw: what the server says about the draw.
    ///   - place: one's own place in the same room, if one has one.
    ///   - witness: what was kept from before the draw.
    public init(of draw: Draw, place: Place? = nil, witness: DrawWitness? = nil) {
        func finding(_ isRight: Bool?) -> Finding { isRight.map { $0 ? .right : .wrong } ?? .unknown }
        let place = place.flatMap { $0.concert == draw.concert ? $0 : nil }
        let rank = draw.seed.flatMap { seed in
            place.map { DrawOrder(seed: seed, tickets: draw.tickets).rank(of: $0.ticket) }
        }
        var findings: [Step: Finding] = [:]
        findings[.commitmentKept] = finding(witness.map { $0.commitment == draw.commitment })
        findings[.seedFits] = finding(draw.seed.map { $0.commitment == draw.commitment })
        // A ticket beyond n keeps its own number. For one that was there before, that would be the end of the line.
        findings[.ticketDrawn] = finding(draw.seed == nil ? nil : witness.map { $0.ticket < draw.tickets })
        findings[.rankFits] = finding(rank.map { $0 == place?.rank })
        let position = place.flatMap { $0.status == .waiting && $0.rank != nil ? UInt64($0.position) : nil }
        findings[.positionFits] = finding(rank.flatMap { rank in position.map { $0 >= 1 && $0 - 1 <= rank } })
        if let witness, let place, witness.token == place.token, witness.ticket != place.ticket {
            findings[.ticketDrawn] = .wrong
        }
        self.findings = findings
        computedCommitment = draw.seed?.commitment
        computedRank = rank
        isDrawn = draw.seed != nil
    }

    /// The finding of a step.
    public subscript(step: Step) -> Finding { findings[step] ?? .unknown }

    /// All of it together.
    public var verdict: Verdict {
        if findings.values.contains(.wrong) { return .wrong }
        return isDrawn ? .right : .nothingYet
    }
}
