// How changes of earlier calls have ended, as the next call tells it.

import BoxOfficeClient
import BoxOfficeTerminal

extension Settlement {
    func json(of change: PendingChange) -> JSON {
        let head: JSON = [
            "command": JSON(change.command), "key": JSON(change.key), "startedAt": JSON(change.startedAt),
        ]
        switch self {
        case .done(let body):
            return ["settled": head.with(["outcome": "done", "result": answer(to: change, body)?.json ?? .null])]
        case .refused(let error):
            return ["settled": head.with(["outcome": "refused"]).with(Failure(error).json)]
        case .notDone: return ["settled": head.with(["outcome": "notDone"])]
        case .lost: return ["settled": head.with(["outcome": "unknown"])]
        case .open(let error): return ["unsettled": head.with(Failure(error).json)]
        case .needsPassword: return ["unsettled": head.with(["needsPassword": true])]
        }
    }

    func line(of change: PendingChange, _ look: Look) -> String {
        let name = "“\(sanitize(change.command))” of \(sanitize(change.startedAt)), which had no answer,"
        switch self {
        case .done(let body):
            let answer = answer(to: change, body)?.lines(look).first.map { ": " + withoutStyle($0) }
            return "\(name) was done\(answer ?? ".")"
        case .refused(let error): return "\(name) was refused: \(error.name): \(sanitize(error.message))"
        case .notDone(let why): return "\(name) was not done. \(why)"
        case .lost(let why): return "\(name) may have been done or not. \(why)"
        case .open(let error): return "\(name) is still open: \(error.name): \(sanitize(error.message))"
        case .needsPassword: return "\(name) is still open. Give the same command again to settle it."
        }
    }

    private func answer(to change: PendingChange, _ body: [UInt8]) -> (any Shown)? {
        guard let opcode = Opcode(rawValue: change.opcode),
            let response = try? Response.decode(opcode, body: body.span)
        else { return nil }
        return response.message as? any Shown
    }
}
