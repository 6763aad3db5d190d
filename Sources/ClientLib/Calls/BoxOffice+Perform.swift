// The low level that all other calls are made of.

import BoxOfficeTransport

extension BoxOffice {
    /// Sends a request and returns its answer.
    ///
    /// A change is sent again, with the key it carries, after a lost connection and wherever the server advises that;
    /// a query likewise. What is left to the caller are refusals that would only be repeated, and the timeout.
    ///
    /// - Parameters:
    ///   - request: the message; a change needs a key from ``newOperationKey()``.
    ///   - timeout: for all attempts together; the configuration's `requestTimeout` unless told otherwise.
    public func perform<M: RequestMessage>(
        _ request: M, timeout: Duration? = nil
    ) async throws(BoxOfficeError) -> M.Response {
        try await decoded(M.self, perform(M.opcode, body: request.encoded, timeout: timeout).body)
    }

    /// Sends a request that was encoded earlier, byte for byte, and returns its answer: how a change whose answer
    /// did not come is settled, also by another process (`OperationObserver`).
    public func perform(
        _ opcode: Opcode, body: [UInt8], timeout: Duration? = nil
    ) async throws(BoxOfficeError) -> EncodedResponse {
        try await perform(opcode, body: body, timeout: timeout, bindsToConnection: false)
    }

    func perform(
        _ opcode: Opcode, body: [UInt8], timeout: Duration?, bindsToConnection: Bool
    ) async throws(BoxOfficeError) -> EncodedResponse {
        let observer = opcode.changes ? configuration.operationObserver : nil
        let key = observer == nil ? nil : Bytes16(body.prefix(16)).map { OperationKey($0) }
        if let observer, let key {
            do {
                try observer.operationWillBegin(PendingOperation(key: key, opcode: opcode, body: body))
            } catch {
                throw BoxOfficeError("notRecorded", "The change could not be written down, and was not sent: \(error)")
            }
        }
        let result = await driver.call(opcode, body: body, timeout: timeout, bindsToConnection: bindsToConnection)
        if let observer, let key, result.isSettled { observer.operationDidSettle(key) }
        let reply = try result.get()
        return EncodedResponse(opcode: reply.opcode, body: reply.body, isReplayed: reply.isReplayed)
    }

    /// Like `perform`, for a request that means nothing on another connection: it fails with the one it was sent on.
    func performOnce<M: RequestMessage>(
        _ request: M, timeout: Duration? = nil
    ) async throws(BoxOfficeError) -> M.Response {
        try await decoded(
            M.self, perform(M.opcode, body: request.encoded, timeout: timeout, bindsToConnection: true).body)
    }

    private func decoded<M: RequestMessage>(_ type: M.Type, _ body: [UInt8]) throws(BoxOfficeError) -> M.Response {
        do throws(DecodeFailure) {
            return try M.Response(body: body.span)
        } catch {
            var failure = BoxOfficeError.protocolError("the answer to \(M.opcode.name): \(error)")
            failure.outcome = .executed
            failure.retry = .never
            throw failure
        }
    }

    /// A key for one change, stamped with the server's time. Waits for the first connection if there was none.
    public func newOperationKey() async throws(BoxOfficeError) -> OperationKey {
        if serverNow == nil { try await connected() }
        guard let now = serverNow else { throw .closed }
        var dice = driver.loop.platform.dice
        return OperationKey(at: now, random: OperationKey.random(using: &dice).rawValue)
    }
}

/// An answer as it came, for a request that was sent as bytes.
public struct EncodedResponse: Hashable, Sendable {
    /// What was asked.
    public var opcode: Opcode
    /// The answer's bytes.
    public var body: [UInt8]
    /// Whether this is what the server had stored: the change was carried out by an earlier attempt.
    public var isReplayed: Bool

    /// The answer.
    public func decoded() throws(BoxOfficeError) -> Response {
        do throws(DecodeFailure) {
            if let response = try Response.decode(opcode, body: body.span) { return response }
        } catch {
            throw .protocolError("the answer to \(opcode.name): \(error)")
        }
        throw .protocolError("\(opcode.name) is not a request")
    }
}

extension Result where Failure == BoxOfficeError {
    fileprivate var isSettled: Bool {
        if case .failure(let error) = self { error.settles } else { true }
    }
}
