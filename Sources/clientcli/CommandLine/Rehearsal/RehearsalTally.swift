// What a rehearsal has seen so far. Times are kept in histograms (three digits), never as a mean.

import BoxOfficeClient
import Histogram

/// What is timed.
enum RehearsalStep: String, CaseIterable, Sendable {
    case connect, join, map, hold, lost, release, pay

    /// For people.
    var words: String {
        switch self {
        case .connect: "connect, resume"
        case .join: "join"
        case .map: "seat map"
        case .hold: "hold"
        case .lost: "hold, seat taken"
        case .release: "release"
        case .pay: "pay"
        }
    }
}

/// How a member's part ended.
enum RehearsalEnd: String, CaseIterable, Sendable {
    case bought, released, abandoned
    /// Nothing was free any more, or the seats were taken each time.
    case withoutSeats
    /// Refused at a step: the token had ended, say.
    case refused
    /// Something that is no refusal.
    case failed
    /// The time was over.
    case cut
}

actor RehearsalTally {
    private(set) var steps: [RehearsalStep: Histogram<UInt32>] = [:]
    private(set) var ends: [RehearsalEnd: Int] = [:]
    private(set) var refusals: [String: Int] = [:]
    private(set) var failures: [String: Int] = [:]
    private(set) var arrived = 0
    private(set) var joined = 0
    private(set) var admitted = 0
    private(set) var notices = 0
    private(set) var held = 0
    /// In each second of the sale.
    private(set) var heldInSecond: [Int: Int] = [:]
    private(set) var unanswered = 0
    private(set) var seatsSold = 0
    /// Seats that were sold to two members: there must be none.
    private(set) var doubleSales = 0
    private(set) var waits = WaitFigures()
    private var sold: Set<SeatIndex> = []

    /// - Parameter took: from when the step was due, not from when it was begun: a member who was kept from asking, by
    ///   this program or by the server, has waited all the same (coordinated omission).
    func timed(_ step: RehearsalStep, _ took: Duration) {
        steps[step, default: Self.histogram()].record(UInt64(max(0, took / .microseconds(1))))
    }

    private static func histogram() -> Histogram<UInt32> {
        var histogram = Histogram<UInt32>(highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: .three)
        histogram.autoResize = true
        return histogram
    }

    func hasArrived() { arrived += 1 }
    func hasJoined() { joined += 1 }
    func wasNoticed() { notices += 1 }
    func isStillWaiting(after wait: Duration) { waits.addUnfinished(wait) }

    func hasHeld(at time: Duration) {
        held += 1
        heldInSecond[Int(time / .seconds(1)), default: 0] += 1
    }

    /// The end came before the answer: it took at least so long. One that is long overdue is a failure.
    func isUnanswered(_ step: RehearsalStep, after time: Duration) {
        unanswered += 1
        timed(step, time)
        if time > Self.overdue { failed("unanswered") }
    }

    private static let overdue = Duration.seconds(5)

    func wasAdmitted(after wait: Duration, _ announced: [AnnouncedWait]) {
        admitted += 1
        waits.add(wait, announced)
    }

    func hasPaid(for seats: [SeatIndex]) {
        seatsSold += seats.count
        for seat in seats where !sold.insert(seat).inserted { doubleSales += 1 }
    }

    func ended(_ end: RehearsalEnd) { ends[end, default: 0] += 1 }

    func heard(_ error: BoxOfficeError) {
        if error.code != nil { refusals[error.name, default: 0] += 1 } else { failures[error.name, default: 0] += 1 }
    }

    func failed(_ what: String) { failures[what, default: 0] += 1 }
}

/// A wait that was announced, and when.
struct AnnouncedWait: Hashable, Sendable {
    /// After joining.
    var at: Duration
    /// Nil while nothing is known.
    var secondsMin: UInt32?
    var secondsMax: UInt32?
}

/// Waits as they were, beside what had been announced halfway through.
struct WaitFigures: Sendable {
    private(set) var count = 0
    /// With an announcement at halfway.
    private(set) var announced = 0
    /// Within what was announced at halfway; a second is granted to either end, in which it is told.
    private(set) var withinAnnounced = 0
    /// Over before the end that was announced.
    private(set) var noLaterThanAnnounced = 0
    private(set) var histogram = Histogram<UInt32>(
        highestTrackableValue: 86_400_000, numberOfSignificantValueDigits: .three)

    /// Still in line at the end, and the longest that one of them had waited. They are in no percentile.
    private(set) var unfinished = 0
    private(set) var unfinishedMax = Duration.zero

    mutating func addUnfinished(_ wait: Duration) {
        unfinished += 1
        unfinishedMax = max(unfinishedMax, wait)
    }

    mutating func add(_ wait: Duration, _ announcements: [AnnouncedWait]) {
        count += 1
        histogram.record(UInt64(max(0, wait / .milliseconds(1))))
        guard let last = announcements.last(where: { $0.at <= wait / 2 }), let low = last.secondsMin,
            let high = last.secondsMax
        else { return }
        announced += 1
        let remaining = (wait - last.at) / .seconds(1)
        let isInTime = remaining <= Double(high) + 1
        if isInTime { noLaterThanAnnounced += 1 }
        if isInTime, remaining >= Double(low) - 1 { withinAnnounced += 1 }
    }
}
