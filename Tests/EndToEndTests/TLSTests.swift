// Encrypted connections as people and other programs meet them: real processes, certificates of every kind, and OpenSSL's
// own client.

import BoxOfficeClient
import Foundation
import Testing

@Suite struct TLSTests {
    private let files = CertificateFolder()

    // MARK: Self-signed and pinned

    @Test("self-signed: refused with its fingerprint, then pinned and remembered")
    func pinning() throws {
        let fingerprint = try files.makeSelfSigned()
        #expect(try files.fingerprint() == fingerprint, "the same that openssl prints")
        let server = try files.server()
        let address = try server.tlsAddress

        let refused = try server.boxoffice("ann", "--server", address, "concerts")
        #expect(refused.status == 1)
        #expect(refused.refusal == "certificateUnknown")
        #expect(refused.errors.contains(fingerprint))
        #expect(refused.output.isEmpty)

        // Given once, known from then on.
        #expect(try server.boxoffice("ann", "--server", address, "--pin", fingerprint, "concerts").status == 0)
        #expect(try server.boxoffice("ann", "--server", address, "signup", "ann").status == 0)
        #expect(try server.boxoffice("ann", "--server", address, "charge", "500").object["balance"] as? Int == 500)
        // By flag, for an address without the scheme; and for another profile it is as new as before.
        let plain = String(address.dropFirst("tls://".count))
        #expect(try server.boxoffice("ann", "--tls", "--server", plain, "balance").object["balance"] as? Int == 500)
        #expect(try server.boxoffice("bob", "--tls", "--server", plain, "concerts").refusal == "certificateUnknown")
        // Forgotten.
        #expect(try server.boxoffice("ann", "--server", address, "--pin", "none", "concerts").status == 1)
    }

    @Test("asked at a terminal: shown, and kept when the answer is yes")
    func asking() throws {
        let fingerprint = try files.makeSelfSigned()
        let server = try files.server()
        let program = Products.directory.appending(path: "boxoffice").path()
        func answer(_ answer: String) throws -> Finished {
            // script(1) gives it a terminal of its own.
            let command = "\(program) --profile ann --server \(try server.tlsAddress) concerts"
            return try run(
                "bash", ["-c", "(sleep 1; echo \(answer); sleep 1) | script -qec '\(command)' /dev/null"],
                environment: ["XDG_CONFIG_HOME": server.folder.path + "/config", "TERM": "dumb"])
        }
        let no = try answer("no")
        #expect(no.output.contains(fingerprint))
        #expect(no.output.contains("certificateUnknown"))
        let yes = try answer("yes")
        #expect(yes.output.contains("Harbour"))
        #expect(try server.boxoffice("ann", "--server", server.tlsAddress, "concerts").status == 0)
    }

