// Time zones with the names people know them by.
//
// Foundation knows the offsets, but its names are the locale's ("GMT+9" for Seoul in every locale). The abbreviation
// that tickets are printed with, KST, is in the tz database itself, so it is read from there; a machine without
// that database shows UTC+9.
//
// Layout of a file (RFC 8536): a header of 44 bytes with six counts, the 32-bit block (skipped), a second header, the
// 64-bit block: transition times (8 bytes each), their types (1 each), types (6 each: offset i32, isDST u8,
// abbreviation's place u8), abbreviations, zero-ended. All big-endian.

import Foundation

/// The zones asked for so far. Reading one takes a file; a listing asks for the same few again and again.
final class TimeZones: @unchecked Sendable {  // `known` is touched only under `lock`
    static let shared = TimeZones()
    private let lock = NSLock()
    private var known: [String: NamedTimeZone] = [:]
    /// Names come from the network; there are about 600, so a fuller cache holds inventions.
    private static let knownMax = 1000

    func zone(named name: String) -> NamedTimeZone {
        lock.withLock {
            if let zone = known[name] { return zone }
            if known.count >= Self.knownMax { known.removeAll() }
            let zone = NamedTimeZone(name)
            known[name] = zone
            return zone
        }
    }
}

/// A zone's offsets and abbreviations.
struct NamedTimeZone: Sendable {
    private let zone: TimeZone?
    private let abbreviations: [ZoneAbbreviation]

    init(_ name: String, databaseFolders: [String] = ["/usr/share/zoneinfo", "/var/db/timezone/zoneinfo"]) {
        // The name becomes part of a path: only letters, digits, "_", "+", "-" and inner slashes.
        let isPlain = name.utf8.allSatisfy {
            switch UInt8($0) {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"),
                UInt8(ascii: "/"):
                true
            default: false
            }
        }
        guard isPlain, !name.isEmpty, !name.hasPrefix("/"), let zone = TimeZone(identifier: name) else {
            (self.zone, abbreviations) = (nil, [])
            return
        }
        self.zone = zone
        let files = databaseFolders.lazy.compactMap { FileManager.default.contents(atPath: "\($0)/\(name)") }
        abbreviations = files.first.flatMap { ZoneAbbreviation.read(Array($0)) } ?? []
    }

    func offset(atMicroseconds microseconds: Int64) -> (seconds: Int, abbreviation: String) {
        guard let zone else { return (0, "UTC") }
        let date = Date(timeIntervalSince1970: Double(microseconds) / 1_000_000)
        let offset = zone.secondsFromGMT(for: date)
        let isDaylight = zone.isDaylightSavingTime(for: date)
        // Several abbreviations may have had one offset (Seoul's +9 was JST until 1945): the newest is listed first.
        let named = abbreviations.first { $0.offsetSeconds == offset && $0.isDaylight == isDaylight }
        return (offset, named?.text ?? Self.numeric(offset))
    }

    /// `UTC`, `UTC+9`, `UTC-3:30`.
    private static func numeric(_ offset: Int) -> String {
        guard offset != 0 else { return "UTC" }
        let (hours, minutes) = (abs(offset) / 3600, abs(offset) / 60 % 60)
        return "UTC\(offset < 0 ? "-" : "+")\(hours)" + (minutes == 0 ? "" : ":\(twoDigits(minutes))")
    }
}

struct ZoneAbbreviation: Sendable, Equatable {
    let offsetSeconds: Int
    let isDaylight: Bool
    let text: String

    /// The abbreviations in a tz database file, newest first; nil when the bytes are something else. Names that are
    /// only numbers ("+03") are left out.
    static func read(_ bytes: [UInt8]) -> [ZoneAbbreviation]? {
        guard let first = TZifBlock(bytes, at: 0, timeSize: 4),
            let block = TZifBlock(bytes, at: first.end, timeSize: 8),
            block.end <= bytes.count
        else { return nil }
        let types: [ZoneAbbreviation?] = (0..<block.typeCount).map { index in
            let at = block.typesAt + 6 * index
            let offset = Int32(bitPattern: bytes[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) })
            let letters = bytes[(block.textAt)..<block.textEnd].dropFirst(Int(bytes[at + 5])).prefix { $0 != 0 }
            let text = String(decoding: letters, as: UTF8.self)
            guard text.first?.isASCII == true, text.first?.isLetter == true, text == sanitize(text) else { return nil }
            return ZoneAbbreviation(offsetSeconds: Int(offset), isDaylight: bytes[at + 4] != 0, text: text)
        }
        let newestFirst = bytes[block.indicesAt..<block.typesAt].reversed() + [0]
        var seen: [ZoneAbbreviation] = []
        for index in newestFirst where Int(index) < types.count {
            if let type = types[Int(index)], !seen.contains(type) { seen.append(type) }
        }
        return seen
    }
}

/// Where the parts of one block are, computed from its header; every count is checked against what is there.
private struct TZifBlock {
    let indicesAt, typesAt, typeCount, textAt, textEnd, end: Int

    init?(_ bytes: [UInt8], at start: Int, timeSize: Int) {
        guard start >= 0, bytes.count >= start + 44, bytes[start..<start + 4].elementsEqual("TZif".utf8) else {
            return nil
        }
        func count(_ index: Int) -> Int {
            bytes[(start + 20 + 4 * index)..<(start + 24 + 4 * index)].reduce(0) { $0 << 8 | Int($1) }
        }
        let (utCount, standardCount, leapCount, timeCount) = (count(0), count(1), count(2), count(3))
        typeCount = count(4)
        indicesAt = start + 44 + timeCount * timeSize
        typesAt = indicesAt + timeCount
        textAt = typesAt + typeCount * 6
        textEnd = textAt + count(5)
        end = textEnd + leapCount * (timeSize + 4) + standardCount + utCount
        // Counts are at most 2³²: the sums above cannot overflow, and indices are used only up to `end`.
        guard end <= bytes.count else { return nil }
    }
}
