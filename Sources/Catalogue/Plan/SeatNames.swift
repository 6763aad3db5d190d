// What people and programs call a seat:
//
//     guid            always, and before all others: unique in a plan, so every seat has one name that is surely its own
//     label           Balcony-2-14       where no other seat has the same
//     row and number  2-14               where no other seat has the same
//
// A name that is none of these as it is written may be one in other case: "balcony-2-14". In either way a name that
// could mean two seats means none: selling somebody the wrong seat is worse than asking again.

/// Finds the seats of a plan by name.
public struct SeatNames: Sendable {
    /// What a name means.
    public enum Match: Hashable, Sendable {
        /// The seat with this index.
        case seat(UInt32)
        /// More than one seat; only their guids tell them apart.
        case ambiguous
        /// No seat.
        case unknown
    }

    private let guids: [String: UInt32]
    private let labels: [String: Match]
    private let shortNames: [String: Match]
    private let folded: [String: Match]
    private let names: [String]

    /// The names of a plan's seats.
    public init(_ plan: SeatingPlan) {
        let seats = plan.seats
        var guids: [String: UInt32] = [:]
        var labels: [String: Match] = [:]
        var shortNames: [String: Match] = [:]
        guids.reserveCapacity(seats.count)
        labels.reserveCapacity(seats.count)
        shortNames.reserveCapacity(seats.count)
        for seat in seats {
            guids[seat.guid] = seat.index
            Self.note(seat.label, seat.index, in: &labels)
            let shortName = SeatingPlan.Seat.label(seat.row, seat.number)
            if !shortName.isEmpty { Self.note(shortName, seat.index, in: &shortNames) }
        }

        var folded: [String: Match] = [:]
        folded.reserveCapacity(3 * seats.count)
        for (guid, index) in guids { Self.note(guid.lowercased(), .seat(index), in: &folded) }
        for (label, match) in labels { Self.note(label.lowercased(), match, in: &folded) }
        // A label hides a short name that reads the same, as it does when the case is right.
        for (shortName, match) in shortNames where labels[shortName] == nil {
            Self.note(shortName.lowercased(), match, in: &folded)
        }

        self.names = seats.map { seat in
            let claimed = guids[seat.label].map { $0 != seat.index } ?? false
            return labels[seat.label] == .seat(seat.index) && !claimed ? seat.label : seat.guid
        }
        self.guids = guids
        self.labels = labels
        self.shortNames = shortNames
        self.folded = folded
    }

    /// The seat that is called `name`. White space around it does not count.
    public func match(_ name: String) -> Match {
        if let index = guids[name] { return .seat(index) }  // before trimming: a guid is what the file says it is
        let name = name.trimmed
        if let index = guids[name] { return .seat(index) }
        return labels[name] ?? shortNames[name] ?? folded[name.lowercased()] ?? .unknown
    }

    /// What to call a seat so that `match` finds it again: its label where that is its own, else its guid. Nil when
    /// the plan has no such seat.
    public func name(of index: UInt32) -> String? { names.indices.contains(Int(index)) ? names[Int(index)] : nil }

    private static func note(_ name: String, _ index: UInt32, in table: inout [String: Match]) {
        note(name, .seat(index), in: &table)
    }

    private static func note(_ name: String, _ match: Match, in table: inout [String: Match]) {
        if let other = table[name], other != match {
            table[name] = .ambiguous
        } else {
            table[name] = match
        }
    }
}
