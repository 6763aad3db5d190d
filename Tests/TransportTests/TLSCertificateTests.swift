import Foundation
import Testing

@testable import BoxOfficeTransport

@Suite struct TLSCertificateTests {
    // MARK: Whom a client believes

    /// What the client makes of the server's certificate, and the server of the client's answer.
    private func outcome(_ files: TLSFiles, _ trust: TLSTrust, host: String) throws -> TLSFilter.Phase {
        let pair = try TLSPair(client: TLSContext.client(trust), server: files.server(), host: host)
        pair.pump()
        if case .failed(.certificate) = pair.client.phase {
            guard case .failed(.alert) = pair.server.phase else {
                Issue.record("the server is not told: \(pair.server.phase)")
                return pair.client.phase
            }
        } else {
            #expect(pair.client.phase == pair.server.phase)
        }
        return pair.client.phase
    }

    private func reason(_ phase: TLSFilter.Phase) -> CertificateRefusal.Reason? {
        if case .failed(.certificate(let refusal)) = phase { refusal.reason } else { nil }
    }

    @Test(arguments: [
        "localhost", "127.0.0.1", "::1", "tickets.example", "tickets.example.", "a.halls.example", "192.0.2.7",
        "2001:db8::1",
    ])
    func namesThatAreInTheCertificateAreRight(host: String) throws {
        let files = try TLSFiles(names: ["tickets.example", "*.halls.example", "192.0.2.7", "2001:db8::1"])
        #expect(try outcome(files, .file(files.certificate), host: host) == .open)
    }

    @Test(arguments: [
        "tickets.example.org", "example", "127.0.0.2", "::2", "b.a.halls.example", "halls.example", "BoxOffice",
    ])
    func otherNamesAreWrong(host: String) throws {
        let files = try TLSFiles(names: ["tickets.example", "*.halls.example"])
        guard case .invalid(let why) = reason(try outcome(files, .file(files.certificate), host: host)) else {
            Issue.record("\(host) is taken")
            return
        }
        #expect(why.contains("mismatch"))
    }

    @Test func aSelfSignedOneIsUnknownToTheSystem() throws {
        let files = try TLSFiles()
        #expect(reason(try outcome(files, .system, host: "localhost")) == .unknownIssuer)
        let other = try TLSFiles()
        #expect(reason(try outcome(files, .file(other.certificate), host: "localhost")) == .unknownIssuer)
    }

