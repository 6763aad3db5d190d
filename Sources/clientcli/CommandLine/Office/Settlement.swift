// What became of changes whose answer did not come.
//
// Asking again with the same key is safe: the server carries a key out once and answers from its records after that. So a
// change is sent again, byte for byte, and the answer, whatever it is, was the answer. Only refusals that come before the
// server looks for the key (no login, no capacity, a stop) say nothing; then the change stays in the profile.
//
// Changes with passwords cannot be sent again as they were, since no password is kept:
//   - a change of one's own password is asked again with passwords that cannot be right: done before, it is answered
//     from the records; not done, it is refused as badCredentials and has no effect.
//   - a sign-up, or a password set by an operator, waits for the same command, which asks for the password again.

import BoxOfficeClient
import Foundation

/// How asking again ended.
enum Settlement: Sendable {
    /// It has been done: the answer's bytes.
    case done([UInt8])
    /// The rules refused it: it was not done, and will not be.
    case refused(BoxOfficeError)
    /// It was certainly not done, and asking for it anew is up to whoever wants it.
    case notDone(String)
    /// Nobody knows any more.
    case lost(String)
    /// No answer yet: it stays in the profile.
    case open(BoxOfficeError)
    /// It needs a password: it stays until the same command is given.
    case needsPassword

    /// What an error says about a change that an earlier call began.
    init(_ error: BoxOfficeError) {
        switch error.code {
        case nil, .busy, .shuttingDown, .superseded, .cancelled, .loginRequired, .notAllowed, .storageFull,
            .outcomeUnknown:
            self = .open(error)
        case .operationExpired: self = .lost("It was too long ago for the box office to know.")
        default: self = error.outcome == .undetermined ? .open(error) : .refused(error)
        }
    }
}

extension PendingChange {
    /// Whether this is the change that a request asks for.
    func isSame(as request: some RequestMessage) -> Bool {
        guard let operation else { return false }
        return type(of: request).opcode == operation.opcode && withoutSecrets(request) == operation.body
    }

    /// Asks again.
    func settle(at office: BoxOffice) async -> Settlement {
        guard let operation else { return .lost("What is kept of it cannot be read.") }
        do throws(BoxOfficeError) {
            switch operation.opcode {
            case .commitUpload: return try await importAgain(at: office, operation.key)
            case .changePassword: return try await probePasswordChange(at: office, operation.key)
            case _ where operation.containsSecret: return .needsPassword
            default: return .done(try await office.perform(operation.opcode, body: operation.body).body)
            }
        } catch {
            return Settlement(error)
        }
    }

    private func probePasswordChange(
        at office: BoxOffice, _ key: OperationKey
    ) async throws(BoxOfficeError) -> Settlement {
        func impossible() -> Secret { Secret(DeploymentID.random().description) }
        let probe = ChangePassword(operation: key, oldPassword: impossible(), newPassword: impossible())
        do throws(BoxOfficeError) {
            return .done(try await office.perform(ChangePassword.opcode, body: probe.encoded).body)
        } catch  where error.code == .badCredentials {
            return .notDone("The password was not changed.")
        }
    }

    private func importAgain(at office: BoxOffice, _ key: OperationKey) async throws(BoxOfficeError) -> Settlement {
        guard let file, let contents = ImportFile.read(file.path), contents.fingerprint == file.fingerprint else {
            return .lost("The file has changed since. Importing it once more does no harm.")
        }
        let imported = try await office.upload(
            UploadKind(rawValue: file.kind), bytes: contents.bytes, operation: key, timeout: ImportFile.timeout)
        return .done(imported.encoded)
    }
}

/// A file to import.
struct ImportFile: Sendable {
    let bytes: [UInt8]

    /// Reading and checking a hall takes the server a while.
    static let timeout: Duration = .seconds(30)

    /// Nil when it cannot be read.
    static func read(_ path: String) -> ImportFile? {
        FileManager.default.contents(atPath: path).map { ImportFile(bytes: Array($0)) }
    }

    /// Tells whether a file is still the same. Not a digest that anybody relies on: the server compares contents itself.
    var fingerprint: String {
        let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }  // FNV-1a
        return "\(bytes.count)-\(String(hash, radix: 16))"
    }
}
