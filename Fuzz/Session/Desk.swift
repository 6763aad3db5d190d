// The server without sockets, disk and threads: the session machines of eight connections before one engine. What
// `Connection` and `EngineLoop` do between them is done here at once: the engine decides, the answer is framed.
//
// Passwords are not hashed (that is not what is fuzzed): the hash of one is the password with a prefix.

import BoxOfficeEngine
import BoxOfficeFuzzing
import BoxOfficeProtocol

@testable import BoxOfficeServer

/// One connection.
struct Line {
    var session: Session
    /// Its login, while it counts as a presence of the member.
    var link: SessionRow?
    var uploads = Uploads()
    /// Requests that were taken and wait for their answer.
    var waiting: [(request: Request, route: Route, number: UInt64)] = []

    /// Nothing was said yet.
    init(isLocal: Bool) { session = Session(isLocal: isLocal) }
}

/// The lines and what is behind them. A value: each input begins with a copy of the same one.
struct Desk {
    var engine: Engine
    var now: Instant
    var lines: [Line]
    var published: PublishedCatalogue
    var random: UInt64 = 1

    // MARK: Frames

    /// A whole frame came in on a line, as `Connection` would take it.
    mutating func received(_ frame: [UInt8], on index: Int, answersLater: Bool, _ tally: inout Tally<SessionFuzz.Depth>)
    {
        let parser = FrameParser(from: .client, bodyBytesMax: lines[index].session.frameBytesMax)
        guard lines[index].session.phase != .leaving else { return }
        if !lines[index].session.reads { answerAll(on: index, &tally) }
        switch parser.step(over: frame.span, at: 0) {
        case .needs: fatalError("a frame that fits its header is not whole")
        case .skip: break
        case .violation: lines[index].session.left()
        case .frame(let header, let kind):
            let body = frame.span.extracting(FrameHeader.bytes..<frame.count)
            received(kind, header, body, on: index, &tally)
            if !answersLater { answerAll(on: index, &tally) }
        }
    }

    private mutating func received(
        _ kind: FrameKind, _ header: FrameHeader, _ body: Span<UInt8>, on index: Int,
        _ tally: inout Tally<SessionFuzz.Depth>
    ) {
        switch kind {
        case .hello: helloReceived(body, on: index)
        case .request: requestReceived(header, body, on: index, &tally)
        case .ack:
            switch lines[index].session.ackReceived(through: header.id) {
            case .acknowledge(let sequence):
                guard let link = lines[index].link else { return }
                effect { $0.acknowledge(session: link.id, through: sequence, at: $1, into: &$2) }
            case .violation: lines[index].session.left()
            case .ignore: break
            }
        case .cancel: _ = lines[index].session.cancelReceived(header.id)
        case .ping, .pong: if !lines[index].session.takesControlFrames { lines[index].session.left() }
        default: fatalError("the parser lets the server's kinds through")
        }
    }

    private mutating func helloReceived(_ body: Span<UInt8>, on index: Int) {
        switch lines[index].session.helloReceived(body, deployment: SessionFuzz.deployment) {
        case .sendWelcome: break
        case .refuse(let refusal): check(refusal)
        case .resume(let token, _):
            let digest = Digest(hashing: token.rawValue.bytes)
            let resumed = effect { $0.resume(tokenDigest: digest, at: $1, into: &$2) }
            guard let (row, account) = resumed else { return lines[index].session.resumeRefused() }
            enter(row, on: index)
            lines[index].session.resumed(account, session: row.id)
        }
    }

    private mutating func requestReceived(
        _ header: FrameHeader, _ body: Span<UInt8>, on index: Int, _ tally: inout Tally<SessionFuzz.Depth>
    ) {
        switch lines[index].session.requestReceived(header, body: body) {
        case .take(let request, let route):
            tally.reached(.taken)
            require(Int(lines[index].session.inFlight) <= WireLimits.requestsInFlightMax, "too many are in flight")
            lines[index].waiting.append((request, route, header.id))
        case .refuse(let refusal):
            tally.reached(.refused)
            check(refusal)
        case .violation:
            tally.reached(.violations)
            lines[index].session.left()
        case .ignore: break
        }
    }

