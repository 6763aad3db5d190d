import BoxOfficeClient
import Foundation

/// A member of a real server, through the client library.
func office(
    _ server: ServerProcess, as name: String?, password: String = "a long password", timeout: Duration = .seconds(60)
) -> BoxOffice {
    var configuration = ClientConfiguration(
        address: ServerAddress(host: "127.0.0.1", port: server.port),
        credentials: name.map { .password(name: $0, password: password) } ?? .guest)
    configuration.requestTimeout = timeout
    configuration.backoffMax = .milliseconds(500)
    return BoxOffice(configuration)
}

extension BoxOffice {
    /// Runs for as long as `body` does.
    func running<R: Sendable>(_ body: @Sendable @escaping (BoxOffice) async throws -> R) async throws -> R {
        try await withThrowingTaskGroup(of: R?.self) { group in
            group.addTask {
                await self.run()
                return nil
            }
            defer { group.cancelAll() }
            let result = try await body(self)
            await close()
            return result
        }
    }
}

/// A plan of `rows` × `seats` in one category, and a concert in it with the price of one point a seat, as an operator
/// `boss` imports them. `room` and `date` are further members of the concert file.
func importHall(
    rows: Int, seats: Int, on server: ServerProcess, capacity: Int, room: [String: String] = [:],
    date: [String: String] = [:]
) async throws -> ConcertID {
    let plan: [String: Any] = [
        "name": "Hall", "categories": [["name": "All"]],
        "zones": [
            [
                "name": "", "position": ["x": 0, "y": 0],
                "rows": (0..<rows).map { row in
                    [
                        "row_number": "R\(row)",
                        "seats": (0..<seats).map { seat in
                            [
                                "seat_guid": "\(row)-\(seat)", "seat_number": "\(seat)", "category": "All",
                                "position": ["x": seat, "y": row],
                            ] as [String: Any]
                        },
                    ] as [String: Any]
                },
            ] as [String: Any]
        ],
    ]
    let concerts: [String: Any] = [
        "format": "boxoffice-concerts", "version": 1,
        "concerts": [
            [
                "key": "load", "title": "Load", "artists": ["Everybody"],
                "room": (["capacity": capacity, "activeSeconds": 86_400] as [String: Any]).merging(room) { $1 },
                "dates": [
                    ([
                        "key": "1", "plan": "Hall", "startsAt": "2099-01-01T20:00:00+01:00",
                        "timeZone": "Europe/Berlin",
                        "prices": ["All": 1],
                    ] as [String: Any]).merging(date) { $1 }
                ],
            ] as [String: Any]
        ],
    ]
    let files: [(UploadKind, [UInt8])] = [
        (.plan, [UInt8](try JSONSerialization.data(withJSONObject: plan))),
        (.concerts, [UInt8](try JSONSerialization.data(withJSONObject: concerts))),
    ]
    _ = try server.makeOperator("boss")
    return try await office(server, as: "boss").running { boss in
        var imported: Imported?
        for (kind, bytes) in files { imported = try await boss.upload(kind, bytes: bytes) }
        return imported!.concerts[0].concert
    }
}
