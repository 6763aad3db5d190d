import BoxOfficeEngine
import BoxOfficeProtocol

/// Which connections a member, a session or a room has. On the engine's queue.
struct Router {
    private var byMember: [MemberID: Few<Link>] = [:]
    private var bySession: [SessionID: Few<Link>] = [:]
    private var watchersByRoom: [ConcertID: [Link]] = [:]

    /// Members with at least one connection.
    var memberCount: Int { byMember.count }

    /// All of them.
    var links: [Link] { byMember.values.flatMap { Array($0) } }
    func links(of member: MemberID) -> Few<Link> { byMember[member] ?? Few() }
    func links(of session: SessionID) -> Few<Link> { bySession[session] ?? Few() }
    func watchers(of room: ConcertID) -> [Link] { watchersByRoom[room] ?? [] }

    mutating func add(_ link: Link) {
        link.isRouted = true
        byMember[link.member, default: Few()].append(link)
        bySession[link.session, default: Few()].append(link)
    }

    /// Also when it was never added, or is gone already.
    mutating func remove(_ link: Link) {
        guard link.isRouted else { return }
        link.isRouted = false
        Self.remove(link, from: &byMember, at: link.member)
        Self.remove(link, from: &bySession, at: link.session)
        for room in link.watches.rooms { unwatch(room, by: link) }
        link.feed = nil
    }

    /// The connection was told its member's place, and is told when it moves.
    mutating func watch(_ room: ConcertID, by link: Link, told: ToldPlace) {
        if link.watches[room] != nil {
            link.watches[room]!.told = told
        } else {
            let index = watchersByRoom[room]?.count ?? 0
            watchersByRoom[room, default: []].append(link)
            link.watches[room] = RoomWatch(room: room, index: UInt32(index), told: told)
        }
    }

    /// The last watcher takes the place of the one that goes.
    private mutating func unwatch(_ room: ConcertID, by link: Link) {
        guard let index = link.watches[room]?.index, let last = watchersByRoom[room]?.popLast() else { return }
        link.watches[room] = nil
        if last !== link {
            watchersByRoom[room]![Int(index)] = last
            last.watches[room]!.index = index
        }
        if watchersByRoom[room]!.isEmpty { watchersByRoom[room] = nil }
    }

    private static func remove<Key: Hashable>(_ link: Link, from table: inout [Key: Few<Link>], at key: Key) {
        table[key]?.removeAll { $0 === link }
        if table[key]?.isEmpty == true { table[key] = nil }
    }
}
