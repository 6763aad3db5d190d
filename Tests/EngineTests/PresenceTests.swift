import BoxOfficeEngine
import BoxOfficeProtocol
import Testing

/// Who is away keeps the place, stalls nobody, and is next when back (docs/domain.md, Presence).
@Suite("Presence")
struct PresenceTests {
    /// One inside, and a line of those named, all connected.
    private func line(_ names: String...) -> Sale {
        var sale = Sale(capacity: 1)
        sale.member("first")
        _ = sale.join("first")
        for name in names {
            sale.member(name)
            _ = sale.join(name)
        }
        return sale
    }

    @Test("a lost connection keeps the place; absent at one's turn is called and passed over")
    func passedOver() {
        var sale = line("ann", "bob")
        sale.disconnect("ann")
        sale.wait(.seconds(61))
        #expect(sale.placeOf("ann").status == .waiting)
        #expect(sale.placeOf("ann").position == 1)
        _ = sale.leave("first")
        #expect(sale.placeOf("ann").status == .called)
        #expect(sale.placeOf("ann").calledUntil == sale.now + .seconds(1800))
        #expect(sale.placeOf("bob").status == .active)
        #expect(sale.noticeNames("ann") == ["called"])
        #expect(sale.engine.roomFigures(of: Sale.concert, at: sale.now)!.called == 1)
    }

    @Test("back within the window is next, before the whole line")
    func backInTime() {
        var sale = line("ann", "bob", "cid")
        sale.disconnect("ann")
        sale.wait(.seconds(61))
        _ = sale.leave("first")
        sale.wait(.seconds(100))
        sale.connect("ann")
        #expect(sale.place("ann") == "called")
        _ = sale.leave("bob")
        #expect(sale.place("ann") == "active")
        #expect(sale.place("cid") == "waiting 1/1")
    }

    @Test("back while there is space is in at once")
    func backToSpace() {
        var sale = line("ann")
        sale.disconnect("ann")
        sale.wait(.seconds(61))
        _ = sale.leave("first")
        #expect(sale.placeOf("ann").status == .called)
        #expect(sale.place("ann") == "active")
    }

    @Test("several who are back go in by rank, whoever came back first")
    func severalBack() {
        var sale = line("ann", "bob", "cid", "dan")
        for name in ["ann", "bob", "cid"] { sale.disconnect(name) }
        sale.wait(.seconds(61))
        _ = sale.leave("first")
        #expect(["ann", "bob", "cid", "dan"].map { sale.placeOf($0).status } == [.called, .called, .called, .active])
        for name in ["cid", "ann", "bob"] { sale.connect(name) }
        var order: [String] = []
        var inside = "dan"
        for _ in 0..<3 {
            _ = sale.leave(inside)
            inside = ["ann", "bob", "cid"].first { sale.placeOf($0).status == .active }!
            order.append(inside)
        }
        #expect(order == ["ann", "bob", "cid"])
    }

    @Test("the window passes: the place is gone, to the microsecond; joining anew goes to the end")
    func windowPasses() {
        var sale = line("ann", "bob", "cid")
        sale.disconnect("ann")
        sale.wait(.seconds(61))
        _ = sale.leave("first")
        let called = sale.now
        sale.wait(.seconds(1800) + Microseconds(-1))
        #expect(sale.placeOf("ann").status == .called)
        sale.wait(Microseconds(1))
        #expect(sale.placeOf("ann").status == .expired)
        #expect(sale.noticeNames("ann") == ["called", "tokenExpired"])
        #expect(sale.noticeTimes("ann", .tokenExpired, since: called) == [1800])
        #expect(sale.placeOf("cid").status == .active || sale.placeOf("cid").status == .expired)
        sale.connect("ann")
        sale.member("eva")
        _ = sale.join("eva")
        #expect(sale.place("ann") == "expired")
        #expect(sale.join("ann") != "called")
    }

