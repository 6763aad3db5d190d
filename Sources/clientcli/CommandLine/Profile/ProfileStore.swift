// Profiles on disk: one JSON file each, under $XDG_CONFIG_HOME/boxoffice (else ~/.config/boxoffice).
//
//     default.json             mode 0600, replaced as a whole: a reader sees the old one or the new one
//     default.lock             locked while the file is being changed
//     default.KEY.inflight     locked by the process that waits for this change's answer, gone when it has come
//
// The directory has mode 0700: a session's token is as good as its password.

import Foundation

/// One profile on disk.
struct ProfileStore: Sendable {
    let directory: String
    let name: String

    /// - Parameter name: must pass ``isGoodName(_:)``.
    init(directory: String, name: String) {
        self.directory = directory
        self.name = name
    }

    /// Where the environment says that configuration goes.
    static func directory(environment: [String: String]) -> String {
        // The specification of these directories: a relative path is to be ignored.
        if let base = environment["XDG_CONFIG_HOME"], base.hasPrefix("/") { return base + "/boxoffice" }
        return (environment["HOME"] ?? NSHomeDirectory()) + "/.config/boxoffice"
    }

    /// Whether a profile may be called so: the name becomes part of a path.
    static func isGoodName(_ name: String) -> Bool {
        let isPlain = name.unicodeScalars.allSatisfy { !$0.properties.generalCategory.isControl && $0 != "/" }
        return isPlain && !name.isEmpty && name.utf8.count <= 100 && !name.hasPrefix(".")
    }

    /// The profile's file.
    var path: String { "\(directory)/\(name).json" }

    /// The profile as it is; an empty one when there is no file.
    func load() throws(Failure) -> Profile {
        guard let contents = try read() else { return Profile() }
        guard let profile = try? JSONDecoder().decode(Profile.self, from: contents) else {
            throw unusable("\(path) is damaged: it is not a profile. Log in again to begin a new one.")
        }
        guard profile.version == 1 else { throw unusable("\(path) is of a newer version.") }
        return profile
    }

    /// The file's contents; nil when there is none.
    private func read() throws(Failure) -> Data? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw unusable("\(path) cannot be read: \(String(cString: strerror(errno))).")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            return try file.readToEnd() ?? Data()
        } catch {
            throw unusable("\(path) cannot be read.")
        }
    }

    /// Makes sure that a change will find its place, before the box office is told anything that has to be kept.
    func requireWritable() throws {
        try prepareDirectory()
        _ = try FileLock.acquire("\(directory)/\(name).lock")
        guard access(directory, W_OK) == 0 else { throw SystemFailure(directory) }
    }

    /// Puts a file that is no profile out of the way of a new one. It may hold the keys of changes without an answer, so
    /// it is kept.
    /// - Returns: where it is now; nil when there was nothing wrong.
    func setAsideIfDamaged() throws -> String? {
        let lock = try FileLock.acquire("\(directory)/\(name).lock")
        defer { withExtendedLifetime(lock) {} }
        guard let contents = try read(), (try? JSONDecoder().decode(Profile.self, from: contents)) == nil else {
            return nil
        }
        let aside = path + ".damaged"
        guard rename(path, aside) == 0 else { throw SystemFailure(path) }
        return aside
    }

    /// Changes the profile. Nobody else changes it meanwhile, and nobody sees it half-changed.
    /// - Parameter durably: returns when the change will survive a power loss too.
    @discardableResult
    func change<Result>(durably: Bool = false, _ body: (inout Profile) throws -> Result) throws -> Result {
        try prepareDirectory()
        let lock = try FileLock.acquire("\(directory)/\(name).lock")
        defer { withExtendedLifetime(lock) {} }
        let before = try load()
        var profile = before
        let result = try body(&profile)
        if profile != before { try write(profile, durably: durably) }
        return result
    }

    /// Keeps others from settling a change: its answer is being waited for. Nil when another process does.
    func lockChange(_ key: String) throws -> FileLock? {
        try prepareDirectory()
        return try FileLock.tryAcquire("\(directory)/\(name).\(key).inflight")
    }

    private func prepareDirectory() throws {
        guard access(directory, F_OK) != 0 else { return }
        var parent = ""
        for name in directory.split(separator: "/") {
            parent += "/\(name)"
            guard mkdir(parent, 0o700) == 0 || errno == EEXIST else { throw SystemFailure(parent) }
        }
    }

    /// By way of a second file, so that the profile is whole at any moment.
    private func write(_ profile: Profile, durably: Bool) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let bytes = Array(try encoder.encode(profile)) + [0x0A]
        let fresh = "\(path).\(getpid()).new"
        let descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SystemFailure(fresh) }
        defer { unlink(fresh) }  // gone already when all went well
        let isWritten = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) == $0.count }
        guard isWritten, fsync(descriptor) == 0, fchmod(descriptor, 0o600) == 0 else {
            defer { close(descriptor) }
            throw SystemFailure(fresh)
        }
        close(descriptor)
        guard rename(fresh, path) == 0 else { throw SystemFailure(path) }
        guard durably else { return }
        let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw SystemFailure(directory) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw SystemFailure(directory) }
    }

    private func unusable(_ message: String) -> Failure { Failure("badProfile", message) }
}

extension Unicode.GeneralCategory {
    fileprivate var isControl: Bool { self == .control || self == .format }
}
