import BoxOfficeProtocol
import Foundation

/// A paragraph of `spec/vectors/*.txt`.
struct Vector: Sendable, CustomStringConvertible {
    var file: String
    var name: String
    var sender: FrameParser.Sender
    var cap: Int
    var bytes: [UInt8]
    /// The line `frame` and the result, by key.
    var expected: [String: String]

    var description: String { "\(file): \(name)" }

    /// The body as it stands in the frame.
    var body: [UInt8] { Array(bytes.dropFirst(FrameHeader.bytes)) }

    static let all: [Vector] = {
        let folder = Project.spec.appending(path: "vectors")
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.pathExtension == "txt" }.sorted { $0.path < $1.path }.flatMap(read)
    }()

    /// The paragraphs of a file, each by its keys.
    static func paragraphs(of file: URL) -> [[String: String]] {
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
        return text.components(separatedBy: "\n\n").map { paragraph in
            var lines: [String: String] = [:]
            for line in paragraph.components(separatedBy: "\n") where !line.isEmpty && !line.hasPrefix("#") {
                let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
                lines[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
            }
            return lines
        }.filter { !$0.isEmpty }
    }

    /// Those of a file that are frames.
    private static func read(_ file: URL) -> [Vector] {
        paragraphs(of: file).compactMap { paragraph in
            var lines = paragraph
            guard let name = lines.removeValue(forKey: "name"), let from = lines.removeValue(forKey: "from"),
                let hex = lines.removeValue(forKey: "hex"),
                let bytes = BoxOfficeProtocol.bytes(hexadecimal: hex.replacing(" ", with: ""))
            else { return nil }
            let sender: FrameParser.Sender = from == "client" ? .client : .server
            let usual = sender == .client ? WireLimits.frameBytesMax : WireLimits.replyBytesMax
            let cap = lines.removeValue(forKey: "cap").flatMap { Int($0) } ?? usual
            return Vector(
                file: file.lastPathComponent, name: name, sender: sender, cap: cap, bytes: bytes, expected: lines)
        }
    }
}

/// What this codec makes of a vector's bytes, in the words of the vectors.
func outcome(of vector: Vector) -> [String: String] {
    let header: FrameHeader
    let kind: FrameKind
    switch FrameParser(from: vector.sender, bodyBytesMax: vector.cap).step(over: vector.bytes.span, at: 0) {
    case .needs(let bytes): return ["incomplete": "\(bytes)"]
    case .skip: return ["skip": ""]
    case .violation(let violation): return ["violation": Mirror(reflecting: violation).children.first?.label ?? ""]
    case .frame(let found, let foundKind): (header, kind) = (found, foundKind)
    }
    var lines = ["frame": "\(kind) flags=\(text(of: header.flags)) opcode=\(header.opcode) id=\(header.id)"]
    do {
        var body = vector.body
        if header.flags.contains(.compressed) {
            body = try Compression.inflated(body.span, bytesMax: WireLimits.replyBytesMax)
        }
        switch kind {
        case .cancel, .ack, .gap, .replayed, .ping, .pong: lines["value"] = "-"
        default:
            guard let message = try decoded(kind, opcode: header.opcode, body: body) else {
                lines["unsupported"] = ""
                break
            }
            lines["value"] = valueText(message)
            if message.encoded != body { lines["again"] = hexadecimal(message.encoded) }
        }
    } catch let failure as DecodeFailure {
        lines["refused"] = failure.reason.rawValue
    } catch {
        lines["inflate"] = "\(error)"
    }
    return lines
}

private func text(of flags: FrameFlags) -> String {
    let names = [(FrameFlags.compressed, "compressed"), (.replayed, "replayed")].filter { flags.contains($0.0) }
    return names.isEmpty ? "-" : names.map(\.1).joined(separator: "+")
}

/// The message in a whole body; nil when the opcode is not one of this kind's.
func decoded(_ kind: FrameKind, opcode: UInt16, body: [UInt8]) throws(DecodeFailure) -> (any WireStructure)? {
    switch kind {
    case .hello: return try Hello(body: body.span)
    case .welcome: return try Welcome(body: body.span)
    case .goAway: return try GoAway(body: body.span)
    case .error: return try Refusal(body: body.span)
    default: break
    }
    guard let opcode = Opcode(rawValue: opcode) else { return nil }
    return switch kind {
    case .request: try Request.decode(opcode, body: body.span)?.message
    case .response: try Response.decode(opcode, body: body.span)?.message
    case .notice: try Notice.decode(opcode, body: body.span)?.message
    case .update: try Update.decode(opcode, body: body.span)?.message
    default: nil
    }
}