    @Test("back in time and waiting for space never expires")
    func waitsForSpace() {
        var sale = line("ann", "bob")
        sale.room(activeSeconds: 86_400)
        sale.disconnect("ann")
        sale.wait(.seconds(61))
        _ = sale.leave("first")
        sale.wait(.seconds(1_799))
        sale.connect("ann")
        sale.wait(.seconds(3_600))
        #expect(sale.place("ann") == "called")
        _ = sale.leave("bob")
        #expect(sale.place("ann") == "active")
    }

    @Test("back, and away again when there is space: passed over, called for what remains of the window")
    func awayAgain() {
        for (gone, expected) in [(1_000, TokenStatus.called), (3_000, .expired)] {
            var sale = line("ann", "bob", "cid")
            sale.room(activeSeconds: 86_400)
            sale.disconnect("ann")
            sale.wait(.seconds(61))
            _ = sale.leave("first")
            let calledUntil = sale.placeOf("ann").calledUntil
            sale.connect("ann")
            sale.disconnect("ann")
            sale.wait(.seconds(gone))
            #expect(sale.placeOf("ann").status == .called)
            _ = sale.leave("bob")
            #expect(sale.placeOf("ann").status == expected, "away for \(gone) s")
            #expect(sale.placeOf("cid").status == .active)
            guard expected == .called else {
                #expect(sale.noticeNames("ann") == ["called", "tokenExpired"])
                continue
            }
            #expect(sale.placeOf("ann").calledUntil == calledUntil)
            #expect(sale.noticeNames("ann") == ["called"])
            // Back once more in what remained: next again.
            sale.connect("ann")
            _ = sale.leave("cid")
            #expect(sale.place("ann") == "active")
        }
    }

    @Test("away again: the window that remained passes")
    func awayAgainUntilTheEnd() {
        var sale = line("ann", "bob", "cid")
        sale.room(activeSeconds: 86_400)
        sale.disconnect("ann")
        sale.wait(.seconds(61))
        _ = sale.leave("first")
        sale.connect("ann")
        sale.disconnect("ann")
        sale.wait(.seconds(1_000))
        _ = sale.leave("bob")
        sale.wait(.seconds(799))
        #expect(sale.placeOf("ann").status == .called)
        sale.wait(.seconds(1))
        #expect(sale.placeOf("ann").status == .expired)
    }

