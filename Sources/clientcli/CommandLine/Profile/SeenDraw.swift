// What `queue verify` holds a draw against: the commitment that the room showed before it. The first one that was seen
// counts. A server that shows another one later has another seed in hand, and that is what this is for.

import BoxOfficeClient

/// What a member saw of a waiting room before its draw.
struct SeenDraw: Codable, Hashable, Sendable {
    var deployment: String
    var concert: UInt64
    var member: UInt64
    /// SHA-256 of the seed, in hexadecimal digits.
    var commitment: String
    var token: UInt64
    var ticket: UInt64

    init(_ witness: DrawWitness, of concert: ConcertID, member: MemberID, deployment: DeploymentID) {
        self.deployment = hexadecimal(deployment.rawValue.bytes)
        self.concert = concert.rawValue
        self.member = member.rawValue
        commitment = hexadecimal(witness.commitment.rawValue.bytes)
        token = witness.token.rawValue
        ticket = witness.ticket
    }

    /// Nil when the profile was changed by hand.
    var witness: DrawWitness? {
        bytes(hexadecimal: commitment).flatMap { Bytes32($0) }.map {
            DrawWitness(commitment: Digest($0), token: TokenID(token), ticket: ticket)
        }
    }
}

extension Profile {
    /// So many draws are enough for anybody; the oldest go.
    static let drawsMax = 100

    /// What was seen of a room before its draw.
    func seenDraw(of concert: ConcertID, member: MemberID, deployment: DeploymentID) -> SeenDraw? {
        draws.last {
            $0.concert == concert.rawValue && $0.member == member.rawValue
                && $0.deployment == hexadecimal(deployment.rawValue.bytes)
        }
    }

    /// Keeps what was seen, or with a new place in the same room that place with the commitment that was seen first.
    mutating func saw(_ draw: SeenDraw) {
        func isSameRoom(_ other: SeenDraw) -> Bool {
            other.concert == draw.concert && other.member == draw.member && other.deployment == draw.deployment
        }
        var draw = draw
        if let first = draws.last(where: isSameRoom) {
            guard first.token != draw.token else { return }
            draw.commitment = first.commitment
        }
        draws.removeAll(where: isSameRoom)
        draws = (draws + [draw]).suffix(Self.drawsMax)
    }
}
