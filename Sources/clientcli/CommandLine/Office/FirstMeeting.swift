// The first connection to a server whose certificate nobody has signed: the fingerprint is shown, and whoever sits at the
// terminal says whether it is the right one. Without a terminal it has to be given with --pin.

import BoxOfficeClient
import BoxOfficeTerminal

extension Desk {
    /// Asks whether a certificate is the right one.
    /// - Returns: whether it is to be believed from now on.
    func asksToTrust(_ certificate: CertificateFingerprint, of address: ServerAddress, _ console: Console) -> Bool {
        guard !console.isJSON else { return false }
        let question = """
            Nobody whom this system trusts has signed the certificate of \(sanitize(address.description)).
            Its fingerprint is
                \(certificate)
            Compare it with the one that the box office tells you by another way. If they differ, somebody is in between.
            Is it the same, and is it to be trusted from now on?
            """
        return confirm(question) == true
    }
}

extension Failure {
    /// What to do about a certificate that is not believed.
    var certificateAdvice: [String] {
        guard let certificate else { return [] }
        switch code {
        case "certificateUnknown":
            return [
                "Ask the box office for its fingerprint, by another way. If it is this one, say so once:",
                "    boxoffice … --pin \(certificate)", "The profile then keeps it.",
            ]
        case "certificateChanged":
            return [
                "SOMEBODY MAY BE BETWEEN YOU AND THE BOX OFFICE. Nothing was sent.",
                "Or it has a new certificate: ask for the fingerprint, by another way. If it is the one shown:",
                "    boxoffice … --pin \(certificate)",
                "If it has been signed since by somebody whom this system trusts:", "    boxoffice … --pin none",
            ]
        default: return []
        }
    }
}
