import BoxOfficeProtocol

// A retry never acts twice (docs/domain.md, Rules; spec/session.md, Operation keys).

extension Engine {
    /// What the command's operation key says: the stored answer of the operation when it was done before, a refusal when
    /// the key cannot be used, nil when it is new. Asked before work that a retry need not repeat, such as hashing.
    public func settled(_ command: Command, at now: Instant) -> Reply? {
        guard let key = command.action.operation else { return nil }
        guard let stampedAt = key.stampedAt else { return .refused(Refusal(.badOperationKey, now: now)) }
        if let known = operations.known(key, of: owner(of: command)) {
            guard known.opcode == command.action.opcode, known.digest == command.digest else {
                return .refused(Refusal(.operationReused))
            }
            guard let response = firstResponse(known.opcode, known.result, at: known.at) else {
                // Only a damaged file has this; what the operation did can still be looked up.
                return .refused(Refusal(.operationExpired, "The stored result cannot be read."))
            }
            return .response(response.refreshed(at: now), replayed: true)
        }
        if stampedAt < operationFloor { return .refused(Refusal(.operationExpired)) }
        if stampedAt > now + .seconds(configuration.operationAheadSeconds) {
            return .refused(Refusal(.badOperationKey, "The operation key is stamped too far ahead.", now: now))
        }
        return nil
    }

    /// Keeps the result of what was just done, in the transaction of its effects.
    mutating func record(
        _ key: OperationKey, of command: Command, response: Response, at now: Instant, into effects: inout Effects
    ) {
        let row = OperationRow(
            id: identifiers.operation, owner: owner(of: command), key: key, opcode: command.action.opcode,
            digest: command.digest, result: result(of: response, to: command.action.opcode), at: now)
        emit(.operation(row), into: &effects)
    }

    /// What is kept of a response: its body; of a hold, which reservation it made.
    private func result(of response: Response, to opcode: Opcode) -> OperationResult {
        if opcode == .hold, case .reservationState(let state) = response {
            return .hold(state.reservation.reservation)
        }
        var writer = WireWriter(reserving: 128)
        response.encode(into: &writer)
        // Kept for a day: without what the writer had in reserve.
        return .response(writer.bytes.withUnsafeBufferPointer { Array($0) })
    }

    /// The answer that an operation was given at that instant, of what is kept of it; nil when it cannot be read.
    func firstResponse(_ opcode: Opcode, _ result: OperationResult, at instant: Instant) -> Response? {
        switch result {
        case .hold(let reservation):
            reservations[reservation].map { .reservationState(state(of: $0.asHeld, at: instant)) }
        case .response(let body): try? Response.decode(opcode, body: body.span)
        }
    }

    /// Keys belong to a member; at sign-up there is none yet, so they belong to the name.
    private func owner(of command: Command) -> OperationOwner {
        if case .signUp(_, let nameKey, _) = command.action { return .name(nameKey) }
        return command.actor.member.map { .member($0) } ?? .local
    }

    /// Moves the floor forward and forgets what is below it. A row is older than the floor by more than a key may be
    /// stamped ahead, so no key above the floor loses its row.
    mutating func pruneOperations(at now: Instant, into effects: inout Effects) {
        let floor = now + -.seconds(configuration.operationBehindSeconds)
        guard floor > operationFloor else { return }
        let before = floor + -.seconds(configuration.operationAheadSeconds)
        let through = operations.last(before: before) ?? operationsPrunedThrough
        emit(.operationsPruned(floor: floor, throughRow: through), into: &effects)
    }
}

extension Response {
    /// The first answer, with now and remaining times filled in freshly.
    func refreshed(at now: Instant) -> Response {
        switch self {
        case .reservationState(var state):
            state.now = now
            state.remainingMilliseconds =
                state.reservation.status == .held ? (state.reservation.expiresAt - now).remainingMilliseconds : 0
            return .reservationState(state)
        case .place(var place):
            place.now = now
            return .place(place)
        default: return self
        }
    }
}
