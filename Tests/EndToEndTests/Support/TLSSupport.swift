import BoxOfficeClient
import Foundation
import Testing

/// Certificates in a folder, made by `boxofficed certificate` or by OpenSSL's own program.
final class CertificateFolder: Sendable {
    private let folder = TemporaryFolder()
    var certificate: String { folder.path + "/tls.crt" }
    var key: String { folder.path + "/tls.key" }
    /// The certificate of whoever has signed it, for `--ca`.
    var authority: String { folder.path + "/ca.crt" }

    /// Self-signed, as an operator makes one for a start. Returns what was printed: the fingerprint.
    @discardableResult
    func makeSelfSigned(_ more: String...) throws -> String {
        for file in [certificate, key] { try? FileManager.default.removeItem(atPath: file) }
        let made = try RunningProcess(
            Products.directory.appending(path: "boxofficed"),
            ["certificate", "--tls-certificate", certificate, "--tls-key", key] + more
        ).finish()
        try #require(made.status == 0, "\(made.errors)")
        return made.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Signed by an authority that is made for it, by way of another one, as certificates are that one buys.
    func makeSigned(names: String, days: Int = 30) throws {
        let path = folder.path
        let script = """
            set -e
            cd "\(path)"
            new() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" "${@:2}"; }
            new root -x509 -days 30 -keyout ca.key -out ca.crt
            new between -keyout between.key -out between.csr
            openssl x509 -req -in between.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -out between.crt \
                -extfile <(echo "basicConstraints=critical,CA:TRUE")
            new server -keyout tls.key -out server.csr
            openssl x509 -req -in server.csr -CA between.crt -CAkey between.key -CAcreateserial -days \(days) \
                -out server.crt -extfile <(printf 'subjectAltName=\(names)\\nextendedKeyUsage=serverAuth\\n')
            cat server.crt between.crt > tls.crt
            chmod 600 tls.key
            """
        let made = try run("bash", ["-c", script])
        try #require(made.status == 0, "\(made.errors)")
    }

    /// As OpenSSL's own program has it.
    func fingerprint() throws -> String {
        let told = try run("openssl", ["x509", "-in", certificate, "-noout", "-fingerprint", "-sha256"])
        return "SHA256:"
            + told.output.split(separator: "=").last!.replacing(":", with: "").lowercased()
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func server(_ more: String...) throws -> ServerProcess {
        try ServerProcess(
            flags: ["--demo", "--tls-listen", "127.0.0.1:0", "--tls-certificate", certificate, "--tls-key", key] + more)
    }
}

/// A program of the system.
func run(_ program: String, _ arguments: [String], environment: [String: String] = [:], within seconds: Double = 60)
    throws -> Finished
{
    try RunningProcess(URL(filePath: "/usr/bin/env"), [program] + arguments, environment: environment).finish(
        within: seconds)
}

extension ServerProcess {
    /// Where it listens with TLS.
    var tlsPort: UInt16 {
        get throws {
            let line = running.waitForOutput { output in
                output.split(separator: "\n").first { $0.hasSuffix(" (TLS)") }.map(String.init)
            }
            let port = try #require(line).dropLast(" (TLS)".count).split(separator: ":").last
            return try #require(port.flatMap { UInt16($0) })
        }
    }

    var tlsAddress: String { get throws { "tls://127.0.0.1:\(try tlsPort)" } }

    /// Reads certificate and key again; returns once the log says how that went.
    func reload() throws {
        let lines = { (errors: String) in errors.split(separator: "\n").filter { $0.contains("replaced") }.count }
        let before = lines(running.errors)
        running.signal(SIGHUP)
        try #require(running.waitForErrors { lines($0) > before })
    }
}
