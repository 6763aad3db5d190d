// The names that programs depend on, per command (docs/command-line.md). They may grow; what is here must stay.

import Testing

@testable import BoxOfficeClient
@testable import BoxOfficeCommandLine

@Suite struct ContractTests {
    private let reservation = Reservation(
        reservation: 12, concert: 1, performance: 4, status: .held,
        seats: [BookedSeat(seat: 7, label: "A-12", price: 50), BookedSeat(seat: 8, label: "A-13", price: 60)],
        total: 110, heldAt: Instant(seconds: 100), expiresAt: Instant(seconds: 400))

    private func names(_ json: JSON) -> Set<String> {
        guard case .object(let members) = json else { return [] }
        return Set(members.map(\.name))
    }

    @Test func accountsAndPoints() {
        let account = Account(member: 7, name: "ann", isOperator: false)
        #expect(account.json.line == #"{"member":7,"name":"ann","operator":false}"#)
        #expect(Balance(member: 7, balance: 90).json["balance"] == 90)
        let charged = Charged(entry: 3, amount: 10, balance: 100, at: Instant(seconds: 0))
        #expect(charged.json["balance"] == 100)
    }

    @Test func concertsAndDates() {
        let concert = Concert(concert: 3, title: "겨울", artists: ["a"], description: "", performances: 2)
        #expect(names(concert.json).isSuperset(of: ["concert", "title"]))
        let date = Performance(
            performance: 4, concert: 3, plan: 1, hall: "Club", hallDigest: .random(), startsAt: Instant(seconds: 100),
            timeZone: "Asia/Seoul", saleOpensAt: .distantPast, saleClosesAt: Instant(seconds: 90), available: 5,
            categories: [CategoryPrice(category: "A", price: 10, seats: 9, available: 5)])
        #expect(names(date.json).isSuperset(of: ["performance", "startsAt", "available", "timeZone", "categories"]))
        #expect(date.json["saleOpensAt"] == .null)
    }

    @Test func seats() {
        let seat = HallMap.Seat(
            index: 7, zone: "", row: "A", number: "12", label: "A-12", guid: "g", category: "Front", x: 0, y: 0)
        let now = SeatNow(name: "A-12", seat: seat, price: 10, status: .held, isMine: true)
        #expect(names(now.json).isSuperset(of: ["seat", "category", "price", "status", "mine"]))
        #expect(now.json["status"] == "held")
        #expect(now.json["mine"] == true)
    }

    @Test func placesSayNullForWhatIsUnknown() {
        let place = Place(
            concert: 1, token: 9, ticket: 4, status: .waiting, position: 3, ahead: 2, waiting: 5, reason: .full,
            now: Instant(seconds: 0))
        let wait = ["estimatedWaitSeconds", "estimatedWaitSecondsMin", "estimatedWaitSecondsMax"]
        #expect(names(place.json).isSuperset(of: ["status", "position", "ahead", "waiting"] + wait))
        for name in wait { #expect(place.json[name] == .null) }
        for name in ["rank", "message", "opensAt"] { #expect(place.json[name] == .null) }
        #expect(place.json["ticket"] == .natural(4))
    }

    @Test func rooms() {
        let settings = RoomSettings(
            concert: 3, mode: .queue, capacity: 5, admissionsPerMinute: 60, activeSeconds: 600, idleSeconds: 0,
            callWindowSeconds: 1800)
        let policies = [
            "concert", "mode", "capacity", "admissionsPerMinute", "activeSeconds", "idleSeconds", "callWindowSeconds",
            "opensAt", "message",
        ]
        #expect(names(settings.json) == Set(policies))
        #expect(settings.json["mode"] == "queue" && settings.json["opensAt"] == .null)
        let figures = RoomFigures(
            settings: settings, title: "t", waiting: 1, called: 2, active: 3, admitted: 4, admittedLastMinute: 5,
            completed: 6, expired: 7, left: 8, abandoned: 9, removed: 10, seatsAvailable: 11, seatsHeld: 12,
            seatsSold: 13, now: Instant(seconds: 0))
        let counts = [
            "waiting", "called", "active", "admitted", "admittedLastMinute", "completed", "expired", "left",
            "abandoned", "removed", "waitedSecondsMedian", "waitedSeconds95", "seatsAvailable", "seatsHeld",
            "seatsSold", "now", "title",
        ]
        #expect(names(figures.json) == Set(policies + counts))
        let change = RoomChange(
            change: 1, concert: 3, at: Instant(seconds: 0), subject: .opensAt, from: "", to: "1797069600000000")
        #expect(change.json["from"] == .null && change.json["to"] == "2026-12-12T10:00:00Z")
        #expect(
            names(change.json) == ["change", "concert", "at", "by", "subject", "from", "to", "member", "reason"])
    }

    @Test func holdsCountDown() {
        let state = ReservationState(
            reservation: reservation, now: Instant(seconds: 101), remainingMilliseconds: 298_001)
        let json = state.json
        #expect(
            names(json).isSuperset(of: ["reservation", "status", "seats", "total", "expiresAt", "remainingSeconds"]))
        #expect(json["seats"] == ["A-12", "A-13"])
        #expect(json["remainingSeconds"] == .natural(299), "a started second is still there")
        #expect(names(json).contains("performance"))
    }

