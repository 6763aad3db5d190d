import ArgumentParser
import BoxOfficeServer
import Foundation

/// Where to listen with TLS, and whose certificate to show (docs/operations.md).
struct TLSOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Listen here with TLS; may be given several times. Port 0 picks a free one.", valueName: "host:port"))
    var tlsListen: [String] = []
    @Option(
        help: ArgumentHelp(
            "A PEM file: the server's certificate, then those that lead to a root. Read again on SIGHUP.",
            valueName: "file"))
    var tlsCertificate: String?
    @Option(
        help: ArgumentHelp("A PEM file: its private key, which not everybody may read.", valueName: "file"))
    var tlsKey: String?
    @Option(help: "A client that has not shaken hands this long after it came is cut off.")
    var tlsHandshakeSeconds = 5.0

    func apply(to configuration: inout ServerConfiguration) {
        configuration.tlsListen = tlsListen
        configuration.tlsCertificate = tlsCertificate
        configuration.tlsKey = tlsKey
        configuration.tlsHandshakeSeconds = tlsHandshakeSeconds
    }
}
