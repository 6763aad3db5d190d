// Certificates as files, and two filters that talk to each other without a socket between them.

import COpenSSL
import Foundation
import Testing

@testable import BoxOfficeTransport

/// A self-signed certificate in a folder that is gone with it.
final class TLSFiles: Sendable {
    let folder: String
    let certificate: String
    let key: String
    let fingerprint: CertificateFingerprint

    static let now = Int64(Date().timeIntervalSince1970)

    /// - Parameter now: when it is made; long ago makes one that has expired.
    init(names: [String] = [], days: Int = 30, now: Int64 = TLSFiles.now) throws {
        folder = NSTemporaryDirectory() + "boxoffice-tls-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        certificate = folder + "/tls.crt"
        key = folder + "/tls.key"
        let made = try SelfSignedCertificate(names: names, days: days, now: now)
        try made.write(certificate: certificate, key: key)
        fingerprint = made.fingerprint
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func identity() throws -> TLSServerIdentity { try TLSServerIdentity(certificate: certificate, key: key) }
    func server() throws -> TLSContext { try identity().certificate.context }
    func client() throws -> TLSContext { try TLSContext.client(.pinned(fingerprint)) }

    /// Puts another certificate in its place.
    func replace(with other: TLSFiles) throws {
        for (from, to) in [(other.certificate, certificate), (other.key, key)] {
            try FileManager.default.removeItem(atPath: to)
            try FileManager.default.copyItem(atPath: from, toPath: to)
        }
    }
}

/// A filter and what has come out of it.
final class TLSEnd {
    let filter: TLSFilter
    private(set) var plaintext: [UInt8] = []

    init(_ filter: TLSFilter?) throws { self.filter = try #require(filter) }

    var phase: TLSFilter.Phase { filter.phase }

    func receive(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        var room = [UInt8](repeating: 0, count: bytes.count + TLSFilter.recordBytesMax)
        let count = bytes.withUnsafeBytes { bytes in
            room.withUnsafeMutableBytes { filter.received(bytes, into: $0) }
        }
        plaintext += room[..<count]
    }

    func write(_ bytes: [UInt8]) { bytes.withUnsafeBytes { filter.write($0) } }

    /// What there is to be sent; nothing is left.
    func take() -> [UInt8] {
        let bytes = filter.ciphertext
        filter.sent(bytes.count)
        return bytes
    }
}

/// A client and a server.
struct TLSPair {
    let client: TLSEnd
    let server: TLSEnd

    init(client: TLSContext, server: TLSContext, host: String = "localhost") throws {
        self.client = try TLSEnd(TLSFilter.client(client, host: host))
        self.server = try TLSEnd(TLSFilter.server(server))
    }

    /// With a certificate of their own, and hands shaken.
    static func open() throws -> TLSPair {
        let files = try TLSFiles()
        let pair = try TLSPair(client: files.client(), server: files.server())
        pair.pump()
        try #require(pair.client.phase == .open && pair.server.phase == .open)
        return pair
    }

    /// Carries bytes over until neither has any more, in pieces of at most `piece` bytes.
    func pump(piece: Int = .max) {
        while true {
            let (toServer, toClient) = (client.take(), server.take())
            if toServer.isEmpty && toClient.isEmpty { return }
            carry(toServer, to: server, piece: piece)
            carry(toClient, to: client, piece: piece)
        }
    }

    private func carry(_ bytes: [UInt8], to end: TLSEnd, piece: Int) {
        var rest = bytes[...]
        while !rest.isEmpty {
            end.receive(rest.prefix(piece))
            rest = rest.dropFirst(piece)
        }
    }
}
