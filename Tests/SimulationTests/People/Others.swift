import BoxOfficeProtocol

@testable import BoxOfficeClient

/// Somebody who only looks: at the dates, the seats, and how they change.
final class Guest: Person, @unchecked Sendable {
    func live() async {
        sale.start { await self.office.run() }
        while sale.isOpen {
            let performance = dice.pick(sale.performances)
            if dice.happens(0.5) {
                _ = await ask(.map(performance), GetSeatMap(performance: performance)) {
                    .map(SeatMapState($0)?.statuses ?? [])
                }
            } else {
                await watch(performance, for: dice.duration(.seconds(5)...(.seconds(60))))
            }
            await sale.sleep(dice.duration(.seconds(1)...(.seconds(10))))
        }
        await sale.untilCalm()
        await compare()
        await office.close()
    }

    private func watch(_ performance: PerformanceID, for span: Duration) async {
        let watching = sale.start {
            do { for try await _ in self.office.seatMapChanges(of: performance) {} } catch {}
        }
        await sale.sleep(span)
        watching.cancel()
    }

    /// When nobody does anything any more, what was put together of changes is what asking gives.
    private func compare() async {
        for performance in sale.performances {
            let seen = Seen()
            let watching = sale.start {
                do {
                    for try await change in self.office.seatMapChanges(of: performance) { seen.map = change.map }
                } catch {}
            }
            await sale.sleep(.seconds(12))
            let asked = try? await office.seatMap(of: performance)
            watching.cancel()
            if let asked, let watched = seen.map, asked.statuses != watched.statuses {
                world.found("\(name) sees other seats of date \(performance) by watching than by asking")
            }
        }
    }

    private final class Seen: @unchecked Sendable { var map: SeatMapState? }
}

/// Runs the box office: brings in the hall and the concert, tunes the room, blocks, refunds, removes.
final class Operator: Person, @unchecked Sendable {
    private var blocked: [(PerformanceID, [SeatIndex])] = []

    func prepare() async {
        sale.start { await self.office.run() }
        while true {
            do {
                _ = try await office.upload(.plan, bytes: sale.plan)
                let imported = try await office.upload(.concerts, bytes: sale.concerts)
                sale.concert = imported.concerts[0].concert
                sale.performances = imported.concerts[0].performances
                return
            } catch {
                world.say("import: \(error)")
                await sale.sleep(.seconds(2))
            }
        }
    }

    func live() async {
        if dice.happens(0.5), let now = office.serverNow {
            _ = try? await office.setRoom(of: sale.concert, opensAt: now + .seconds(Int64(dice.number(5...40))))
        }
        while sale.isOpen {
            await sale.sleep(dice.duration(.seconds(2)...(.seconds(25))))
            await act()
        }
        await sale.untilCalm()
        await office.close()
    }

    private func act() async {
        switch dice.number(0...9) {
        case 0, 1: _ = try? await office.setRoom(of: sale.concert, capacity: UInt32(dice.number(2...8)))
        case 2: _ = try? await office.setRoom(of: sale.concert, mode: dice.pick([.open, .open, .queue, .paused]))
        case 3: _ = try? await office.setRoom(of: sale.concert, admissionsPerMinute: UInt32(dice.pick([0, 0, 30, 60])))
        case 4 where !sale.paid.isEmpty, 5 where !sale.paid.isEmpty:
            let id = sale.paid.remove(at: dice.number(0...(sale.paid.count - 1)))
            _ = await change(.refund(id), { Refund(operation: $0, reservation: id) }, { _ in .refunded })
        case 6:
            let name = dice.pick(sale.buyers).name
            _ = await change(
                .remove(name),
                { RemoveMember(operation: $0, concert: self.sale.concert, name: name, reason: "", bar: false) },
                { _ in .removed })
        case 7:
            let seats = [SeatIndex(UInt32(dice.number(0...(sale.seats - 1))))]
            let performance = dice.pick(sale.performances)
            let answer = await change(
                .block(performance, seats), { BlockSeats(operation: $0, performance: performance, seats: seats) },
                { _ in .blocked })
            if answer != nil { blocked.append((performance, seats)) }
        case 8 where !blocked.isEmpty:
            let (performance, seats) = blocked.removeLast()
            _ = await change(
                .unblock(performance, seats),
                { UnblockSeats(operation: $0, performance: performance, seats: seats) }, { _ in .unblocked })
        default: _ = try? await office.room(of: sale.concert)
        }
    }
}
