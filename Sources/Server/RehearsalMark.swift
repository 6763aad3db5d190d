import Foundation

/// A file in the data directory that says: nothing that is sold here is real. It keeps a rehearsal out of a box office
/// where people buy, and people who buy out of a rehearsal.
public enum RehearsalMark {
    static let name = "boxoffice.rehearsal"
    private static let text = """
        This box office is a rehearsal: its members, points and tickets are made up, or copies.
        Only `boxofficed serve --rehearsal` serves it.

        """

    /// Throws unless the directory is what it is to be used as; marks one that has no data file yet.
    public static func check(_ directory: String, isRehearsal: Bool) throws(ServerFailure) {
        let isMarked = FileManager.default.fileExists(atPath: directory + "/" + name)
        if isMarked == isRehearsal { return }
        guard isRehearsal else {
            throw ServerFailure("\(directory) is a rehearsal: say --rehearsal, or use another directory")
        }
        guard !FileManager.default.fileExists(atPath: directory + "/boxoffice.sqlite") else {
            throw ServerFailure(
                "\(directory) is not a rehearsal: use an empty directory, or a copy by `boxofficed restore --rehearsal`"
            )
        }
        try set(in: directory)
    }

    /// Marks a data directory, which is made when it is missing.
    private static func set(in directory: String) throws(ServerFailure) {
        let path = directory + "/" + name
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw ServerFailure("\(path) cannot be written: \(error.localizedDescription)")
        }
    }
}
