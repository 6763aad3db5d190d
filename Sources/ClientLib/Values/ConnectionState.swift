/// What the connection is doing, and why.
public enum ConnectionState: Hashable, Sendable {
    /// A connection is being made.
    case connecting
    /// Requests are answered. `resumed` says that the session of an earlier connection or program goes on.
    case connected(resumed: Bool)
    /// The next attempt comes after a pause.
    case waiting(retryIn: Duration, why: BoxOfficeError)
    /// It is over: nil after `close()`, else the refusal that trying again would only repeat.
    case closed(BoxOfficeError?)
}