    @Test func payments() {
        let payment = Payment(payment: 2, reservation: 12, entry: 3, amount: 110, at: Instant(seconds: 120))
        let paid = Paid(payment: payment, reservation: reservation, balance: 5)
        #expect(names(paid.json).isSuperset(of: ["payment", "reservation", "status", "amount", "balance"]))
        #expect(paid.json["payment"] == .natural(2))
    }

    @Test func noticesHaveKindAndSequence() {
        let at = Instant(seconds: 1)
        let payment = Payment(payment: 2, reservation: 12, entry: 3, amount: 110, at: at)
        let notices: [(Notice, String)] = [
            (.admitted(Admitted(at: at, concert: 1, token: 2, activeUntil: at)), "admitted"),
            (.called(Called(at: at, concert: 1, token: 2, calledUntil: at)), "called"),
            (.activeEnding(ActiveEnding(at: at, concert: 1, token: 2, activeUntil: at)), "activeEnding"),
            (.tokenExpired(TokenExpired(at: at, concert: 1, token: 2, reason: .idle)), "tokenExpired"),
            (
                .tokenRemoved(TokenRemoved(at: at, concert: 1, token: 2, reason: "bot", isBarred: true)),
                "tokenRemoved"
            ),
            (.held(Held(at: at, reservation: reservation)), "held"),
            (.holdEnding(HoldEnding(at: at, reservation: reservation)), "holdEnding"),
            (.holdExpired(HoldExpired(at: at, reservation: reservation)), "holdExpired"),
            (.released(Released(at: at, reservation: reservation)), "released"),
            (.pointsCharged(PointsCharged(at: at, entry: 1, amount: 2, balance: 3)), "charged"),
            (.receipt(Receipt(at: at, payment: payment, reservation: reservation, balance: 1)), "paid"),
            (.refundMade(RefundMade(at: at, reservation: reservation, amount: 1, balance: 1)), "refunded"),
        ]
        for (notice, kind) in notices {
            let json = ReceivedNotice(sequence: 5, content: .notice(notice), isReplayed: false).json
            #expect(json["kind"] == .text(kind))
            #expect(json["sequence"] == .natural(5))
            if kind == "tokenExpired" { #expect(json["reason"] == "idle") }
            if kind == "tokenRemoved" { #expect(json["reason"] == "bot" && json["barred"] == true) }
        }
    }

    @Test func refusals() {
        var failure = Failure(refusing: .seatTaken, "Held or sold.")
        failure.seats = ["A-12"]
        #expect(
            failure.json.line
                == #"{"error":{"code":"seatTaken","message":"Held or sold.","retry":"never","outcome":"notExecuted","seats":["A-12"]}}"#
        )
        #expect(failure.status == .refused)
        #expect(Failure.usage("?").status == .usage)
    }
}
