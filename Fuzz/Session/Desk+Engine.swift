// What the lines ask of the engine, and what has to hold after it.

import BoxOfficeFuzzing
import BoxOfficeProtocol

@testable import BoxOfficeEngine
@testable import BoxOfficeServer

extension Desk {
    /// Decides a command. A retry of what changed something is answered with the same and changes nothing.
    mutating func decide(_ command: Command) -> Reply {
        var effects = Effects()
        let reply = engine.decide(command, at: now, into: &effects)
        settle(effects)
        guard command.action.hasKey, case .response(let response, _) = reply else { return reply }
        var again = Effects()
        let retried = engine.decide(command, at: now, into: &again)
        require(again.facts.isEmpty, "a retry of \(response) changed something")
        guard case .response(let same, true) = retried, same == response else {
            fatalError("does not hold: a retry was answered \(retried), and first it was \(response)")
        }
        return reply
    }

    /// Does something to the engine, and what follows from it.
    @discardableResult
    mutating func effect<Result>(_ body: (inout Engine, Instant, inout Effects) -> Result) -> Result {
        var effects = Effects()
        let result = body(&engine, now, &effects)
        settle(effects)
        return result
    }

    /// Time passes; what was due is done.
    mutating func pass(_ span: Microseconds) {
        now = now + span
        effect { $0.wake(at: $1, into: &$2) }
    }

    /// The connection has a login: its member is present.
    mutating func enter(_ row: SessionRow, on index: Int) {
        effect { $0.connected(member: row.member, session: row.id, at: $1, into: &$2) }
        lines[index].link = row
    }

    /// The connection gives its session up.
    mutating func leave(_ link: SessionRow, on index: Int) {
        lines[index].link = nil
        effect { $0.disconnected(member: link.member, session: link.id, at: $1, into: &$2) }
        effect { $0.logOut(session: link.id, at: $1, into: &$2) }
    }

    /// The connection closes, and another takes its place. Its session lives on.
    mutating func reopen(_ index: Int) {
        if let link = lines[index].link {
            effect { $0.disconnected(member: link.member, session: link.id, at: $1, into: &$2) }
        }
        lines[index] = Line(isLocal: lines[index].session.isLocal)
    }

    private mutating func settle(_ effects: Effects) {
        for session in effects.endedSessions {
            for index in lines.indices where lines[index].link?.id == session {
                lines[index].link = nil
                lines[index].session.left()
            }
        }
        for notice in effects.notices {
            for index in lines.indices where lines[index].link?.member == notice.member {
                lines[index].session.noticesSent(through: notice.sequence)
            }
        }
        if effects.catalogueChanged || !effects.changedMaps.isEmpty || !effects.changedRooms.isEmpty
            || !effects.changedPlaces.isEmpty
        {
            published = Self.published(of: engine)
        }
        guard !effects.facts.isEmpty else { return }
        if let broken = engine.brokenInvariant() { fatalError("does not hold: \(broken)") }
        if let next = engine.nextDeadline { require(next > engine.latest, "what is due was not done") }
    }

    static func published(of engine: Engine) -> PublishedCatalogue {
        let state = engine.catalogue()
        let halls = state.plans.map(PublishedHall.init)
        let dates = state.performances.compactMap { row -> PublishedDate? in
            guard let hall = halls.first(where: { $0.plan.id == row.plan }), let map = engine.seatMap(of: row.id) else {
                return nil
            }
            return PublishedDate(
                row, hall: hall, seats: Current(SeatsVersion(map, categories: engine.availability(of: row.id))),
                gate: Current(engine.gate(of: row.concert)))
        }
        return PublishedCatalogue(concerts: state.concerts, dates: dates, halls: halls)
    }

    // MARK: What has to hold of an answer

    func check(
        _ reply: Reply, to opcode: Opcode, by actor: Actor, _ number: UInt64, _ tally: inout Tally<SessionFuzz.Depth>
    ) {
        switch reply {
        case .refused(let refusal):
            tally.reached(.refused)
            check(refusal)
            tally.consume(UInt64(refusal.code.rawValue))
        case .response(let response, _):
            tally.reached(.answered)
            let role: Access =
                switch actor {
                case .guest: .guest
                case .local: .local
                case .member(let member, _): engine.account(of: member)?.isOperator == true ? .operator : .member
                }
            require(opcode.access.map { $0 <= role } ?? false, "\(opcode) was answered for \(role)")
            guard opcode != .getHall else { return }  // Encoded when it is published.
            let frame = Frame.response(response, to: opcode, number: number)
            require(frame.count <= FrameHeader.bytes + WireLimits.replyBytesMax, "an answer too long to be sent")
            let decoded = try? Response.decode(
                opcode, body: frame.span.extracting(FrameHeader.bytes..<frame.count))
            require(decoded == response, "\(response) is not what a client reads")
            tally.consume(frame)
        }
    }

    func check(_ refusal: Refusal) {
        require(!refusal.message.isEmpty, "a refusal without words")
        let encoded = refusal.encoded
        require((try? Refusal(body: encoded.span)) == refusal, "\(refusal) is not what a client reads")
        require(encoded.count <= WireLimits.replyBytesMax, "a refusal too long to be sent")
    }
}

extension Command.Action {
    /// Whether it has an operation key, and so a stored answer.
    fileprivate var hasKey: Bool {
        if case .request(let request) = self { request.operation != nil } else { true }
    }
}