    // MARK: Answers

    /// Everything that waits on a line is answered, in its order.
    mutating func answerAll(on index: Int, _ tally: inout Tally<SessionFuzz.Depth>) {
        let waiting = lines[index].waiting
        lines[index].waiting = []
        for (request, route, number) in waiting {
            let actor = lines[index].session.actor
            let reply = reply(to: request, route, on: index)
            check(reply, to: request.opcode, by: actor, number, &tally)
            lines[index].session.answered(request.opcode)
        }
    }

    private mutating func reply(to request: Request, _ route: Route, on index: Int) -> Reply {
        let actor = lines[index].session.actor
        do throws(Refusal) {
            switch route {
            case .engine:
                return decide(Command(actor: actor, action: request.action, digest: request.operationDigest))
            case .password: return try withPassword(request, on: index)
            case .logOut:
                if let link = lines[index].link { leave(link, on: index) }
                lines[index].session.loggedOut()
                return .response(.empty(Empty()))
            case .published: return .response(try published(request, for: actor))
            case .connection:
                guard case .uploadPart(let part) = request else { throw Refusal(.unsupported) }
                return .response(.uploadProgress(try lines[index].uploads.partReceived(part)))
            case .notices: return try notices(request, on: index)
            case .operators:
                try engine.authorize(actor, for: request.opcode)
                return try forOperators(request, on: index)
            case .upload: return try upload(request, on: index)
            case .history: throw Refusal(.busy)  // The store's, which is not here.
            }
        } catch {
            return .refused(error)
        }
    }

    private mutating func withPassword(_ request: Request, on index: Int) throws(Refusal) -> Reply {
        let actor = lines[index].session.actor
        func command(_ actor: Actor, _ action: Command.Action) -> Command {
            Command(actor: actor, action: action, digest: request.operationDigest)
        }
        switch request {
        case .signUp(let message):
            guard let name = MemberName(message.name) else { throw Refusal(.badName) }
            let hash = Self.hash(message.password)
            return decide(command(.guest, .signUp(message, nameKey: name.key, passwordHash: hash)))
        case .changePassword(let message):
            guard let key = lines[index].session.name.flatMap(MemberName.init)?.key,
                let known = engine.credentials(nameKey: key), known.passwordHash == Self.hash(message.oldPassword)
            else { throw Refusal(.badCredentials) }
            let hash = Self.hash(message.newPassword)
            return decide(
                command(actor, .changePassword(message, verifiedHash: known.passwordHash, passwordHash: hash)))
        case .setPassword(let message):
            let key = MemberName(message.name)?.key ?? ""
            let hash = Self.hash(message.password)
            return decide(command(actor, .setPassword(message, nameKey: key, passwordHash: hash)))
        case .makeOperator(let message):
            guard let name = MemberName(message.name) else { throw Refusal(.badName) }
            let hash = message.password.map(Self.hash)
            return decide(command(actor, .makeOperator(message, nameKey: name.key, passwordHash: hash)))
        case .logIn(let message): return try logIn(message, on: index)
        default: throw Refusal(.unsupported)
        }
    }

