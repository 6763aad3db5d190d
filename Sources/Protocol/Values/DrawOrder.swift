/// The order that a draw gives to the tickets 0…n−1: a permutation made from the seed alone (spec/draw.md).
///
/// A Fisher–Yates shuffle of 0…n−1, with numbers from SHA-256(seed ‖ 0), SHA-256(seed ‖ 1), … Everybody who knows the
/// seed and n gets the same order; with a seed nobody could choose, every order is as likely as any other.
public struct DrawOrder: Hashable, Sendable {
    /// The rank of each ticket.
    private let ranks: [UInt32]

    /// How many tickets at most: what a damaged file says must not take all memory.
    public static let ticketsMax: UInt64 = 16_000_000

    /// Draws the order of `tickets` tickets. More than `ticketsMax` are drawn as so many.
    public init(seed: DrawSeed, tickets: UInt64) {
        let count = UInt32(min(tickets, Self.ticketsMax))
        var order = Array(0..<count)
        var numbers = DrawNumbers(seed: seed)
        for index in stride(from: order.count - 1, to: 0, by: -1) {
            order.swapAt(index, Int(numbers.next(below: UInt64(index) + 1)))
        }
        ranks = order
    }

    /// How many tickets were drawn.
    public var count: Int { ranks.count }

    /// The rank of a ticket, 0 goes first. Tickets after the draw keep their own number: first come, first served.
    public func rank(of ticket: UInt64) -> UInt64 {
        ticket < UInt64(ranks.count) ? UInt64(ranks[Int(ticket)]) : ticket
    }
}

extension DrawSeed {
    /// What is published before the draw: SHA-256 of the seed.
    public var commitment: Digest { Digest(hashing: rawValue.bytes) }
}

/// The numbers of a draw: each block is SHA-256(seed ‖ block number, 8 bytes) and gives four numbers of 8 bytes, all
/// big-endian.
private struct DrawNumbers {
    private let seed: [UInt8]
    private var block: UInt64 = 0
    private var words: [UInt64] = []

    init(seed: DrawSeed) { self.seed = seed.rawValue.bytes }

    /// A number from 0 up to `bound`, each as likely. Numbers from the last, incomplete round of `bound` are passed over.
    mutating func next(below bound: UInt64) -> UInt64 {
        // 2^64 mod bound: so many of the largest numbers are one round too few.
        let excess = (0 &- bound) % bound
        while true {
            let number = next()
            if number <= UInt64.max - excess { return number % bound }
        }
    }

    private mutating func next() -> UInt64 {
        if words.isEmpty {
            let digest = Digest(hashing: seed + Bytes8.bytes(of: block)).rawValue
            words = [digest.second.low, digest.second.high, digest.first.low, digest.first.high]
            block += 1
        }
        return words.removeLast()
    }
}

private enum Bytes8 {
    static func bytes(of number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) }
    }
}
