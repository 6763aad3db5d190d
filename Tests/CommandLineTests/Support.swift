import BoxOfficeClient
import Foundation

@testable import BoxOfficeCommandLine

/// A directory that is gone when the test is.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/boxoffice-cli-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func store(_ name: String = "default") -> ProfileStore {
        ProfileStore(directory: path + "/config/boxoffice", name: name)
    }
}

/// Permissions of a file.
func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return attributes[.posixPermissions] as? Int ?? -1
}

func key(_ number: UInt64) -> OperationKey {
    OperationKey(at: Instant(seconds: 1_790_000_000), random: Bytes16(high: 0, low: number))
}

func pending<R: RequestMessage>(_ request: R, _ key: OperationKey, member: UInt64? = 7) -> PendingChange {
    PendingChange(
        key: hexadecimal(key.rawValue.bytes), opcode: R.opcode.rawValue, body: hexadecimal(withoutSecrets(request)),
        command: "…", startedAt: "2026-12-12T10:00:00Z", member: member, deployment: nil, file: nil)
}

// For tables of numbers.
extension MemberID: ExpressibleByIntegerLiteral {}
extension ConcertID: ExpressibleByIntegerLiteral {}
extension PerformanceID: ExpressibleByIntegerLiteral {}
extension PlanID: ExpressibleByIntegerLiteral {}
extension SeatIndex: ExpressibleByIntegerLiteral {}
extension TokenID: ExpressibleByIntegerLiteral {}
extension RoomChangeID: ExpressibleByIntegerLiteral {}
extension ReservationID: ExpressibleByIntegerLiteral {}
extension PaymentID: ExpressibleByIntegerLiteral {}
extension LedgerEntryID: ExpressibleByIntegerLiteral {}
extension Points: ExpressibleByIntegerLiteral {}
