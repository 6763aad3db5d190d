// An answer has two faces: one JSON object for programs, some lines for people.

import BoxOfficeClient
import BoxOfficeTerminal
import Foundation

/// What a command can print.
protocol Shown {
    /// For programs. Names are a contract (docs/command-line.md): add to them, never rename.
    var json: JSON { get }
    /// For people.
    func lines(_ look: Look) -> [String]
}

/// How people's lines are to look.
struct Look: Sendable {
    /// Colour, when it is wanted.
    var style: Style
    /// The width of the terminal; nil where lines go to a file or a pipe.
    var columns: Int?
    /// The time zone of whoever looks, for deadlines. The dates of performances are shown in their hall's.
    var zone = TimeZone.current.identifier

    /// An instant of the near past or future: `Sat 12 Dec 2026 19:00:05 CET`.
    func time(_ instant: Instant) -> String {
        switch instant {
        case .distantPast: "always"
        case .distantFuture: "never"
        default: localTime(microseconds: instant.rawValue, zone: zone, showsSeconds: true)
        }
    }

    /// A moment of today: `19:00:05`.
    func clock(_ instant: Instant) -> String {
        // The text is weekday, day, month, year, time and zone.
        let parts = time(instant).split(separator: " ")
        return parts.count >= 5 ? String(parts[4]) : time(instant)
    }
}

/// Points with a thin grouping of thousands: `1 234 500`.
func grouped(_ points: Points) -> String {
    let digits = String(points.rawValue.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
        if index > 0, (digits.count - index).isMultiple(of: 3) { text += " " }
        text.append(digit)
    }
    return (points.rawValue < 0 ? "-" : "") + text
}

/// `1 seat`, `2 seats`.
func counted(_ number: some BinaryInteger, _ thing: String) -> String {
    "\(number) \(thing)\(number == 1 ? "" : "s")"
}

/// `A-12, A-13`, sanitised; a long list is cut.
func listed(_ names: [String], max: Int = 12) -> String {
    let shown = names.prefix(max).map { sanitize($0) }.joined(separator: ", ")
    return names.count > max ? "\(shown) and \(names.count - max) more" : shown
}
