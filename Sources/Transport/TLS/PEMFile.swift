import COpenSSL

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The bytes of a PEM file, wiped when they are not needed any more: one may be a private key.
final class PEMFile {
    enum Access {
        case `public`
        /// Nobody but its owner and its group may read it.
        case secret
    }

    /// More than any chain of certificates has.
    static let bytesMax = 1 << 20

    private var bytes: [UInt8]

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    deinit { bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }

    static func read(_ path: String, access: Access) throws(TLSSetupFailure) -> PEMFile {
        // Without waiting: a pipe without a writer must not hold up a start.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw TLSSetupFailure("\(path): \(SystemError.last(in: "open"))") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw TLSSetupFailure("\(path) is not a file")
        }
        guard access == .public || status.st_mode & 0o007 == 0 else {
            throw TLSSetupFailure("\(path) can be read by everybody on this machine: chmod o= \(path)")
        }
        guard status.st_size <= bytesMax else { throw TLSSetupFailure("\(path) is larger than a PEM file may be") }
        let file = PEMFile([UInt8](repeating: 0, count: bytesMax.advanced(by: 1)))
        var filled = 0
        while filled <= bytesMax {
            let count = file.bytes.withUnsafeMutableBytes {
                readBytes(descriptor, $0.baseAddress.map { $0 + filled }, $0.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw TLSSetupFailure("\(path): \(SystemError.last(in: "read"))") }
            if count == 0 { break }
            filled += count
        }
        guard filled <= bytesMax else { throw TLSSetupFailure("\(path) is larger than a PEM file may be") }
        file.bytes.removeLast(file.bytes.count - filled)
        return file
    }

    /// Lends the bytes to OpenSSL.
    func withMemory<R>(_ body: (OpaquePointer) -> R) throws(TLSSetupFailure) -> R {
        guard OpenSSLLibrary.isStarted else { throw .last("cannot start OpenSSL") }
        ERR_clear_error()
        let result: R? = bytes.withUnsafeBytes { bytes in
            guard let memory = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else { return nil }
            defer { BIO_free(memory) }
            return body(memory)
        }
        guard let result else { throw .last("no memory for a PEM file") }
        return result
    }

    /// Says that there is no password, instead of asking for one at the terminal.
    static let noPassword:
        @convention(c) @Sendable (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 = {
            _, _, _, _ in -1
        }

    /// What is wrong after reading to the end: `what`, or whatever OpenSSL complains about other than that no more came.
    static func failure(_ path: String, _ what: String?) -> TLSSetupFailure? {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        if let what { return TLSSetupFailure("\(path) \(what)") }
        if code == 0 || (ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE) { return nil }
        return TLSSetupFailure("\(path) cannot be read: \(TLSFailure.reasonText(code))")
    }
}

/// read(2), which the class's own `read` hides.
private func readBytes(_ descriptor: Int32, _ start: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, start, count)
}
