/// A server, members who are connected to it, and whoever runs it, at the socket in its directory.
final class Gathering {
    let server: ServerProcess
    let crowd: Crowd
    let desk: Crowd
    private let directory: TemporaryDirectory

    /// Everybody comes back to a session.
    init(members: Int, shards: Int) throws {
        directory = try TemporaryDirectory()
        let sessions = try FilledDirectory.fill(directory.path, members: members)
        server = try ServerProcess(directory: directory.path)
        crowd = try Crowd(of: sessions, at: server.address, shards: shards)
        desk = try Crowd(deskOf: directory.path)
        try desk.connect()
        try crowd.connect()
    }

    /// Everybody leaves, and the server ends.
    func end() {
        desk.leave()
        crowd.leave()
        server.stop()
    }
}
