import BoxOfficeProtocol
import Testing

@testable import BoxOfficeServer

/// What is said to somebody who has an older version of a seat map.
@Suite struct SeatsVersionTests {
    static func version(_ number: UInt64, _ statuses: [SeatStatus]) -> SeatsVersion {
        var packed = [UInt8](repeating: 0, count: (statuses.count + 3) / 4)
        for (index, status) in statuses.enumerated() { packed[index / 4] |= status.rawValue << (2 * UInt8(index % 4)) }
        let map = SeatMap(
            performance: PerformanceID(1), version: number, seats: UInt32(statuses.count), statuses: packed)
        let free = UInt32(statuses.count { $0 == .available })
        let category = CategoryPrice(category: "A", price: Points(1), seats: UInt32(statuses.count), available: free)
        return SeatsVersion(map, categories: [category])
    }

    @Test func changedSeatsAreNamedOnceWithTheirNewestStatus() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let count = Int.random(in: 1...70, using: &generator)
            let statuses = { (0..<count).map { _ in SeatStatus(rawValue: UInt8.random(in: 0...3)) } }
            let (before, after) = (statuses(), statuses())
            let changed = Self.version(9, after).changes(since: Self.version(4, before))
            let expected = before.indices.filter { before[$0] != after[$0] }
                .map { SeatChange(seat: SeatIndex(UInt32($0)), status: after[$0]) }
            #expect(changed.changes == expected && changed.fromVersion == 4 && changed.toVersion == 9)
            #expect(changed.available == UInt32(after.count { $0 == .available }))
        }
    }

    @Test func anotherHallLeavesAHole() {
        let old = Self.version(4, [.available, .held])
        let changed = Self.version(9, [.available, .available, .available]).changes(since: old)
        #expect(changed.fromVersion != 4 && changed.toVersion == 9 && changed.changes.isEmpty)
    }
}
