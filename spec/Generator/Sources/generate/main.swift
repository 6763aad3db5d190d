import Foundation

// Usage: generate [ROOT]: reads ROOT/spec/protocol.json and writes what is generated from it below ROOT.
let root = URL(filePath: CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : ".", directoryHint: .isDirectory)
let schema = try Schema.read(from: root.appending(path: "spec/protocol.json"))
let generated = root.appending(path: "Sources/Protocol/Generated", directoryHint: .isDirectory)
try FileManager.default.createDirectory(at: generated, withIntermediateDirectories: true)
for file in SwiftWriter(schema: schema).files() {
    try Data(file.text.utf8).write(to: generated.appending(path: file.name))
}
