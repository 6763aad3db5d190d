import BoxOfficeCatalogue
import BoxOfficeProtocol
import BoxOfficeServer
import Foundation
import Logging
import PowerLoss
import Testing

/// A server on a directory of its own, for one test.
final class TestOffice {
    let directory: String
    /// In memory, when the test asked for it: one that fails and loses its power.
    let disk: Disk?
    private(set) var server: Server
    private(set) var addresses: [String] = []
    var address: String { addresses[0] }
    private let configure: (inout ServerConfiguration) -> Void
    let log = LogLines()

    /// - Parameters:
    ///   - directory: Of a box office that is there already; by default a new one begins.
    ///   - prepare: Puts the data file on a disk in memory, and is given it before the server starts.
    init(
        at directory: String? = nil, _ configure: @escaping (inout ServerConfiguration) -> Void = { _ in },
        onDisk prepare: ((Disk) -> Void)? = nil
    ) throws {
        let directory =
            directory
            ?? FileManager.default.temporaryDirectory
            .appendingPathComponent("boxoffice-\(UInt32.random(in: 0 ... .max))").path
        self.directory = directory
        disk = prepare.map { prepare in
            let disk = Disk(under: directory)
            prepare(disk)
            return disk
        }
        self.configure = configure
        server = Server(configuration: Self.configuration(directory, log, configure))
        addresses = try server.start()
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private static func configuration(
        _ directory: String, _ log: LogLines, _ configure: (inout ServerConfiguration) -> Void
    ) -> ServerConfiguration {
        var logger = Logger(label: "test") { _ in log.handler() }
        logger.logLevel = .debug
        var configuration = ServerConfiguration(dataDirectory: directory, logger: logger)
        configuration.listen = ["127.0.0.1:0"]
        // Tests ask faster than people do.
        configuration.limits.requestsPerConnection = nil
        configure(&configuration)
        return configuration
    }

    var socketPath: String { directory + "/boxoffice.sock" }

    /// Another server on the same directory, not started.
    func another() -> Server { Server(configuration: Self.configuration(directory, log, configure)) }

    func stop(within seconds: Double = 0.5) async { await server.shutDown(within: seconds) }

    /// Stops and starts again: memory is read anew from the file.
    func restart() async throws {
        await stop()
        server = another()
        addresses = try server.start()
    }

    // MARK: Clients

    /// A connection that has said hello.
    func guest(from source: String? = nil) throws -> RawClient {
        let client = try RawClient(address, from: source)
        try client.hello()
        return client
    }

    /// A new member's connection.
    func member(_ name: String) throws -> RawClient {
        let client = try guest()
        _ = try client.signUp(name)
        _ = try client.logIn(name)
        return client
    }

    /// A connection of somebody who is a member already.
    func back(_ name: String) throws -> RawClient {
        let client = try guest()
        _ = try client.logIn(name)
        return client
    }

    /// How often a limit was reached.
    func reached(_ limit: LimitKind) throws -> UInt64 {
        try local().ok(GetFigures()).limits.first { $0.limit == limit }?.reached ?? 0
    }

    /// A connection to the socket in the data directory.
    func local() throws -> RawClient {
        let client = try RawClient(socketPath)
        try client.hello()
        return client
    }

    /// A connection of a new operator.
    func operatorClient(_ name: String = "operator") throws -> RawClient {
        let local = try local()
        _ = try local.ok(MakeOperator(operation: local.key(), name: name, password: Secret("correct horse")))
        return try back(name)
    }
}

extension RawClient {
    /// Brings a file in.
    func upload(_ kind: UploadKind, _ bytes: [UInt8]) throws -> Result<Imported, Refusal> {
        try call(CommitUpload(operation: key(), upload: try uploadParts(kind, bytes)))
    }

    func uploadParts(_ kind: UploadKind, _ bytes: [UInt8], digest: Digest? = nil) throws -> UploadID {
        let begun = try ok(
            BeginUpload(kind: kind, sizeBytes: UInt32(bytes.count), digest: digest ?? Digest(hashing: bytes)))
        for offset in stride(from: 0, to: bytes.count, by: WireLimits.uploadPartBytesMax) {
            let part = Array(bytes[offset..<min(bytes.count, offset + WireLimits.uploadPartBytesMax)])
            _ = try ok(UploadPart(upload: begun.upload, offset: UInt32(offset), bytes: part))
        }
        return begun.upload
    }

    /// A hall of `rows` × `seats` called `Hall`, in one category, and a concert in it with one date.
    func importHall(
        rows: Int = 5, seats: Int = 10, price: Int64 = 100, capacity: Int = 100, concert: String = "Concert",
        dates: Int = 1
    ) throws {
        let plan = TestFiles.plan(rows: rows, seats: seats)
        _ = try upload(.plan, plan).get()
        let file = TestFiles.concerts(title: concert, price: price, capacity: capacity, dates: dates)
        _ = try upload(.concerts, file).get()
    }
}

/// Small files in the two formats.
enum TestFiles {
    static func plan(name: String = "Hall", rows: Int, seats: Int, category: String = "Standard") -> [UInt8] {
        let rowTexts = (1...rows).map { row in
            let seatTexts = (1...seats).map { seat in
                """
                {"seat_guid": "\(row)x\(seat)", "seat_number": "\(seat)", "category": "\(category)",
                 "position": {"x": \(seat * 20), "y": 0}}
                """
            }
            return """
                {"row_number": "\(row)", "position": {"x": 0, "y": \(row * 20)},
                 "seats": [\(seatTexts.joined(separator: ","))]}
                """
        }
        return Array(
            """
            {"name": "\(name)", "categories": [{"name": "\(category)", "color": "#aabbcc"}],
             "zones": [{"name": "", "position": {"x": 0, "y": 0}, "rows": [\(rowTexts.joined(separator: ","))]}]}
            """.utf8)
    }

    static func concerts(title: String, plan: String = "Hall", price: Int64, capacity: Int, dates: Int = 1) -> [UInt8] {
        let dateTexts = (1...dates).map { date in
            """
            {"key": "date-\(date)", "plan": "\(plan)", "timeZone": "Asia/Seoul",
             "startsAt": "2039-03-\(10 + date)T20:00:00+09:00", "prices": {"Standard": \(price)}}
            """
        }
        return Array(
            """
            {"format": "boxoffice-concerts", "version": 1, "concerts": [
             {"key": "concert", "title": "\(title)", "artists": ["Somebody"], "description": "",
              "room": {"capacity": \(capacity)}, "dates": [\(dateTexts.joined(separator: ","))]}]}
            """.utf8)
    }
}

/// Log lines, kept for a test to look through.
final class LogLines: @unchecked Sendable {
    private let lock = NSLock()
    private var lines: [String] = []

    var all: [String] { lock.withLock { lines } }
    func handler() -> some LogHandler { Handler(lines: self) }

    private func note(_ line: String) { lock.withLock { lines.append(line) } }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            let more = (event.metadata ?? [:]).map { "\($0)=\($1)" }.sorted().joined(separator: " ")
            lines.note("\(event.level) \(event.message) \(more)")
        }
    }
}
