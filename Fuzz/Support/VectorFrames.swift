import Foundation

/// A frame of `spec/vectors`: the seeds are made from these, so that a new message is fuzzed from the day it has a vector.
public struct VectorFrame {
    /// File and name.
    public var name: String
    /// Sent by a client; by a server otherwise.
    public var isFromClient: Bool
    /// Header and body.
    public var bytes: [UInt8]

    /// All there are, found from where this file is.
    public static func all() -> [VectorFrame] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "spec/vectors", directoryHint: .isDirectory)
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.pathExtension == "txt" }.sorted { $0.path < $1.path }.flatMap { file in
            let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
            return text.components(separatedBy: "\n\n").compactMap {
                frame(of: $0, in: file.deletingPathExtension().lastPathComponent)
            }
        }
    }

    private static func frame(of paragraph: String, in file: String) -> VectorFrame? {
        var values: [Substring: Substring] = [:]
        for line in paragraph.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ", maxSplits: 1)
            if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        guard let name = values["name"], let sender = values["from"], let hexadecimal = values["hex"] else {
            return nil
        }
        let digits = hexadecimal.compactMap(\.hexDigitValue)
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        return VectorFrame(name: "\(file)-\(name)", isFromClient: sender == "client", bytes: bytes)
    }
}
