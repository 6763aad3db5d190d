// The IANA time zones, as Foundation knows them. It would take `GMT+3` and the path of a file as well, so a name must
// look like one of a region first.

import Foundation

struct KnownTimeZones {
    /// No zone's name is nearly as long.
    static let nameBytesMax = 64

    private var known: [String: Bool] = [:]  // a file names few zones, many times

    /// Whether `name` is an IANA time zone: `Asia/Seoul`, or `UTC`.
    mutating func isKnown(_ name: String) -> Bool {
        if let answer = known[name] { return answer }
        let answer = Self.zone(name) != nil
        known[name] = answer
        return answer
    }

    /// How far the clocks of zone `name` are ahead of UTC at an instant in microseconds; 0 for an unknown zone.
    static func offsetSeconds(of name: String, at microseconds: Int64) -> Int {
        let instant = Date(timeIntervalSince1970: Double(microseconds) / 1_000_000)
        return zone(name)?.secondsFromGMT(for: instant) ?? 0
    }

    private static func zone(_ name: String) -> TimeZone? {
        if name == "UTC" { return .gmt }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let plausible =
            2...3 ~= parts.count
            && parts.allSatisfy { part in
                guard let first = part.utf8.first, isLetter(first) else { return false }
                return part.utf8.allSatisfy { isLetter($0) || 0x30...0x39 ~= $0 || "_+-".utf8.contains($0) }
            }
        return plausible && name.utf8.count <= nameBytesMax ? TimeZone(identifier: name) : nil
    }

    private static func isLetter(_ byte: UInt8) -> Bool { 0x61...0x7A ~= byte | 0x20 }
}
