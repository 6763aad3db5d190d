import Foundation
import Testing

@testable import BoxOfficeTransport

/// The client's end of an encrypted connection, with plain blocking calls.
final class SecurePeer {
    let peer: BlockingPeer
    let end: TLSEnd
    private var taken = 0

    /// Connects and shakes hands.
    init(_ address: SocketAddress, _ files: TLSFiles, receiveBufferBytes: Int32? = nil) throws {
        peer = try BlockingPeer(address, receiveBufferBytes: receiveBufferBytes)
        end = try TLSEnd(TLSFilter.client(try files.client(), host: "localhost"))
        try peer.send(end.take())
        while end.phase == .handshaking {
            let bytes = try peer.receiveSome()
            if bytes.isEmpty { end.filter.streamEnded() } else { end.receive(bytes) }
        }
        try #require(end.phase == .open)
        try peer.send(end.take())
    }

    func send(_ bytes: [UInt8]) throws {
        end.write(bytes)
        try peer.send(end.take())
    }

    /// Exactly `count` bytes, fewer only when the stream ends.
    func receive(_ count: Int) throws -> [UInt8] {
        while end.plaintext.count - taken < count, try receiveMore() {}
        let bytes = end.plaintext[taken...].prefix(count)
        taken += bytes.count
        return Array(bytes)
    }

    /// All there is, to the end of the stream; `end.phase` says whether it was an honest one.
    func receiveToEnd() throws -> [UInt8] {
        while try receiveMore() {}
        defer { taken = end.plaintext.count }
        return Array(end.plaintext[taken...])
    }

    private func receiveMore() throws -> Bool {
        let bytes = try peer.receiveSome()
        if bytes.isEmpty { end.filter.streamEnded() } else { end.receive(bytes) }
        return end.phase == .open
    }

    /// Says that nothing more will be sent, in TLS and in TCP.
    func finishSending() throws {
        end.filter.finish()
        try peer.send(end.take())
        peer.finishSending()
    }
}
