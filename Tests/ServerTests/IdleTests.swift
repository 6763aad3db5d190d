import BoxOfficeProtocol
import BoxOfficeStore
import Foundation
import Testing

/// Idle tokens, over sockets and in real time.
@Suite struct IdleTests {
    /// The shortest idle time that an operator can set is too long for a test, so the file is edited.
    static let idleSeconds = 3

    @Test func whoNeitherLooksNorHoldsMakesRoom() async throws {
        // Clocks tick more often when less time is given for a hello.
        let office = try TestOffice { $0.handshakeSeconds = 2 }
        let (concert, date) = (ConcertID(1), PerformanceID(1))
        try office.operatorClient().importHall(capacity: 4)
        await office.stop()
        #expect(try sqlite(office, "UPDATE room SET idle_seconds = \(Self.idleSeconds)") == "")
        _ = try Store.accept(directory: office.directory, edited: true)
        try await office.restart()

        let clients = try ["looks", "watches", "holds", "idles", "waits"].map { try office.member($0) }
        let (looking, watching, holding, idle, waiting) = (clients[0], clients[1], clients[2], clients[3], clients[4])
        for client in [idle, waiting] { _ = try client.ok(SubscribeNotices()) }
        for client in clients { _ = try client.ok(JoinQueue(operation: client.key(), concert: concert)) }
        _ = try watching.ok(WatchSeats(performance: date))
        _ = try holding.ok(Hold(operation: holding.key(), performance: date, seats: [SeatIndex(0)]))
        // Idle is who looks no more: a look delays it, the polls of the place do not.
        _ = try idle.ok(GetSeatMap(performance: date))
        var polls = 0
        while try idle.ok(GetPlace(concert: concert)).status == .active, polls < 100 {
            polls += 1
            _ = try looking.ok(GetSeatMap(performance: date))
            try await Task.sleep(for: .milliseconds(500))
        }
        guard case .tokenExpired(let expired) = try idle.notice(.tokenExpired).notice else { return }
        #expect(expired.reason == .idle)
        _ = try waiting.notice(.admitted)
        // Well past the time in which the others would have expired too.
        for _ in 1...(2 * Self.idleSeconds) {
            _ = try looking.ok(GetSeatMap(performance: date))
            try await Task.sleep(for: .milliseconds(500))
        }
        for client in [looking, watching, holding] {
            #expect(try client.ok(GetPlace(concert: concert)).status == .active)
        }
        #expect(try idle.ok(GetPlace(concert: concert)).status == .expired)
        await office.stop()
    }

    private func sqlite(_ office: TestOffice, _ sql: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["sqlite3", office.directory + "/boxoffice.sqlite", sql]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }
}
