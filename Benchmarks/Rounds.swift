// How things are measured: ours and the peer by turns, several rounds in one run, and the medians compared. What else
// the machine does then falls on both.

/// What the rounds of one figure took, in seconds an operation.
struct Rounds {
    private var ours: [Double] = []
    private var peer: [Double] = []

    /// The median of ours.
    var oursMedian: Double { Self.median(ours) }
    /// The median of the peer's.
    var peerMedian: Double { Self.median(peer) }

    /// Measures ours, which does so many operations in one go.
    mutating func ours(operations: Int, _ body: () throws -> Void) rethrows {
        ours.append(try secondsTaken(body) / Double(operations))
    }

    /// Adds what the caller has measured.
    mutating func ours(seconds: Double) { ours.append(seconds) }

    /// Measures the peer.
    mutating func peer(operations: Int, _ body: () throws -> Void) rethrows {
        peer.append(try secondsTaken(body) / Double(operations))
    }

    /// Adds what the caller has measured of the peer.
    mutating func peer(seconds: Double) { peer.append(seconds) }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}

/// What the work takes by the monotonic clock.
func secondsTaken(_ body: () throws -> Void) rethrows -> Double {
    try ContinuousClock().measure(body) / .seconds(1)
}
