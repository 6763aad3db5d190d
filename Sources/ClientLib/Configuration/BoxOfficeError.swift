/// Why a call did not do what was asked. There is one type: refusals by the server have a `code`, failures of the
/// way there have none.
public struct BoxOfficeError: Error, Hashable, Sendable {
    /// The server's code (`spec/refusals.md`); nil when the server did not say this.
    public var code: RefusalCode?
    /// The code's name, for example `seatTaken`, or one of `timeout`, `connectFailed`, `connectionLost`, `closed`,
    /// `protocolError`, `wrongDeployment`, `notRecorded`, `certificateUnknown`, `certificateInvalid`,
    /// `certificateChanged`, `trustUnusable` and `tlsFailed`. Stable: programs may depend on it.
    public var name: String
    /// For people, in English.
    public var message: String
    /// Whether the request had an effect.
    public var outcome: Outcome
    /// What to do about it.
    public var retry: RetryAdvice
    /// How long to wait first, when the server said.
    public var retryAfter: Duration?
    /// The seats in the way.
    public var seats: [SeatIndex] = []
    /// The names of seats that are not known or not clear.
    public var labels: [String] = []
    /// The place in the file or in the request.
    public var path: String?
    /// The certificate that the server has shown, when it is what is wrong.
    public var certificate: CertificateFingerprint?
    /// The one that it should have shown.
    public var pinnedCertificate: CertificateFingerprint?

    init(
        _ name: String, _ message: String, code: RefusalCode? = nil, outcome: Outcome = .notExecuted,
        retry: RetryAdvice = .sameKey
    ) {
        self.code = code
        self.name = name
        self.message = message
        self.outcome = outcome
        self.retry = retry
    }

    init(_ refusal: Refusal) {
        self.init(
            refusal.code.name, refusal.message, code: refusal.code, outcome: refusal.outcome, retry: refusal.retry)
        if refusal.retryAfterMilliseconds > 0 { retryAfter = .milliseconds(Int64(refusal.retryAfterMilliseconds)) }
        seats = refusal.seats ?? []
        labels = refusal.labels ?? []
        path = refusal.path
    }

    /// A refusal that this side makes with the registry's code, because it knows what the server would say.
    init(refusing code: RefusalCode, _ message: String? = nil) {
        self.init(Refusal(code, message))
    }

    static func protocolError(_ what: String) -> Self {
        Self("protocolError", "The server does not keep to the protocol: \(what).")
    }
    static func connectFailed(_ why: String) -> Self { Self("connectFailed", why) }
    static func connectionLost(_ why: String) -> Self { Self("connectionLost", why) }
    static let closed = Self("closed", "The client is closed.", retry: .never)
    static let cancelled = Self(refusing: .cancelled, "The call was cancelled.")

    /// The same failure of a change that may have been carried out.
    var withUndeterminedOutcome: Self {
        var error = self
        error.outcome = .undetermined
        error.retry = .sameKey
        return error
    }

    /// Whether the last word about the operation has been said.
    var settles: Bool { outcome != .undetermined || retry == .never }
}

extension BoxOfficeError: CustomStringConvertible {
    /// Name and message.
    public var description: String { "\(name): \(message)" }
}
