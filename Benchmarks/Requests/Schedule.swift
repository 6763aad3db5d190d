import Foundation

/// Requests that are due at even times from now on, whether what came before is answered or not.
struct Schedule {
    let count: Int
    private let pace: Double
    private let start = ContinuousClock.now

    init(perSecond pace: Double, seconds: Double) {
        self.pace = pace
        count = Int(pace * seconds)
    }

    /// Seconds since the start.
    var elapsed: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// How many are due by now.
    var due: Int { min(count, Int(elapsed * pace) + 1) }

    /// When one is due, seconds after the start.
    func seconds(of index: Int) -> Double { Double(index) / pace }

    /// Seconds until one is due; 0 when it is, and a second when there is none.
    func wait(for index: Int) -> Double { index < count ? max(0, seconds(of: index) - elapsed) : 1 }

    /// Does nothing until one is due.
    func sleep(until index: Int) { usleep(useconds_t(wait(for: index) * 1e6)) }
}
