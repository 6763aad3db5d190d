// Files go in parts, and an upload lives no longer than its connection. When that is lost, all of it is sent again on
// the next one; the key of the commit stands for the contents, so that a file is imported once.

extension BoxOffice {
    /// How often a file is sent from its beginning before a lost connection is given up on.
    static let uploadAttemptsMax = 5

    /// Brings a file into the box office, all of it or nothing. For operators.
    ///
    /// Refused with `badPlan` or `badConcerts`, where the error's `path` is the place in the file, with `planInUse` or
    /// `unknownPlan`.
    ///
    /// - Parameters:
    ///   - kind: what it holds.
    ///   - bytes: the file, at most 32 MiB.
    ///   - operation: the key of an earlier upload of the same file whose answer did not come; a new one otherwise.
    ///   - timeout: for each part of at most 32 KiB, and for the import at the end.
    @discardableResult
    public func upload(
        _ kind: UploadKind, bytes: [UInt8], operation: OperationKey? = nil, timeout: Duration? = nil
    ) async throws(BoxOfficeError) -> Imported {
        guard !bytes.isEmpty, bytes.count <= WireLimits.uploadBytesMax else {
            throw BoxOfficeError(refusing: .badRequest, "A file of 1 byte to 32 MiB can be uploaded.")
        }
        let key = if let operation { operation } else { try await newOperationKey() }
        var attempts = 0
        while true {
            do {
                return try await upload(kind, bytes: bytes, key: key, timeout: timeout)
            } catch {
                attempts += 1
                let isLost = error.name == "connectionLost" || error.code == .unknownUpload
                guard isLost, attempts < Self.uploadAttemptsMax else { throw error }
            }
        }
    }

    private func upload(
        _ kind: UploadKind, bytes: [UInt8], key: OperationKey, timeout: Duration?
    ) async throws(BoxOfficeError) -> Imported {
        let begin = BeginUpload(kind: kind, sizeBytes: UInt32(bytes.count), digest: Digest(hashing: bytes))
        let upload = try await performOnce(begin, timeout: timeout).upload
        var offset = 0
        while offset < bytes.count {
            let end = min(offset + WireLimits.uploadPartBytesMax, bytes.count)
            let part = UploadPart(upload: upload, offset: UInt32(offset), bytes: Array(bytes[offset..<end]))
            guard try await performOnce(part, timeout: timeout).receivedBytes == UInt32(end) else {
                throw .protocolError("an upload that has received another number of bytes")
            }
            offset = end
        }
        return try await performOnce(CommitUpload(operation: key, upload: upload), timeout: timeout)
    }
}
