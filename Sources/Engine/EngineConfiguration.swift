import BoxOfficeProtocol

/// What an engine is told once, at its start.
public struct EngineConfiguration: Hashable, Sendable {
    /// How long a hold lasts, seconds (docs/domain.md, Hold).
    public var holdSeconds: UInt32 = 300
    /// How long before its deadline a hold is announced to end, seconds.
    public var holdWarningSeconds: UInt32 = 60
    /// How long an active token lasts in a new room, seconds.
    public var activeSeconds: UInt32 = 600
    /// How long before its end active time is announced to end, seconds.
    public var activeWarningSeconds: UInt32 = 60
    /// How long a called member stays next in a new room, seconds.
    public var callWindowSeconds: UInt32 = 1800
    /// Who has made a request this recently is present, seconds.
    public var presenceSeconds: UInt32 = 60
    /// Active tokens at most in a new room.
    public var roomCapacity: UInt32 = 100
    /// Seats of one performance that one member may hold and own.
    public var seatsPerMemberMax: UInt32 = 4
    /// The most points in one charge.
    public var chargeMax = Points(10_000_000)
    /// A session unused for this long ends, seconds.
    public var sessionIdleSeconds = UInt32(WireLimits.sessionIdleSeconds)
    /// A session ends this long after its login, seconds.
    public var sessionSeconds = UInt32(WireLimits.sessionSeconds)
    /// Logging in once more ends the session unused the longest.
    public var sessionsPerMemberMax = WireLimits.sessionsPerMemberMax
    /// No notice is kept longer than this, days.
    public var noticeDays = UInt32(WireLimits.noticeDays)
    /// How far ahead of the server's time an operation key may be stamped, seconds.
    public var operationAheadSeconds = UInt32(WireLimits.operationAheadSeconds)
    /// How old an operation key may be, seconds.
    public var operationBehindSeconds = UInt32(WireLimits.operationBehindSeconds)

    /// Nothing that is sold here is real: members may be made by the thousand.
    public var isRehearsal = false

    /// The defaults, which are those of `boxofficed serve`.
    public init() {}
}
