import COpenSSL
import Foundation
import Testing

@testable import BoxOfficeTransport

@Suite struct TLSFilterTests {
    // MARK: Bytes

    @Test(arguments: [1, 2, 7, 100, 1_500, Int.max])
    func bytesGoBothWaysHoweverTheyAreCut(piece: Int) throws {
        let files = try TLSFiles()
        let pair = try TLSPair(client: files.client(), server: files.server())
        #expect(pair.client.phase == .handshaking)
        pair.pump(piece: piece)
        #expect(pair.client.phase == .open)
        #expect(pair.server.phase == .open)
        let (up, down) = (patterned(40_000, seed: 1), patterned(70_000, seed: 2))
        pair.client.write(up)
        pair.server.write(down)
        pair.pump(piece: piece)
        #expect(pair.server.plaintext == up)
        #expect(pair.client.plaintext == down)
    }

    /// The client's last flight and its first bytes, which travel together, cut in every place.
    @Test func noCutLosesAByte() throws {
        let files = try TLSFiles()
        let (client, server) = (try files.client(), try files.server())
        var place = 0
        var length = Int.max
        while place <= length {
            let pair = try TLSPair(client: client, server: server)
            pair.server.receive(pair.client.take())
            pair.client.receive(pair.server.take())
            pair.client.write([1, 2, 3])
            let bytes = pair.client.take()
            length = bytes.count
            pair.server.receive(bytes[..<place])
            pair.server.receive(bytes[place...])
            #expect(pair.server.phase == .open, "cut at \(place)")
            #expect(pair.server.plaintext == [1, 2, 3], "cut at \(place)")
            place += 1
        }
    }

    @Test func manyMegabytesCostLittleMore() throws {
        let pair = try TLSPair.open()
        let bytes = patterned(4 << 20)
        pair.client.write(bytes)
        let ciphertext = pair.client.take()
        // 22 bytes for each record of 16 KiB.
        #expect(ciphertext.count == bytes.count + bytes.count / 16_384 * 22)
        pair.server.receive(ciphertext)
        #expect(pair.server.plaintext == bytes)
    }

    @Test func nothingIsNothing() throws {
        let pair = try TLSPair.open()
        pair.client.write([])
        #expect(pair.client.take().isEmpty)
        pair.server.receive([])
        #expect(pair.server.phase == .open)
    }

    /// No tickets, so nothing to resume and no early data; nothing is sent that was not written.
    @Test func theHandshakeLeavesNothingBehind() throws {
        let files = try TLSFiles()
        let pair = try TLSPair(client: files.client(), server: files.server())
        pair.server.receive(pair.client.take())
        pair.client.receive(pair.server.take())
        pair.server.receive(pair.client.take())
        #expect(pair.server.phase == .open)
        #expect(pair.server.take().isEmpty)
        #expect(SSL_get_num_tickets(pair.server.filter.ssl) == 0)
        #expect(SSL_get_max_early_data(pair.server.filter.ssl) == 0)
        #expect(String(cString: SSL_get_version(pair.client.filter.ssl)) == "TLSv1.3")
    }

    // MARK: The end

    @Test func aGoodbyeEndsOneDirection() throws {
        let pair = try TLSPair.open()
        pair.client.write([1])
        pair.client.filter.finish()
        pair.pump()
        #expect(pair.server.plaintext == [1])
        #expect(pair.server.phase == .ended)
        // What is still to be said reaches the other side.
        pair.server.write([2, 3])
        pair.server.filter.finish()
        pair.pump()
        #expect(pair.client.plaintext == [2, 3])
        #expect(pair.client.phase == .ended)
        pair.client.filter.streamEnded()
        pair.server.filter.streamEnded()
        #expect(pair.client.phase == .ended)
        #expect(pair.server.phase == .ended)
    }

    @Test func whatComesAfterTheGoodbyeIsNotRead() throws {
        let pair = try TLSPair.open()
        pair.client.write([1])
        let late = pair.client.take()
        let other = try TLSPair.open()
        other.client.filter.finish()
        other.server.receive(other.client.take() + late)
        #expect(other.server.phase == .ended)
        #expect(other.server.plaintext.isEmpty)
    }