    private mutating func logIn(_ message: LogIn, on index: Int) throws(Refusal) -> Reply {
        guard let key = MemberName(message.name)?.key, let known = engine.credentials(nameKey: key),
            known.passwordHash == Self.hash(message.password)
        else { throw Refusal(.badCredentials) }
        if let link = lines[index].link { leave(link, on: index) }
        random &+= 1
        let token = SessionToken(Bytes32(first: Bytes16(high: random, low: 0), second: Bytes16(high: 0, low: 0)))
        let begun = effect {
            $0.logIn(
                member: known.member, verifiedHash: known.passwordHash,
                tokenDigest: Digest(hashing: token.rawValue.bytes), device: message.device, at: $1, into: &$2)
        }
        guard let (row, account) = begun else { throw Refusal(.badCredentials) }
        enter(row, on: index)
        lines[index].session.loggedIn(account, session: row.id)
        return .response(
            .loggedIn(LoggedIn(account: account, session: token, expiresAt: engine.absoluteEnd(of: row))))
    }

    private func published(_ request: Request, for actor: Actor) throws(Refusal) -> Response {
        func date(_ id: PerformanceID) throws(Refusal) -> PublishedDate {
            guard let date = published.date[id] else { throw Refusal(.unknownPerformance) }
            return date
        }
        switch request {
        case .getConcerts(let get): return published.page(get)
        case .getPerformances(let get):
            return .performanceList(
                PerformanceList(performances: try published.dates(of: get.concert).map(\.told), now: now))
        case .getPerformance(let get): return .performance(try date(get.performance).told)
        case .getHall(let get):
            guard try date(get.performance).hall.page(from: get.fromRow) != nil else { throw Refusal(.badRequest) }
            return .empty(Empty())
        case .findSeats(let find): return .seatsFound(try date(find.performance).hall.find(find.labels))
        case .getSeatMap(let get):
            if let refusal = try date(get.performance).refusal(for: actor) { throw refusal }
            return .seatMap(try date(get.performance).seats.value.map)
        case .watchSeats(let watch):
            if let refusal = try date(watch.performance).refusal(for: actor) { throw refusal }
            return .seatMap(try date(watch.performance).seats.value.map)
        case .unwatchSeats: return .empty(Empty())
        default: throw Refusal(.unsupported)
        }
    }

    private mutating func notices(_ request: Request, on index: Int) throws(Refusal) -> Reply {
        guard case .subscribeNotices = request else { return .response(.empty(Empty())) }
        guard let link = lines[index].link,
            let subscribed = effect({ $0.subscribe(session: link.id, at: $1, into: &$2) })
        else { throw Refusal(.loginRequired) }
        lines[index].session.noticesSent(through: subscribed.newest)
        return .response(.subscribed(subscribed))
    }

    private mutating func forOperators(_ request: Request, on index: Int) throws(Refusal) -> Reply {
        switch request {
        case .beginUpload(let begin): .response(.uploadBegun(try lines[index].uploads.began(begin)))
        case .getPlans: .response(.planList(PlanList(plans: published.halls.map(\.summary))))
        case .exportPlan(let export): .response(.planDocument(try published.document(export)))
        case .whoAmI:
            if let account = lines[index].session.actor.member.flatMap({ engine.account(of: $0) }) {
                .response(.account(account))
            } else {
                .refused(Refusal(.notAllowed))
            }
        default: .refused(Refusal(.busy))  // Figures and history, which are not here.
        }
    }

    private mutating func upload(_ request: Request, on index: Int) throws(Refusal) -> Reply {
        guard case .commitUpload(let commit) = request else { throw Refusal(.unsupported) }
        let actor = lines[index].session.actor
        try engine.authorize(actor, for: .commitUpload)
        let upload = try lines[index].uploads.complete(commit.upload)
        // Fresh random bytes elsewhere; here the same input does the same.
        var dice = LoadedDice()
        let action = try Import.action(commit.operation, upload, using: &dice)
        let digest = CommitUpload.operationDigest(of: upload.kind, contents: upload.digest)
        lines[index].uploads.settled(commit.upload)
        return decide(Command(actor: actor, action: action, digest: digest))
    }

    private static func hash(_ password: Secret) -> String { "hash of \(password.exposed)" }
}

/// A random source that is none.
struct LoadedDice: RandomNumberGenerator {
    mutating func next() -> UInt64 { 7 }
}
