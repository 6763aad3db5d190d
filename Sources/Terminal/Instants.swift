// Instants on the wire are microseconds since 1970 UTC, signed 64 bits. For programs they are printed as RFC 3339 in
// UTC, for people in the time zone of the hall.

import Foundation

/// An instant as RFC 3339 in UTC: `2026-12-12T10:00:00Z`, with a fraction only when there is one
/// (`2026-12-12T10:00:00.25Z`).
///
/// Every value has a text: years beyond 0000–9999, which RFC 3339 cannot say, are written as ISO 8601's expanded
/// form with a sign and six digits.
/// - Parameter microseconds: since 1970-01-01T00:00:00Z.
public func rfc3339(microseconds: Int64) -> String {
    let civil = CivilTime(microseconds: microseconds, offsetSeconds: 0)
    var text = "\(civil.yearText)-\(twoDigits(civil.month))-\(twoDigits(civil.day))"
    text += "T\(twoDigits(civil.hour)):\(twoDigits(civil.minute)):\(twoDigits(civil.second))"
    if civil.microsecond != 0 {
        let digits = String(1_000_000 + civil.microsecond).dropFirst()
        text += "." + digits.replacing(#/0+$/#, with: "")
    }
    return text + "Z"
}

/// The instant that an RFC 3339 text names, in microseconds since 1970-01-01T00:00:00Z: `2026-12-12T19:00:00+01:00`, also
/// with a fraction of a second, also with `Z`. Nil for anything else; a time without an offset is nobody's time.
public func microseconds(rfc3339 text: String) -> Int64? {
    let form = #/(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))/#
    guard let parts = text.wholeMatch(of: form)?.output else { return nil }
    let clock = "\(parts.1)T\(parts.2)Z"
    guard let date = ISO8601DateFormatter().date(from: clock) else { return nil }
    let seconds = Int64(date.timeIntervalSince1970.rounded())
    // Foundation makes 2 March of 30 February.
    guard rfc3339(microseconds: seconds * 1_000_000) == clock else { return nil }
    let offset = ((parts.5.flatMap { Int64($0) } ?? 0) * 60 + (parts.6.flatMap { Int64($0) } ?? 0)) * 60
    let fraction = Int64(((parts.3 ?? "") + "000000").prefix(6)) ?? 0
    return (parts.4 == "-" ? seconds + offset : seconds - offset) * 1_000_000 + fraction
}

/// An instant for people, in a hall's time zone: `Sat 12 Dec 2026 19:00 KST`.
/// - Parameters:
///   - microseconds: since 1970-01-01T00:00:00Z.
///   - zone: an IANA name such as `Asia/Seoul`. An unknown one gives UTC, and the text says so.
///   - showsSeconds: adds the seconds, for deadlines.
public func localTime(microseconds: Int64, zone: String, showsSeconds: Bool = false) -> String {
    let (offset, abbreviation) = TimeZones.shared.zone(named: zone).offset(atMicroseconds: microseconds)
    let civil = CivilTime(microseconds: microseconds, offsetSeconds: offset)
    let date = "\(civil.weekdayName) \(civil.day) \(civil.monthName) \(civil.yearText)"
    let time = "\(twoDigits(civil.hour)):\(twoDigits(civil.minute))"
    return "\(date) \(time)\(showsSeconds ? ":" + twoDigits(civil.second) : "") \(abbreviation)"
}

/// Year, month, day and time of day of an instant, in the proleptic Gregorian calendar.
struct CivilTime {
    let year, month, day, hour, minute, second, microsecond: Int
    private let daysSince1970: Int

    init(microseconds: Int64, offsetSeconds: Int) {
        let (seconds, fraction) = Int(microseconds).flooredDivision(by: 1_000_000)
        let (days, secondOfDay) = (seconds + offsetSeconds).flooredDivision(by: 86_400)
        daysSince1970 = days
        microsecond = fraction
        (hour, minute, second) = (secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60)

        // Years are counted from 1 March, so that the leap day is a year's last, and in eras of 400 years, which all
        // have the same number of days (H. Hinnant, "chrono-compatible low-level date algorithms").
        let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    }

    var yearText: String {
        if (0...9999).contains(year) { return String(String(10_000 + year).dropFirst()) }
        return (year < 0 ? "-" : "+") + String(String(1_000_000 + abs(year)).dropFirst())
    }

    var weekdayName: String {
        ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][daysSince1970.flooredDivision(by: 7).remainder]
    }

    var monthName: String {
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month - 1]
    }
}

extension Int {
    /// Division that rounds down, so that instants before 1970 fall into the right day.
    fileprivate func flooredDivision(by divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
