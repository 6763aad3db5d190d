import ArgumentParser

/// Options that every command takes, before or after its name.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where the box office is: HOST:PORT, HOST, tls://HOST:PORT or unix:/PATH. Else BOXOFFICE_SERVER, then where the profile has logged in, then 127.0.0.1:7480.",
            valueName: "host:port"))
    var server: String?

    @Option(
        help: ArgumentHelp(
            "Whose session to use: each profile is one member. Else BOXOFFICE_PROFILE, then \"default\".",
            valueName: "name"))
    var profile: String?

    @Flag(help: "Encrypt with TLS: the same as tls:// before the server.")
    var tls = false

    @Option(
        help: ArgumentHelp(
            "A PEM file: whom to believe that the server is the right one, instead of this system's store. Else BOXOFFICE_CA; the profile remembers it.",
            valueName: "file"))
    var ca: String?

    @Option(
        help: ArgumentHelp(
            "The fingerprint of the server's certificate, SHA256:…: believe this one and no other. Else BOXOFFICE_PIN; the profile remembers it, “none” forgets it.",
            valueName: "fingerprint"))
    var pin: String?

    @Flag(help: "Print JSON for programs: an object, or one a line for lists.")
    var json = false

    /// Those that a value follows.
    static let namesWithValue = ["--server", "--profile", "--ca", "--pin"]
    /// Those that stand alone.
    static let flagNames = ["--json", "--tls"]

    /// Whether one of them says where the box office is, or who one is to it: that is settled once for a session.
    var namesConnection: Bool { server != nil || profile != nil || tls || ca != nil || pin != nil }
}
