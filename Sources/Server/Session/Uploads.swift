import BoxOfficeProtocol

/// The uploads of one connection, as far as they have come. Pure.
struct Uploads {
    /// A file on its way.
    struct Upload {
        var kind: UploadKind
        var sizeBytes: Int
        var digest: Digest
        var bytes: [UInt8] = []
        var isComplete: Bool { bytes.count == sizeBytes }
    }

    private var open: [UploadID: Upload] = [:]
    private var newest: UInt64 = 0

    mutating func began(_ request: BeginUpload) throws(Refusal) -> UploadBegun {
        guard open.count < WireLimits.uploadsOpenMax else {
            throw Refusal(
                .busy, "\(WireLimits.uploadsOpenMax) uploads are open on this connection.",
                retryAfterMilliseconds: 1_000)
        }
        newest += 1
        open[UploadID(newest)] = Upload(
            kind: request.kind, sizeBytes: Int(request.sizeBytes), digest: request.digest)
        return UploadBegun(upload: UploadID(newest))
    }

    func contains(_ id: UploadID) -> Bool { open[id] != nil }

    mutating func partReceived(_ request: UploadPart) throws(Refusal) -> UploadProgress {
        // Numbers only: a second reference to the bytes would make the append copy all of them, for every part.
        guard let received = open[request.upload]?.bytes.count, let size = open[request.upload]?.sizeBytes else {
            throw Refusal(.unknownUpload)
        }
        guard Int(request.offset) == received else {
            throw Refusal(.badRequest, "The next byte is \(received).", path: "offset")
        }
        guard received + request.bytes.count <= size else {
            throw Refusal(.badRequest, "More bytes than were announced.", path: "bytes")
        }
        open[request.upload]!.bytes.append(contentsOf: request.bytes)
        return UploadProgress(receivedBytes: UInt32(received + request.bytes.count))
    }

    /// An upload that is there, whole.
    func complete(_ id: UploadID) throws(Refusal) -> Upload {
        guard let upload = open[id] else { throw Refusal(.unknownUpload) }
        guard upload.isComplete else {
            throw Refusal(.unknownUpload, "\(upload.bytes.count) of \(upload.sizeBytes) bytes have come.")
        }
        return upload
    }

    /// It was brought in, or never will be. The bytes that it was announced with.
    @discardableResult
    mutating func settled(_ id: UploadID) -> Int { open.removeValue(forKey: id)?.sizeBytes ?? 0 }

    /// What all of them were announced with.
    var announcedBytes: Int { open.values.reduce(0) { $0 + $1.sizeBytes } }
}
