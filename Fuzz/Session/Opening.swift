// How every input finds the box office: a hall of twelve seats, two concerts (a room for one, and one that has not
// opened), four members, and eight lines:
//
//     0  nothing said    1  guest    2, 3  ann, on two devices    4  bob    5  olga, an operator
//     6  the socket in the data directory    7  nothing said

import BoxOfficeEngine
import BoxOfficeFuzzing
import BoxOfficeProtocol

@testable import BoxOfficeServer

enum Opening {
    /// The stamp of the operation keys in spec/vectors, so that those are in time.
    static let now = Instant(0x019a_0b1c_2d3e * 1_000)

    static let desk: Desk = {
        var desk = Desk(
            engine: Engine(configuration: EngineConfiguration()), now: now, lines: [], published: .empty)
        desk.lines = (0..<8).map { Line(isLocal: $0 == 6) }
        var keys: UInt64 = 0
        func key() -> OperationKey {
            keys += 1
            return OperationKey(at: now, random: Bytes16(high: keys, low: keys))
        }
        func decide(_ actor: Actor, _ action: Command.Action) {
            guard
                case .response = desk.decide(Command(actor: actor, action: action, digest: Bytes16(high: 0, low: keys)))
            else { fatalError("the opening was refused") }
        }
        desk.effect { engine, now, effects in
            engine.loaded(at: now)
            engine.wake(at: now, into: &effects)
        }
        do throws(Refusal) {
            decide(.local, .importPlan(key(), hall: try Import.hall(plan), document: plan))
            var dice = LoadedDice()
            decide(.local, .importConcerts(key(), try Import.drafts(concerts, using: &dice)))
        } catch {
            fatalError("the opening's files were refused: \(error)")
        }
        for name in ["ann", "bob", "eve"] {
            decide(
                .guest,
                .signUp(
                    SignUp(operation: key(), name: name, password: Secret("")), nameKey: name,
                    passwordHash: "hash of secret-of-\(name)"))
        }
        decide(
            .local,
            .makeOperator(
                MakeOperator(operation: key(), name: "olga", password: nil), nameKey: "olga",
                passwordHash: "hash of secret-of-olga"))
        for (index, name) in [(2, "ann"), (3, "ann"), (4, "bob"), (5, "olga")] {
            guard let known = desk.engine.credentials(nameKey: name),
                let (row, account) = desk.effect({
                    $0.logIn(
                        member: known.member, verifiedHash: known.passwordHash,
                        tokenDigest: Digest(hashing: token(index).rawValue.bytes),
                        device: "", at: $1, into: &$2)
                })
            else { fatalError("the opening has no \(name)") }
            hello(on: index)
            desk.enter(row, on: index)
            desk.lines[index].session.loggedIn(account, session: row.id)
            decide(
                .member(row.member, session: row.id), .request(.charge(Charge(operation: key(), amount: Points(500)))))
        }
        hello(on: 1)
        hello(on: 6)
        // Past the time in which everybody counts as present.
        desk.pass(.seconds(61))
        return desk

        func hello(on index: Int) {
            let hello = Self.hello(session: nil).encoded
            _ = desk.lines[index].session.helloReceived(hello.span, deployment: SessionFuzz.deployment)
        }
    }()

    static func hello(session: SessionToken?) -> Hello {
        Hello(
            magic: WireLimits.magic, major: WireLimits.major, minor: WireLimits.minor, features: 0, instance: 1,
            client: "fuzz", session: session)
    }

    /// Of the session on a line.
    static func token(_ line: Int) -> SessionToken {
        SessionToken(Bytes32(first: Bytes16(high: 1 << 32, low: UInt64(line)), second: Bytes16(high: 0, low: 0)))
    }

    static let plan: [UInt8] = {
        let rows = ["A", "B"].map { row in
            let seats = (1...6).map { number in
                #"{"seat_guid": "\#(row)\#(number)", "seat_number": "\#(number)", "category": "\#(row)", "position": {"x": \#(number), "y": 0}}"#
            }
            return #"{"row_number": "\#(row)", "seats": [\#(seats.joined(separator: ","))]}"#
        }
        return Array(
            #"{"name": "H", "categories": [{"name": "A"}, {"name": "B"}], "zones": [{"name": "", "position": {"x": 0, "y": 0}, "rows": [\#(rows.joined(separator: ","))]}]}"#
                .utf8)
    }()

    static let concerts = Array(
        #"""
        {"format": "boxoffice-concerts", "version": 1, "concerts": [
        {"key": "a", "title": "Open", "room": {"capacity": 1}, "dates": [{"key": "1", "plan": "H", "timeZone": "UTC",
        "startsAt": "2025-12-01T20:00:00Z", "prices": {"A": 100, "B": 50}}]},
        {"key": "b", "title": "Soon", "dates": [{"key": "1", "plan": "H", "timeZone": "Asia/Seoul",
        "startsAt": "2025-12-02T20:00:00Z", "saleOpensAt": "2025-10-23T00:00:00Z", "prices": {"A": 100, "B": 50}}]}]}
        """#.utf8)
}
