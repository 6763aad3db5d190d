// How a concert's waiting room works, as far as a concert file says so. The ranges are those in which an operator may
// set the same policies (spec/messages.md, SetRoom).

extension ConcertFile {
    /// Policies of a waiting room; nil leaves one as it is, or to the server when the concert is new.
    public struct Room: Hashable, Sendable {
        /// How many active tokens it has at once.
        public let capacity: UInt32?
        /// How many it lets in per minute, evenly; 0: no limit.
        public let admissionsPerMinute: UInt32?
        /// How long a token is active, in seconds.
        public let activeSeconds: UInt32?
        /// How long an active token may be without a look at the seats or a hold, in seconds; 0: no limit.
        public let idleSeconds: UInt32?
        /// How long a member who was called while away is admitted next, in seconds.
        public let callWindowSeconds: UInt32?
        /// When it opens, if that is later than the first sale of the concert. Microseconds since 1970 UTC.
        public let opensAt: Int64?

        /// A room with these policies.
        public init(
            capacity: UInt32? = nil, admissionsPerMinute: UInt32? = nil, activeSeconds: UInt32? = nil,
            idleSeconds: UInt32? = nil, callWindowSeconds: UInt32? = nil, opensAt: Int64? = nil
        ) {
            self.capacity = capacity
            self.admissionsPerMinute = admissionsPerMinute
            self.activeSeconds = activeSeconds
            self.idleSeconds = idleSeconds
            self.callWindowSeconds = callWindowSeconds
            self.opensAt = opensAt
        }
    }
}

extension FieldRule where Value == ConcertFile.Room {
    static var room: Self {
        Self { value throws(CatalogueRefusal) in
            let fields = try JSONFields(value)
            let room = ConcertFile.Room(
                capacity: try fields.optional("capacity", .integer(0...1_000_000)).map(UInt32.init),
                admissionsPerMinute: try fields.optional("admissionsPerMinute", .integer(0...600_000))
                    .map(UInt32.init),
                activeSeconds: try fields.optional("activeSeconds", .integer(10...86_400)).map(UInt32.init),
                idleSeconds: try fields.optional("idleSeconds", .idleSeconds).map(UInt32.init),
                callWindowSeconds: try fields.optional("callWindowSeconds", .integer(0...86_400)).map(UInt32.init),
                opensAt: try fields.optional("opensAt", .instant))
            try fields.refuseOthers(
                than: [
                    "capacity", "admissionsPerMinute", "activeSeconds", "idleSeconds", "callWindowSeconds", "opensAt",
                ])
            return room
        }
    }
}

extension FieldRule where Value == Int64 {
    fileprivate static var idleSeconds: Self {
        Self { value throws(CatalogueRefusal) in
            let seconds = try integer(0...86_400).read(value)
            guard !(1..<10).contains(seconds) else {
                throw CatalogueRefusal("must be 0 or from 10 to 86400, not \(seconds)")
            }
            return seconds
        }
    }
}

extension ConcertFile.Room {
    /// What it sets, as members of a file.
    func members(instant: (Int64) -> JSONValue) -> [JSONMember] {
        var members = [
            ("capacity", capacity), ("admissionsPerMinute", admissionsPerMinute), ("activeSeconds", activeSeconds),
            ("idleSeconds", idleSeconds), ("callWindowSeconds", callWindowSeconds),
        ].compactMap { name, value in value.map { JSONMember(name, .integer(Int64($0))) } }
        if let opensAt { members.append(JSONMember("opensAt", instant(opensAt))) }
        return members
    }
}
