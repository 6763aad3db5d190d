import Foundation

// Usage: generate [ROOT]: reads ROOT/spec/protocol.json and writes what is generated from it below ROOT.
let root = URL(filePath: CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : ".", directoryHint: .isDirectory)
let schema = try Schema.read(from: root.appending(path: "spec/protocol.json"))

func write(_ text: String, to path: String) throws {
    let file = root.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
}

for file in SwiftWriter(schema: schema).files() { try write(file.text, to: "Sources/Protocol/Generated/\(file.name)") }
try write(MessagesWriter(schema: schema).text(), to: "spec/messages.md")
try write(DissectorWriter(schema: schema).text(), to: "spec/wireshark/boxoffice.lua")
