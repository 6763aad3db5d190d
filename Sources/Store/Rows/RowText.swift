// Texts that rows are made of: JSON arrays of numbers and the names of accounts.
//
// Hand-written, into one buffer that is used again for each row, because a reservation has two of them and is the
// hottest row there is.

import BoxOfficeEngine
import BoxOfficeProtocol

/// Makes one text at a time; the newest is in `bytes`.
struct RowText {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(256) }

    mutating func array(of seats: [SeatIndex]) { array(seats) { Int64($0.rawValue) } }
    mutating func array(of prices: [Points]) { array(prices) { $0.rawValue } }
    mutating func array(of prices: [Points?]) { array(prices) { $0?.rawValue } }

    mutating func name(of account: LedgerAccount) {
        bytes.removeAll(keepingCapacity: true)
        switch account {
        case .member(let id): append("member:", id.rawValue)
        case .topup: bytes.append(contentsOf: "topup".utf8)
        case .sales(let id): append("sales:", id.rawValue)
        case .refunds: bytes.append(contentsOf: "refunds".utf8)
        }
    }

    mutating func name(of owner: OperationOwner) {
        bytes.removeAll(keepingCapacity: true)
        switch owner {
        case .member(let id): append("member:", id.rawValue)
        case .name(let key):
            bytes.append(contentsOf: "name:".utf8)
            bytes.append(contentsOf: key.utf8)
        case .local: bytes.append(contentsOf: "local".utf8)
        }
    }

    private mutating func append(_ kind: StaticString, _ number: UInt64) {
        kind.withUTF8Buffer { bytes.append(contentsOf: $0) }
        append(number)
    }

    private mutating func array<T>(_ values: [T], _ number: (T) -> Int64?) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(UInt8(ascii: "["))
        for index in values.indices {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            guard let value = number(values[index]) else {
                bytes.append(contentsOf: "null".utf8)
                continue
            }
            if value < 0 { bytes.append(UInt8(ascii: "-")) }
            append(value.magnitude)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func append(_ number: UInt64) {
        // From the highest digit on: a slice that is turned round is a copy first.
        var place: UInt64 = 1
        while number / place >= 10 { place *= 10 }
        while place > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / place % 10))
            place /= 10
        }
    }

    /// The items of a JSON array of integers and nulls, as this type and SQLite's `json()` write it; nil when it is
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
