import BoxOfficeEngine
import BoxOfficeProtocol

/// A box office with one concert, whose room many wait for since before the draw.
struct CrowdedHouse {
    /// Members who wait; members and tickets are numbered alike, from 1 and from 0.
    let waiting: Int

    static let concert = ConcertID(1)
    static let openedAt = Instant(seconds: 1_800_000_000)

    private static let hall = Hall(
        name: "Arena", categories: ["A"],
        rows: [
            HallRow(
                zone: "", row: "1", seats: [HallSeat(number: "1", guid: "1", category: 0, x: 0, y: 0)])
        ], digest: Digest(bytes(1)))

    private static func bytes(_ number: UInt64) -> Bytes32 {
        Bytes32(first: Bytes16(high: number, low: 0), second: Bytes16(high: 0, low: 0))
    }

    /// The concert and its room, in which nobody fits.
    var world: [Fact] {
        [
            .plan(PlanRow(id: PlanID(1), hall: Self.hall, document: [])),
            .concert(ConcertRow(id: Self.concert, key: "c", title: "Concert", artists: [], description: "")),
            .performance(
                PerformanceRow(
                    id: PerformanceID(1), key: "d", concert: Self.concert, plan: PlanID(1),
                    startsAt: Self.openedAt + .seconds(90 * 86_400), timeZone: "Asia/Seoul",
                    saleOpensAt: Self.openedAt, saleClosesAt: Self.openedAt + .seconds(80 * 86_400),
                    prices: [Points(1)], blocked: [])),
            .room(
                RoomRow(
                    concert: Self.concert, capacity: 0, activeSeconds: 600, callWindowSeconds: 600,
                    seed: DrawSeed(Self.bytes(7)), drawnAt: Self.openedAt, tickets: UInt64(waiting))),
        ]
    }

    static func member(_ number: Int) -> Fact {
        let salt = "MTIzNDU2Nzg5MDEyMzQ1Ng"
        let hash = "$argon2id$v=19$m=19456,t=2,p=1$\(salt)$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
        let name = "member-\(number)"
        return .member(
            MemberRow(
                id: MemberID(UInt64(number)), name: name, nameKey: name, passwordHash: hash, isOperator: false,
                createdAt: openedAt + .seconds(-86_400)))
    }

    static func session(_ number: Int) -> Fact {
        .session(
            SessionRow(
                id: SessionID(UInt64(number)), member: MemberID(UInt64(number)),
                tokenDigest: Digest(bytes(UInt64(number))), device: "", createdAt: openedAt, usedAt: openedAt,
                acknowledged: nil))
    }

    static func token(_ number: Int) -> Fact {
        .token(
            TokenRow(
                id: TokenID(UInt64(number)), concert: concert, member: MemberID(UInt64(number)), status: .waiting,
                ticket: UInt64(number - 1), joinedAt: openedAt + .seconds(-3_600)))
    }
}
