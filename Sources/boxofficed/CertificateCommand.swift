import ArgumentParser
import BoxOfficeServer
import BoxOfficeTransport
import Foundation

struct CertificateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate",
        abstract: "Make a self-signed certificate for --tls-listen.",
        discussion: """
            For a start, and where everybody can be told its fingerprint: clients show it once and then know it, as SSH \
            does. It names localhost, 127.0.0.1, ::1 and whatever is given with --name. Nothing is overwritten.
            """)

    @Option(help: ArgumentHelp("Where the certificate goes.", valueName: "file"))
    var tlsCertificate: String
    @Option(help: ArgumentHelp("Where its private key goes, for its owner only.", valueName: "file"))
    var tlsKey: String
    @Option(help: ArgumentHelp("A host's name or numeric address; may be given several times.", valueName: "host"))
    var name: [String] = []
    @Option(help: "How long it is good.")
    var days = 3_650

    func run() throws {
        do {
            let made = try SelfSignedCertificate(names: name, days: days, now: Int64(Date.now.timeIntervalSince1970))
            try made.write(certificate: tlsCertificate, key: tlsKey)
            print(made.fingerprint)
        } catch {
            throw Failed(message: "boxofficed: \(error)")
        }
    }
}
