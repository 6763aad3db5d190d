import BoxOfficeEngine
import BoxOfficeProtocol

/// The room's own structure beside a sorted set: rank is the score, the token's number the member.
///
/// Each round has a tenth join at the end, asks for positions at random and admits as many as joined, so that the line
/// is as long again afterwards, in Redis and here.
struct LineBenchmark {
    let waiting: Int
    let rounds: Int

    private static let batch = 1_000
    /// Figures of a short line are taken over so many joins.
    private static let few = 10_000
    /// They take so little that a busy machine shows in one more than in another.
    private static let growthRounds = 20

    func run(into report: inout Report) throws {
        let redis = try RedisServer()
        let connection = try redis.connect()
        try connection.run(Self.joins(0..<waiting))
        var line = Line((0..<UInt64(waiting)).map { ($0, TokenID($0 + 1)) })
        let short = Line((0..<UInt64(Self.few)).map { ($0, TokenID($0 + 1)) })
        var join = Rounds()
        var position = Rounds()
        var admission = Rounds()
        var growth = Rounds()

        var next = waiting
        let step = waiting / 10 / Self.batch * Self.batch
        for _ in 0..<rounds {
            let joining = next..<next + step
            let joins = Self.joins(joining)
            join.ours(operations: step) { Self.join(joining, &line) }
            try join.peer(operations: step) { try connection.run(joins) }

            let asked = (0..<step).map { _ in UInt64.random(in: UInt64(next - waiting)..<UInt64(next + step)) }
            let positions = RedisBatch.each(Self.batch, of: asked) { $0.add("ZRANK", "room", "\($1 + 1)") }
            var sum = 0
            position.ours(operations: step) { sum = Self.positions(asked, line) }
            try position.peer(operations: step) { try connection.run(positions) }
            precondition(sum > 0)

            let turns = RedisBatch.each(1, of: 0..<step / Self.batch) { batch, _ in
                batch.add("ZPOPMIN", "room", "\(Self.batch)")
            }
            admission.ours(operations: turns.count) { sum = Self.admit(step, &line) }
            try admission.peer(operations: turns.count) { try connection.run(turns) }
            next += step
            guard try connection.ask("ZCARD", "room") == line.count, line.count == waiting,
                try connection.ask("ZRANK", "room", "\(next)") == line.position(rank: UInt64(next - 1)) - 1
            else { preconditionFailure("the two lines differ") }

            for _ in 0..<Self.growthRounds {
                // Both are copies: the first joins, in more than one chunk, make them so and give them room to grow,
                // of which each join pays its part in the figures above.
                var (few, many) = (short, line)
                Self.join(Self.few..<Self.few + 200, &few)
                Self.join(next..<next + 200, &many)
                growth.peer(operations: Self.few) { Self.join(Self.few + 200..<2 * Self.few + 200, &few) }
                growth.ours(operations: Self.few) { Self.join(next + 200..<next + Self.few + 200, &many) }
            }
        }
        report.add("join a line of \(waiting) / ZADD", join, .timesAsFast(20))
        report.add("position / ZRANK", position, .timesAsFast(20))
        report.add("admission of 1000 / ZPOPMIN 1000", admission, .timesAsFast(20))
        report.add("join a line of \(waiting) / ours of \(Self.few)", growth, .timesAtMost(1.5))
    }

    private static func joins(_ ranks: Range<Int>) -> [RedisBatch] {
        RedisBatch.each(batch, of: ranks) { $0.add("ZADD", "room", "\($1)", "\($1 + 1)") }
    }

    // Calls of their own, so that the compiler does not see through what is measured.

    @inline(never)
    private static func join(_ ranks: Range<Int>, _ line: inout Line) {
        for rank in ranks { line.insert(TokenID(UInt64(rank) + 1), rank: UInt64(rank)) }
    }

    @inline(never)
    private static func positions(_ ranks: [UInt64], _ line: Line) -> Int {
        ranks.reduce(0) { $0 &+ line.position(rank: $1) }
    }

    @inline(never)
    private static func admit(_ count: Int, _ line: inout Line) -> Int {
        var sum: UInt64 = 0
        for _ in 0..<count { sum &+= line.removeFirst()!.token.rawValue }
        return Int(sum)
    }
}
