import ArgumentParser
import BoxOfficeServer

/// How many connections there may be, from whom, and how long they may take (docs/operations.md, Limits).
struct ConnectionOptions: ParsableArguments {
    private static let limits = Limits()

    @Option(help: "Connections at most. (default: the limit of open files less 64)")
    var connections: Int?
    @Option(help: ArgumentHelp("Connections from one address, or “off”.", valueName: "count"))
    var connectionsPerAddress = CountOption(limits.connectionsPerAddress)
    @Option(help: ArgumentHelp("Those of them that are not logged in.", valueName: "count"))
    var guestsPerAddress = CountOption(limits.guestsPerAddress)
    @Option(help: ArgumentHelp("New connections from one address.", valueName: "burst/interval"))
    var newPerAddress = RateOption(limits.newPerAddress)
    @Option(help: "Connections that have asked for nothing yet: from so many on a new one may drop one of them.")
    var strangersFrom: Int = limits.strangersFrom
    @Option(help: "There are never more of them than this.")
    var strangers: Int = limits.strangersMax
    @Option(help: "From accept to a login, a resumed session or the first request.")
    var handshakeSeconds: Double = 10
    @Option(help: "From the first byte of a frame to its last.")
    var frameSeconds: Double = limits.frameSeconds
    @Option(help: "Who takes nothing of what waits to be read for so long is sent away.")
    var slowReaderSeconds: Double = 10
    @Option(help: "Who has sent nothing for so long is pinged; silence of 1.5 times this ends a connection.")
    var keepaliveSeconds: UInt32 = 30

    func apply(to configuration: inout ServerConfiguration) {
        configuration.connectionsMax = connections
        configuration.limits.connectionsPerAddress = connectionsPerAddress.count
        configuration.limits.guestsPerAddress = guestsPerAddress.count
        configuration.limits.newPerAddress = newPerAddress.limit
        configuration.limits.strangersFrom = min(strangersFrom, strangers)
        configuration.limits.strangersMax = strangers
        configuration.handshakeSeconds = handshakeSeconds
        configuration.limits.frameSeconds = frameSeconds
        configuration.slowReaderSeconds = slowReaderSeconds
        configuration.keepaliveSeconds = keepaliveSeconds
    }
}

/// What one connection may ask, and how much memory all of them may take.
struct RequestOptions: ParsableArguments {
    private static let limits = Limits()

    @Option(help: ArgumentHelp("Requests on one connection, or “off”.", valueName: "burst/interval"))
    var requestsPerConnection = RateOption(limits.requestsPerConnection)
    @Option(help: ArgumentHelp("Frames on one connection; those beyond are read later.", valueName: "burst/interval"))
    var framesPerConnection = RateOption(limits.framesPerConnection)
    @Option(help: ArgumentHelp("The same before login.", valueName: "burst/interval"))
    var framesBeforeLogin = RateOption(limits.framesBeforeLogin)
    @Option(help: "Requests without an answer on one connection, 1 to 64.")
    var requestsInFlight: Int = limits.requestsInFlightMax
    @Option(help: "Unread bytes above which a connection gets updates only.")
    var outboxSoftBytes: Int = limits.outboxSoftBytes
    @Option(help: "Unread bytes that a connection is ended for.")
    var outboxHardBytes: Int = limits.outboxHardBytes
    @Option(help: "Unread bytes of all connections together; the largest go first.")
    var outboxesBytes: Int = limits.outboxesBytes
    @Option(help: "Bytes of all uploads together.")
    var uploadsBytes: Int = limits.uploadsBytes

    func apply(to limits: inout Limits) {
        limits.requestsPerConnection = requestsPerConnection.limit
        limits.framesPerConnection = framesPerConnection.limit
        limits.framesBeforeLogin = framesBeforeLogin.limit
        limits.requestsInFlightMax = requestsInFlight
        limits.outboxSoftBytes = outboxSoftBytes
        limits.outboxHardBytes = outboxHardBytes
        limits.outboxesBytes = outboxesBytes
        limits.uploadsBytes = uploadsBytes
    }
}

/// Logins, passwords and sessions.
struct LoginOptions: ParsableArguments {
    private static let limits = Limits()

    @Option(help: ArgumentHelp("Failed logins on one connection, or “off”.", valueName: "count"))
    var loginFailuresPerConnection = CountOption(limits.loginFailuresPerConnection)
    @Option(help: ArgumentHelp("Failed logins of one account; from then on pauses double.", valueName: "count"))
    var loginFailuresPerAccount = CountOption(limits.loginFailuresPerAccount)
    @Option(help: "How long the first of those pauses is.")
    var loginPauseSeconds: Double = limits.loginPauseSeconds
    @Option(help: ArgumentHelp("Failed logins from one address.", valueName: "burst/interval"))
    var loginFailuresPerAddress = RateOption(limits.loginFailuresPerAddress)
    @Option(help: "Passwords hashed at once, 19 MiB each.")
    var passwordsAtOnce: Int = limits.passwordsAtOnce
    @Option(help: "Passwords that wait to be hashed.")
    var passwordsWaiting: Int = limits.passwordsWaitingMax
    @Option(help: "A session unused for so long ends.")
    var sessionIdleSeconds: UInt32 = 86_400
    @Option(help: "A session ends so long after its login.")
    var sessionSeconds: UInt32 = 2_592_000
    @Option(help: "Sessions of one member; one more ends the one unused the longest.")
    var sessionsPerMember: UInt32 = 8

    func apply(to configuration: inout ServerConfiguration) {
        configuration.limits.loginFailuresPerConnection = loginFailuresPerConnection.count
        configuration.limits.loginFailuresPerAccount = loginFailuresPerAccount.count
        configuration.limits.loginPauseSeconds = loginPauseSeconds
        configuration.limits.loginFailuresPerAddress = loginFailuresPerAddress.limit
        configuration.limits.passwordsAtOnce = passwordsAtOnce
        configuration.limits.passwordsWaitingMax = passwordsWaiting
        configuration.sessionIdleSeconds = sessionIdleSeconds
        configuration.sessionSeconds = sessionSeconds
        configuration.sessionsPerMemberMax = sessionsPerMember
    }
}

/// A count, or `off`.
struct CountOption: ExpressibleByArgument {
    var count: Int?

    init(_ count: Int?) { self.count = count }

    init?(argument: String) {
        count = Int(argument)
        guard count != nil || argument == "off" else { return nil }
    }

    var defaultValueDescription: String { count.map { "\($0)" } ?? "off" }
}
