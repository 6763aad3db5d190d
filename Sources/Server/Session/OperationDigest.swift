// What an operation key stands for: the request, without the key itself and without passwords, which nobody may find
// on disk, not even to guess at. A retry that says the same has the same digest; one that says something else is refused.

import BoxOfficeProtocol

extension Request {
    /// First half of the SHA-256 over the opcode (u16) and the body, with the operation key zeroed and secrets empty.
    var operationDigest: Bytes16 {
        var writer = WireWriter(reserving: 128)
        writer.write(opcode.rawValue)
        withoutSecrets.message.encode(into: &writer)
        // The key is the first field of whatever has one.
        if operation != nil { for index in 2..<18 { writer.bytes[index] = 0 } }
        return Digest(hashing: writer.bytes).rawValue.first
    }

    private var withoutSecrets: Request {
        switch self {
        case .signUp(var message):
            message.password = Secret("")
            return .signUp(message)
        case .changePassword(var message):
            message.oldPassword = Secret("")
            message.newPassword = Secret("")
            return .changePassword(message)
        case .setPassword(var message):
            message.password = Secret("")
            return .setPassword(message)
        case .makeOperator(var message):
            message.password = nil
            return .makeOperator(message)
        default: return self
        }
    }
}

extension CommitUpload {
    /// The same for an upload: its contents, whatever its number on this connection.
    static func operationDigest(of kind: UploadKind, contents: Digest) -> Bytes16 {
        var writer = WireWriter(reserving: 35)
        writer.write(Opcode.commitUpload.rawValue)
        kind.encode(into: &writer)
        contents.encode(into: &writer)
        return Digest(hashing: writer.bytes).rawValue.first
    }
}