    @Test("many who are away again do not pile up on the stack")
    func manyAwayAgain() {
        var sale = Sale(capacity: 1)
        sale.room(activeSeconds: 86_400)
        let names = (0..<300).map { "member\($0)" }
        sale.member("first")
        _ = sale.join("first")
        for name in names {
            sale.member(name, connected: false)
            _ = sale.join(name)
        }
        sale.wait(.seconds(61))
        _ = sale.leave("first")
        _ = sale.join("first")
        #expect(sale.place("first") == "active")
        for name in names { #expect(sale.place(name) == "called") }
        sale.wait(.seconds(4_000))
        _ = sale.leave("first")
        #expect(names.allSatisfy { sale.placeOf($0).status == .expired })
        #expect(sale.engine.brokenInvariant() == nil)
    }

    @Test("an admission that meets no sign of life within a minute turns into a call")
    func noSignOfLife() {
        for (connects, status) in [(false, TokenStatus.called), (true, .active)] {
            var sale = line("ann", "bob")
            sale.disconnect("ann")
            sale.wait(.seconds(30))
            _ = sale.leave("first")
            #expect(sale.placeOf("ann").status == .active)
            sale.wait(.seconds(59))
            if connects {
                sale.connect("ann")
                sale.disconnect("ann")
            }
            sale.wait(.seconds(1))
            #expect(sale.placeOf("ann").status == status)
            #expect(sale.placeOf("bob").status == (connects ? .waiting : .active))
            #expect(sale.noticeNames("ann") == (connects ? ["admitted"] : ["admitted", "called"]))
        }
    }

    @Test("who was there when admitted may go: the active time is theirs")
    func goesAfterAdmission() {
        var sale = line("ann")
        _ = sale.leave("first")
        sale.disconnect("ann")
        sale.wait(.seconds(300))
        #expect(sale.placeOf("ann").status == .active)
    }

    @Test("who polls is present for 60 s after each request, to the microsecond")
    func polling() {
        for (late, status) in [(Int64(0), TokenStatus.active), (1, .called)] {
            var sale = line("bob")
            sale.member("ann", connected: false)
            _ = sale.leave("bob")
            _ = sale.join("ann")
            for _ in 0..<5 {
                sale.wait(.seconds(50))
                #expect(sale.place("ann") == "waiting 1/1")
            }
            sale.wait(.seconds(60) + Microseconds(late))
            _ = sale.leave("first")
            #expect(sale.placeOf("ann").status == status)
        }
    }

    @Test("who was connected until the session ended is present for 60 s more")
    func sessionEnds() {
        for (seconds, status) in [(60, TokenStatus.active), (61, .called)] {
            var sale = line("ann")
            sale.wait(.seconds(200))
            let session = sale.sessions["ann"]!
            sale.withEngine { $0.logOut(session: session, at: $1, into: &$2) }
            sale.wait(.seconds(seconds))
            _ = sale.leave("first")
            #expect(sale.placeOf("ann").status == status)
        }
    }

    @Test("after a start everybody counts as present for a minute, and has to show it in another")
    func allPresentAfterStart() {
        for (seconds, status) in [(60, TokenStatus.active), (61, .called)] {
            var sale = line("ann", "bob")
            sale.disconnect("ann")
            sale.wait(.seconds(100))
            sale.restart()
            sale.wait(.seconds(seconds))
            _ = sale.leave("first")
            #expect(sale.placeOf("ann").status == status)
            sale.connect("bob")
            sale.wait(.seconds(60))
            #expect(sale.placeOf("ann").status == .called)
            #expect(sale.placeOf("bob").status == .active)
        }
    }

    @Test("who was back and waited for space does not lose the place to a restart after the window")
    func restartWhileBack() {
        for (comesBack, status) in [(true, TokenStatus.active), (false, .expired)] {
            var sale = line("ann", "bob")
            sale.room(activeSeconds: 86_400)
            sale.disconnect("ann")
            sale.wait(.seconds(61))
            _ = sale.leave("first")
            sale.connect("ann")
            sale.wait(.seconds(2_000))
            sale.restart()
            #expect(sale.placeOf("ann").status == .called)
            sale.wait(.seconds(60))
            #expect(sale.placeOf("ann").status == .called)
            if comesBack { sale.connect("ann") }
            sale.wait(.seconds(1))
            _ = sale.leave("bob")
            #expect(sale.placeOf("ann").status == status)
        }
    }

    @Test("leaving and joining while called")
    func calledLeaves() {
        var sale = line("ann", "bob", "cid")
        sale.disconnect("ann")
        sale.wait(.seconds(61))
        _ = sale.leave("first")
        #expect(sale.join("ann") == "called")
        #expect(sale.leave("ann") == "left")
        #expect(sale.join("ann") == "waiting 2/2")
        sale.wait(.seconds(4_000))
        #expect(sale.engine.brokenInvariant() == nil)
    }

    @Test("back, and the room has become smaller: waits until there is space")
    func calledAndSmaller() {
        var sale = Sale(capacity: 2)
        for name in ["ann", "bob", "cid", "dan"] { sale.member(name) }
        for name in ["ann", "bob", "cid", "dan"] { _ = sale.join(name) }
        sale.disconnect("cid")
        sale.wait(.seconds(61))
        _ = sale.leave("ann")
        #expect(sale.placeOf("cid").status == .called)
        sale.room(capacity: 1)
        sale.connect("cid")
        #expect(sale.place("cid") == "called")
        _ = sale.leave("bob")
        #expect(sale.place("cid") == "called")
        _ = sale.leave("dan")
        #expect(sale.place("cid") == "active")
        #expect(sale.engine.brokenInvariant() == nil)
    }

    @Test("a called member of a paused room is back, and goes in when it opens")
    func calledAndPaused() {
        var sale = line("ann", "bob")
        sale.disconnect("ann")
        sale.wait(.seconds(61))
        _ = sale.leave("first")
        sale.room(mode: .paused)
        sale.connect("ann")
        _ = sale.leave("bob")
        #expect(sale.place("ann") == "called")
        sale.room(mode: .open)
        #expect(sale.place("ann") == "active")
    }
}
