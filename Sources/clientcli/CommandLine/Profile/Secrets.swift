// Four requests carry passwords. A password is never written to disk: what is kept of such a change has an empty one, and
// whoever sends it again fills it in.

import BoxOfficeClient

/// A request as it may be kept.
func withoutSecrets(_ request: some RequestMessage) -> [UInt8] {
    let nothing = Secret("")
    switch request {
    case var request as SignUp:
        request.password = nothing
        return request.encoded
    case var request as ChangePassword:
        request.oldPassword = nothing
        request.newPassword = nothing
        return request.encoded
    case var request as SetPassword:
        request.password = nothing
        return request.encoded
    case var request as MakeOperator:
        request.password = request.password.map { _ in nothing }
        return request.encoded
    default: return request.encoded
    }
}

extension PendingOperation {
    /// The body as it may be kept; nil when it cannot be read.
    var bodyWithoutSecrets: [UInt8]? {
        guard containsSecret else { return body }
        guard let message = try? Request.decode(opcode, body: body.span)?.message else { return nil }
        return withoutSecrets(message)
    }
}
