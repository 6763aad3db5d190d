import BoxOfficeProtocol
import Foundation

/// When a server makes backups by itself, and which it keeps. Pure: what is there and what time it is are arguments.
public struct BackupSchedule: Hashable, Sendable {
    /// The shortest interval, seconds.
    public static let everySecondsMin: UInt32 = 1
    /// The longest: 31 days.
    public static let everySecondsMax: UInt32 = 31 * 86_400
    /// The most that are kept.
    public static let keptMax = 10_000
    /// After a failure the next try comes this much later, unless the interval is shorter.
    static let retrySeconds: UInt32 = 300

    /// The interval, seconds.
    public var everySeconds: UInt32
    /// Where they go. It has to be there.
    public var directory: String
    /// How many are kept; older ones are removed.
    public var kept: Int

    /// One each `everySeconds` in `directory`, of which the newest `kept` stay.
    public init(everySeconds: UInt32, directory: String, kept: Int = 24) {
        self.everySeconds = everySeconds
        self.directory = directory
        self.kept = kept
    }

    /// Why this cannot be; nil when it can.
    var refusal: String? {
        if !(Self.everySecondsMin...Self.everySecondsMax).contains(everySeconds) {
            return "backups are made once a second at most, and every 31 days at least"
        }
        if !(1...Self.keptMax).contains(kept) { return "1 to \(Self.keptMax) backups are kept" }
        if directory.isEmpty { return "backups need a directory" }
        return nil
    }

    /// `boxoffice-20261127T102500Z.sqlite`: sorted by name they are sorted by time.
    static func name(at now: Instant) -> String {
        let date = Date(timeIntervalSince1970: Double(now.rawValue / 1_000_000))
        return "boxoffice-" + date.formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted)) + ".sqlite"
    }

    /// When a backup of this name was made; nil for other files, which are left alone.
    static func instant(of name: String) -> Instant? {
        guard name.hasPrefix("boxoffice-"), name.hasSuffix("Z.sqlite") else { return nil }
        let digits = name.dropFirst(10).dropLast(8)
        guard digits.utf8.count == 15, digits.dropFirst(8).first == "T",
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x54 }),
            let date = try? Date(
                digits + "Z",
                strategy: .iso8601.dateSeparator(.omitted).timeSeparator(.omitted).year().month().day()
                    .time(includingFractionalSeconds: false).timeZone(separator: .omitted)),
            Self.name(at: Instant(seconds: Int64(date.timeIntervalSince1970))) == name
        else { return nil }
        return Instant(seconds: Int64(date.timeIntervalSince1970))
    }

    /// Whether it is time, given the names in the directory and when the last try was made.
    func isDue(_ names: [String], lastTry: Instant?, at now: Instant) -> Bool {
        if let lastTry, now - lastTry < .seconds(min(everySeconds, Self.retrySeconds)) { return false }
        guard let newest = names.compactMap(Self.instant).max() else { return true }
        // One from the future is of a clock that was wrong, and no reason to wait for it.
        return newest > now || now - newest >= .seconds(everySeconds)
    }

    /// Which of these files are to be removed: those beyond the newest, and what failed tries have left.
    func superfluous(_ names: [String]) -> [String] {
        let whole = names.filter { Self.instant(of: $0) != nil }.sorted()
        let partial = names.filter { $0.hasSuffix(".partial") && Self.instant(of: String($0.dropLast(8))) != nil }
        return whole.dropLast(kept) + partial.sorted()
    }
}
