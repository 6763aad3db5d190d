// Instants as text, RFC 3339: 2027-03-12T20:00:00+01:00, also with a fraction of a second, also Z for the offset 0. The
// offset is required, since a time without one is not an instant.
//
// The civil calendar is computed here (days counted in eras of 400 years from the 1st of March, so that the leap day
// is the last of its year); it is a few lines, and a calendar of Foundation's would read more than the format allows.

enum RFC3339 {
    /// Microseconds since 1970 UTC, or nil when `text` is not such an instant or is not between 1970 and 2999 (a date
    /// in 3027 is a slip of the finger). Digits past the microsecond are dropped.
    static func microseconds(_ text: String) -> Int64? {
        var digits = Digits(bytes: Array(text.utf8))
        guard let year = digits.number(of: 4), digits.skip("-"), let month = digits.number(of: 2), digits.skip("-"),
            let day = digits.number(of: 2), digits.skip("T") || digits.skip("t"),
            let hour = digits.number(of: 2), digits.skip(":"), let minute = digits.number(of: 2), digits.skip(":"),
            let second = digits.number(of: 2), let fraction = digits.fraction(), let offset = digits.offsetSeconds(),
            digits.isAtEnd
        else { return nil }
        guard 1...12 ~= month, 1...daysIn(month, of: year) ~= day, hour < 24, minute < 60, second < 60 else {
            return nil
        }
        let seconds = daysFrom1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset
        return 0..<daysFrom1970(3_000, 1, 1) * 86_400 ~= seconds ? seconds * 1_000_000 + fraction : nil
    }

    /// `microseconds` since 1970 UTC as local time with its offset; fractions only where there is one.
    static func text(_ microseconds: Int64, offsetSeconds: Int) -> String {
        let minutes = offsetSeconds / 60  // the format knows no seconds of an offset
        let (seconds, fraction) = floorDivided(microseconds, by: 1_000_000)
        let (days, time) = floorDivided(seconds + Int64(minutes) * 60, by: 86_400)
        let (year, month, day) = civil(days)
        var text = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        text += "T\(padded(time / 3_600, 2)):\(padded(time / 60 % 60, 2)):\(padded(time % 60, 2))"
        if fraction != 0 { text += ".\(padded(fraction, 6))" }
        let size = Int64(abs(minutes))
        return text + (minutes < 0 ? "-" : "+") + "\(padded(size / 60, 2)):\(padded(size % 60, 2))"
    }

    /// Days from 1970-01-01 to a day of the Gregorian calendar.
    static func daysFrom1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let (era, yearOfEra) = floorDivided(month > 2 ? year : year - 1, by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(_ daysFrom1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivided(daysFrom1970 + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private static func daysIn(_ month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    static func floorDivided(_ number: Int64, by divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

private struct Digits {
    let bytes: [UInt8]
    var at = 0

    var isAtEnd: Bool { at == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    mutating func number(of count: Int) -> Int64? {
        var number: Int64 = 0
        for _ in 0..<count {
            guard at < bytes.count, 0x30...0x39 ~= bytes[at] else { return nil }
            number = number * 10 + Int64(bytes[at] - 0x30)
            at += 1
        }
        return number
    }

    /// The microseconds after the point; 0 without one, nil when there is a point and no digit.
    mutating func fraction() -> Int64? {
        guard skip(".") else { return 0 }
        guard var microseconds = number(of: 1) else { return nil }
        var count = 1
        while let digit = number(of: 1) {
            count += 1
            if count <= 6 { microseconds = microseconds * 10 + digit }
        }
        while count < 6 {
            count += 1
            microseconds *= 10
        }
        return microseconds
    }

    mutating func offsetSeconds() -> Int64? {
        if skip("Z") || skip("z") { return 0 }
        let sign: Int64
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = number(of: 2), hours < 24, skip(":"), let minutes = number(of: 2), minutes < 60 else {
            return nil
        }
        return sign * (hours * 3_600 + minutes * 60)
    }
}
