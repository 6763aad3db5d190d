import Foundation

/// The witness beside the data file, read by itself (docs/storage.md): which commit is the newest, as far as it has seen.
struct WitnessFile {
    private var exists: Bool
    /// What the newer of its two records says, by the first word of each line.
    private var newest: [String: String]?

    init(directory: String) {
        let path = URL(fileURLWithPath: directory).appendingPathComponent("boxoffice.witness").path
        let bytes = FileManager.default.contents(atPath: path).map { Array($0) } ?? []
        exists = !bytes.isEmpty
        for place in [0, 4_096] where bytes.count >= place + 512 {
            guard let record = Self.record(Array(bytes[place..<place + 512])) else { continue }
            if Self.turn(of: record) >= newest.map(Self.turn) ?? 0 { newest = record }
        }
    }

    private static func turn(of record: [String: String]) -> UInt64 { record["turn"].flatMap { UInt64($0) } ?? 0 }

    private static func record(_ bytes: [UInt8]) -> [String: String]? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let check = text.range(of: "\ncheck ") else { return nil }
        let covered = text[..<check.lowerBound] + "\n"
        var expected =
            Array(covered.utf8) + "check \(Checksums.hexadecimal(Checksums.sha256(Array(covered.utf8))))\n".utf8
        expected += Array(repeating: 0x20, count: max(0, 511 - expected.count)) + [0x0A]
        guard expected == bytes, covered.hasPrefix("BoxOffice witness 1\n") else { return nil }
        let lines = covered.split(separator: "\n").dropFirst().map { $0.split(separator: " ", maxSplits: 1) }
        return Dictionary(
            lines.filter { $0.count == 2 }.map { (String($0[0]), String($0[1])) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Why the file is not the newest, as far as the witness knows.
    func problems(with file: DataFile) -> [String] {
        guard let newest, let seen = newest["commit"].flatMap({ Int64($0) }), let head = newest["head"] else {
            return [exists ? "boxoffice.witness is damaged" : "boxoffice.witness is missing"]
        }
        guard seen > 0 else { return [] }
        do throws(AuditFailure) {
            let commit = try file.integer("SELECT commits FROM meta")
            if try file.text("SELECT lower(hex(deployment)) FROM meta") != newest["deployment"] {
                return ["the data file is another box office's than that of the witness"]
            }
            if commit < seen { return ["the data file ends with commit \(commit), and commit \(seen) was seen"] }
            let column = commit == seen ? "head" : "head_before"
            if commit <= seen + 1, try file.text("SELECT lower(hex(\(column))) FROM meta") != head {
                return ["commit \(commit) of the data file does not go on from commit \(seen) that was seen"]
            }
            return []
        } catch {
            return ["cannot be checked: \(error)"]
        }
    }
}
