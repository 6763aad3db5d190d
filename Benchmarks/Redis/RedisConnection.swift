/// A blocking connection that pipelines: commands go out in batches, and each reply is read to its end.
final class RedisConnection {
    private let socket: LoopbackSocket
    private var buffer = [UInt8](repeating: 0, count: 1 << 18)
    /// What has come and was not read yet.
    private var unread = 0..<0

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    init(port: UInt16) throws {
        socket = try LoopbackSocket(connectedTo: port)
    }

    /// Sends batches and reads all replies. The next batch is on its way while replies to the one before are read, so
    /// that the server never waits for us.
    func run(_ batches: [RedisBatch]) throws {
        for (index, batch) in batches.enumerated() {
            try socket.send(batch.bytes)
            if index > 0 { try readReplies(batches[index - 1].commands) }
        }
        if let last = batches.last { try readReplies(last.commands) }
    }

    /// Sends one command.
    ///
    /// - Returns: The integer of its reply, or how many elements that has; nil for a string.
    @discardableResult
    func ask(_ words: String...) throws -> Int? {
        try send(words)
        return try readReply()
    }

    /// Sends one command whose reply is a text of one line.
    func text(_ words: String...) throws -> String {
        try send(words)
        guard try readByte() == UInt8(ascii: "$") else { throw Failed(description: "redis-server: \(try readLine())") }
        _ = try readNumber()
        return try readLine()
    }

    private func send(_ words: [String]) throws {
        var batch = RedisBatch()
        batch.add(words)
        try socket.send(batch.bytes)
    }

    /// Reads so many replies, or messages of subscriptions.
    func readReplies(_ count: Int) throws {
        for _ in 0..<count { _ = try readReply() }
    }

    // MARK: Replies: a byte that tells the kind, a number or a text, CR LF, and what follows

    private func readReply() throws -> Int? {
        switch try readByte() {
        case UInt8(ascii: ":"): return try readNumber()
        case UInt8(ascii: "*"):
            let count = try readNumber()
            for _ in 0..<max(0, count) { _ = try readReply() }
            return count
        case UInt8(ascii: "$"):
            let count = try readNumber()
            if count >= 0 { try skip(count + 2) }
            return nil
        case UInt8(ascii: "+"):
            _ = try readLine()
            return nil
        case UInt8(ascii: "-"): throw Failed(description: "redis-server: \(try readLine())")
        case let kind: throw Failed(description: "redis-server: a reply of kind \(kind)")
        }
    }

    private func readByte() throws -> UInt8 {
        if unread.isEmpty { try receive() }
        defer { unread = unread.lowerBound + 1..<unread.upperBound }
        return buffer[unread.lowerBound]
    }

    private func readNumber() throws -> Int {
        var number = 0
        var sign = 1
        while true {
            switch try readByte() {
            case UInt8(ascii: "-"): sign = -1
            case UInt8(ascii: "\r"):
                try skip(1)
                return sign * number
            case let digit: number = 10 * number + Int(digit) - 48
            }
        }
    }

    private func readLine() throws -> String {
        var text: [UInt8] = []
        while let byte = Optional(try readByte()), byte != UInt8(ascii: "\r") { text.append(byte) }
        try skip(1)
        return String(decoding: text, as: UTF8.self)
    }

    private func skip(_ count: Int) throws {
        var left = count
        while left > 0 {
            if unread.isEmpty { try receive() }
            let skipped = min(left, unread.count)
            unread = unread.lowerBound + skipped..<unread.upperBound
            left -= skipped
        }
    }

    private func receive() throws {
        let count = try socket.receive(into: &buffer)
        guard count > 0 else { throw Failed(description: "redis-server has hung up") }
        unread = 0..<count
    }
}
