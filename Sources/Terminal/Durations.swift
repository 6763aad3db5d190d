// Spans of time as people say them: a countdown to the second on a hold, a rough range for a wait.

/// A countdown: `4:59`, `0:07`, `1:02:03`; `0:00` from the deadline on.
/// - Parameter seconds: what remains. Round up when a fraction is left: until `0:00` is shown there is still time.
public func countdown(seconds: Int) -> String {
    let left = max(0, seconds)
    let (hours, minutes, rest) = (left / 3600, left / 60 % 60, left % 60)
    return hours > 0 ? "\(hours):\(twoDigits(minutes)):\(twoDigits(rest))" : "\(minutes):\(twoDigits(rest))"
}

/// A countdown from microseconds, as instants on the wire are; a fraction of a second counts as a whole one.
public func countdown(microseconds: Int64) -> String {
    let whole = microseconds / 1_000_000
    return countdown(seconds: Int(clamping: whole + (microseconds % 1_000_000 > 0 ? 1 : 0)))
}

/// An estimated wait: `about 3–5 min`, `about 2 h`, `up to 4 min`, `less than a minute`, or `unknown`.
///
/// The estimate is a range because it is measured (docs/domain.md, "Estimated wait is honest"); the upper end is rounded
/// up and the lower down, so that the words promise no more than the numbers.
/// - Parameters:
///   - secondsMin: the lower end; nil while there is no estimate.
///   - secondsMax: the upper end; nil likewise.
public func waitEstimate(secondsMin: Int?, secondsMax: Int?) -> String {
    guard let first = secondsMin ?? secondsMax, let second = secondsMax ?? secondsMin else { return "unknown" }
    let (low, high) = (max(0, min(first, second)), max(0, first, second))
    if high < 60 { return "less than a minute" }
    if low < 60 { return "up to \((high - 1) / 60 + 1) min" }
    if low >= 2 * 3600 { return "about " + range(low / 3600, (high - 1) / 3600 + 1) + " h" }
    return "about " + range(low / 60, (high - 1) / 60 + 1) + " min"
}

private func range(_ low: Int, _ high: Int) -> String { low == high ? "\(low)" : "\(low)–\(high)" }

func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
