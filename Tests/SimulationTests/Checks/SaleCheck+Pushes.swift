import BoxOfficeClient
import BoxOfficeProtocol

extension SaleCheck {
    // MARK: Notices

    /// Each in order, each once; and one for each step that was taken.
    func checkNotices(of who: String, _ final: FinalState) {
        let received = history.notices[who] ?? []
        for (before, after) in zip(received, received.dropFirst()) where after.sequence != before.sequence + 1 {
            world.found("\(who) has notice \(after.sequence) after \(before.sequence)")
        }
        if received.contains(where: { $0.content == .gap }) { world.found("\(who) misses notices") }

        var steps: [String: Int] = [:]
        for notice in received.compactMap(\.notice) {
            switch notice {
            case .held(let held): steps["held \(held.reservation.reservation)", default: 0] += 1
            case .holdExpired(let expired):
                steps["expired \(expired.reservation.reservation)", default: 0] += 1
                checkDeadline(expired, of: who)
            case .released(let released): steps["released \(released.reservation.reservation)", default: 0] += 1
            case .receipt(let receipt): steps["paid \(receipt.reservation.reservation)", default: 0] += 1
            case .refundMade(let refund): steps["refunded \(refund.reservation.reservation)", default: 0] += 1
            case .pointsCharged(let charged): steps["charged \(charged.entry)", default: 0] += 1
            default: break
            }
        }
        var due: [String] = []
        for reservation in final.reservations {
            let id = reservation.reservation
            due.append("held \(id)")
            switch reservation.status {
            case .expired: due.append("expired \(id)")
            case .released: due.append("released \(id)")
            case .confirmed: due.append("paid \(id)")
            case .refunded: due += ["paid \(id)", "refunded \(id)"]
            case .held, .unknown: break
            }
        }
        due += final.ledger.filter { $0.reservation == nil && $0.credit.hasPrefix("member:") }.map {
            "charged \($0.entry)"
        }
        for step in due where steps[step] != 1 { world.found("\(who) has \(steps[step] ?? 0) notices of: \(step)") }
        if steps.count != Set(due).count {
            let more = Set(steps.keys).subtracting(due).sorted()
            world.found("\(who) has notices of what was not: \(more)")
        }
    }

    /// While the server runs, a hold ends when its deadline has come.
    private func checkDeadline(_ expired: HoldExpired, of who: String) {
        let deadline = expired.reservation.expiresAt
        if expired.at < deadline { world.found("I7: \(who)'s hold of \(expired.reservation.reservation) ended early") }
        let (due, done) = (server.time(of: deadline), server.time(of: expired.at))
        if server.ranThrough(due, done), done - due > Self.lateness {
            world.found("I7: \(who)'s hold ended \((done - due) / 1_000_000) ms after its deadline")
        }
    }

    /// How late a timer may be, behind a slow disk: nanoseconds.
    private static let lateness = 20_000_000_000

    // MARK: Places

    /// Who waits moves back for those only who were called and came back.
    func checkPlaces(of who: String) {
        let called = history.notices.values.joined().reduce(into: [Instant]()) { times, notice in
            if case .called(let call)? = notice.notice { times.append(call.at) }
        }
        let told = history.places[who] ?? []
        let seen = told.map(\.place)
        for (before, after) in zip(seen, seen.dropFirst())
        where before.token == after.token && before.status == .waiting && after.status == .waiting {
            guard before.position > 0, after.position > before.position else { continue }
            let cameBack = called.filter { $0 <= after.now }.count
            if Int(after.position - before.position) > cameBack {
                world.found(
                    "\(who) went from place \(before.position) to \(after.position), and \(cameBack) were called")
            }
        }
        // Across a start the server's time may go back to what was stored last.
        for (before, after) in zip(told, told.dropFirst())
        where after.place.now < before.place.now && server.ranThrough(before.at, after.at)
            && !server.mayBeFromBefore(before.place.now, heardAt: before.at)
        {
            world.found(
                "\(who) was told an older place: \(after.place) at \(after.at) behind \(before.place) at \(before.at)")
        }
    }
}
