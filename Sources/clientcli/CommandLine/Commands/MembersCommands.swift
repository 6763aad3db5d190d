import ArgumentParser
import BoxOfficeClient
import BoxOfficeTerminal

/// `signup NAME`
struct SignUpCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "signup", abstract: "Become a member and log in.",
        discussion: "The password is asked for, twice, or taken from BOXOFFICE_PASSWORD.")

    @Argument(help: "3 to 32 characters; upper and lower case are the same.")
    var name: String
    @OptionGroup var global: GlobalOptions

    var changeWithPassword: Opcode? { .signUp }

    func run(in context: CommandContext) async throws {
        let password = try context.newPassword(variable: "BOXOFFICE_PASSWORD", for: name)
        try context.prepareProfile()
        _ = try await context.office(for: .guest)
        _ = try await context.change { SignUp(operation: $0, name: name, password: Secret(password)) }
        try await context.logIn(name: name, password: password)
    }
}

/// `login NAME`
struct LogInCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Start a session, which the profile keeps.",
        discussion: "The password is asked for, or taken from BOXOFFICE_PASSWORD.")

    @Argument(help: "The login name.")
    var name: String
    @OptionGroup var global: GlobalOptions

    var changeWithPassword: Opcode? { .signUp }

    func run(in context: CommandContext) async throws {
        let password = try context.password(variable: "BOXOFFICE_PASSWORD", prompt: "Password for \(sanitize(name)): ")
        try context.prepareProfile()
        _ = try await context.office(for: .guest)
        try await context.logIn(name: name, password: password)
    }
}

/// `logout`
struct LogOutCommand: OfficeCommand {
    static let configuration = CommandConfiguration(commandName: "logout", abstract: "End the session.")
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        try context.desk.settings.store.requireWritable()
        let office = try await context.office()
        let account = try await office.whoAmI()
        try await office.logOut()
        try context.desk.settings.store.change { $0.ended() }
        try context.console.show(
            json: ["loggedOut": true, "member": JSON(account.member), "name": JSON(account.name)],
            lines: ["\(sanitize(account.name)) has logged out."])
    }
}

/// `whoami`
struct WhoAmICommand: OfficeCommand {
    static let configuration = CommandConfiguration(commandName: "whoami", abstract: "Tell who is logged in.")
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        try await context.console.show(context.office().whoAmI())
    }
}

/// `passwd`
struct PasswordCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "passwd", abstract: "Change your password; your other sessions end.",
        discussion: """
            The passwords are asked for, or taken from BOXOFFICE_PASSWORD (the one so far) and BOXOFFICE_NEW_PASSWORD.
            """)
    @OptionGroup var global: GlobalOptions

    var changeWithPassword: Opcode? { .changePassword }

    func run(in context: CommandContext) async throws {
        let old = try context.password(variable: "BOXOFFICE_PASSWORD", prompt: "Password so far: ")
        let new = try context.newPassword(variable: "BOXOFFICE_NEW_PASSWORD", for: nil)
        _ = try await context.change {
            ChangePassword(operation: $0, oldPassword: Secret(old), newPassword: Secret(new))
        }
        let name = context.desk.office?.account?.name ?? ""
        try context.console.show(
            json: ["passwordChanged": true, "name": JSON(name)],
            lines: ["The password of \(sanitize(name)) is changed."])
    }
}

extension CommandContext {
    /// A session that could not be kept is not begun.
    fileprivate func prepareProfile() throws {
        try desk.settings.store.requireWritable()
        guard let aside = try desk.settings.store.setAsideIfDamaged() else { return }
        console.remark(json: ["profileSetAside": JSON(aside)], "the profile was damaged; it is kept as \(aside)")
    }

    /// Starts a session, keeps it in the profile, and shows who it is.
    fileprivate func logIn(name: String, password: String) async throws {
        let office = try await office(for: .guest)
        let login = try await office.logIn(name: name, password: password, device: Settings.clientName)
        let address = desk.address.description
        try desk.settings.store.change { $0.began(login, at: address, deployment: office.deployment) }
        try await desk.loggedIn(login.account, console)
        let expiry: JSON = ["sessionExpiresAt": JSON(login.expiresAt)]
        try console.show(
            json: login.account.json.with(expiry),
            lines: [
                "Logged in as \(console.look.style.bold(sanitize(login.account.name))), member \(login.account.member)."
            ])
    }

    /// A password that exists.
    func password(variable: String, prompt: String) throws -> String {
        if let password = desk.settings.environment[variable] { return password }
        guard let password = readPassword(prompt) else {
            throw Failure.usage("There is no terminal to ask for the password at; set \(variable).")
        }
        return password
    }

    /// A password that is being chosen: asked for twice, since nobody sees what is typed.
    func newPassword(variable: String, for name: String?) throws -> String {
        if let password = desk.settings.environment[variable] { return password }
        let owner = name.map { " for \(sanitize($0))" } ?? ""
        let password = try password(variable: variable, prompt: "New password\(owner): ")
        guard try self.password(variable: variable, prompt: "Once more: ") == password else {
            throw Failure(refusing: .badPassword, "The two passwords differ.")
        }
        return password
    }
}
