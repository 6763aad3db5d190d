/// Numbers that are counted up, a bit each.
struct NumberSet: Sendable {
    private var words: [UInt64] = []

    func contains(_ number: UInt64) -> Bool {
        let word = number / 64
        return word < words.count && words[Int(word)] >> (number % 64) & 1 == 1
    }

    /// Puts a number in, which takes memory for all below it.
    ///
    /// - Returns: Whether it was not there before.
    mutating func insert(_ number: UInt64) -> Bool {
        let word = Int(number / 64)
        let bit: UInt64 = 1 << (number % 64)
        if word >= words.count { words.append(contentsOf: repeatElement(0, count: word + 1 - words.count)) }
        defer { words[word] |= bit }
        return words[word] & bit == 0
    }
}
