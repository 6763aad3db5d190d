import BoxOfficeEngine
import BoxOfficeProtocol
import Logging

/// What a server is told at its start. Every field but the directory has the default of docs/operations.md.
public struct ServerConfiguration: Sendable {
    /// Where the data file, its lock and the socket for administration are. Made when it is not there.
    public var dataDirectory: String
    /// Where to listen, as `HOST:PORT` or `[IPV6]:PORT`; numeric hosts only, port 0 picks a free one. Empty: the
    /// socket for administration only.
    public var listen: [String] = ["127.0.0.1:7480"]
    /// Listen without TLS on addresses that other machines reach: passwords and points then travel in the clear.
    public var allowsPlaintext = false
    /// Where to listen with TLS, as `listen`. Empty: nowhere.
    public var tlsListen: [String] = []
    /// The PEM file with the server's certificate, then those that lead to a root; needed to listen with TLS.
    public var tlsCertificate: String?
    /// The PEM file with its private key, which not everybody on the machine may read.
    public var tlsKey: String?
    /// From accept to the end of the TLS handshake, seconds.
    public var tlsHandshakeSeconds: Double = 5
    /// Puts the demo catalogue, with its sales open, into a file that has no concerts and no plans.
    public var importsDemo = false
    /// Nothing that is sold here is real: members may be made by the thousand (docs/rehearsal.md). Only for a directory
    /// that is new or a rehearsal already.
    public var isRehearsal = false

    /// How long a hold lasts, seconds.
    public var holdSeconds: UInt32 = 300
    /// How long before its end a hold is announced to end, seconds.
    public var holdWarningSeconds: UInt32 = 60
    /// How long an active token lasts in a new room, seconds.
    public var activeSeconds: UInt32 = 600
    /// How long a called member stays next in a new room, seconds.
    public var callWindowSeconds: UInt32 = 1_800
    /// Who has made a request this recently is present, seconds.
    public var presenceSeconds: UInt32 = 60
    /// Active tokens at most in a new room.
    public var roomCapacity: UInt32 = 100
    /// Seats of one performance that one member may hold and own.
    public var seatsPerMemberMax: UInt32 = 4
    /// The most points in one charge.
    public var chargeMax: Int64 = 10_000_000

    /// How often members and addresses may join, poll and sign up, and whose addresses are not limited at all.
    public var rates = RateLimits()
    /// What bounds connections, their memory and their time.
    public var limits = Limits()
    /// A session unused for this long ends, seconds.
    public var sessionIdleSeconds = UInt32(WireLimits.sessionIdleSeconds)
    /// A session ends this long after its login, seconds.
    public var sessionSeconds = UInt32(WireLimits.sessionSeconds)
    /// Sessions of one member; one more ends the one unused the longest.
    public var sessionsPerMemberMax = UInt32(WireLimits.sessionsPerMemberMax)

    /// Backups that are made by the clock; nil for none.
    public var backups: BackupSchedule?

    /// Who has sent nothing for this long gets a ping; silence of one and a half times this ends a connection.
    public var keepaliveSeconds: UInt32 = UInt32(WireLimits.keepaliveSeconds)
    /// From accept to a login, a resumed session or the first request, seconds.
    public var handshakeSeconds: Double = Double(WireLimits.handshakeSeconds)
    /// A reader with something to read that takes none of it for this long is told to go away, seconds.
    public var slowReaderSeconds: Double = 10
    /// Event loops that carry the connections.
    public var shards = 2
    /// Open connections at most; nil for what the limit of open files allows.
    public var connectionsMax: Int?
    /// How long changes are refused once the disk was found full, before one is tried again, seconds. Doubles up to
    /// eightfold while it stays full.
    package var storageFullSeconds: Double = 1
    /// Where the log goes; its level is its own.
    public var logger: Logger
    /// What a password costs to try. Only a simulation of thousands of logins makes it cheap.
    var passwordCost = Sodium.PasswordCost.standard
    /// Called when the storage is lost for good and the server has said goodbye; the process has to start anew.
    /// Nil: the process exits with status 1, for its supervisor.
    public var storageLost: (@Sendable () -> Void)?

    /// The defaults, for this directory.
    public init(dataDirectory: String, logger: Logger = Logger(label: "boxoffice")) {
        self.dataDirectory = dataDirectory
        self.logger = logger
    }

    var engine: EngineConfiguration {
        var engine = EngineConfiguration()
        engine.holdSeconds = holdSeconds
        engine.holdWarningSeconds = holdWarningSeconds
        engine.activeSeconds = activeSeconds
        engine.callWindowSeconds = callWindowSeconds
        engine.presenceSeconds = presenceSeconds
        engine.roomCapacity = roomCapacity
        engine.seatsPerMemberMax = seatsPerMemberMax
        engine.chargeMax = Points(chargeMax)
        engine.sessionIdleSeconds = sessionIdleSeconds
        engine.sessionSeconds = sessionSeconds
        engine.sessionsPerMemberMax = Int(sessionsPerMemberMax)
        engine.isRehearsal = isRehearsal
        return engine
    }

    /// What a client is told of the limits.
    var toldLimits: ServerLimits {
        ServerLimits(
            keepaliveSeconds: keepaliveSeconds, frameBytesMax: UInt32(WireLimits.frameBytesMax),
            requestsInFlightMax: UInt32(limits.requestsInFlightMax),
            noticesUnacknowledgedMax: UInt32(WireLimits.noticesUnacknowledgedMax), holdSeconds: holdSeconds,
            holdWarningSeconds: holdWarningSeconds, seatsPerMemberMax: seatsPerMemberMax, chargeMax: Points(chargeMax))
    }

    /// Why this cannot be; nil when it can.
    var refusal: String? {
        if shards < 1 { return "at least one event loop is needed" }
        if keepaliveSeconds < 1 || handshakeSeconds <= 0 || slowReaderSeconds <= 0 {
            return "keepalive, handshake and slow reader times are longer than nothing"
        }
        if !(0.01...3_600).contains(tlsHandshakeSeconds) { return "a TLS handshake may take 10 ms to an hour" }
        if (tlsCertificate == nil) != (tlsKey == nil) { return "a TLS certificate and its key belong together" }
        if tlsListen.isEmpty != (tlsCertificate == nil) {
            return "listening with TLS takes a certificate and its key, and they are for nothing else"
        }
        if holdSeconds < 1 || activeSeconds < 1 { return "holds and active time last at least a second" }
        if seatsPerMemberMax < 1 { return "a member may have at least one seat" }
        if chargeMax < 1 { return "a charge is at least one point" }
        if sessionIdleSeconds < 1 || sessionSeconds < 1 || sessionsPerMemberMax < 1 {
            return "a member has at least one session, and it lasts at least a second"
        }
        if let connectionsMax, connectionsMax < 1 { return "there is at least one connection" }
        return backups?.refusal ?? limits.refusal ?? rates.refusal
    }
}
