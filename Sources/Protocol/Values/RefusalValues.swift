extension Refusal {
    /// A refusal with the registry's outcome and advice for its code.
    public init(
        _ code: RefusalCode, _ message: String? = nil, retryAfterMilliseconds: UInt32 = 0, seats: [SeatIndex]? = nil,
        labels: [String]? = nil, path: String? = nil, versions: [UInt16]? = nil, now: Instant? = nil
    ) {
        self.init(
            code: code, outcome: code.outcome, retry: code.retry, retryAfterMilliseconds: retryAfterMilliseconds,
            message: message ?? code.meaning, seats: seats, labels: labels, path: path, versions: versions, now: now)
    }
}