    @Test func anEndWithoutAGoodbyeIsNone() throws {
        let pair = try TLSPair.open()
        pair.client.filter.streamEnded()
        #expect(pair.client.phase == .failed(.truncated))
        let files = try TLSFiles()
        let early = try TLSEnd(TLSFilter.server(try files.server()))
        early.filter.streamEnded()
        #expect(early.phase == .failed(.truncated))
    }

    // MARK: What is no TLS

    @Test(arguments: [
        Array("GET / HTTP/1.1\r\nHost: tickets.example\r\n\r\n".utf8),
        // A hello of the protocol itself, in the clear.
        [16, 0, 0, 0, 1, 0, 0, 0] + Array("1XOB and more of it".utf8),
        [UInt8](repeating: 0, count: 100), [UInt8](repeating: 0xFF, count: 100),
    ])
    func otherProtocolsAreRefusedAtOnce(bytes: [UInt8]) throws {
        let files = try TLSFiles()
        let server = try TLSEnd(TLSFilter.server(try files.server()))
        server.receive(bytes)
        #expect(server.phase == .failed(.notTLS))
        let client = try TLSEnd(TLSFilter.client(try files.client(), host: "localhost"))
        client.receive(bytes)
        #expect(client.phase == .failed(.notTLS))
    }

    @Test func noiseNeverOpensAConnection() throws {
        let files = try TLSFiles()
        let (clientContext, serverContext) = (try files.client(), try files.server())
        for seed in UInt64(1)...500 {
            // Half of them look like records at first.
            var noise = patterned(Int(seed * 7 % 3_000) + 6, seed: seed)
            if seed % 2 == 0 { noise.replaceSubrange(0..<3, with: [22, 3, 1]) }
            let ends = [
                try TLSEnd(TLSFilter.server(serverContext)),
                try TLSEnd(TLSFilter.client(clientContext, host: "localhost")),
            ]
            for end in ends {
                end.receive(noise)
                #expect(end.phase != .open && end.phase != .ended)
                #expect(end.plaintext.isEmpty)
            }
        }
    }

    /// Each byte of a record changed: it is noticed, and nothing of it comes out.
    @Test func aChangedRecordIsNoticed() throws {
        for place in 0..<30 {
            let pair = try TLSPair.open()
            pair.client.write(Array("pay 12".utf8))
            var record = pair.client.take()
            guard place < record.count else { break }
            record[place] ^= 0x40
            pair.server.receive(record + [UInt8](repeating: 0, count: 20_000))
            guard case .failed = pair.server.phase else {
                Issue.record("byte \(place) changed: \(pair.server.phase)")
                continue
            }
            #expect(pair.server.plaintext.isEmpty)
            let said = pair.server.take()
            pair.server.write([1])
            pair.server.receive([1, 2, 3])
            #expect(pair.server.take().isEmpty && said.count < 100, "it says no more than an alert")
        }
    }

    @Test func aRecordTwiceOrTheOtherWayRoundIsNoticed() throws {
        for order in [[0, 0], [1, 0]] {
            let pair = try TLSPair.open()
            var records: [[UInt8]] = []
            for number in 0..<2 as Range<UInt8> {
                pair.client.write([number])
                records.append(pair.client.take())
            }
            pair.server.receive(order.flatMap { records[$0] })
            guard case .failed = pair.server.phase else {
                Issue.record("\(order): \(pair.server.phase)")
                continue
            }
        }
    }

    /// A record may have 2^14 + 256 bytes: one more is refused before it has come in.
    @Test func aRecordThatIsTooLargeIsRefusedByItsLength() throws {
        for (length, isRefused) in [(16_384 + 256, false), (16_384 + 257, true), (65_535, true)] {
            let pair = try TLSPair.open()
            pair.server.receive([23, 3, 3, UInt8(length >> 8), UInt8(length & 255)])
            if isRefused {
                guard case .failed(.broken) = pair.server.phase else {
                    Issue.record("\(length): \(pair.server.phase)")
                    continue
                }
            } else {
                #expect(pair.server.phase == .open)
            }
        }
    }

    @Test func nobodyRenegotiates() throws {
        let pair = try TLSPair.open()
        let other = try TLSFiles()
        let hello = try TLSEnd(TLSFilter.client(try other.client(), host: "localhost")).take()
        pair.server.receive(hello)
        guard case .failed = pair.server.phase else {
            Issue.record("\(pair.server.phase)")
            return
        }
    }

