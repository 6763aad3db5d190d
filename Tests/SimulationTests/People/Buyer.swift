// Somebody who wants seats: signs up, logs in, charges, joins, holds, pays or not, leaves, and reads every notice. Where
// the network or the server fails, the client library carries on, and the buyer asks again with the same key.

import BoxOfficeProtocol

@testable import BoxOfficeClient

final class Buyer: Person, @unchecked Sendable {
    private var member: MemberID?
    private var newest: Place?
    private var isWatching = false
    private var held: [Reservation] = []

    func live() async {
        sale.start { await self.office.run() }
        guard await signUp() else { return }
        sale.start { await self.readNotices() }
        await sale.sleep(dice.duration(.zero...(.seconds(20))))
        while sale.isOpen {
            await act()
            await sale.sleep(dice.duration(.milliseconds(300)...(.seconds(14))))
        }
        await sale.untilCalm()
        await takeStock()
        await office.close()
    }

    private func signUp() async -> Bool {
        let password = "password of \(name)"
        while true {
            let answer = await change(
                .signUp, { SignUp(operation: $0, name: self.name, password: Secret(password)) }, { _ in .signedUp })
            // Who was not heard of may be a member all the same.
            if answer != nil || dice.happens(0.3) {
                if let account = try? await office.logIn(name: name, password: password).account {
                    member = account.member
                    break
                }
            }
            await sale.sleep(dice.duration(.milliseconds(500)...(.seconds(6))))
        }
        // From here on the cursor of the session counts: before the first step that is told.
        while (try? await office.subscribedNotices()) == nil { await sale.sleep(.seconds(1)) }
        return true
    }

    private func readNotices() async {
        for await notice in office.notices { history.notices[name, default: []].append(notice) }
    }

    private func act() async {
        switch dice.number(0...99) {
        case 0..<12: await charge()
        case 12..<18:
            if let member { _ = await ask(.balance, GetBalance(member: member)) { .balance($0.balance.rawValue) } }
        case 18..<24: await lookAtSeats()
        case 24..<28: await leave()
        case 28..<32 where !held.isEmpty: await release(held.removeFirst())
        case 32..<40 where !held.isEmpty: await pay(held.removeFirst())
        default: await buy()
        }
    }

    // MARK: Buying

    private func charge() async {
        let points = Int64(dice.number(1...5)) * 50
        _ = await change(
            .charge(points), { Charge(operation: $0, amount: Points(points)) },
            { .charged(balance: $0.balance.rawValue) })
    }

    private func buy() async {
        guard await enter() else { return }
        let performance = dice.pick(sale.performances)
        let first = dice.number(0...(sale.seats - 1))
        let count = dice.number(1...min(3, sale.seats - first))
        // The front rows are what everybody wants.
        let start = dice.happens(0.6) ? first % 4 : first
        let seats = (start..<min(start + count, sale.seats)).map { SeatIndex(UInt32($0)) }
        let answer = await change(
            .hold(performance, seats), { Hold(operation: $0, performance: performance, seats: seats) },
            { .held($0.reservation) })
        // Perhaps the time inside is over: ask anew where one stands.
        guard let reservation = answer?.reservation else { return newest = nil }
        if dice.happens(0.3) { await charge() }
        await sale.sleep(dice.duration(.milliseconds(100)...(.seconds(15))))
        switch dice.number(0...9) {
        case 0...5: await pay(reservation)
        case 6: await release(reservation)
        // Some wait until the last moment.
        case 7:
            await sale.sleep(dice.duration(.seconds(20)...(.seconds(50))))
            await pay(reservation)
        default: held.append(reservation)
        }
    }

    /// Joins and waits, though not for ever.
    private func enter() async -> Bool {
        if newest?.status == .active { return true }
        let number = history.called(by: name, .join, at: world.timeline.now)
        guard let room = try? await office.waitingRoom(of: sale.concert) else {
            history.void(number)
            return false
        }
        history.answered(number, .joined, at: world.timeline.now)
        saw(room.place)
        if room.place.status == .active { return true }
        let watch = sale.start { for await place in room.places { self.saw(place) } }
        let patience = world.timeline.now + dice.number(5...90) * 1_000_000_000
        while world.timeline.now < patience, sale.isOpen, newest?.isInLine == true {
            await sale.sleep(dice.duration(.milliseconds(200)...(.seconds(3))))
        }
        watch.cancel()
        return newest?.status == .active
    }

    private func saw(_ place: Place) {
        newest = place
        history.places[name, default: []].append((world.timeline.now, place))
    }

    private func pay(_ reservation: Reservation) async {
        let id = reservation.reservation
        let answer = await change(
            .pay(id), { Pay(operation: $0, reservation: id) }, { .paid(balance: $0.balance.rawValue, $0.reservation) })
        if answer != nil {
            newest = nil
            sale.paid.append(id)
        }
    }

    private func release(_ reservation: Reservation) async {
        let id = reservation.reservation
        _ = await change(.release(id), { Release(operation: $0, reservation: id) }, { _ in .released })
    }

    private func leave() async {
        _ = await change(
            .leave(sale.concert), { LeaveQueue(operation: $0, concert: self.sale.concert) }, { _ in .left })
        newest = nil
    }

    private func lookAtSeats() async {
        let performance = dice.pick(sale.performances)
        _ = await ask(.map(performance), GetSeatMap(performance: performance)) {
            .map(SeatMapState($0)?.statuses ?? [])
        }
    }

    // MARK: The end

    /// What there is when everything has come to rest.
    private func takeStock() async {
        guard let member else { return }
        var final = FinalState()
        var more = true
        while more {
            let before = final.reservations.last?.reservation ?? ReservationID(0)
            guard let page = await insist(GetReservations(before: before, limit: 50)) else { return }
            final.reservations += page.reservations
            more = page.more
        }
        more = true
        while more {
            let before = final.payments.last?.payment ?? PaymentID(0)
            guard let page = await insist(GetPayments(before: before, limit: 50)) else { return }
            final.payments += page.payments
            more = page.more
        }
        more = true
        while more {
            let before = final.ledger.last?.entry ?? LedgerEntryID(0)
            guard let page = await insist(GetLedger(before: before, limit: 50)) else { return }
            final.ledger += page.entries
            more = page.more
        }
        guard let balance = await insist(GetBalance(member: member)) else { return }
        final.balance = balance.balance.rawValue
        // A notice may be on its way still.
        await sale.sleep(.seconds(8))
        history.finals[name] = final
    }
}
