// One line an event on standard error, for journals and for people:
//     2027-03-12T19:00:00.123Z notice started connectionsMax=19936 data=/var/lib/boxoffice

import Foundation
import Logging

/// A log handler that writes lines to standard error.
struct StandardErrorLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    static func logger(level: Logger.Level) -> Logger {
        var logger = Logger(label: "boxofficed") { _ in StandardErrorLog() }
        logger.logLevel = level
        return logger
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let everything = metadata.merging(event.metadata ?? [:]) { $1 }
        let details = everything.sorted { $0.key < $1.key }.map { " \($0.key)=\(Self.quoted("\($0.value)"))" }
        let line = "\(Self.now()) \(event.level) \(Self.onOneLine("\(event.message)"))\(details.joined())\n"
        // One write a line, so that lines of several threads do not mix.
        FileHandle.standardError.write(Data(line.utf8))
    }

    private static func now() -> String {
        Date().formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
    }

    /// What came from outside stays on its line, and a terminal obeys none of it.
    private static func onOneLine(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
        return String(String.UnicodeScalarView(scalars))
    }

    private static func quoted(_ text: String) -> String {
        let text = onOneLine(text)
        guard text.isEmpty || text.contains(where: { $0 == " " || $0 == "\"" }) else { return text }
        return "\"" + text.replacingOccurrences(of: "\"", with: "'") + "\""
    }
}
