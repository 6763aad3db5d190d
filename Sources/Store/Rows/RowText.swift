// Texts that rows are made of: JSON arrays of numbers.
//
// Hand-written, right into the row's image, because a reservation has two of them and is the hottest row there is.

import BoxOfficeEngine
import BoxOfficeProtocol

extension RowImage {
    mutating func bind(_ seats: [SeatIndex]) { appendArray(seats) { Int64($0.rawValue) } }
    mutating func bind(_ prices: [Points]) { appendArray(prices) { $0.rawValue } }
    mutating func bind(_ prices: [Points?]) { appendArray(prices) { $0?.rawValue } }

    private mutating func appendArray<T>(_ values: [T], _ number: (T) -> Int64?) {
        appendText {
            $0.add(UInt8(ascii: "["))
            for index in values.indices {
                if index > 0 { $0.add(UInt8(ascii: ",")) }
                guard let value = number(values[index]) else {
                    $0.add("null")
                    continue
                }
                if value < 0 { $0.add(UInt8(ascii: "-")) }
                $0.add(digitsOf: value.magnitude)
            }
            $0.add(UInt8(ascii: "]"))
        }
    }

    private mutating func add(_ text: StaticString) { text.withUTF8Buffer { for byte in $0 { add(byte) } } }

    private mutating func add(digitsOf number: UInt64) {
        // From the highest digit on: a slice that is turned round is a copy first.
        var place: UInt64 = 1
        while number / place >= 10 { place *= 10 }
        while place > 0 {
            add(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / place % 10))
            place /= 10
        }
    }
}

enum RowText {
    /// The items of a JSON array of integers and nulls, as `RowImage` and SQLite's `json()` write it; nil when it is
    /// anything else or `meaning` has none for an item.
    static func numbers<T>(_ json: UnsafeRawBufferPointer, _ meaning: (Int64?) -> T?) -> [T]? {
        guard json.count >= 2, json.first == UInt8(ascii: "["), json.last == UInt8(ascii: "]") else { return nil }
        var values: [T] = []
        if json.count == 2 { return values }
        for item in json[1..<(json.count - 1)].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let text = String(decoding: item, as: UTF8.self)
            let number = Int64(text)
            guard number != nil || text == "null", let value = meaning(number) else { return nil }
            values.append(value)
        }
        return values
    }
}
