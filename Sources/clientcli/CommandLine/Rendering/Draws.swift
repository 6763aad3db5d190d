// The draw of a waiting room's order, checked step by step.

import BoxOfficeClient
import BoxOfficeTerminal

/// A check with what it was made of.
struct CheckedDraw: Shown {
    var draw: Draw
    var place: Place?
    var witness: DrawWitness?
    let check: DrawCheck

    init(_ draw: Draw, place: Place?, witness: DrawWitness?) {
        (self.draw, self.place, self.witness) = (draw, place, witness)
        check = DrawCheck(of: draw, place: place, witness: witness)
    }

    var json: JSON {
        [
            "concert": JSON(draw.concert), "verdict": JSON(check.verdict.rawValue),
            "steps": .object(
                DrawCheck.Step.allCases.map { .init(name: $0.rawValue, value: JSON("\(check[$0])")) }),
            "commitment": JSON("\(draw.commitment)"),
            "commitmentSeenBefore": JSON(witness) { JSON("\($0.commitment)") },
            "seed": JSON(draw.seed) { JSON("\($0)") },
            "computedCommitment": JSON(check.computedCommitment) { JSON("\($0)") },
            "tickets": JSON(draw.tickets), "ticket": JSON(place) { JSON($0.ticket) },
            "rank": JSON(place?.rank) { JSON($0) }, "computedRank": JSON(check.computedRank) { JSON($0) },
            "position": JSON(place) { JSON($0.position) }, "opensAt": JSON(draw.opensAt) { JSON($0) },
            "drawnAt": JSON(draw.drawnAt) { JSON($0) }, "now": JSON(draw.now),
        ]
    }

    func lines(_ look: Look) -> [String] {
        [heading(look)] + DrawCheck.Step.allCases.map { line($0, look) } + conclusion(look)
    }

    private func heading(_ look: Look) -> String {
        let made = draw.drawnAt.map { "made \(look.time($0)), " } ?? ""
        return look.style.bold("Draw of concert \(draw.concert)") + ", \(made)\(counted(draw.tickets, "ticket"))"
    }

    private func line(_ step: DrawCheck.Step, _ look: Look) -> String {
        let mark =
            switch check[step] {
            case .right: look.style.green("✓")
            case .wrong: look.style.red("✗")
            case .unknown: look.style.dim("–")
            }
        return "\(mark) \(padded(step.title, toColumns: 11)) \(text(of: step))"
    }

    private func text(of step: DrawCheck.Step) -> String {
        let commitment = start(of: draw.commitment)
        switch step {
        case .commitmentKept:
            guard let witness else { return "\(commitment), seen by this profile for the first time" }
            if check[step] == .right { return "\(commitment), as seen before" }
            return "\(commitment), but before it was \(start(of: witness.commitment))"
        case .seedFits:
            guard let seed = draw.seed else { return "secret until the draw" }
            let sum = check[step] == .right ? "is the commitment" : "is another"
            return "\(start(of: seed)), its SHA-256 \(sum)"
        case .ticketDrawn:
            guard let witness else { return "not compared: this profile had no place here before the draw" }
            guard draw.seed != nil else { return "\(witness.ticket), taken before the draw" }
            let among = check[step] == .right ? "among the" : "which is not among the"
            return "\(witness.ticket), taken before the draw, \(among) \(draw.tickets) drawn"
        case .rankFits:
            guard let computed = check.computedRank else {
                return place == nil ? "not compared: you have no place here" : "not drawn yet"
            }
            let told = place?.rank.map { "\($0)" } ?? "none"
            return "\(computed) recomputed (the first is 0), the box office says \(told)"
        case .positionFits:
            guard let place, place.status == .waiting, place.position > 0, let rank = check.computedRank else {
                return "not compared: you are not in the line"
            }
            return "\(place.position), \(check[step] == .right ? "not behind" : "behind") rank \(rank)"
        }
    }

    private func conclusion(_ look: Look) -> [String] {
        switch check.verdict {
        case .right where place == nil: return [look.style.green("The draw is right, as far as a stranger can tell.")]
        case .right: return [look.style.green("The draw is right, and so is your place in it.")]
        case .wrong: return [look.style.red("The draw is NOT right.")]
        case .nothingYet:
            let opensAt = draw.opensAt.flatMap { $0 > draw.now && $0 != .distantFuture ? $0 : nil }
            let when = opensAt.map { ", \(look.time($0))" } ?? ""
            let kept = witness == nil ? "" : " The commitment is kept in the profile, to compare it then."
            return ["Nothing to verify yet: the order is drawn at the opening\(when).\(kept)"]
        }
    }
}

/// Enough to compare with the eye; all of it is in the JSON.
private func start(of digits: some WireScalar) -> String { "\(digits)".prefix(16) + "…" }

extension DrawCheck.Step {
    fileprivate var title: String {
        switch self {
        case .commitmentKept: "commitment"
        case .seedFits: "seed"
        case .ticketDrawn: "ticket"
        case .rankFits: "rank"
        case .positionFits: "position"
        }
    }
}
