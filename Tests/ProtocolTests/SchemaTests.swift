import BoxOfficeProtocol
import Foundation
import Testing

/// `spec/protocol.json`: what is generated from it is what is checked in, and what was released stays.
@Suite struct SchemaTests {
    static let file = Project.spec.appending(path: "protocol.json")

    @Test func `what is generated is what is checked in`() throws {
        try Project.withTemporaryFolder { folder in
            let spec = folder.appending(path: "spec", directoryHint: .isDirectory)
            try FileManager.default.createDirectory(at: spec, withIntermediateDirectories: true)
            try FileManager.default.copyItem(at: Self.file, to: spec.appending(path: "protocol.json"))
            let (status, output) = try Project.run(["bash", "spec/generate", folder.path])
            try #require(status == 0, "\(output)")
            let written = try Self.files(below: folder).filter { $0 != "spec/protocol.json" }
            #expect(written.contains("Sources/Protocol/Generated/Requests.swift"))
            for path in written {
                let fresh = try Data(contentsOf: folder.appending(path: path))
                let committed = try? Data(contentsOf: Project.root.appending(path: path))
                #expect(fresh == committed, "\(path) is stale: run spec/generate")
            }
            let generated = try Self.files(below: Project.root.appending(path: "Sources/Protocol/Generated"))
            for path in generated { #expect(written.contains("Sources/Protocol/Generated/\(path)"), "\(path) is left") }
        }
    }

    static func files(below folder: URL) throws -> [String] {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        return paths.filter { !folder.appending(path: $0).hasDirectoryPath && $0.contains(".") }.sorted()
    }

    @Test func `the schema agrees with itself`() throws {
        #expect(try ReleasedSchema.read(Self.file).inconsistencies() == [])
    }

    @Test func `what was released is only added to`() throws {
        let current = try ReleasedSchema.read(Self.file)
        let folder = Project.spec.appending(path: "released", directoryHint: .isDirectory)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.contains { $0.lastPathComponent == "README.md" })
        for file in files where file.pathExtension == "json" {
            let released = try ReleasedSchema.read(file)
            #expect(released.broken(by: current) == [], "\(file.lastPathComponent)")
        }
    }

    @Test func `additions break nothing`() throws {
        let released = try ReleasedSchema.read(Self.file)
        var current = released
        current.kinds.append(.init(name: "later", value: 100, from: "server"))
        current.codes.append(.init(name: "later", value: 500, outcome: "notExecuted", retry: "never"))
        current.enumerations[0].cases.append(.init(name: "later", value: 200))
        current.requests[0].tagged = [.init(tag: 2, name: "later", type: "u8")]
        current.notices.append(.init(name: "Later", opcode: 1100, fields: []))
        current.structures.reverse()  // their order says nothing
        #expect(released.broken(by: current) == [])
    }

    @Test func `each change of what was released is found`() throws {
        let released = try ReleasedSchema.read(Self.file)
        let hold = try #require(released.requests.firstIndex { $0.name == "Hold" })
        let room = try #require(released.requests.firstIndex { $0.name == "SetRoom" })
        let changes: [(String, (inout ReleasedSchema) -> Void)] = [
            ("major", { $0.major = 2 }),
            ("kind ping", { $0.kinds.removeAll { $0.name == "ping" } }),
            ("kind ack", { $0.kinds[8].from = "both" }),
            ("flag replayed", { $0.flags[1].value = 4 }),
            ("limit frameBytesMaxBeforeLogin", { $0.limits[0].value += 1 }),
            ("scalar MemberID", { $0.scalars[0].wire = "u32" }),
            ("enumeration SeatStatus", { $0.enumerations[0].name = "Status" }),
            ("SeatStatus sold", { $0.enumerations[0].cases[2].value = 9 }),
            ("code badRequest", { $0.codes[0].retry = "sameKey" }),
            ("request Hold", { $0.requests[hold].opcode = 999 }),
            ("request Hold", { $0.requests[hold].access = "guest" }),
            ("request Hold", { $0.requests[hold].response = "Empty" }),
            ("request Hold", { $0.requests.remove(at: hold) }),
            ("fields of Hold", { $0.requests[hold].fields.swapAt(1, 2) }),
            ("fields of Hold", { $0.requests[hold].fields[1].name = "date" }),
            ("fields of Hold", { $0.requests[hold].fields.append(.init(name: "later", type: "u8")) }),
            ("SetRoom tag capacity", { $0.requests[room].tagged?[1].tag = 10 }),
            ("SetRoom tag mode", { $0.requests[room].tagged?.removeFirst() }),
            ("update PositionChanged", { $0.updates[0].update = "place" }),
            ("structure Hello", { $0.structures.removeFirst() }),
        ]
        for (expected, change) in changes {
            var current = released
            change(&current)
            #expect(released.broken(by: current) == [expected])
        }
    }

    @Test func `numbers used twice are found`() throws {
        var schema = try ReleasedSchema.read(Self.file)
        schema.requests[1].opcode = schema.requests[0].opcode
        schema.structures[0].tagged?[1].tag = 1
        schema.structures[1].fields[0].type = "Nothing"
        #expect(
            schema.inconsistencies().sorted() == [
                "Hello tag 1 twice", "Welcome.major: no type Nothing", "opcode 256 twice",
            ])
    }
}
