import BoxOfficeProtocol
import Testing

@testable import BoxOfficeEngine

@Suite struct NumberedTests {
    @Test("does what a dictionary does, near the beginning and far from it, by rising number")
    func asADictionary() {
        var generator = SeededGenerator(state: 7)
        var numbered = Numbered<MemberID, String>()
        var model: [MemberID: String] = [:]
        // Dense, sparse, at the end of what is found by place, and what only an edited file has.
        let ids: [UInt64] = Array(1...70) + [1_000, 33_554_431, 33_554_432, 33_554_433, .max - 1, .max]
        for step in 0..<20_000 {
            let id = MemberID(ids.randomElement(using: &generator)!)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: #expect(numbered.removeValue(forKey: id) == model.removeValue(forKey: id))
            case 1: #expect(numbered.updateValue("\(step)", forKey: id) == model.updateValue("\(step)", forKey: id))
            case 2:
                numbered[id] = nil
                model[id] = nil
            case 3:
                numbered[id]?.append("+")
                model[id]?.append("+")
            default:
                numbered[id] = "\(step)"
                model[id] = "\(step)"
            }
            #expect(numbered[id] == model[id])
            #expect(numbered.count == model.count && numbered.isEmpty == model.isEmpty)
        }
        #expect(numbered.keys == model.keys.sorted { $0.rawValue < $1.rawValue })
        #expect(Array(numbered.values) == numbered.keys.map { model[$0]! })
        for id in numbered.keys { numbered[id] = nil }
        #expect(numbered.isEmpty && numbered.keys.isEmpty && numbered[MemberID(.max)] == nil)
    }

    @Test("a copy is not changed with it")
    func copies() {
        var numbered = Numbered<MemberID, [Int]>()
        numbered[MemberID(1)] = [1]
        numbered[MemberID(.max)] = [2]
        let copy = numbered
        numbered[MemberID(1)]?.append(3)
        numbered[MemberID(.max)] = nil
        #expect(copy[MemberID(1)] == [1] && copy[MemberID(.max)] == [2] && copy.count == 2)
        #expect(numbered[MemberID(1)] == [1, 3] && numbered.count == 1)
    }
}
