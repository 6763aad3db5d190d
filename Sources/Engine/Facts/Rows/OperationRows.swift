import BoxOfficeProtocol

/// Whose operation keys they are.
public enum OperationOwner: Hashable, Sendable, CustomStringConvertible {
    case member(MemberID)
    /// A sign-up, by the name key: there is no member yet.
    case name(String)
    /// The socket in the data directory.
    case local

    /// As on disk: `member:7`, `name:ann`, `local`.
    public var description: String {
        switch self {
        case .member(let id): "member:\(id)"
        case .name(let key): "name:\(key)"
        case .local: "local"
        }
    }

    /// The owner of this text; nil when there is none.
    public init?(_ text: String) {
        if text == "local" {
            self = .local
        } else if text.hasPrefix("name:") {
            self = .name(String(text.dropFirst(5)))
        } else if text.hasPrefix("member:"), let number = UInt64(text.dropFirst(7)) {
            self = .member(MemberID(number))
        } else {
            return nil
        }
    }
}

/// A change that was carried out: what a retry with the same key is answered from.
public struct OperationRow: Hashable, Sendable {
    /// Number among all operations; the store appends by it.
    public var id: UInt64
    /// Whose key.
    public var owner: OperationOwner
    /// The key.
    public var key: OperationKey
    /// Which request it came with.
    public var opcode: Opcode
    /// First half of the SHA-256 of the request without key and passwords.
    public var digest: Bytes16
    /// What is kept of the response.
    public var result: OperationResult
    /// When it was carried out.
    public var at: Instant

    /// All columns.
    public init(
        id: UInt64, owner: OperationOwner, key: OperationKey, opcode: Opcode, digest: Bytes16,
        result: OperationResult, at: Instant
    ) {
        self.id = id
        self.owner = owner
        self.key = key
        self.opcode = opcode
        self.digest = digest
        self.result = result
        self.at = at
    }
}

/// What is kept of the response to an operation.
public enum OperationResult: Hashable, Sendable {
    /// The reservation that a hold made: it says the rest.
    case hold(ReservationID)
    /// The body of the response as it was first given.
    case response([UInt8])

    /// As on disk: the reservation's number in eight bytes, or the body.
    public var bytes: [UInt8] {
        switch self {
        case .hold(let reservation): withUnsafeBytes(of: reservation.rawValue.littleEndian) { Array($0) }
        case .response(let body): body
        }
    }

    /// What these bytes say of an operation of this kind. Files of version 3 have whole responses of holds, which are
    /// longer than eight bytes.
    public init(_ bytes: [UInt8], of opcode: Opcode) {
        if opcode == .hold, bytes.count == 8 {
            self = .hold(ReservationID(bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }))
        } else {
            self = .response(bytes)
        }
    }
}
