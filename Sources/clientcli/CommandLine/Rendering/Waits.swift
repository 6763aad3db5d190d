// What somebody sees who waits to be let in:
//
//     ████████████████████▍░░░░░░░░░░░░░░░░░░░  51 % of the way
//     Place 117 of 240, 116 ahead
//     Wait  about 3–5 min
//     “A short break, back at eight.”

import BoxOfficeClient
import BoxOfficeTerminal

/// A wait as it stands.
struct WaitView {
    var place: Place
    /// The first position that was seen, from which the way is counted.
    var firstPosition: UInt32?
    /// Whether there is a connection; without one the place is the last that was heard of.
    var isConnected = true

    private static let barColumnsMax = 40

    /// How much of the way to the front is done; nil when that cannot be told, or the first look was at the front.
    var share: Double? {
        guard place.status == .waiting, place.position > 0, let firstPosition, firstPosition > 1 else { return nil }
        return 1 - min(1, Double(place.position) / Double(firstPosition))
    }

    /// A block that is redrawn in place.
    /// - Parameter now: the server's time.
    func block(_ look: Look, now: Instant) -> [String] {
        var place = place
        place.now = max(place.now, now)
        var lines = place.lines(look, countsDown: true)
        if let share {
            let percent = padded("\(Int(share * 100))", toColumns: 2, .right)
            let text = "  \(percent) % of the way"
            let columns = min(Self.barColumnsMax, (look.columns ?? 80) - text.count)
            lines.insert(look.style.green(progressBar(share: share, columns: columns)) + text, at: 0)
        }
        if !isConnected { lines.append(look.style.yellow("Reconnecting… the place is kept.")) }
        return lines
    }

    /// One line, for an output that keeps what is written.
    func line(_ look: Look) -> String { place.lines(look).joined(separator: "; ") }
}

/// How a place ended, when that was not by being let in.
struct PlaceEnd {
    var status: TokenStatus
    /// The notice that tells why, if it has come.
    var notice: Notice?
    /// How the concert was called in the command.
    var concert: String

    var failure: Failure {
        var failure = Failure("placeEnded", message, status: .no)
        failure.outcome = .notExecuted
        return failure
    }

    private var message: String {
        let again = "“boxoffice queue join \(sanitize(quoted([concert])))” gives a new place, at the end of the line."
        switch (status, notice) {
        case (.removed, .tokenRemoved(let removed)):
            let next = removed.isBarred ? "You may not join this room again." : again
            return "An operator has ended your place: “\(sanitize(removed.reason))”. \(next)"
        case (.removed, _): return "An operator has ended your place."
        case (.expired, .tokenExpired(let expired)): return "\(expired.reason.sentence) \(again)"
        case (.expired, _): return "Your place has expired. \(again)"
        case (.left, _): return "You have left the waiting room, by another call. \(again)"
        default: return "The place has ended: \(status.name)."
        }
    }
}

extension ExpiryReason {
    /// Which time it was, as a clause.
    var clause: String {
        switch self {
        case .activeTime: "the time inside was over"
        case .callWindow: "the turn came while you were away, and you were not back in time"
        case .idle: "for too long you neither looked at the seats nor held any"
        case .saleClosed: "the sale closed before you were let in"
        case .unknown: "its time was over"
        }
    }

    fileprivate var sentence: String { "Your place has expired: \(clause)." }
}
