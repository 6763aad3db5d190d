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
