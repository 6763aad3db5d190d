// Where the fuzzer starts: every request of spec/vectors from every kind of connection, and conversations that get far.

import BoxOfficeFuzzing
import BoxOfficeProtocol

@testable import BoxOfficeServer

/// Writes the steps of an input.
private struct Script {
    private(set) var seed = FuzzSeed()
    private var keys: UInt64 = 100

    mutating func frame(
        _ line: UInt8, _ kind: FrameKind, opcode: UInt16 = 0, number: UInt8 = 0, later: Bool = false,
        _ body: [UInt8] = []
    ) {
        seed.byte(line | (later ? 4 << 3 : 0))
        seed.byte(kind.rawValue)
        seed.short(opcode)
        seed.byte(number)
        seed.short(UInt16(body.count))
        seed.append(body)
    }

    mutating func ask(_ line: UInt8, _ request: some RequestMessage, later: Bool = false) {
        frame(line, .request, opcode: type(of: request).opcode.rawValue, later: later, request.encoded)
    }

    mutating func pass(_ span: UInt8) {
        seed.byte(5 << 3)
        seed.byte(span)
    }

    mutating func reopen(_ line: UInt8) { seed.byte(6 << 3 | line) }

    mutating func key() -> OperationKey {
        keys += 1
        return OperationKey(at: Opening.now, random: Bytes16(high: keys, low: keys))
    }

    mutating func upload(_ kind: UploadKind, _ bytes: [UInt8], number: UInt64) {
        ask(5, BeginUpload(kind: kind, sizeBytes: UInt32(bytes.count), digest: Digest(hashing: bytes)))
        ask(5, UploadPart(upload: UploadID(number), offset: 0, bytes: bytes))
        ask(5, CommitUpload(operation: key(), upload: UploadID(number)))
    }
}

extension SessionFuzz {
    static func seeds() -> [(name: String, bytes: [UInt8])] {
        let single = VectorFrame.all().filter { $0.isFromClient && (16...2_000).contains($0.bytes.count) }.map {
            vector in
            var script = Script()
            for line: UInt8 in [1, 2, 5, 6] {
                script.frame(
                    line, FrameKind(rawValue: vector.bytes[4]) ?? .request,
                    opcode: UInt16(vector.bytes[6]) << 8 | UInt16(vector.bytes[7]), Array(vector.bytes.dropFirst(16)))
            }
            return (name: vector.name, bytes: script.seed.bytes)
        }
        return single
            + scripts.map { name, write in
                var script = Script()
                write(&script)
                return (name: name, bytes: script.seed.bytes)
            }
    }

    private static let (open, soon) = (ConcertID(1), ConcertID(2))
    private static let (date, later) = (PerformanceID(1), PerformanceID(2))

    private static let scripts: [(String, @Sendable (inout Script) -> Void)] = [
        (
            "script-sale",
            { script in
                script.ask(2, JoinQueue(operation: script.key(), concert: open))
                script.ask(4, JoinQueue(operation: script.key(), concert: open))
                script.ask(2, Hold(operation: script.key(), performance: date, seats: [SeatIndex(0), SeatIndex(7)]))
                script.ask(4, Hold(operation: script.key(), performance: date, seats: [SeatIndex(1)]))
                script.ask(1, GetSeatMap(performance: date))
                script.ask(2, Pay(operation: script.key(), reservation: ReservationID(1)))
                script.ask(4, Hold(operation: script.key(), performance: date, seats: [SeatIndex(1)]))
                script.ask(4, Release(operation: script.key(), reservation: ReservationID(2)))
                script.ask(5, Refund(operation: script.key(), reservation: ReservationID(1)))
                script.ask(4, LeaveQueue(operation: script.key(), concert: open))
            }
        ),
        (
            "script-deadlines",
            { script in
                script.ask(2, JoinQueue(operation: script.key(), concert: open))
                script.ask(2, SubscribeNotices())
                script.ask(2, Hold(operation: script.key(), performance: date, seats: [SeatIndex(3)]))
                script.pass(4)
                script.pass(3)
                script.ask(2, Pay(operation: script.key(), reservation: ReservationID(1)))
                script.frame(2, .ack, number: 3)
                script.ask(4, JoinQueue(operation: script.key(), concert: soon))
                script.reopen(4)
                script.pass(9)
                script.ask(5, GetDraw(concert: soon))
                script.pass(10)
            }
        ),
        (
            "script-resume",
            { script in
                script.reopen(2)
                script.frame(2, .hello, Opening.hello(session: Opening.token(2)).encoded)
                script.ask(2, GetBalance())
                script.frame(0, .hello, Opening.hello(session: nil).encoded)
                script.ask(0, LogIn(name: "Eve", password: Secret("secret-of-eve"), device: "d"))
                script.ask(
                    0,
                    ChangePassword(
                        operation: script.key(), oldPassword: Secret("secret-of-eve"), newPassword: Secret("12345678")))
                script.ask(0, LogOut())
                script.ask(1, SignUp(operation: script.key(), name: "zoe", password: Secret("12345678")))
                script.ask(6, MakeOperator(operation: script.key(), name: "zoe", password: nil))
                script.ask(5, SetPassword(operation: script.key(), name: "ann", password: Secret("abcdefgh")))
            }
        ),
        (
            "script-operator",
            { script in
                script.ask(
                    5,
                    SetRoom(
                        operation: script.key(), concert: open, mode: .paused, capacity: 2, activeSeconds: 60,
                        message: "m"))
                script.ask(4, JoinQueue(operation: script.key(), concert: open))
                script.ask(2, JoinQueue(operation: script.key(), concert: open))
                script.ask(5, RemoveMember(operation: script.key(), concert: open, name: "bob", reason: "r", bar: true))
                script.ask(
                    5, SetRoom(operation: script.key(), concert: open, mode: .open, capacity: 0, idleSeconds: 10))
                script.ask(5, AllowMember(operation: script.key(), concert: open, name: "bob", reason: "r"))
                script.ask(5, BlockSeats(operation: script.key(), performance: date, seats: [SeatIndex(0)]))
                script.ask(5, UnblockSeats(operation: script.key(), performance: date, seats: [SeatIndex(0)]))
                script.pass(2)
            }
        ),
        (
            "script-upload",
            { script in
                script.upload(
                    .plan, Array(String(decoding: Opening.plan, as: UTF8.self).replacing("\"H\"", with: "\"I\"").utf8),
                    number: 1)
                script.upload(.concerts, Opening.concerts, number: 2)
                script.ask(5, ExportPlan(plan: PlanID(1), offset: 10))
            }
        ),
        (
            "script-later",
            { script in
                script.ask(2, JoinQueue(operation: script.key(), concert: open), later: true)
                script.ask(2, GetPlace(concert: open), later: true)
                script.frame(2, .cancel, number: 1, later: true)
                script.ask(2, LogOut(), later: true)
                script.ask(2, GetBalance(), later: true)
                script.frame(2, .ping, number: 9)
            }
        ),
    ]
}
