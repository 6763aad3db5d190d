import BoxOfficeProtocol
import Testing

@testable import BoxOfficeEngine

/// What is kept small must be what the plain form would be.
@Suite("Small state")
struct SmallStateTests {
    @Test("numbered values against a dictionary")
    func numbered() {
        var random = SystemRandomNumberGenerator()
        var numbered = Numbered<TokenID, String>()
        var plain: [TokenID: String] = [:]
        for step in 0..<5_000 {
            let far = step % 10 == 0 ? UInt64.max - 40 : 0
            let id = TokenID(far + UInt64.random(in: 0..<40, using: &random) * (far == 0 ? 7 : 1))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: #expect(numbered.removeValue(forKey: id) == plain.removeValue(forKey: id))
            case 1: (numbered[id], plain[id]) = (nil, nil)
            case 2:
                numbered[id]?.append("+")
                plain[id]?.append("+")
            default: (numbered[id], plain[id]) = ("\(step)", "\(step)")
            }
            #expect(numbered[id] == plain[id] && numbered.count == plain.count)
        }
        #expect(numbered.map(\.key) == plain.keys.sorted())
        #expect(numbered.values.map { $0 } == plain.keys.sorted().map { plain[$0]! })
        for id in plain.keys { numbered[id] = nil }
        #expect(numbered.isEmpty && numbered.makeIterator().next() == nil)
    }

    @Test("a table of mostly one value against a dictionary")
    func smallTable() {
        var random = SeededGenerator(state: 2)
        var table = SmallTable<MemberID, Int>()
        var plain: [MemberID: Int] = [:]
        for step in 0..<3_000 {
            let id = MemberID(UInt64.random(in: 0..<3, using: &random))
            switch Int.random(in: 0..<3, using: &random) {
            case 0: (table[id], plain[id]) = (nil, nil)
            case 1: (table[id], plain[id]) = (step, step)
            default: #expect(table.updateValue(step, forKey: id) == plain.updateValue(step, forKey: id))
            }
            #expect(table[id] == plain[id])
            var visited: [MemberID: Int] = [:]
            table.visit { visited[$0] = $1 }
            #expect(visited == plain)
        }
    }

    @Test("few values against an array")
    func few() {
        var random = SeededGenerator(state: 1)
        var few = Few<Int>()
        var plain: [Int] = []
        for _ in 0..<2_000 {
            let value = Int.random(in: 0..<4, using: &random)
            if Bool.random(using: &random) {
                few.append(value)
                plain.append(value)
            } else {
                few.removeAll { $0 == value }
                plain.removeAll { $0 == value }
            }
            #expect(Array(few) == plain && few.count == plain.count)
            #expect(few.first { $0 == value } == plain.first { $0 == value })
        }
    }

    @Test("a value is changed in place")
    func inPlace() {
        var numbered = Numbered<TokenID, [Int]>()
        numbered[TokenID(5)] = Array(0..<1_000)
        let before = numbered[TokenID(5)]!.withUnsafeBufferPointer { $0.baseAddress }
        for index in 0..<1_000 { numbered[TokenID(5)]![index] += 1 }
        #expect(numbered[TokenID(5)]!.withUnsafeBufferPointer { $0.baseAddress } == before)
    }

    @Test(
        "password hashes come out as they went in",
        arguments: [
            "", "x", "$argon2id$v=19$m=19456,t=2,p=1$", "$argon2id$v=19$m=19456,t=2,p=1$$",
            "$argon2id$v=19$m=19456,t=2,p=1$MTIzNDU2Nzg5MDEyMzQ1Ng$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
            // Bits that the digest does not have, another length, another cost, a byte that is no digit.
            "$argon2id$v=19$m=19456,t=2,p=1$MTIzNDU2Nzg5MDEyMzQ1Ng$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9",
            "$argon2id$v=19$m=19456,t=2,p=1$MTIzNDU2Nzg5MDEyMzQ1Ng$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8A",
            "$argon2id$v=19$m=8,t=1,p=1$MTIzNDU2Nzg5MDEyMzQ1Ng$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
            "$argon2id$v=19$m=19456,t=2,p=1$MTIzNDU2Nzg5MDEyMzQ1Ng$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh-",
        ])
    func passwordHash(text: String) {
        #expect(PasswordHash(text).text == text)
        if case .usual = PasswordHash(text) {
            #expect(text.hasSuffix("Hh8") && text.contains("m=19456"))
        } else {
            #expect(!(text.hasSuffix("Hh8") && text.contains("m=19456")))
        }
    }
}
