// Changes of a seat map, as they come.

import BoxOfficeClient
import BoxOfficeTerminal

extension SeatMapChange {
    /// - Parameter names: of all seats of the hall.
    func json(of performance: PerformanceID, _ names: [String]) -> JSON {
        let changes = changes.map { change -> JSON in
            ["seat": JSON(name(of: change.seat, names)), "status": JSON(change.status.name)]
        }
        return [
            "kind": "seats", "performance": JSON(performance), "version": JSON(map.version),
            "available": JSON(map.available), "changes": .list(changes),
        ]
    }

    func lines(of performance: PerformanceID, _ names: [String]) -> [String] {
        let free = "Date \(performance): \(counted(map.available, "seat")) free"
        guard !changes.isEmpty else { return [free] }
        let news = changes.prefix(8).map { "\(sanitize(name(of: $0.seat, names))) \($0.status.name)" }
        let more = changes.count > 8 ? " and \(changes.count - 8) more" : ""
        return ["\(free); \(news.joined(separator: ", "))\(more)"]
    }

    private func name(of seat: SeatIndex, _ names: [String]) -> String {
        let index = Int(seat.rawValue)
        return names.indices.contains(index) ? names[index] : "#\(seat)"
    }
}