    /// Fresh keys are part of TLS 1.3: each request for them is answered, so there is an end to answers that nobody reads.
    @Test func newKeysAreNoFlood() throws {
        let pair = try TLSPair.open()
        func updates(_ count: Int) throws -> [UInt8] {
            for _ in 0..<count {
                try #require(SSL_key_update(pair.client.filter.ssl, SSL_KEY_UPDATE_REQUESTED) == 1)
                pair.client.write([9])
            }
            return pair.client.take()
        }
        pair.server.receive(try updates(1_000))
        #expect(pair.server.plaintext.count == 1_000)
        pair.server.write([8])
        pair.pump()
        #expect(pair.client.plaintext == [8])
        #expect(pair.server.phase == .open, "whoever reads the answers may ask")

        var most = 0
        for _ in 0..<100 where pair.server.phase == .open {
            pair.server.receive(try updates(1_000))
            most = max(most, pair.server.filter.ciphertext.count)
        }
        #expect(pair.server.phase == .failed(.unread))
        #expect(most < TLSFilter.unsentBytesMax + 64 * 1024)
    }

    // MARK: The handshake's bounds

    @Test func aHandshakeHasABound() throws {
        let files = try TLSFiles()
        // A ClientHello that announces 100 KiB, in records of 1 KiB.
        func records(_ count: Int) -> [UInt8] {
            var bytes: [UInt8] = [22, 3, 1, 4, 0, 1, 1, 0x90, 0] + [UInt8](repeating: 0, count: 1_020)
            let record: [UInt8] = [22, 3, 3, 4, 0] + [UInt8](repeating: 0, count: 1_024)
            while bytes.count < count { bytes += record }
            return Array(bytes.prefix(count))
        }
        let edge = TLSFilter.serverHandshakeBytesMax
        for (count, isRefused) in [(edge - 1, false), (edge, false), (edge + 1, true), (90_000, true)] {
            let server = try TLSEnd(TLSFilter.server(try files.server()))
            server.receive(records(count))
            #expect(server.phase == (isRefused ? .failed(.handshakeTooLong) : .handshaking), "\(count) bytes")
        }
    }

    @Test func onlyVersionThreeIsSpoken() throws {
        let files = try TLSFiles()
        let old = try files.client()
        try #require(copenssl_set_only_version(old.pointer, TLS1_2_VERSION) == 1)
        let pair = try TLSPair(client: old, server: files.server())
        pair.pump()
        #expect(pair.server.phase == .failed(.version))
        #expect(pair.client.phase == .failed(.alert(SSL_AD_PROTOCOL_VERSION)))
    }

    @Test(arguments: [[], [2, 0x68, 0x32], [11] + Array("boxoffice/2".utf8)] as [[UInt8]])
    func onlyThisProtocolIsSpoken(offered: [UInt8]) throws {
        let files = try TLSFiles()
        let client = try files.client()
        try #require(
            offered.withUnsafeBufferPointer {
                SSL_CTX_set_alpn_protos(client.pointer, $0.baseAddress, UInt32($0.count)) == 0
            })
        let pair = try TLSPair(client: client, server: files.server())
        pair.pump()
        #expect(pair.server.phase == .failed(.noProtocol))
        #expect(pair.client.phase == .failed(.alert(SSL_AD_NO_APPLICATION_PROTOCOL)))
    }

    @Test func oneAmongSeveralProtocolsIsChosen() throws {
        let files = try TLSFiles()
        let client = try files.client()
        let offered = [2, 0x68, 0x32, 11] + Array("boxoffice/1".utf8)
        SSL_CTX_set_alpn_protos(client.pointer, offered, UInt32(offered.count))
        let pair = try TLSPair(client: client, server: files.server())
        pair.pump()
        #expect(pair.server.phase == .open)
        #expect(pair.client.phase == .open)
    }

    @Test func aServerOfAnotherProtocolIsLeft() throws {
        let files = try TLSFiles()
        let server = try files.server()
        SSL_CTX_set_alpn_select_cb(server.pointer, nil, nil)
        let pair = try TLSPair(client: files.client(), server: server)
        pair.pump()
        #expect(pair.client.phase == .failed(.noProtocol))
    }
}
