import BoxOfficeProtocol

// Bounds of what the server answers without the engine; those of the engine's requests are in `argumentRefusal`.

extension Request {
    /// What is out of range, whoever asks; nil when nothing is.
    var boundsRefusal: Refusal? {
        switch self {
        case .signUp(let request): Self.refusal(newName: request.name, newPassword: request.password)
        case .changePassword(let request): Self.refusal(newPassword: request.newPassword)
        case .setPassword(let request): Self.refusal(newPassword: request.password)
        case .makeOperator(let request): Self.refusal(newName: request.name, newPassword: request.password)
        case .logIn(let request):
            request.device.utf8.count <= Self.deviceBytesMax
                ? nil
                : Refusal(.badRequest, "A device's name is at most \(Self.deviceBytesMax) bytes.", path: "device")
        case .beginUpload(let request): Self.refusal(upload: request)
        case .uploadPart(let request):
            (1...WireLimits.uploadPartBytesMax).contains(request.bytes.count)
                ? nil : Refusal(.badRequest, "1 to \(WireLimits.uploadPartBytesMax) bytes.", path: "bytes")
        default: nil
        }
    }

    static let deviceBytesMax = 100

    private static func refusal(newName: String? = nil, newPassword: Secret?) -> Refusal? {
        if let newName, MemberName(newName) == nil { return Refusal(.badName) }
        if let newPassword {
            let range = WireLimits.passwordBytesMin...WireLimits.passwordBytesMax
            guard range.contains(newPassword.exposed.utf8.count) else { return Refusal(.badPassword) }
        }
        return nil
    }

    private static func refusal(upload: BeginUpload) -> Refusal? {
        if case .unknown = upload.kind { return Refusal(.badRequest, "Unknown kind of upload.", path: "kind") }
        guard (1...WireLimits.uploadBytesMax).contains(Int(upload.sizeBytes)) else {
            return Refusal(.badRequest, "An upload has 1 to \(WireLimits.uploadBytesMax) bytes.", path: "sizeBytes")
        }
        return nil
    }
}
