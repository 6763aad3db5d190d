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
    /// The body of the response as it was first given; of a hold, `result(ofHold:)`: the reservation says the rest.
    public var result: [UInt8]
    /// When it was carried out.
    public var at: Instant

    /// All columns.
    public init(
        id: UInt64, owner: OperationOwner, key: OperationKey, opcode: Opcode, digest: Bytes16, result: [UInt8],
        at: Instant
    ) {
        self.id = id
        self.owner = owner
        self.key = key
        self.opcode = opcode
        self.digest = digest
        self.result = result
        self.at = at
    }

    /// What is kept of a hold that was answered: the number of the reservation that it made, in eight bytes.
    public static func result(ofHold reservation: ReservationID) -> [UInt8] {
        withUnsafeBytes(of: reservation.rawValue.littleEndian) { Array($0) }
    }

    /// The reservation that a hold made; nil for another operation, and for a hold whose whole response is kept.
    public var heldReservation: ReservationID? { opcode == .hold ? Self.heldReservation(in: result) : nil }

    /// The reservation that `result(ofHold:)` names; nil for a whole response, as files of version 3 have them, which
    /// is longer.
    static func heldReservation(in result: [UInt8]) -> ReservationID? {
        guard result.count == 8 else { return nil }
        return ReservationID(result.reversed().reduce(0) { $0 << 8 | UInt64($1) })
    }
}
