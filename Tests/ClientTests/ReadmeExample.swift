// The example of README.md, word for word: what is printed there compiles and runs.

import BoxOfficeClient

/// Queues for the first concert, holds two seats and pays for them.
func buyTwoSeats(at server: ServerAddress, as member: Credentials) async throws {
    try await withBoxOffice(at: server, credentials: member) { office in
        guard let concert = try await office.concerts().first?.concert,
            let date = try await office.performances(of: concert).first?.performance
        else { return }
        let room = try await office.waitingRoom(of: concert)  // the same place if one has it already
        for await place in room.places { print("\(place.ahead) before me") }  // ends when admitted
        let held = try await office.hold(.seats(["A-12", "A-13"]), at: date)
        try await office.charge(held.reservation.total)
        let paid = try await office.pay(held)
        print("Paid \(paid.payment.amount), \(paid.balance) points left")
    }
}
