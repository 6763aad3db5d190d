import ArgumentParser
import BoxOfficeServer

/// Backups by the clock (docs/operations.md).
struct BackupOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Make a backup this often: 1h, 30m, 90s or 7d; or “off”.", valueName: "interval"))
    var backupEvery = IntervalOption(seconds: nil)
    @Option(
        help: ArgumentHelp("Where these backups go; not on the disk of the data directory.", valueName: "directory"))
    var backupDirectory: String?
    @Option(help: "How many of them are kept.")
    var backupKeep = 24

    var schedule: BackupSchedule? {
        backupEvery.seconds.map {
            BackupSchedule(everySeconds: $0, directory: backupDirectory ?? "", kept: backupKeep)
        }
    }
}

/// `90s`, `30m`, `1h`, `7d`, a number of seconds, or `off`.
struct IntervalOption: ExpressibleByArgument {
    var seconds: UInt32?

    init(seconds: UInt32?) { self.seconds = seconds }

    init?(argument: String) {
        guard argument != "off" else { return }
        let units: [Character: UInt32] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        let unit = argument.last.flatMap { units[$0] }
        guard let count = UInt32(unit == nil ? argument[...] : argument.dropLast()) else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: unit ?? 1)
        guard !overflow else { return nil }
        seconds = product
    }

    var defaultValueDescription: String { seconds.map { "\($0)s" } ?? "off" }
}