    @Test func anExpiredOneIsRefusedAndSoIsOneFromTheFuture() throws {
        let past = try TLSFiles(days: 1, now: TLSFiles.now - 10 * 86_400)
        #expect(
            reason(try outcome(past, .file(past.certificate), host: "localhost"))
                == .invalid("certificate has expired"))
        let future = try TLSFiles(now: TLSFiles.now + 10 * 86_400)
        #expect(
            reason(try outcome(future, .file(future.certificate), host: "localhost"))
                == .invalid("certificate is not yet valid"))
    }

    @Test func aPinnedOneIsExactlyThatOne() throws {
        let files = try TLSFiles()
        #expect(try outcome(files, .pinned(files.fingerprint), host: "anything.example") == .open)
        let expired = try TLSFiles(days: 1, now: TLSFiles.now - 10 * 86_400)
        #expect(try outcome(expired, .pinned(expired.fingerprint), host: "localhost") == .open)
        let phase = try outcome(files, .pinned(expired.fingerprint), host: "localhost")
        #expect(
            phase
                == .failed(
                    .certificate(CertificateRefusal(.changed(pinned: expired.fingerprint), files.fingerprint))))
        // Both are named: who reads it has to compare them.
        #expect(
            "\(TLSFailure.certificate(CertificateRefusal(.changed(pinned: expired.fingerprint), files.fingerprint)))"
                .contains("\(files.fingerprint), not the pinned \(expired.fingerprint)"))
    }

    // MARK: Fingerprints

    @Test func fingerprintsAreReadAsPeopleWriteThem() throws {
        let fingerprint = try TLSFiles().fingerprint
        let text = "\(fingerprint)"
        #expect(text.utf8.count == "SHA256:".utf8.count + 64)
        let digits = text.dropFirst("SHA256:".count)
        let pairs = stride(from: 0, to: 64, by: 2).map { String(digits.dropFirst($0).prefix(2)).uppercased() }
        for same in [text, "sha256:" + digits.uppercased(), "SHA256:" + pairs.joined(separator: ":")] {
            #expect(CertificateFingerprint(same) == fingerprint)
        }
        for other in [
            "", "SHA256:", String(digits), text + "0", String(text.dropLast()), "MD5:\(digits)",
            "SHA256:" + String(repeating: "+1", count: 32), "SHA256:" + String(repeating: "é", count: 32),
        ] {
            #expect(CertificateFingerprint(other) == nil, "\(other)")
        }
    }

    // MARK: A server's files

    @Test func aReplacedCertificateIsForNewConnections() throws {
        let (first, second) = (try TLSFiles(), try TLSFiles())
        let identity = try first.identity()
        #expect(identity.certificate.fingerprint == first.fingerprint)
        let before = try TLSPair(client: first.client(), server: identity.certificate.context)
        before.pump()
        try first.replace(with: second)
        #expect(try identity.reload().fingerprint == second.fingerprint)
        let after = try TLSPair(client: second.client(), server: identity.certificate.context)
        after.pump()
        #expect(after.client.phase == .open)
        before.client.write([1, 2])
        before.pump()
        #expect(before.server.plaintext == [1, 2], "the old connection goes on")
    }

    @Test func aBadReplacementIsRefusedAndTheOldOneStays() throws {
        let (files, other) = (try TLSFiles(), try TLSFiles())
        let identity = try files.identity()
        let good = try String(contentsOfFile: files.certificate, encoding: .utf8)
        let key = try String(contentsOfFile: files.key, encoding: .utf8)
        let otherKey = try String(contentsOfFile: other.key, encoding: .utf8)
        for (certificate, key, says) in [
            ("", key, "has no certificate"), ("nonsense", key, "has no certificate"), (key, key, "has no certificate"),
            (good.replacingOccurrences(of: "MII", with: "MIX"), key, "has no certificate"),
            (good + good.dropLast(60), key, "cannot be read"),
            (good, "", "has no private key"), (good, good, "has no private key"),
            (good, otherKey, "does not belong to the certificate"),
        ] {
            try Data(certificate.utf8).write(to: URL(filePath: files.certificate))
            try Data(key.utf8).write(to: URL(filePath: files.key))
            let failure = #expect(throws: TLSSetupFailure.self) { try identity.reload() }
            #expect(failure?.description.contains(says) == true, "\(failure?.description ?? "")")
            #expect(identity.certificate.fingerprint == files.fingerprint)
        }
    }

    @Test func filesThatCannotBeUsedAreNamed() throws {
        let files = try TLSFiles()
        func failure(_ certificate: String, _ key: String) -> String? {
            #expect(throws: TLSSetupFailure.self) { try TLSServerIdentity(certificate: certificate, key: key) }?
                .description
        }
        let missing = files.folder + "/missing"
        #expect(failure(missing, files.key) == "\(missing): open: No such file or directory")
        #expect(failure(files.certificate, files.folder) == "\(files.folder) is not a file")
        let large = files.folder + "/large"
        try Data(count: PEMFile.bytesMax + 1).write(to: URL(filePath: large))
        #expect(failure(large, files.key) == "\(large) is larger than a PEM file may be")
        try Data(count: PEMFile.bytesMax).write(to: URL(filePath: large))
        #expect(failure(large, files.key) == "\(large) has no certificate")
        for (mode, isRefused) in [(0o604, true), (0o602, true), (0o601, true), (0o640, false), (0o400, false)] {
            chmod(files.key, mode_t(mode))
            if isRefused {
                #expect(
                    failure(files.certificate, files.key)
                        == "\(files.key) can be read by everybody on this machine: chmod o= \(files.key)")
            } else {
                _ = try files.identity()
            }
        }
    }

    // MARK: Making one

    @Test func aKeyIsForItsOwnerAndNeverOverwritten() throws {
        let files = try TLSFiles()
        var status = stat()
        try #require(stat(files.key, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        let made = try SelfSignedCertificate(names: [], days: 1, now: TLSFiles.now)
        let fresh = files.folder + "/fresh"
        #expect(throws: TLSSetupFailure.self) { try made.write(certificate: fresh, key: files.key) }
        #expect(!FileManager.default.fileExists(atPath: fresh))
        #expect(throws: TLSSetupFailure.self) { try made.write(certificate: files.certificate, key: fresh) }
        #expect(!FileManager.default.fileExists(atPath: fresh), "no key is left behind without its certificate")
        #expect(try files.identity().certificate.fingerprint == files.fingerprint)
    }

    @Test func itsEndIsKnown() throws {
        let files = try TLSFiles(days: 30)
        let end = try #require(try files.identity().certificate.notAfterSeconds)
        #expect(end == TLSFiles.now + 30 * 86_400)
    }

    @Test(arguments: [
        "", "two words", "a,DNS:evil.example", "-a.example", "a..example", "*", "*.example", "a.*.example",
        "ümlaut.example",
        "1.2.3.4.5:6", String(repeating: "a", count: 64) + ".example",
    ])
    func namesThatAreNoneAreRefused(name: String) throws {
        // "*.example" has two parts only: a star for a whole top-level domain is nobody's.
        #expect(throws: TLSSetupFailure.self) { try SelfSignedCertificate(names: [name], days: 1, now: TLSFiles.now) }
    }

    @Test func daysAndNamesHaveBounds() throws {
        let names = (0..<SelfSignedCertificate.namesMax).map { "host-\($0).example" }
        _ = try SelfSignedCertificate(names: names, days: SelfSignedCertificate.daysMax, now: TLSFiles.now)
        _ = try SelfSignedCertificate(names: [], days: 1, now: TLSFiles.now)
        for (names, days) in [(names + ["one.more"], 1), ([], 0), ([], SelfSignedCertificate.daysMax + 1)] {
            #expect(throws: TLSSetupFailure.self) {
                try SelfSignedCertificate(names: names, days: days, now: TLSFiles.now)
            }
        }
    }
}
