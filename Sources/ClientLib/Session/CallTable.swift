// Where every call is:
//
//     add ──▶ queued ──begin──▶ in flight ──answered──▶ gone
//               ▲                  │   │
//               │◀──connectionLost─┘   └──rest──▶ resting ──due──▶ queued
//
// A call that is forgotten while in flight leaves its number behind: the server still answers it, and until then it
// counts against the limit of requests in flight.

struct CallTable: Sendable {
    /// Callers that wait beyond this are refused with `busy`: it bounds what a client keeps in memory.
    static let callsMax = 4096

    private var calls: [CallID: Call] = [:]
    private var queue: [CallID] = []
    private var queueHead = 0
    private var inFlight: [UInt64: CallID?] = [:]
    private var numbers: [CallID: UInt64] = [:]
    private var resting: [CallID: Moment] = [:]
    private var lastNumber: UInt64 = 0

    /// No later than the next moment at which `takeDue` has something to do.
    private(set) var nextDue: Moment?

    var count: Int { calls.count }
    var inFlightCount: Int { inFlight.count }
    /// Whether anything was asked on this connection.
    var hasAsked: Bool { lastNumber > 0 }

    mutating func add(_ call: Call) {
        calls[call.id] = call
        queue.append(call.id)
        note(call.deadline)
    }

    /// The call at the front of the queue, without taking it.
    mutating func front() -> Call? {
        while queueHead < queue.count {
            if let call = calls[queue[queueHead]] { return call }
            dropFront()  // It was forgotten while it waited.
        }
        return nil
    }

    mutating func dropFront() {
        queueHead += 1
        // Moves the rest down once for many calls, not once for each.
        if queueHead == queue.count || queueHead >= 1024 {
            queue.removeFirst(queueHead)
            queueHead = 0
        }
    }

    /// Gives the call its number on this connection.
    mutating func begin(_ call: Call) -> UInt64 {
        lastNumber += 1
        calls[call.id] = call
        inFlight[lastNumber] = call.id
        numbers[call.id] = lastNumber
        note(call.deadline)
        return lastNumber
    }

    enum Answered {
        case call(Call)
        /// To a request that nobody waits for any more.
        case forgotten
        /// To a request that was never made.
        case unknown
    }

    /// The request with this number is answered: its call is taken out.
    mutating func answered(_ number: UInt64) -> Answered {
        guard let entry = inFlight.removeValue(forKey: number) else { return .unknown }
        guard let id = entry, let call = calls.removeValue(forKey: id) else { return .forgotten }
        numbers[id] = nil
        return .call(call)
    }

    /// Queues a call again once `moment` has come.
    mutating func rest(_ call: Call, until moment: Moment) {
        calls[call.id] = call
        resting[call.id] = moment
        note(min(moment, call.deadline))
    }

    /// Queues a call again, in its old place.
    mutating func requeue(_ call: Call) {
        calls[call.id] = call
        requeue([call.id])
        note(call.deadline)
    }

    private mutating func requeue(_ ids: [CallID]) {
        queue = (ids + queue[queueHead...]).sorted()
        queueHead = 0
    }

    /// Takes a call out. The number is that of the request in flight, if there is one: the server may be told.
    mutating func forget(_ id: CallID) -> (call: Call, number: UInt64?)? {
        guard let call = calls.removeValue(forKey: id) else { return nil }
        resting[id] = nil
        let number = numbers.removeValue(forKey: id)
        if let number { inFlight[number] = .some(nil) }
        return (call, number)
    }

    /// Takes out the calls of an owner, none of which is in flight.
    mutating func take(ownedBy owner: Call.Owner) -> [Call] {
        let taken = calls.values.filter { $0.owner == owner }.sorted { $0.id < $1.id }
        return taken.compactMap { forget($0.id)?.call }
    }

    /// The connection is gone, or takes no request after `lastTaken`: those go back into the queue, to be asked again
    /// under the same keys. Returns the calls that cannot be.
    mutating func connectionLost(after lastTaken: UInt64? = nil) -> [Call] {
        var ended: [Call] = []
        var again: [CallID] = []
        for (number, id) in inFlight where number > lastTaken ?? 0 {
            inFlight[number] = nil
            guard let id, var call = calls[id] else { continue }
            numbers[id] = nil
            if call.bindsToConnection || !call.isAwaited {
                calls[id] = nil
                ended.append(call)
            } else {
                // What the server says it did not take, it did not carry out.
                if lastTaken == nil { call.mayHaveBeenExecuted = true }
                calls[id] = call
                again.append(id)
            }
        }
        // The session asks for its own things anew on each connection.
        for (id, call) in calls where !call.isAwaited && numbers[id] == nil {
            calls[id] = nil
            resting[id] = nil
        }
        requeue(again)
        if lastTaken == nil { lastNumber = 0 }
        return ended
    }

    /// Queues what has rested long enough and returns the calls whose time is up; a number means that it is in flight.
    mutating func takeDue(at now: Moment) -> [(call: Call, number: UInt64?)] {
        guard let nextDue, nextDue <= now else { return [] }
        var expired: [(call: Call, number: UInt64?)] = []
        self.nextDue = nil
        for (id, call) in calls {
            if call.deadline <= now {
                if let entry = forget(id) { expired.append(entry) }
                continue
            }
            note(call.deadline)
            guard let until = resting[id] else { continue }
            if until <= now {
                resting[id] = nil
                queue.append(id)
            } else {
                note(until)
            }
        }
        return expired.sorted { $0.call.id < $1.call.id }
    }

    /// Takes out everything; a call that is in flight may have been carried out.
    mutating func takeAll() -> [(call: Call, isInFlight: Bool)] {
        let all = calls.values.sorted { $0.id < $1.id }.map { (call: $0, isInFlight: numbers[$0.id] != nil) }
        self = CallTable()
        return all
    }

    private mutating func note(_ moment: Moment) {
        if moment < nextDue ?? moment + .seconds(1) { nextDue = moment }
    }
}
