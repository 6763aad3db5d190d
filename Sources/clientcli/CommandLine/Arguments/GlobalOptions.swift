import ArgumentParser

/// Options that every command takes, before or after its name.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where the box office is: HOST:PORT, HOST or unix:/PATH. Else BOXOFFICE_SERVER, then where the profile has logged in, then 127.0.0.1:7480.",
            valueName: "host:port"))
    var server: String?

    @Option(
        help: ArgumentHelp(
            "Whose session to use: each profile is one member. Else BOXOFFICE_PROFILE, then \"default\".",
            valueName: "name"))
    var profile: String?

    @Flag(help: "Print JSON for programs: an object, or one a line for lists.")
    var json = false
}
