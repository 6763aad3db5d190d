// What the witness says, as a text that people can read:
//
//     BoxOffice witness 1
//     turn 42
//     deployment 000102030405060708090a0b0c0d0e0f
//     commit 17
//     at 1772323200000250
//     head 5f…
//     check c0…
//
// filled up with spaces and a last newline to 512 bytes. `check` is the SHA-256 of all before it. A record is read only
// if it is, byte for byte, what would be written for what it says: so any change in it is noticed.

import BoxOfficeProtocol
import Foundation

/// The newest commit that the witness has seen.
struct WitnessRecord: Hashable {
    static let bytesCount = 512

    /// How often the witness was written; the higher of two records is the newer.
    var turn: UInt64
    var deployment: DeploymentID
    /// 0 before it has seen any: then any file will do.
    var commit: Int64
    var at: Instant
    var head: Digest

    /// What a box office begins with.
    static let nothingSeen = WitnessRecord(
        turn: 0, deployment: DeploymentID(Bytes16(high: 0, low: 0)), commit: 0, at: .distantPast,
        head: Seals.firstLink)

    var bytes: [UInt8] {
        let text = """
            BoxOffice witness 1
            turn \(turn)
            deployment \(deployment.rawValue)
            commit \(commit)
            at \(at.rawValue)
            head \(head.rawValue)

            """
        var bytes = Array(text.utf8)
        bytes += Array("check \(Digest(hashing: bytes).rawValue)\n".utf8)
        bytes += Array(repeating: UInt8(ascii: " "), count: max(0, Self.bytesCount - 1 - bytes.count))
        return bytes + [UInt8(ascii: "\n")]
    }

    init(turn: UInt64, deployment: DeploymentID, commit: Int64, at: Instant, head: Digest) {
        self.turn = turn
        self.deployment = deployment
        self.commit = commit
        self.at = at
        self.head = head
    }

    /// Nil for anything but what `bytes` makes.
    init?(_ bytes: [UInt8]) {
        var values: [String] = []
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n").prefix(6).dropFirst() {
            guard let space = line.firstIndex(of: " ") else { return nil }
            values.append(String(line[line.index(after: space)...]))
        }
        guard values.count == 5, let turn = UInt64(values[0]),
            let deployment = BoxOfficeProtocol.bytes(hexadecimal: values[1]).flatMap({ Bytes16($0) }),
            let commit = Int64(values[2]), let at = Int64(values[3]),
            let head = BoxOfficeProtocol.bytes(hexadecimal: values[4]).flatMap({ Bytes32($0) })
        else { return nil }
        self.init(
            turn: turn, deployment: DeploymentID(deployment), commit: commit, at: Instant(at), head: Digest(head))
        guard self.bytes == bytes else { return nil }
    }

    /// Why a data file with this newest commit is not the newest file; nil when it may be.
    ///
    /// A file that is ahead is normal: the witness is written last.
    func problem(with file: CommitRecord) -> String? {
        if commit == 0 { return nil }
        if deployment != file.deployment {
            return "it is another box office's, \(file.deployment.rawValue); \(deployment.rawValue) was here"
        }
        let ofFile = "commit \(file.number) of \(file.committedAt.text)"
        if file.number < commit {
            let missing =
                file.number + 1 == commit ? "commit \(commit) is" : "commits \(file.number + 1) to \(commit) are"
            return "\(missing) missing; it ends with \(ofFile), and one of \(at.text) was seen"
        }
        if file.number == commit && file.head != head || file.number == commit + 1 && file.headBefore != head {
            return "\(ofFile) does not go on from commit \(commit) of \(at.text) that was seen"
        }
        return nil
    }
}

extension Instant {
    /// For people, to the second.
    var text: String {
        guard self != .distantPast else { return "no time" }
        return Date(timeIntervalSince1970: Double(rawValue) / 1_000_000).formatted(.iso8601)
    }
}
