import ArgumentParser
import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore

/// A piece of the server's work whose instructions are counted.
enum Piece: String, CaseIterable, ExpressibleByArgument {
    case decode, encode, hold, lost, commit, map, join, position, admission

    /// What is done once.
    var what: String {
        switch self {
        case .decode: "find a frame and decode its request: a hold"
        case .encode: "encode the answer to a hold as a frame"
        case .hold: "decide a hold"
        case .lost: "decide a hold that loses the race"
        case .commit: "decide a hold and commit it, in batches of 64"
        case .map: "a map of 10,000 seats after a hold: copied, encoded and compressed"
        case .join: "join a line of 100,000"
        case .position: "a position in a line of 100,000"
        case .admission: "let the first of a line of 100,000 in"
        }
    }

    /// How often it is done to count.
    var operations: Int {
        switch self {
        case .map: 40
        case .commit: 1_280
        default: 2_000
        }
    }

    /// Does it so often.
    /// - Returns: Something that depends on each result, so that none is left out.
    func run(_ count: Int) throws -> Int {
        switch self {
        case .decode: try decode(count)
        case .encode: try encode(count)
        case .hold: try Sale.with(holds: count) { try $0.holdAll() }
        case .lost: try Sale.with(holds: 1) { try $0.lose(count) }
        case .commit: try commit(count)
        case .map: try Sale.with(holds: count) { try $0.showEach() }
        case .join, .position, .admission: stand(count)
        }
    }

    // MARK: Messages

    private func decode(_ count: Int) throws -> Int {
        let house = try TemporaryDirectory()
        let sale = try SellingHouse(in: house.path, members: 1, dates: 1)
        let frames = (0..<64).map { Frame.request(sale.hold(number: $0, at: Wall.now), number: UInt64($0 + 1)) }
        let parser = FrameParser(from: .client, bodyBytesMax: WireLimits.frameBytesMax)
        var sum = 0
        for number in 0..<count {
            let frame = frames[number % 64]
            let bytes = frame.span
            guard case .frame(let header, .request) = parser.step(over: bytes, at: 0),
                let opcode = Opcode(rawValue: header.opcode)
            else { throw Failed("a frame is not what it was") }
            let body = bytes.extracting(FrameHeader.bytes..<bytes.count)
            guard case .hold(let hold) = try Request.decode(opcode, body: body) else { throw Failed("it is no hold") }
            sum &+= Int(hold.seats[0].rawValue)
        }
        return sum
    }

    private func encode(_ count: Int) throws -> Int {
        let answer = try Sale.with(holds: 1) { try $0.answer() }
        var sum = 0
        for number in 0..<count {
            sum &+= Frame.response(answer, to: .hold, number: UInt64(number)).count
        }
        return sum
    }

    // MARK: The sale

    private func commit(_ count: Int) throws -> Int {
        _ = try SellingRound(holds: count, dates: 2).sell(batch: 64)
        return count
    }

    // MARK: The line

    private func stand(_ count: Int) -> Int {
        var line = Line((0..<100_000).map { ($0, TokenID($0 + 1)) })
        var sum = 0
        for number in 0..<UInt64(count) {
            switch self {
            case .join: line.insert(TokenID(100_001 + number), rank: 100_000 + number)
            case .position: sum &+= line.position(rank: number &* 7_919 % 100_000)
            default: sum &+= Int(line.removeFirst()!.token.rawValue)
            }
        }
        return sum &+ line.count
    }
}

/// Holds in memory.
private struct Sale {
    private let commands: [Command]
    private var engine = Engine(configuration: SellingHouse.configuration)
    private var effects = Effects()
    private let now: Instant

    init(holds: Int) throws {
        let directory = try TemporaryDirectory()
        let house = try SellingHouse(in: directory.path, members: 64, dates: 2)
        now = Wall.now
        commands = (0..<holds).map { [now] in house.holdCommand(number: $0, at: now) }
        let store = try Store.open(directory: directory.path)
        defer { store.close() }
        _ = try SellingHouse.load(store, into: &engine, at: now)
    }

    static func with<Value>(holds: Int, _ body: (inout Sale) throws -> Value) throws -> Value {
        var sale = try Sale(holds: holds)
        return try body(&sale)
    }

    /// Each seat once.
    mutating func holdAll() throws -> Int {
        for command in commands { _ = try hold(command) }
        return effects.facts.count
    }

    /// One seat, by the same member again and again under other keys.
    mutating func lose(_ count: Int) throws -> Int {
        guard case .request(.hold(var wanted)) = commands[0].action else { throw Failed("no hold") }
        _ = try hold(commands[0])
        var sum = 0
        for number in 0..<count {
            wanted.operation = OperationKey(at: now, random: Bytes16(high: 1, low: UInt64(number)))
            var command = commands[0]
            command.actor = .member(MemberID(2), session: SessionID(2))
            command.action = .request(.hold(wanted))
            guard case .refused(let refusal) = engine.decide(command, at: now, into: &effects),
                refusal.code == .seatTaken
            else { throw Failed("a race was won") }
            sum &+= refusal.seats?.count ?? 0
        }
        return sum
    }

    /// The map after each.
    mutating func showEach() throws -> Int {
        var sum = 0
        for command in commands {
            _ = try hold(command)
            let map = engine.seatMap(of: PerformanceID(1))!
            var writer = WireWriter(reserving: 4_096)
            map.encode(into: &writer)
            sum &+= Compression.deflated(writer.bytes)?.count ?? 0
        }
        return sum
    }

    mutating func answer() throws -> Response { try hold(commands[0]) }

    private mutating func hold(_ command: Command) throws -> Response {
        switch engine.decide(command, at: now, into: &effects) {
        case .response(let response, _): return response
        case .refused(let refusal): throw Failed("a hold was refused: \(refusal)")
        }
    }
}
