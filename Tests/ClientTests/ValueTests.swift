// Values that the client makes of what it receives.

import Testing

@testable import BoxOfficeClient

@Suite struct SeatMapTests {
    let map = SeatMap(performance: PerformanceID(3), version: 10, seats: 5, statuses: [0b11_10_01_00, 0b00])

    func update(_ from: UInt64, _ to: UInt64, _ changes: [(UInt32, SeatStatus)]) -> SeatsChanged {
        SeatsChanged(
            performance: PerformanceID(3), fromVersion: from, toVersion: to, available: 0,
            changes: changes.map { SeatChange(seat: SeatIndex($0.0), status: $0.1) })
    }

    @Test func statusesAreUnpacked() throws {
        let state = try #require(SeatMapState(map))
        #expect(state.statuses == [.available, .held, .sold, .blocked, .available])
        #expect(state.available == 2)
        #expect(state[SeatIndex(2)] == .sold && state[SeatIndex(5)] == nil)
        var short = map
        short.statuses = [0]
        #expect(SeatMapState(short) == nil)
    }

    @Test("steps from version to version")
    func steps() {
        let table: [(UInt64, UInt64, [(UInt32, SeatStatus)], SeatMapBook.Step, UInt64)] = [
            (10, 11, [(0, .held)], .changed, 11),
            (8, 12, [(0, .sold), (1, .available)], .hole, 10),
            (8, 10, [(0, .sold)], .nothing, 10),
            (11, 12, [(0, .held)], .hole, 10),
            (10, 11, [(5, .held)], .nonsense, 10),
        ]
        for (from, to, changes, step, version) in table {
            var book = SeatMapBook()
            book.watch(PerformanceID(3), by: SubscriberID(number: 1))
            let isTaken = book.arrived(map)
            let taken = book.changed(update(from, to, changes))
            #expect(isTaken && taken == step)
            #expect(book.maps[PerformanceID(3)]?.map?.version == version)
        }
    }

    @Test func changesAreWhatDiffers() throws {
        let before = try #require(SeatMapState(map))
        var after = before
        let applied = after.apply(update(10, 14, [(0, .held), (1, .available), (4, .available)]))
        #expect(applied && after.available == 2)
        #expect(
            after.changes(since: before) == [
                SeatChange(seat: SeatIndex(0), status: .held), SeatChange(seat: SeatIndex(1), status: .available),
            ])
    }

    @Test("those who watched are told the end, once each; a new one begins anew")
    func endings() {
        var book = SeatMapBook()
        let (one, two) = (SubscriberID(number: 1), SubscriberID(number: 2))
        book.watch(PerformanceID(3), by: one)
        book.ended(PerformanceID(3), with: BoxOfficeError(refusing: .queueRequired))
        book.watch(PerformanceID(3), by: two)
        #expect(book.maps[PerformanceID(3)]?.ended[one]?.code == .queueRequired)
        #expect(book.unwatched == [PerformanceID(3)])
        let last = (book.unwatch(PerformanceID(3), by: one), book.unwatch(PerformanceID(3), by: two))
        #expect(last == (false, true))
        #expect(book.maps.isEmpty)
    }
}

@Suite struct HallTests {
    static let digest = Digest(Bytes32(first: Bytes16(high: 1, low: 1), second: Bytes16(high: 1, low: 1)))

    static func seat(_ number: String, _ guid: String, category: UInt16 = 0) -> HallSeat {
        HallSeat(number: number, guid: guid, category: category, x: 0, y: 0)
    }

    static func page(
        _ rows: [HallRow], seats: UInt32, rowsBefore: UInt32 = 0, firstSeat: UInt32 = 0, more: Bool = false
    ) -> HallPage {
        HallPage(
            digest: digest, name: "Hall", categories: ["Floor"], seats: seats, rowsBefore: rowsBefore,
            firstSeat: SeatIndex(firstSeat), rows: rows, more: more)
    }

