// What somebody sees who waits, and how a wait ends.

import BoxOfficeClient
import BoxOfficeTerminal
import Testing

@testable import BoxOfficeCommandLine

@Suite struct WaitTests {
    private let look = Look(style: Style(isOn: false), columns: 80, zone: "UTC")
    private let now = Instant(seconds: 1_797_069_600)

    private func place(_ status: TokenStatus, _ position: UInt32 = 0, _ reason: StillReason = .moving) -> Place {
        Place(
            concert: 1, token: 9, ticket: 4, status: status, position: position,
            ahead: position == 0 ? 0 : position - 1,
            waiting: 240, reason: reason, now: now, rank: position == 0 ? nil : 50)
    }

    private func block(_ place: Place, from first: UInt32? = nil, later: Int64 = 0) -> [String] {
        WaitView(place: place, firstPosition: first).block(look, now: now + .seconds(UInt32(later)))
    }

    @Test func theBarIsTheShareOfTheWay() {
        var moving = place(.waiting, 15)
        (moving.waitSecondsMin, moving.waitSeconds, moving.waitSecondsMax) = (150, 200, 290)
        #expect(
            block(moving, from: 60) == [
                "██████████████████████████████░░░░░░░░░░  75 % of the way", "Place 15 of 240, 14 ahead",
                "Wait  about 2–5 min",
            ])
        let narrow = Look(style: Style(isOn: false), columns: 30, zone: "UTC")
        #expect(
            WaitView(place: moving, firstPosition: 60).block(narrow, now: now)[0] == "█████████▊░░░  75 % of the way")
        #expect(WaitView(place: place(.waiting, 60), firstPosition: 60).share == 0)
        // Called and back, or more came in between: never below nothing.
        #expect(WaitView(place: place(.waiting, 70), firstPosition: 60).share == 0)
        #expect(WaitView(place: place(.waiting, 1), firstPosition: 1).share == nil, "the first look was at the front")
        #expect(WaitView(place: place(.called), firstPosition: 60).share == nil)
        #expect(WaitView(place: place(.waiting), firstPosition: nil).share == nil)
    }

    @Test func itSaysWhyNothingMoves() {
        var paused = place(.waiting, 2, .paused)
        paused.message = "Back\u{1B}[2J at eight"
        #expect(block(paused).dropFirst() == ["Nothing moves: the room is paused", "“Back\\u{1B}[2J at eight”"])
        #expect(block(place(.waiting, 2, .draining)).last == "Nothing moves: the room lets nobody in any more")
        #expect(block(place(.waiting, 2, .full)).last == "Wait  unknown, the room is full")
        var early = place(.waiting, 0, .notOpen)
        early.opensAt = now + .seconds(90)
        let opening = "Opens Sat 12 Dec 2026 10:01:30 UTC"
        let ticket = "Ticket 4, 240 waiting; the order is drawn at the opening"
        #expect(block(early) == [ticket, opening + ", in 1:30"])
        #expect(block(early, later: 60) == [ticket, opening + ", in 0:30"], "time runs down between two updates")
        #expect(block(early, later: 91) == [ticket, opening])
        #expect(WaitView(place: early).line(look) == ticket + "; " + opening, "a line for each change, not each second")
    }

    @Test func aCallAndALostConnectionAreTold() {
        var called = place(.called)
        called.calledUntil = now + .seconds(1800)
        #expect(
            block(called) == [
                "Your turn came while you were away: you are next when there is space.",
                "When you go away again, be back before 10:30:00.",
            ])
        var view = WaitView(place: called)
        view.isConnected = false
        #expect(view.block(look, now: now).last == "Reconnecting… the place is kept.")
    }

    @Test func aPlaceThatEndedSaysWhy() {
        func end(_ status: TokenStatus, _ notice: Notice?) -> Failure {
            PlaceEnd(status: status, notice: notice, concert: "harbour lights").failure
        }
        let again = "“boxoffice queue join 'harbour lights'” gives a new place, at the end of the line."
        let cases: [(TokenStatus, Notice?, String)] = [
            (
                .expired, .tokenExpired(TokenExpired(at: now, concert: 1, token: 9, reason: .callWindow)),
                "Your place has expired: the turn came while you were away, and you were not back in time. " + again
            ),
            (.expired, nil, "Your place has expired. " + again),
            (
                .removed, .tokenRemoved(TokenRemoved(at: now, concert: 1, token: 9, reason: "a bot", isBarred: true)),
                "An operator has ended your place: “a bot”. You may not join this room again."
            ),
            (
                .removed, .tokenRemoved(TokenRemoved(at: now, concert: 1, token: 9, reason: "twice", isBarred: false)),
                "An operator has ended your place: “twice”. " + again
            ),
        ]
        for (status, notice, message) in cases {
            let failure = end(status, notice)
            #expect(failure.message == message)
            #expect(failure.status == .no && failure.code == "placeEnded")
        }
    }

    @Test func figuresFitATerminal() {
        let settings = RoomSettings(
            concert: 3, mode: .draining, capacity: 100, admissionsPerMinute: 600, activeSeconds: 600, idleSeconds: 120,
            callWindowSeconds: 1800, opensAt: now, message: "Soon")
        let figures = RoomFigures(
            settings: settings, title: "Harbour", waiting: 19_000, called: 3, active: 100, admitted: 300,
            admittedLastMinute: 60, completed: 6, expired: 7, left: 8, abandoned: 100, removed: 10,
            seatsAvailable: 11_000, seatsHeld: 120, seatsSold: 1300, now: now, waitedSecondsMedian: 200,
            waitedSeconds95: 3700)
        #expect(
            figures.block(look) == [
                "Harbour, concert 3, 10:00:00",
                "draining; 100 inside, 600 a minute; active 600 s, idle 120 s, call window 1800 s",
                "Opens Sat 12 Dec 2026 10:00:00 UTC", "Says “Soon”",
                "Now     waiting 19000   called 3   active 100", "Let in  last minute 60   in all 300",
                "Ended   completed 6   expired 7   left 8", "Lost    abandoned 100 (25 %)   removed 10",
                "Waited  median 3:20   95 of 100 up to 1:01:40", "Seats   free 11000   held 120   sold 1300",
            ])
        #expect(figures.block(look).allSatisfy { displayWidth(of: $0) <= 80 })
    }

    @Test func aCheckedDrawSaysWhatWasChecked() throws {
        let seed = DrawSeed(try #require(Bytes32((0..<32).map { UInt8($0) })))
        var draw = Draw(concert: 1, commitment: seed.commitment, tickets: 10, now: now)
        var mine = place(.waiting)
        let witness = try #require(DrawWitness(draw: draw, place: mine))
        let before = CheckedDraw(draw, place: mine, witness: witness)
        #expect(before.json["verdict"] == "nothingYet" && before.json["seed"] == .null)
        #expect(before.lines(look).last?.hasPrefix("Nothing to verify yet") == true)
        (draw.seed, draw.drawnAt) = (seed, now)
        mine.rank = DrawOrder(seed: seed, tickets: 10).rank(of: 4)
        mine.position = 1
        let right = CheckedDraw(draw, place: mine, witness: witness)
        #expect(right.json["verdict"] == "right" && right.json["computedRank"] == right.json["rank"])
        #expect(right.lines(look).dropFirst().dropLast().allSatisfy { $0.hasPrefix("✓") && displayWidth(of: $0) <= 80 })
        mine.rank = mine.rank.map { $0 + 1 }
        let wrong = CheckedDraw(draw, place: mine, witness: witness)
        #expect(wrong.json["verdict"] == "wrong" && wrong.json["steps"]?["rankFits"] == "wrong")
        #expect(wrong.lines(look).last == "The draw is NOT right.")
    }
}
