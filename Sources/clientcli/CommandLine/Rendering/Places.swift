// A place in a waiting room.

import BoxOfficeClient
import BoxOfficeTerminal

extension Place: Shown {
    var json: JSON {
        [
            "concert": JSON(concert), "token": JSON(token), "status": JSON(status.name),
            "position": JSON(position), "ahead": JSON(ahead), "waiting": JSON(waiting), "reason": JSON(reason.name),
            "estimatedWaitSeconds": JSON(waitSeconds) { JSON($0) },
            "estimatedWaitSecondsMin": JSON(waitSecondsMin) { JSON($0) },
            "estimatedWaitSecondsMax": JSON(waitSecondsMax) { JSON($0) },
            "activeUntil": JSON(activeUntil) { JSON($0) },
            "calledUntil": JSON(calledUntil) { JSON($0) },
            "payUntil": JSON(payUntil) { JSON($0) },
            "remainingSeconds": JSON(remaining) { JSON($0.remainingSeconds) },
            "now": JSON(now),
        ]
    }

    /// Until what comes next by time.
    private var remaining: Microseconds? {
        switch status {
        case .active: (payUntil ?? activeUntil).map { $0 - now }
        case .called: calledUntil.map { $0 - now }
        default: nil
        }
    }

    func lines(_ look: Look) -> [String] {
        let left = remaining.map { countdown(microseconds: $0.count) } ?? ""
        switch status {
        case .waiting where rank == nil:
            return ["Ticket \(look.style.bold("\(ticket)")) of \(waiting); places are drawn at the opening"]
        case .waiting:
            return [
                "Place \(look.style.bold("\(position)")) of \(waiting), \(ahead) ahead",
                "Wait  \(wait)",
            ]
        case .called:
            return ["Your turn came while you were away; you are next when you are back within \(left)."]
        case .active where payUntil != nil:
            return ["\(look.style.green("Inside")), to pay what you hold: \(look.style.bold(left)) left"]
        case .active:
            return ["\(look.style.green("Inside")): you may hold and pay for \(look.style.bold(left))"]
        case .completed: return ["The place was used: you have paid."]
        case .expired: return [look.style.red("The place has expired.")]
        case .left: return ["You have left the waiting room."]
        case .removed: return [look.style.red("An operator has ended the place.")]
        case .unknown: return ["The place is in a state that this version does not know: \(status.name)"]
        }
    }

    private var wait: String {
        let estimate = waitEstimate(
            secondsMin: waitSecondsMin.map { Int($0) }, secondsMax: waitSecondsMax.map { Int($0) })
        switch reason {
        case .moving, .unknown: return estimate
        case .notOpen: return "the sale has not opened yet"
        case .paused: return "unknown: the room is paused"
        case .draining: return "unknown: the room lets nobody in any more"
        case .full: return waitSecondsMax == nil ? "unknown: the room is full" : estimate
        }
    }
}

extension Microseconds {
    /// Whole seconds, rounded up, never below zero: while there is time left it is not 0.
    var remainingSeconds: UInt64 { (remainingMilliseconds + 999) / 1000 }
}