    @Test func seatsAreFoundByLabelGuidAndWhereUniqueByRowAndNumber() {
        var hall = HallMap(digest: Self.digest, name: "Hall")
        let rows = [
            HallRow(zone: "Left", row: "A", seats: [Self.seat("1", "g-1"), Self.seat("2", "g-2")]),
            HallRow(zone: "Right", row: "A", seats: [Self.seat("1", "g-3")]),
            HallRow(zone: "", row: "B", seats: [Self.seat("1", "g-4")]),
        ]
        let isTaken = hall.append(Self.page(rows, seats: 4))
        #expect(isTaken)
        hall.finish()
        let names: [(String, UInt32?)] = [
            ("Left-A-1", 0), ("Right-A-1", 2), ("A-2", 1), ("A-1", nil), ("B-1", 3), ("g-4", 3), ("g-9", nil),
        ]
        for (name, index) in names { #expect(hall.index(named: name)?.rawValue == index, "\(name)") }
        #expect(hall[SeatIndex(2)]?.label == "Right-A-1" && hall[SeatIndex(4)] == nil)
    }

    @Test("pages that do not fit are refused, and none leads on without end")
    func pages() {
        let row = HallRow(zone: "", row: "A", seats: [Self.seat("1", "g")])
        let table: [(HallPage, Bool)] = [
            (Self.page([row], seats: 1), true),
            (Self.page([row], seats: 2), false),
            (Self.page([row], seats: 2, more: true), true),
            (Self.page([], seats: 2, more: true), false),
            (Self.page([HallRow(zone: "", row: "A", seats: [])], seats: 2, more: true), false),
            (Self.page([row], seats: 0), false),
            (Self.page([row], seats: 1, rowsBefore: 1), false),
            (Self.page([row], seats: 1, firstSeat: 1), false),
            (Self.page([HallRow(zone: "", row: "A", seats: [Self.seat("1", "g", category: 1)])], seats: 1), false),
        ]
        for (page, isTaken) in table {
            var hall = HallMap(digest: Self.digest, name: "Hall")
            let wasTaken = hall.append(page)
            #expect(wasTaken == isTaken)
        }
    }

    @Test func theCacheIsBounded() {
        var cache = HallCache()
        for number in 0..<20 as Range<UInt64> {
            let half = Bytes16(high: number, low: 0)
            cache.keep(HallMap(digest: Digest(Bytes32(first: half, second: half)), name: "\(number)"))
        }
        func has(_ number: UInt64) -> Bool {
            let half = Bytes16(high: number, low: 0)
            return cache[Digest(Bytes32(first: half, second: half))] != nil
        }
        #expect(!has(11) && has(12) && has(19))
    }
}

@Suite struct AddressTests {
    @Test(
        "addresses as written",
        arguments: [
            ("box.example:7000", "box.example:7000"), ("box.example", "box.example:7480"),
            ("[::1]:7000", "[::1]:7000"), ("unix:/run/box", "unix:/run/box"), ("box:port", nil),
            ("tls://box.example:7000", "tls://box.example:7000"), ("tls://box.example", "tls://box.example:7481"),
            ("tls://[::1]:7000", "tls://[::1]:7000"), ("tls://::1", "tls://[::1]:7481"), ("tls://", nil),
            ("tls://unix:/run/box", nil), ("tls:box.example", nil), ("tls://box:port", nil), ("", nil),
        ] as [(String, String?)])
    func parsing(text: String, reads: String?) {
        #expect(ServerAddress(text)?.description == reads)
    }

    @Test func secretsAreNotShown() {
        for text in ["\(annByPassword)", String(reflecting: annByPassword), "\(Credentials.session(FakeServer.token))"]
        {
            #expect(!text.contains("secret-of-ann") && !text.contains("0000"))
        }
        var dumped = ""
        dump(annByPassword, to: &dumped)
        #expect(!dumped.contains("secret-of-ann"))
    }
}
