import ArgumentParser
import BoxOfficeClient
import BoxOfficeTerminal
import Foundation

/// `admin import-plan FILE`
struct ImportPlanCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "import-plan", abstract: "Bring a seating plan into the box office.",
        discussion: "The file is what the pretix seating-plan editor exports (docs/catalogue.md).")

    @Argument(help: "A seating plan's file.", completion: .file(extensions: ["json"]))
    var file: String
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        try context.console.show(await context.importFile(file, as: .plan))
    }
}

/// `admin import-concerts FILE`
struct ImportConcertsCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "import-concerts", abstract: "Bring concerts and their dates into the box office.",
        discussion:
            "The form of the file is described in docs/catalogue.md. Importing a file once more changes nothing.")

    @Argument(help: "A concert file.", completion: .file(extensions: ["json"]))
    var file: String
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        try context.console.show(await context.importFile(file, as: .concerts))
    }
}

/// `admin export-plan PLAN`
struct ExportPlanCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "export-plan", abstract: "Write a seating plan's file, to standard output or to a file.")

    @Argument(help: "A plan's number or name.")
    var plan: String
    @Option(name: .shortAndLong, help: ArgumentHelp("Where to write it.", valueName: "file"))
    var output: String?
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let office = try await context.office()
        let id = try await office.planID(plan)
        let bytes = try await office.exportPlan(id)
        guard let output else { return try context.console.bytes(bytes) }
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: output), options: .atomic)
        } catch {
            throw Failure("fileError", "\(output) cannot be written: \(error.localizedDescription)")
        }
        try context.console.show(
            json: ["plan": JSON(id), "file": JSON(output), "bytes": JSON(bytes.count)],
            lines: ["Plan \(id) is in \(sanitize(output)), \(counted(bytes.count, "byte"))."])
    }
}

/// `admin plans`
struct PlansCommand: OfficeCommand {
    static let configuration = CommandConfiguration(commandName: "plans", abstract: "List the seating plans.")
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let plans = try await context.office().plans()
        try context.console.show(
            plans, empty: "There are no seating plans.", json: { $0.json }, table: { PlanSummary.table($0) })
    }
}

extension CommandContext {
    /// Brings a file into the box office, once.
    fileprivate func importFile(_ path: String, as kind: UploadKind) async throws -> Imported {
        guard let file = ImportFile.read(path) else {
            throw Failure("fileError", "\(path) cannot be read.", status: .usage)
        }
        let office = try await office()
        if let imported = try desk.settledImport(of: kind, file) { return imported }
        let absolute = URL(fileURLWithPath: path).standardizedFileURL.path
        desk.begin(
            command: command,
            file: PendingChange.File(path: absolute, kind: kind.rawValue, fingerprint: file.fingerprint))
        return try await office.upload(kind, bytes: file.bytes, timeout: ImportFile.timeout)
    }
}

extension BoxOffice {
    /// The plan that is meant by a number or a name.
    fileprivate func planID(_ text: String) async throws -> PlanID {
        switch TypedNumber(text) {
        case .number(let number): return PlanID(number)
        case .tooLarge: throw Failure(refusing: .unknownPlan, "There is no seating plan \(text).")
        case .notANumber:
            guard let plan = try await plans().first(where: { $0.name == text }) else {
                throw Failure(refusing: .unknownPlan, "There is no seating plan called “\(text)”.")
            }
            return plan.plan
        }
    }
}
