// The conversation with the server as a pure state machine: what happened goes in with the time, actions come out
// (spec/session.md is the contract).
//
//     idle ──runStarted──▶ opening ──connectionOpened──▶ greeting ──welcome──▶ loggingIn ──▶ ready
//                             ▲                             │         │ (guest, or resumed)    ▲ │
//                             │                             │         └────────────────────────┘ │goAway
//                             │pause over                   │ lost                               ▼
//                          waiting ◀────────────────────────┴───────────────────────────────── leaving
//
//     closeRequested: any ──▶ closing ──flushed──▶ closed.      A fatal refusal: any ──▶ closed.
//
// Calls, notices, places and seat maps have their own tables; they outlive connections, and each new one takes them up
// again. Nothing here reads a clock, a socket or a random source: a test plays weeks of it in no time.

struct ClientSession: Sendable {
    enum Phase: Sendable {
        case idle
        case waiting
        case opening(ConnectionID)
        case greeting(ConnectionID)
        case loggingIn(ConnectionID)
        case ready(ConnectionID)
        case leaving(ConnectionID, Departure)
        case closing(ConnectionID)
        case closed(BoxOfficeError?)
    }

    /// What follows when the server has finished with a connection it told us to leave.
    struct Departure: Sendable {
        var why: BoxOfficeError
        var comeBackAfter: Duration?
        var isFatal = false
    }

    /// A drain may take the server a while; then we leave by ourselves.
    static let leavingSeconds = 15
    /// A connection that lived so long has worked, even if nothing was asked on it.
    static let stableSeconds = 5
    /// Connections in a row that ended because one side does not keep to the protocol: no further one will do better.
    static let faultsMax = 8

    let configuration: ClientConfiguration
    let instance: UInt64

    var phase: Phase = .idle
    var phaseDeadline: Moment?
    /// When to ask for the login again, after the server was too busy for it.
    var loginDue: Moment?
    var loginAttempts = 0
    /// Why it was too busy, or what was too much.
    var loginRefusal: BoxOfficeError?
    /// When a guest who has asked for nothing asks for something: servers keep nobody who never does.
    var guestSpeaksAt: Moment?
    var connectedAt: Moment?
    var lastSentAt: Moment?
    var lastReceivedAt: Moment?
    var pings: UInt64 = 0

    var credentials: Credentials
    var account: Account?
    var token: SessionToken?
    var deployment: DeploymentID?
    var limits: ServerLimits?
    var features: UInt64 = 0
    var clock: ServerClock?
    var backoff: Backoff
    var random: SeededGenerator
    var state: ConnectionState?
    /// Rises with each change of `state`.
    var stateVersion: UInt64 = 0
    var hasConnected = false
    var faults = 0

    var calls = CallTable()
    var notices = NoticeInbox()
    var places = PlaceBook()
    var maps = SeatMapBook()

    private var waiters: [Subject: [WaiterID]] = [:]
    private var lastID: UInt64 = 0
    private var actions: [Action] = []

    init(_ configuration: ClientConfiguration, seed: UInt64) {
        self.configuration = configuration
        random = SeededGenerator(seed: seed)
        instance = random.next()
        credentials = configuration.credentials
        deployment = configuration.deployment
        backoff = Backoff(shortest: configuration.backoffMin, longest: configuration.backoffMax)
        if case .session(let token) = configuration.credentials { self.token = token }
    }

    // MARK: Actions

    /// What the events so far have led to. Taken after each event.
    mutating func takeActions() -> [Action] {
        defer { actions = [] }
        return actions
    }

    mutating func act(_ action: Action) { actions.append(action) }

    mutating func send(_ frame: [UInt8], on connection: ConnectionID, at now: Moment) {
        lastSentAt = now
        act(.send(frame, connection))
    }

    mutating func answer(_ call: Call, _ result: Result<Reply, BoxOfficeError>) {
        if call.isAwaited { act(.answer(call.id, result)) }
    }

    /// The server answers: what went wrong before does not count any more.
    mutating func madeProgress() {
        backoff.reset()
        faults = 0
    }

    mutating func makeID() -> UInt64 {
        lastID += 1
        return lastID
    }

    // MARK: Waiters

    /// Sleeps until there is news about `subject`.
    mutating func waits(_ waiter: WaiterID, for subject: Subject) { waiters[subject, default: []].append(waiter) }

    /// Wakes one of them, without news.
    mutating func wake(_ waiter: WaiterID, from subject: Subject) {
        guard let index = waiters[subject]?.firstIndex(of: waiter) else { return }
        waiters[subject]?.remove(at: index)
        if waiters[subject]?.isEmpty == true { waiters[subject] = nil }
        act(.wake([waiter]))
    }

    mutating func news(about subject: Subject) {
        if let sleeping = waiters.removeValue(forKey: subject) { act(.wake(sleeping)) }
    }

    mutating func newsAboutEverything() {
        for subject in waiters.keys { news(about: subject) }
    }

    // MARK: What can be seen from outside

    var isClosed: Bool {
        if case .closed = phase { true } else { false }
    }

    /// The connection that frames may come from.
    var connection: ConnectionID? {
        switch phase {
        case .opening(let id), .greeting(let id), .loggingIn(let id), .ready(let id), .leaving(let id, _),
            .closing(let id):
            id
        case .idle, .waiting, .closed: nil
        }
    }

    var ready: ConnectionID? {
        if case .ready(let id) = phase { id } else { nil }
    }

    mutating func tell(_ state: ConnectionState) {
        self.state = state
        stateVersion += 1
        news(about: .connection)
    }
}
