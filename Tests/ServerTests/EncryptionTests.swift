import BoxOfficeTransport
import Foundation
import Testing

@testable import BoxOfficeServer

@Suite struct EncryptionTests {
    /// A self-signed certificate in a folder that is gone with it.
    private final class Files {
        let folder = FileManager.default.temporaryDirectory.path + "/boxoffice-tls-\(UInt32.random(in: 0 ... .max))"
        var certificate: String { folder + "/tls.crt" }
        var key: String { folder + "/tls.key" }

        init(days: Int = 30, now: Int64 = Int64(Date.now.timeIntervalSince1970)) throws {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try SelfSignedCertificate(names: [], days: days, now: now).write(certificate: certificate, key: key)
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        func listen(_ configuration: inout ServerConfiguration) {
            configuration.tlsListen = ["127.0.0.1:0"]
            configuration.tlsCertificate = certificate
            configuration.tlsKey = key
        }
    }

    @Test func whatBelongsTogetherIsAskedForTogether() throws {
        for (listen, certificate, key, seconds, isGood) in [
            ([], nil, nil, 5, true), (["127.0.0.1:0"], "c", "k", 5, true),
            (["0.0.0.0:0", "[::]:0"], "c", "k", 5, true),
            (["127.0.0.1:0"], nil, nil, 5, false), (["127.0.0.1:0"], "c", nil, 5, false),
            (["127.0.0.1:0"], nil, "k", 5, false), ([], "c", "k", 5, false), (["localhost:0"], "c", "k", 5, false),
            (["unix:/s"], "c", "k", 5, false), (["127.0.0.1:0"], "c", "k", 0.01, true),
            (["127.0.0.1:0"], "c", "k", 0.009, false), (["127.0.0.1:0"], "c", "k", 3_600, true),
            (["127.0.0.1:0"], "c", "k", 3_601, false), (["127.0.0.1:0"], "c", "k", .nan, false),
        ] as [([String], String?, String?, Double, Bool)] {
            var configuration = ServerConfiguration(dataDirectory: "/nowhere")
            configuration.tlsListen = listen
            configuration.tlsCertificate = certificate
            configuration.tlsKey = key
            configuration.tlsHandshakeSeconds = seconds
            if isGood {
                try configuration.check()
            } else {
                #expect(throws: ServerFailure.self, "\(listen) \(certificate ?? "–") \(key ?? "–") \(seconds)") {
                    try configuration.check()
                }
            }
        }
    }

    @Test func addressesComeInTheirOrder() async throws {
        let files = try Files()
        let office = try TestOffice(files.listen)
        #expect(office.addresses.count == 2)
        // The first is plain, as it would be without TLS.
        _ = try office.guest()
        await office.stop()
        let encrypted = try TestOffice {
            files.listen(&$0)
            $0.listen = []
        }
        #expect(encrypted.addresses.count == 1)
        await encrypted.stop()
    }

    /// A hundred connections that speak no TLS are a line or two in the log, which say how many they stand for.
    @Test func failuresAreALineASecondAtMost() async throws {
        let files = try Files()
        let office = try TestOffice(files.listen)
        let address = office.addresses[1]
        let plaintext = Array("GET / HTTP/1.1\r\n\r\n".utf8)
        let began = ContinuousClock.now
        var sent = 0
        func sayNonsense() throws {
            sent += 1
            try RawClient(address).send(plaintext)
        }
        for _ in 0..<100 { try sayNonsense() }
        let lines = { office.log.all.filter { $0.contains("no TLS handshake") } }
        let accounted = {
            lines().reduce(0) { sum, line in
                let word = line.split(separator: " ").first { $0.hasPrefix("leftOut=") }
                return sum + 1 + (word.flatMap { Int($0.dropFirst("leftOut=".count)) } ?? 0)
            }
        }
        // The next one after a second accounts for those before it.
        while accounted() < sent, ContinuousClock.now - began < .seconds(30) {
            try sayNonsense()
            try await Task.sleep(for: .seconds(1.1))
        }
        #expect(accounted() == sent)
        #expect(Double(lines().count) <= (ContinuousClock.now - began) / .seconds(1) + 1)
        #expect(lines().allSatisfy { $0.hasPrefix("info ") })
        await office.stop()
    }

    @Test(arguments: [(30, false), (13, true), (-3, true)])
    func aCertificateThatEndsSoonIsAWarning(daysLeft: Int, warns: Bool) async throws {
        let now = Int64(Date.now.timeIntervalSince1970)
        let files = try Files(days: 10, now: now + Int64(daysLeft - 10) * 86_400)
        let office = try TestOffice(files.listen)
        let warning = office.log.all.contains { $0.hasPrefix("warning the certificate") }
        #expect(warning == warns)
        #expect(office.log.all.contains { $0.contains("listening with TLS") && $0.contains("fingerprint=SHA256:") })
        await office.stop()
    }
}
