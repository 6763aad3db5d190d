// A change may outlive the program that asked for it: the answer is lost, or the program is killed between the request
// and the answer. Whoever wants to find out afterwards writes the request down before it leaves, and sends the very
// same bytes again later: the server knows the operation key and answers what it answered then.
//
//     perform ──▶ operationWillBegin ──▶ sent ──▶ … ──▶ operationDidSettle
//                        │                                    (not when the outcome stays undetermined)
//                        └── kept on disk; after a restart: perform(opcode, body:)

/// A change on its way: what is needed to ask for it again.
public struct PendingOperation: Hashable, Sendable {
    /// The key it carries, the same in every attempt.
    public var key: OperationKey
    /// Which request it is.
    public var opcode: Opcode
    /// The request as it travels. Send it again with `BoxOffice.perform(_:body:timeout:)`.
    public var body: [UInt8]
    /// Whether a password is in `body`. Such a request should not be written to disk.
    public var containsSecret: Bool { [.signUp, .changePassword, .setPassword, .makeOperator].contains(opcode) }

    /// A change that was written down earlier.
    public init(key: OperationKey, opcode: Opcode, body: [UInt8]) {
        self.key = key
        self.opcode = opcode
        self.body = body
    }
}

/// Follows the changes a `BoxOffice` makes. Both functions are called by the task that makes the change.
public protocol OperationObserver: Sendable {
    /// Called before the first byte is sent. When it throws, the change is not sent, and the call fails with
    /// `notRecorded`.
    func operationWillBegin(_ operation: PendingOperation) throws
    /// Called when the outcome is known: answered, refused, or certainly not executed. Not called when the answer did
    /// not come; then asking again with the same bytes tells.
    func operationDidSettle(_ key: OperationKey)
}
