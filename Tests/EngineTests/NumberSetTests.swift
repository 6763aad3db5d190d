import Testing

@testable import BoxOfficeEngine

@Suite("Number set")
struct NumberSetTests {
    @Test("says what is new to it")
    func insert() {
        var set = NumberSet()
        for number in [0, 63, 64, 5, 1_000, 64, 0] as [UInt64] {
            let isNew = !set.contains(number)
            #expect(set.insert(number) == isNew)
            #expect(set.contains(number))
        }
        #expect(!set.contains(1))
        #expect(!set.contains(.max))
    }
}
