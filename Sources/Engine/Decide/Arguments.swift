import BoxOfficeProtocol

// What can be said of a request without knowing anything else: the first step of precedence (spec/refusals.md).

extension Command.Action {
    /// Why the arguments cannot be; nil when they can.
    var argumentRefusal: Refusal? {
        switch self {
        case .request(let request): request.argumentRefusal
        case .removeMember(let request, _): Request.removeMember(request).argumentRefusal
        case .allowMember(let request, _): Request.allowMember(request).argumentRefusal
        case .makeRehearsalMembers(let request, _): Request.makeRehearsalMembers(request).argumentRefusal
        default: nil
        }
    }

    /// Which request this came from.
    var opcode: Opcode {
        switch self {
        case .request(let request): request.opcode
        case .signUp: .signUp
        case .changePassword: .changePassword
        case .setPassword: .setPassword
        case .makeOperator: .makeOperator
        case .removeMember: .removeMember
        case .allowMember: .allowMember
        case .makeRehearsalMembers: .makeRehearsalMembers
        case .importPlan, .importConcerts: .commitUpload
        }
    }

    /// The operation key of what changes something.
    var operation: OperationKey? {
        switch self {
        case .request(let request): request.operation
        case .signUp(let request, _, _): request.operation
        case .changePassword(let request, _, _): request.operation
        case .setPassword(let request, _, _): request.operation
        case .makeOperator(let request, _, _): request.operation
        case .removeMember(let request, _): request.operation
        case .allowMember(let request, _): request.operation
        case .importPlan(let key, _, _), .importConcerts(let key, _): key
        case .makeRehearsalMembers: nil
        }
    }
}

extension Request {
    /// Why the arguments cannot be, whoever asks; nil when they can.
    public var argumentRefusal: Refusal? {
        switch self {
        case .hold(let hold): seatsRefusal(hold.seats, max: WireLimits.holdSeatsMax)
        case .blockSeats(let block): seatsRefusal(block.seats, max: WireLimits.blockSeatsMax)
        case .unblockSeats(let unblock): seatsRefusal(unblock.seats, max: WireLimits.blockSeatsMax)
        case .findSeats(let find):
            (1...WireLimits.labelsMax).contains(find.labels.count)
                ? nil : Refusal(.badRequest, "1 to \(WireLimits.labelsMax) names of seats.", path: "labels")
        case .getConcerts(let get): limitRefusal(get.limit)
        case .getLedger(let get): limitRefusal(get.limit)
        case .getReservations(let get): limitRefusal(get.limit)
        case .getPayments(let get): limitRefusal(get.limit)
        case .getRoomChanges(let get): limitRefusal(get.limit)
        case .setRoom(let set): set.argumentRefusal
        case .makeRehearsalMembers(let make):
            1...WireLimits.rehearsalMembersMax ~= Int(make.count)
                ? nil : Refusal(.badRequest, "1 to \(WireLimits.rehearsalMembersMax) members.", path: "count")
        case .removeMember(let remove): reasonRefusal(remove.reason)
        case .allowMember(let allow): reasonRefusal(allow.reason)
        default: nil
        }
    }

    private func seatsRefusal(_ seats: [SeatIndex], max: Int) -> Refusal? {
        guard (1...max).contains(seats.count) else { return Refusal(.badRequest, "1 to \(max) seats.", path: "seats") }
        guard seats.count == 1 || Set(seats).count == seats.count else {
            let twice = Dictionary(grouping: seats) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
            return Refusal(.badRequest, "The same seat twice.", seats: twice, path: "seats")
        }
        return nil
    }

    private func reasonRefusal(_ reason: String) -> Refusal? {
        reason.isEmpty || !reason.fitsRoom
            ? Refusal(.badRequest, "A reason has \(String.roomTextRule).", path: "reason") : nil
    }

    private func limitRefusal(_ limit: UInt16) -> Refusal? {
        (1...WireLimits.pageItemsMax).contains(Int(limit))
            ? nil : Refusal(.badRequest, "1 to \(WireLimits.pageItemsMax) items in a page.", path: "limit")
    }
}

extension SetRoom {
    /// Bounds of a room's settings.
    public static let capacityMax: UInt32 = 1_000_000
    /// The fastest pace.
    public static let admissionsPerMinuteMax: UInt32 = 600_000
    /// Bounds of active time, seconds.
    public static let activeSecondsRange: ClosedRange<UInt32> = 10...86_400
    /// Bounds of idle time where it is limited, seconds.
    public static let idleSecondsRange: ClosedRange<UInt32> = 10...86_400
    /// The longest call window, seconds.
    public static let callWindowSecondsMax: UInt32 = 86_400

    fileprivate var argumentRefusal: Refusal? {
        if let mode, case .unknown = mode { return Refusal(.badRequest, "Unknown mode.", path: "mode") }
        if let capacity, capacity > Self.capacityMax {
            return Refusal(.badRequest, "At most \(Self.capacityMax) active tokens.", path: "capacity")
        }
        if let activeSeconds, !Self.activeSecondsRange.contains(activeSeconds) {
            return Refusal(.badRequest, "Active time is 10 to 86,400 seconds.", path: "activeSeconds")
        }
        if let callWindowSeconds, callWindowSeconds > Self.callWindowSecondsMax {
            return Refusal(.badRequest, "A call window is at most 86,400 seconds.", path: "callWindowSeconds")
        }
        if let admissionsPerMinute, admissionsPerMinute > Self.admissionsPerMinuteMax {
            return Refusal(.badRequest, "At most 600,000 admissions per minute.", path: "admissionsPerMinute")
        }
        if let idleSeconds, idleSeconds != 0, !Self.idleSecondsRange.contains(idleSeconds) {
            return Refusal(.badRequest, "Idle time is 10 to 86,400 seconds, or 0.", path: "idleSeconds")
        }
        if let message, !message.fitsRoom {
            return Refusal(.badRequest, "A message has \(String.roomTextRule).", path: "message")
        }
        return nil
    }
}

extension String {
    fileprivate static let roomTextRule = "at most \(WireLimits.roomTextBytesMax) bytes and no control characters"

    /// Fit to be told to members: not too long, and nothing that a terminal would obey.
    fileprivate var fitsRoom: Bool {
        utf8.count <= WireLimits.roomTextBytesMax
            && !unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}

extension Refusal: Error {}
