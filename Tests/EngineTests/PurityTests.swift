import Foundation
import Testing

/// The engine has no sockets, clock, disk, threads or randomness of its own (docs/architecture.md, Modules). Undeclared
/// imports compile, so the sources are looked at.
@Suite("Purity")
struct PurityTests {
    private static var sources: [(name: String, lines: [Substring])] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/Engine")
        let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        return (files?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "swift" }.map { file in
            let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
            return (file.lastPathComponent, text.split(separator: "\n"))
        }
    }

    @Test("imports nothing but the protocol and collections")
    func imports() {
        let allowed = ["BoxOfficeProtocol", "HeapModule", "DequeModule", "OrderedCollections"]
        #expect(Self.sources.count > 10)
        for (name, lines) in Self.sources {
            for line in lines where line.contains("import ") && !line.drop(while: { $0 == " " }).hasPrefix("//") {
                let module = line.split(separator: " ").last.map(String.init) ?? ""
                #expect(allowed.contains(module), "\(name): \(line)")
            }
        }
    }

    @Test("asks no clock and no dice")
    func noClock() {
        let words = [".random(", "RandomNumberGenerator", "Clock", "Date(", "Task", "DispatchQueue", "print("]
        for (name, lines) in Self.sources {
            for line in lines where !line.drop(while: { $0 == " " }).hasPrefix("//") {
                for word in words { #expect(!line.contains(word), "\(name): \(line)") }
            }
        }
    }
}
