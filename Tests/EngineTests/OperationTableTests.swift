import BoxOfficeProtocol
import Testing

@testable import BoxOfficeEngine

@Suite("What was done under each operation key")
struct OperationTableTests {
    /// A row, a second after the one before it. Keys of one millisecond and one part of the table differ all the same.
    private func row(_ number: UInt64, owner: UInt64 = 1) -> OperationRow {
        OperationRow(
            id: number, owner: .member(MemberID(owner)), key: key(number), opcode: .charge,
            digest: Bytes16(high: 0, low: number), result: .response([UInt8(truncatingIfNeeded: number)]),
            at: Instant(seconds: Int64(number)))
    }

    private func key(_ number: UInt64) -> OperationKey {
        OperationKey(at: Instant(seconds: 1), random: Bytes16(high: number, low: number << 7))
    }

    private func table(_ count: UInt64) -> OperationTable {
        var table = OperationTable()
        for number in 1...count { table.append(row(number)) }
        return table
    }

    @Test("each key is found, whoever else used it, in a table of several chunks", arguments: [1, 1_024, 1_025, 3_000])
    func known(count: UInt64) {
        let table = table(count)
        #expect(table.count == Int(count))
        #expect(table.values.map(\.id) == Array(1...count))
        for number in [1, count / 2 + 1, count] {
            #expect(table.known(key(number), of: .member(MemberID(1)))?.id == number)
            #expect(table.known(key(number), of: .member(MemberID(2))) == nil)
        }
        #expect(table.known(key(count + 1), of: .member(MemberID(1))) == nil)
    }

    @Test(
        "what is forgotten is found no more, and all behind it is",
        arguments: [0, 1, 1_023, 1_024, 1_025, 2_999, 3_000])
    func forget(through last: UInt64) {
        var table = table(3_000)
        table.forget(through: last)
        #expect(table.count == 3_000 - Int(last))
        #expect(table.isEmpty == (last == 3_000))
        for number: UInt64 in [1, 1_024, 1_025, 2_048, 3_000] {
            #expect(table.known(key(number), of: .member(MemberID(1)))?.id == (number > last ? number : nil))
        }
        for number: UInt64 in 3_001...4_100 { table.append(row(number)) }
        #expect(table.values.map(\.id) == Array(last + 1...4_100))
        #expect(table.known(key(4_100), of: .member(MemberID(1)))?.id == 4_100)
    }

    @Test("the last row before an instant")
    func last() {
        let table = table(2_000)
        #expect(table.last(before: Instant(seconds: 1)) == nil)
        #expect(table.last(before: Instant(seconds: 1_025)) == 1_024)
        #expect(table.last(before: Instant(seconds: 9_999)) == 2_000)
    }

    @Test("of two rows with one key the newer is found, also when the older is forgotten")
    func twice() {
        var table = table(3)
        var again = row(4)
        again.key = key(2)
        table.append(again)
        #expect(table.known(key(2), of: .member(MemberID(1)))?.id == 4)
        table.forget(through: 2)
        #expect(table.known(key(2), of: .member(MemberID(1)))?.id == 4)
    }
}
