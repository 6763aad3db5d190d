/// Commands of the Redis protocol in one piece, made before anything is measured.
struct RedisBatch {
    private(set) var bytes: [UInt8] = []
    private(set) var commands = 0

    /// Adds a command: its name and arguments, each a bulk string.
    mutating func add(_ words: String...) { add(words) }

    /// Adds a command: its name and arguments, each a bulk string.
    mutating func add(_ words: [String]) {
        bytes += "*\(words.count)\r\n".utf8
        for word in words {
            bytes += "$\(word.utf8.count)\r\n".utf8
            bytes += word.utf8
            bytes += "\r\n".utf8
        }
        commands += 1
    }

    /// So many commands each, the last with what is left.
    static func each<Item>(
        _ count: Int, of items: some Sequence<Item>, _ command: (inout RedisBatch, Item) -> Void
    ) -> [RedisBatch] {
        var batches: [RedisBatch] = []
        var batch = RedisBatch()
        for item in items {
            command(&batch, item)
            if batch.commands == count {
                batches.append(batch)
                batch = RedisBatch()
            }
        }
        return batch.commands > 0 ? batches + [batch] : batches
    }
}
