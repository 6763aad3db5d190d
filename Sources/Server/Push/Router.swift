import BoxOfficeProtocol

/// Which connections a member, a session or a room has. On the engine's queue.
struct Router {
    private(set) var links: [UInt64: Link] = [:]
    private var byMember: [MemberID: [Link]] = [:]
    private var bySession: [SessionID: [Link]] = [:]
    private var watchersByRoom: [ConcertID: [UInt64: Link]] = [:]

    /// Members with at least one connection.
    var memberCount: Int { byMember.count }

    func links(of member: MemberID) -> [Link] { byMember[member] ?? [] }
    func links(of session: SessionID) -> [Link] { bySession[session] ?? [] }
    func watchers(of room: ConcertID) -> some Collection<Link> { (watchersByRoom[room] ?? [:]).values }

    mutating func add(_ link: Link) {
        links[link.connection.id] = link
        byMember[link.member, default: []].append(link)
        bySession[link.session, default: []].append(link)
    }

    /// Also when it was never added, or is gone already.
    mutating func remove(_ link: Link) {
        guard links[link.connection.id] === link else { return }
        links[link.connection.id] = nil
        Self.remove(link, from: &byMember, at: link.member)
        Self.remove(link, from: &bySession, at: link.session)
        for room in link.places.keys {
            watchersByRoom[room]?[link.connection.id] = nil
            if watchersByRoom[room]?.isEmpty == true { watchersByRoom[room] = nil }
        }
        link.feed = nil
        link.places = [:]
    }

    mutating func watch(_ room: ConcertID, by link: Link, told place: Place) {
        link.places[room] = place
        watchersByRoom[room, default: [:]][link.connection.id] = link
    }

    private static func remove<Key: Hashable>(_ link: Link, from table: inout [Key: [Link]], at key: Key) {
        table[key]?.removeAll { $0 === link }
        if table[key]?.isEmpty == true { table[key] = nil }
    }
}
