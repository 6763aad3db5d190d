// Who comes, when, and what they will do: decided before the doors open, from a seed, so that the same rehearsal can be
// given twice. What the server answers is not in the script.

import BoxOfficeClient
import Foundation

/// How a crowd behaves.
enum RehearsalProfile: String, CaseIterable, Sendable {
    /// Nearly everybody comes in the first seconds.
    case rush
    /// They come evenly, over most of the time.
    case steady
    /// As `rush`, and a fifth are programs: there at once, without thinking, after as many seats as they may have.
    case bots
}

/// One member's part.
struct RehearsalScript: Hashable, Sendable {
    /// What becomes of the seats that are held.
    enum Ending: Hashable, Sendable { case pays, releases, leaves }

    /// When they come, after the beginning.
    var arrival: Duration
    /// Seats they want beside each other.
    var seats: Int
    /// How long they think before each step; a program does not.
    var thinking: Duration
    /// How often they try others when the seats were taken.
    var triesMax: Int
    var ending: Ending
    /// What they choose seats by.
    var seed: UInt64

    static let botShare = 0.2
    static let releasingShare = 0.08
    static let leavingShare = 0.07

    /// The parts of a crowd.
    /// - Parameters:
    ///   - members: how many come.
    ///   - duration: of the whole rehearsal.
    ///   - thinking: what a person thinks on average, before each step.
    ///   - seatsMax: what one member may have.
    static func crowd(
        _ profile: RehearsalProfile, members: Int, duration: Duration, thinking: Duration, seatsMax: Int, seed: UInt64
    ) -> [RehearsalScript] {
        var dice = SeededGenerator(seed: seed)
        return (0..<members).map { _ in
            profile == .bots && dice.share() < botShare
                ? bot(seatsMax: seatsMax, &dice)
                : person(profile, duration: duration, thinking: thinking, seatsMax: seatsMax, &dice)
        }
    }

    private static func bot(seatsMax: Int, _ dice: inout SeededGenerator) -> RehearsalScript {
        RehearsalScript(
            arrival: .zero, seats: seatsMax, thinking: .zero, triesMax: 30, ending: .pays, seed: dice.next())
    }

    private static func person(
        _ profile: RehearsalProfile, duration: Duration, thinking: Duration, seatsMax: Int,
        _ dice: inout SeededGenerator
    ) -> RehearsalScript {
        let arrival =
            switch profile {
            // Exponential: half of them in the first thirtieth of the time.
            case .rush, .bots: min(duration * (-log(1 - dice.share()) / 20), duration / 2)
            case .steady: duration * (0.7 * dice.share())
            }
        let wanted = dice.share()
        let ending = dice.share()
        return RehearsalScript(
            arrival: arrival,
            seats: min(seatsMax, wanted < 0.25 ? 1 : wanted < 0.75 ? 2 : wanted < 0.85 ? 3 : 4),
            thinking: thinking * (0.5 + dice.share()), triesMax: 8,
            ending: ending < releasingShare ? .releases : ending < releasingShare + leavingShare ? .leaves : .pays,
            seed: dice.next())
    }
}

extension SeededGenerator {
    /// At least 0, less than 1.
    mutating func share() -> Double { Double.random(in: 0..<1, using: &self) }
}
