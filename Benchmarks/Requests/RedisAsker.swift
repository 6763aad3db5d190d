/// One command of the Redis protocol, again and again, with a number in it that is another each time.
struct RedisAsker: Asker {
    private let template: [UInt8]
    private let digitsAt: Int?
    private var next: () -> Int

    /// Nine digits, in a command's words, that stand for the number.
    static let number = "#########"

    /// - Parameter next: The number of each next request, below 10⁹.
    init(_ words: String..., next: @escaping () -> Int = { 0 }) {
        var batch = RedisBatch()
        batch.add(words)
        let bytes = batch.bytes
        let digits = Array(Self.number.utf8)
        template = bytes
        digitsAt = bytes.indices.first { bytes[$0...].starts(with: digits) }
        self.next = next
    }

    mutating func appendRequest(of connection: Int, to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: template)
        guard let digitsAt else { return }
        var number = next()
        for index in stride(from: start + digitsAt + Self.number.utf8.count - 1, through: start + digitsAt, by: -1) {
            bytes[index] = UInt8(ascii: "0") + UInt8(number % 10)
            number /= 10
        }
    }

    /// Replies are `:number`, `+text` or a bulk string.
    mutating func takeAnswers(in bytes: [UInt8], count: Int) throws -> (answers: Int, end: Int) {
        var answers = 0
        var end = 0
        while end < count {
            var at = end + 1
            var number = 0
            while at < count, bytes[at] != UInt8(ascii: "\r") {
                number = 10 * number + Int(bytes[at]) - 48
                at += 1
            }
            guard at + 1 < count else { break }
            switch bytes[end] {
            case UInt8(ascii: ":"), UInt8(ascii: "+"): at += 2
            case UInt8(ascii: "$"): at += 2 + number + 2
            default: throw Failed("redis-server: \(String(decoding: bytes[end..<at], as: UTF8.self))")
            }
            guard at <= count else { break }
            answers += 1
            end = at
        }
        return (answers, end)
    }
}
