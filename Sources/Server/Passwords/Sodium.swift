// libsodium's calls, each once, with the lengths that make them safe.

import BoxOfficeProtocol
import CSodium

enum Sodium {
    /// Run before the first call of any other kind; libsodium allows that from several threads at once.
    private static let isReady: Bool = sodium_init() >= 0

    private static func prepare() {
        precondition(isReady, "libsodium cannot be used on this machine")
    }

    /// What a password costs to try: passes over the memory, and its size.
    struct PasswordCost: Hashable, Sendable {
        var passes: UInt64
        var memoryBytes: Int

        /// 19 MiB, twice: what OWASP asks of argon2id, 19 ms on one core of a small machine.
        static let standard = PasswordCost(passes: 2, memoryBytes: 19 * 1024 * 1024)
    }

    /// An argon2id string with its salt and cost in it. Nil when the memory cannot be had.
    static func passwordHash(_ password: String, cost: PasswordCost) -> String? {
        prepare()
        var text = [CChar](repeating: 0, count: Int(crypto_pwhash_strbytes()))
        var password = password
        let status = password.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // An empty password has no address; then none is read.
                withUnsafePointer(to: CChar(0)) { nothing in
                    crypto_pwhash_str(
                        &text, characters.baseAddress ?? nothing, UInt64(characters.count), cost.passes,
                        cost.memoryBytes)
                }
            }
        }
        guard status == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether the password is the one that was hashed.
    static func verifies(_ password: String, against hash: String) -> Bool {
        prepare()
        var password = password
        return password.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                withUnsafePointer(to: CChar(0)) { nothing in
                    // A hash that is no argon2 string fails, without a trap.
                    crypto_pwhash_str_verify(hash, characters.baseAddress ?? nothing, UInt64(characters.count)) == 0
                }
            }
        }
    }
}
