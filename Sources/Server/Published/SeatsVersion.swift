import BoxOfficeProtocol

/// The seats of a date at one version: immutable, shared by all who look at it.
final class SeatsVersion: Sendable {
    let map: SeatMap
    /// Free seats by category.
    let categories: [CategoryPrice]
    /// Free seats in all.
    let available: UInt32
    private let encoded: Lazy<EncodedBody>

    init(_ map: SeatMap, categories: [CategoryPrice]) {
        self.map = map
        self.categories = categories
        available = categories.reduce(0) { $0 + $1.available }
        encoded = Lazy { EncodedBody(map) }
    }

    /// As the answer to `getSeatMap` and `watchSeats`.
    var body: EncodedBody { encoded.value }

    /// What has to be said to somebody who has `old`. Whole bytes that are equal are skipped: four seats at a time.
    ///
    /// Between two halls there is nothing to say: a date that was given another plan leaves a hole in the versions, by
    /// which a client knows to ask for the whole map (spec/session.md, Updates).
    func changes(since old: SeatsVersion) -> SeatsChanged {
        guard map.seats == old.map.seats else {
            return SeatsChanged(
                performance: map.performance, fromVersion: map.version, toVersion: map.version, available: available,
                changes: [])
        }
        var changes: [SeatChange] = []
        for index in map.statuses.indices {
            let now = map.statuses[index]
            let before = old.map.statuses[index]
            guard now != before else { continue }
            for place in 0..<4 {
                let status = now >> (2 * UInt8(place)) & 3
                let seat = UInt32(4 * index + place)
                guard status != before >> (2 * UInt8(place)) & 3, seat < map.seats else { continue }
                changes.append(SeatChange(seat: SeatIndex(seat), status: SeatStatus(rawValue: status)))
            }
        }
        return SeatsChanged(
            performance: map.performance, fromVersion: old.map.version, toVersion: map.version, available: available,
            changes: changes)
    }
}
