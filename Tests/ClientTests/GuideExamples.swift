// The examples of the guide (BoxOfficeClient.docc), word for word: what is printed there compiles.

import BoxOfficeClient

/// Receives the member's notices for ever, through lost connections.
func follow(_ office: BoxOffice) async {
    for await received in office.notices {
        switch received.content {
        case .notice(.admitted(let admitted)): print("Let in until \(admitted.activeUntil)")
        case .notice(.holdEnding(let ending)): print("Pay \(ending.reservation.total) points soon")
        case .notice(.holdExpired): print("The seats are free again")
        case .notice(.receipt(let receipt)): print("\(receipt.balance) points left")
        case .notice: break
        case .gap: print("Notices were missed: look at the reservations")
        case .unknown: break
        }
    }
}

/// Shows a seat map as it changes.
func watchSeats(of performance: Performance, in office: BoxOffice) async throws {
    let hall = try await office.hall(of: performance)
    for try await change in office.seatMapChanges(of: performance.performance) {
        for seat in change.changes {
            print(hall[seat.seat]?.label ?? "?", seat.status.name)
        }
        print("\(change.map.available) seats are free")
    }
}

/// Holds seats, and says which were in the way.
func hold(_ names: [String], at date: PerformanceID, in office: BoxOffice) async throws -> ReservationState? {
    do {
        return try await office.hold(.seats(names), at: date)
    } catch {
        switch (error.code, error.outcome) {
        case (.seatTaken, _): print("Somebody was faster: \(error.seats)")
        case (_, .undetermined): print("No answer in time, the seats may be held: \(error.message)")
        default: throw error
        }
        return nil
    }
}

/// Keeps a client for the life of a program, and tells about its connection.
func keepConnected(to server: ServerAddress, _ session: SessionToken) async {
    var configuration = ClientConfiguration(address: server, credentials: .session(session), clientName: "Kiosk/1.0")
    configuration.requestTimeout = .seconds(10)
    let office = BoxOffice(configuration)
    await withTaskGroup(of: Void.self) { group in
        group.addTask { await office.run() }
        group.addTask {
            for await state in office.states() {
                switch state {
                case .connecting: print("Connecting")
                case .connected(let resumed): print(resumed ? "Connected again" : "Connected")
                case .waiting(let retryIn, let why): print("\(why.message) Again in \(retryIn)")
                case .closed(let why): print(why?.message ?? "Closed")
                }
            }
        }
    }
}

/// Waits to be let in, and checks the draw.
func wait(for concert: ConcertID, in office: BoxOffice) async throws -> Bool {
    let room = try await office.waitingRoom(of: concert)
    let witness = DrawWitness(draw: try await office.draw(of: concert), place: room.place)
    for await place in room.places {
        switch place.status {
        case .waiting where place.rank == nil: print("Ticket \(place.ticket), drawn at the opening")
        case .waiting: print("\(place.ahead) ahead, \(place.message ?? "\(place.reason.name)")")
        case .called: print("The turn came while we were away: next when there is space")
        default: print(place.status.name)
        }
    }
    let check = DrawCheck(of: try await office.draw(of: concert), place: try await room.status(), witness: witness)
    if check.verdict == .wrong { print("The draw was not fair: \(check.findings)") }
    return room.place.status == .active
}
