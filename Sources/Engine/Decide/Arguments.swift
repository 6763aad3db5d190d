import BoxOfficeProtocol

// What can be said of a request without knowing anything else: the first step of precedence (spec/refusals.md).

extension Command.Action {
    /// Why the arguments cannot be; nil when they can.
    var argumentRefusal: Refusal? {
        if case .request(let request) = self { request.argumentRefusal } else { nil }
    }

    /// Which request this came from.
    var opcode: Opcode {
        switch self {
        case .request(let request): request.opcode
        case .signUp: .signUp
        case .changePassword: .changePassword
        case .setPassword: .setPassword
        case .makeOperator: .makeOperator
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
        case .importPlan(let key, _, _), .importConcerts(let key, _): key
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
        case .setRoom(let set): set.argumentRefusal
        default: nil
        }
    }

    private func seatsRefusal(_ seats: [SeatIndex], max: Int) -> Refusal? {
        guard (1...max).contains(seats.count) else { return Refusal(.badRequest, "1 to \(max) seats.", path: "seats") }
        guard Set(seats).count == seats.count else {
            let twice = Dictionary(grouping: seats) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
            return Refusal(.badRequest, "The same seat twice.", seats: twice, path: "seats")
        }
        return nil
    }

    private func limitRefusal(_ limit: UInt16) -> Refusal? {
        (1...WireLimits.pageItemsMax).contains(Int(limit))
            ? nil : Refusal(.badRequest, "1 to \(WireLimits.pageItemsMax) items in a page.", path: "limit")
    }
}

extension SetRoom {
    /// Bounds of a room's settings.
    public static let capacityMax: UInt32 = 1_000_000
    /// Bounds of active time, seconds.
    public static let activeSecondsRange: ClosedRange<UInt32> = 10...86_400
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
        return nil
    }
}

extension Refusal: Error {}