    @Test("another certificate is refused loudly, with both fingerprints; SIGHUP brings it in")
    func changedCertificate() throws {
        let first = try files.makeSelfSigned()
        let server = try files.server()
        let address = try server.tlsAddress
        #expect(try server.boxoffice("ann", "--server", address, "--pin", first, "signup", "ann").status == 0)
        let watch = try server.start("ann", ["--server", address, "watch"])
        Thread.sleep(forTimeInterval: 1)

        let second = try files.makeSelfSigned()
        try server.reload()
        let refused = try server.boxoffice("ann", "--server", address, "charge", "5")
        #expect(refused.status == 1)
        #expect(refused.refusal == "certificateChanged")
        #expect(refused.errors.contains(first) && refused.errors.contains(second))
        // For people it says what may be the matter.
        let shown = try RunningProcess(
            Products.directory.appending(path: "boxoffice"), ["--profile", "ann", "--server", address, "balance"],
            environment: ["XDG_CONFIG_HOME": server.folder.path + "/config"]
        ).finish()
        #expect(shown.errors.contains("SOMEBODY MAY BE BETWEEN"))
        #expect(shown.errors.contains("--pin \(second)"))

        #expect(try server.boxoffice("ann", "--server", address, "--pin", second, "charge", "5").status == 0)
        #expect(
            watch.waitForOutput { $0.contains("charged") ? $0 : nil } != nil,
            "a connection that was there before goes on")
        watch.signal(SIGINT)
        #expect(watch.finish().status == 0)
    }

    @Test("a bad certificate is not taken in, and the old one stays")
    func badReload() throws {
        let fingerprint = try files.makeSelfSigned()
        let server = try files.server()
        let address = try server.tlsAddress
        let good = try Data(contentsOf: URL(filePath: files.certificate))
        try Data("nonsense".utf8).write(to: URL(filePath: files.certificate))
        try server.reload()
        #expect(server.running.errors.contains("the certificate is not replaced, the old one stays"))
        #expect(try server.boxoffice("ann", "--server", address, "--pin", fingerprint, "concerts").status == 0)
        try good.write(to: URL(filePath: files.certificate))
        chmod(files.key, 0o644)
        try server.reload()
        #expect(server.running.errors.contains("can be read by everybody"))
        chmod(files.key, 0o600)
        try server.reload()
        #expect(server.running.errors.contains("the certificate is replaced"))
        #expect(try server.boxoffice("ann", "--server", address, "concerts").status == 0)
        #expect(server.stop().status == 0)
    }

    // MARK: Signed

    @Test("signed: for its names only, believed by file, and remembered")
    func signed() throws {
        try files.makeSigned(names: "DNS:localhost,IP:127.0.0.1")
        let server = try files.server()
        let port = try server.tlsPort
        #expect(
            try server.boxoffice("ann", "--server", "tls://127.0.0.1:\(port)", "concerts").refusal
                == "certificateUnknown")
        #expect(
            try server.boxoffice("ann", "--server", "tls://127.0.0.1:\(port)", "--ca", files.authority, "concerts")
                .status
                == 0)
        #expect(try server.boxoffice("ann", "--server", "tls://127.0.0.1:\(port)", "concerts").status == 0)
        #expect(
            try server.boxoffice("ann", "--server", "tls://localhost:\(port)", "--ca", files.authority, "concerts")
                .status
                == 0)
        // The system's store, when it is told to be that file.
        let asSystem = try RunningProcess(
            Products.directory.appending(path: "boxoffice"),
            ["--profile", "bob", "--server", "tls://localhost:\(port)", "concerts"],
            environment: ["XDG_CONFIG_HOME": server.folder.path + "/config", "SSL_CERT_FILE": files.authority]
        ).finish()
        #expect(asSystem.status == 0, "\(asSystem.errors)")
        #expect(
            try server.boxoffice("ann", "--server", "tls://localhost:\(port)", "--ca", "/missing", "concerts").refusal
                == "trustUnusable")
    }

    @Test("a certificate for another host is refused, and pinning is no question then")
    func wrongHost() throws {
        try files.makeSigned(names: "DNS:tickets.example,IP:127.0.0.2")
        let server = try files.server()
        let refused = try server.boxoffice(
            "ann", "--server", server.tlsAddress, "--ca", files.authority, "concerts")
        #expect(refused.status == 1)
        #expect(refused.refusal == "certificateInvalid")
        #expect(refused.errors.contains("mismatch"))
    }

    @Test("a certificate that has ended is refused")
    func expired() throws {
        try files.makeSigned(names: "IP:127.0.0.1", days: -1)
        let server = try files.server()
        let refused = try server.boxoffice("ann", "--server", server.tlsAddress, "--ca", files.authority, "concerts")
        #expect(refused.refusal == "certificateInvalid")
        #expect(refused.errors.contains("expired"))
        #expect(server.running.errors.contains("the certificate has expired"), "the operator is told at the start")
    }

    // MARK: Those who do not fit together

    @Test("plain and encrypted do not understand each other, and say so")
    func mixedUp() throws {
        try files.makeSelfSigned()
        let server = try files.server()
        let plain = try server.boxoffice("ann", "--server", "127.0.0.1:\(try server.tlsPort)", "concerts")
        #expect(plain.status == 3)
        let encrypted = try server.boxoffice("ann", "--tls", "--server", server.address, "concerts")
        #expect(encrypted.status == 3)
        #expect(encrypted.refusal == "tlsFailed")
        #expect(encrypted.errors.contains("does not speak TLS"))
        #expect(try server.boxoffice("ann", "concerts").status == 0, "the plain address is there as before")
    }

    @Test("what cannot be served is refused at the start", arguments: 0..<6)
    func badStarts(number: Int) throws {
        try files.makeSelfSigned()
        let other = CertificateFolder()
        try other.makeSelfSigned()
        let (certificate, key) = (files.certificate, files.key)
        let pair = ["--tls-certificate", certificate, "--tls-key", key]
        if number == 3 { chmod(key, 0o644) }
        let (flags, status, says): ([String], Int32, String) = [
            (["--tls-listen", "127.0.0.1:0"], 2, "takes a certificate and its key"),
            (pair, 2, "they are for nothing else"),
            (["--tls-listen", "127.0.0.1:0", "--tls-certificate", certificate], 2, "belong together"),
            (["--tls-listen", "127.0.0.1:0"] + pair, 1, "can be read by everybody on this machine"),
            (
                ["--tls-listen", "127.0.0.1:0", "--tls-certificate", certificate, "--tls-key", other.key], 1,
                "the key does not belong to the certificate"
            ),
            (["--listen", "0.0.0.0:0", "--tls-listen", "0.0.0.0:0"] + pair, 2, "passwords would travel in the clear"),
        ][number]
        let folder = TemporaryFolder()
        let ended = try RunningProcess(
            Products.directory.appending(path: "boxofficed"), ["serve", "--data", folder.path + "/data"] + flags
        ).finish(within: 20)
        #expect(ended.status == status)
        #expect(ended.errors.contains(says), "\(ended.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/data/boxoffice.sqlite"))
    }

    @Test("with TLS alone there is no plain address")
    func tlsAlone() throws {
        let fingerprint = try files.makeSelfSigned("--name", "tickets.example")
        let folder = TemporaryFolder()
        let running = try RunningProcess(
            Products.directory.appending(path: "boxofficed"),
            [
                "serve", "--demo", "--data", folder.path + "/data", "--tls-listen", "0.0.0.0:0", "--tls-certificate",
                files.certificate, "--tls-key", files.key,
            ])
        let line = try #require(running.waitForOutput { $0.contains("\n") ? $0 : nil })
        #expect(line.hasPrefix("listening on 0.0.0.0:") && line.hasSuffix(" (TLS)\n"))
        #expect(running.errors.contains(fingerprint))
        running.signal(SIGTERM)
        let ended = running.finish()
        #expect(ended.status == 0)
        #expect(ended.output == line)
    }

    @Test("a certificate is not overwritten, and names are looked at")
    func certificateCommand() throws {
        try files.makeSelfSigned("--name", "tickets.example", "--name", "192.0.2.7", "--days", "7")
        let text = try run("openssl", ["x509", "-in", files.certificate, "-noout", "-text"]).output
        for part in [
            "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:tickets.example, IP Address:192.0.2.7",
            "TLS Web Server Authentication", "CA:FALSE", "NIST CURVE: P-256",
        ] { #expect(text.contains(part)) }
        func again(_ more: String...) throws -> Finished {
            try RunningProcess(
                Products.directory.appending(path: "boxofficed"),
                ["certificate", "--tls-certificate", files.certificate, "--tls-key", files.key] + more
            ).finish()
        }
        let before = try Data(contentsOf: URL(filePath: files.key))
        let refused = try again()
        #expect(refused.status == 1)
        #expect(refused.errors.contains("is there already"))
        #expect(try again("--name", "no such name").errors.contains("neither a host's name nor"))
        #expect(try Data(contentsOf: URL(filePath: files.key)) == before)
    }

    // MARK: OpenSSL's own client

    /// `openssl s_client`, with nothing to say; it ends when the handshake has.
    private func sClient(_ server: ServerProcess, _ arguments: [String]) throws -> String {
        let finished = try run(
            "bash",
            [
                "-c", "sleep 0.3 | timeout 20 openssl s_client \"$@\"", "s_client", "-connect",
                "127.0.0.1:\(try server.tlsPort)", "-servername", "localhost",
            ] + arguments)
        return finished.output + finished.errors
    }

    @Test("openssl s_client: TLS 1.3 with ALPN, and nothing else")
    func openSSL() throws {
        try files.makeSelfSigned()
        let server = try files.server()
        let alpn = ["-alpn", "h2,boxoffice/1"]
        let good = try sClient(server, alpn + ["-CAfile", files.certificate, "-verify_hostname", "localhost"])
        for part in ["TLSv1.3", "ALPN protocol: boxoffice/1", "Verify return code: 0 (ok)", "Verification: OK"] {
            #expect(good.contains(part), "\(part)\n\(good)")
        }
        #expect(!good.contains("Post-Handshake New Session Ticket"), "there is nothing to resume, so no early data")
        #expect(!good.contains("Max Early Data: 1"))
        for (arguments, says) in [
            (alpn + ["-tls1_2"], "alert protocol version"), (["-tls1_3"], "no application protocol"),
            (["-alpn", "h2,http/1.1"], "no application protocol"), (alpn + ["-no_tls1_3"], "alert protocol version"),
        ] {
            let refused = try sClient(server, arguments)
            #expect(refused.contains(says), "\(arguments)\n\(refused)")
            #expect(!refused.contains("ALPN protocol: boxoffice/1"))
        }
        // With a certificate that is not asked for: it is not looked at.
        let offered = try sClient(server, alpn + ["-cert", files.certificate, "-key", files.key])
        #expect(offered.contains("No client certificate CA names sent"))
        #expect(try server.boxoffice("ann", "concerts").status == 0)
    }

    @Test("a client in another language, by the specification alone")
    func python() throws {
        try files.makeSelfSigned()
        let server = try files.server()
        let bought = try run(
            "python3",
            ["-B", Products.root.appending(path: "spec/python/buy.py").path(), "127.0.0.1", "\(try server.tlsPort)"],
            environment: ["BOXOFFICE_CA": files.certificate, "BOXOFFICE_PASSWORD": "a long password"])
        #expect(bought.status == 0, "\(bought.output)\(bought.errors)")
        #expect(bought.output.contains("\"done\""))
        #expect(try server.audit().status == 0)
    }

    // MARK: Staying

    @Test("a client goes on over lost encrypted connections, with each change made once")
    func goesOn() async throws {
        let fingerprint = try files.makeSelfSigned()
        let server = try files.server()
        // The port stays: the server is started anew on it.
        let port = try server.tlsPort
        var configuration = ClientConfiguration(
            address: .tls("127.0.0.1", port: port), credentials: .password(name: "ann", password: "a long password"))
        configuration.trust = .pinned(try #require(CertificateFingerprint(fingerprint)))
        configuration.backoffMax = .milliseconds(300)
        configuration.requestTimeout = .seconds(60)
        try server.boxoffice("ann", "signup", "ann")
        try await BoxOffice(configuration).running { office in
            for round in 1...20 {
                let answer = try await office.charge(Points(1))
                #expect(answer.balance == Points(Int64(round)))
                if round == 10 {
                    server.killNow()
                    try server.startAgain(flags: [
                        "--tls-listen", "127.0.0.1:\(port)", "--tls-certificate", files.certificate, "--tls-key",
                        files.key,
                    ])
                }
            }
        }
        #expect(try server.boxoffice("ann", "balance").object["balance"] as? Int == 20)
    }

    @Test("a certificate that changes while a client runs ends it at once, with what it was waiting for")
    func changesMeanwhile() async throws {
        let fingerprint = try files.makeSelfSigned()
        let server = try files.server()
        let port = try server.tlsPort
        var configuration = ClientConfiguration(address: .tls("127.0.0.1", port: port))
        configuration.trust = .pinned(try #require(CertificateFingerprint(fingerprint)))
        configuration.requestTimeout = .seconds(60)
        let office = BoxOffice(configuration)
        let run = Task { await office.run() }
        try await office.connected()
        server.killNow()
        try files.makeSelfSigned()
        try server.startAgain(flags: [
            "--tls-listen", "127.0.0.1:\(port)", "--tls-certificate", files.certificate, "--tls-key", files.key,
        ])
        await #expect {
            _ = try await office.concerts()
        } throws: { error in
            (error as? BoxOfficeError)?.name == "certificateChanged"
        }
        await run.value
    }
}
