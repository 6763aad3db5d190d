import BoxOfficeProtocol
import Foundation
import Testing

/// The prose of `spec/` against the schema: what can be checked of it is.
@Suite struct ProseTests {
    static func text(_ path: String) throws -> String {
        try String(contentsOf: Project.spec.appending(path: path), encoding: .utf8)
    }

    static func pages() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: Project.spec.path)
            .filter { $0.hasSuffix(".md") && !$0.contains(".build") }.sorted()
    }

    @Test func `links lead somewhere`() throws {
        for page in try Self.pages() {
            let folder = Project.spec.appending(path: page).deletingLastPathComponent()
            for match in try Self.text(page).matches(of: /\]\(([^)#\s]*)(?:#([^)\s]+))?\)/) {
                let file = match.1.isEmpty ? Project.spec.appending(path: page) : folder.appending(path: match.1)
                #expect(FileManager.default.fileExists(atPath: file.path), "\(page): \(match.0)")
                guard let anchor = match.2, file.pathExtension == "md" else { continue }
                let target = try String(contentsOf: file, encoding: .utf8)
                #expect(Self.anchors(in: target).contains(String(anchor)), "\(page): \(match.0)")
            }
        }
    }

    static func anchors(in text: String) -> Set<String> {
        var anchors = Set(text.matches(of: /<a id="([^"]+)">/).map { String($0.1) })
        for match in text.matches(of: /(?m)^#+ (.+)$/) {
            let kept = match.1.lowercased().filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" }
            anchors.insert(kept.replacing(" ", with: "-"))
        }
        return anchors
    }

    @Test func `refusals come in the same order in the prose and in the schema`() throws {
        struct Requests: Decodable {
            struct Item: Decodable {
                var name: String
                var refusals: [String]?
            }
            var requests: [Item]
        }
        let schema = try JSONDecoder().decode(Requests.self, from: Data(contentsOf: SchemaTests.file))
        var told = 0
        for row in try Self.text("refusals.md").split(separator: "\n") where row.hasPrefix("| ") {
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            for item in schema.requests where cells[0].components(separatedBy: ", ").contains(item.name) {
                told += 1
                let codes = cells[1].matches(of: /`(\w+)`/).map { String($0.1) }
                var rest = codes[...]
                // Where a queue of hashing is full is told for all of them at once.
                for code in item.refusals ?? [] where code != "busy" {
                    guard let index = rest.firstIndex(of: code) else {
                        Issue.record("\(item.name): \(code) is missing or too early in \(codes)")
                        break
                    }
                    rest = rest[(index + 1)...]
                }
            }
        }
        #expect(told > 20)
    }

    @Test func `the prose names codes, kinds, limits and reasons that exist`() throws {
        let schema = try ReleasedSchema.read(SchemaTests.file)
        let everything = schema.requests + schema.notices + schema.updates + schema.structures
        var known = Set(schema.codes.map(\.name) + schema.kinds.map(\.name) + schema.limits.map(\.name))
        known.formUnion(schema.flags.map(\.name) + schema.scalars.map(\.name) + schema.enumerations.map(\.name))
        known.formUnion(schema.enumerations.flatMap { $0.cases.map(\.name) })
        known.formUnion(everything.map(\.name) + everything.flatMap { ($0.fields + ($0.tagged ?? [])).map(\.name) })
        known.formUnion((schema.notices + schema.updates).compactMap { $0.notice ?? $0.update })
        known.formUnion(schema.notices.map { $0.name.prefix(1).lowercased() + $0.name.dropFirst() })
        known.formUnion(DecodeFailure.Reason.allCases.map(\.rawValue))
        known.formUnion(["tooLong", "unknownFlags", "unknownKind", "wrongDirection", "unexpectedBody"])
        known.formUnion(["badSize", "corrupt", "seats", "string", "bytes", "secret", "bool", "bytes16", "bytes32"])
        known.formUnion(["offset", "digest", "opcode", "local", "guest"])
        for page in ["session.md", "refusals.md", "frame.md", "draw.md"] {
            for match in try Self.text(page).matches(of: /`([a-z]+[A-Za-z0-9]*)`/) where match.1.count > 3 {
                #expect(known.contains(String(match.1)), "\(page): \(match.1)")
            }
        }
        let refusals = try Self.text("messages.md")
        for code in RefusalCode.known { #expect(refusals.contains("`\(code.name)`")) }
    }

    @Test func `the Python programs can be read`() throws {
        let (status, output) = try Project.run([
            "python3", "-B", "-c",
            "import sys; sys.path.insert(0, 'spec/python'); "
                + "import boxoffice, buy, draw, verify, record_trace, malformed, vectors",
        ])
        #expect(status == 0, "\(output)")
    }
}
