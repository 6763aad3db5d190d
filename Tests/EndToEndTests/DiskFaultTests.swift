import BoxOfficeClient
import Foundation
import Synchronization
import Testing

/// The real server on a system that fails it: errors put into its system calls by `strace`, a file system that is full, no
/// file descriptors left. Members buy through the client library, which asks again with the same key until it knows.
@Suite("The system fails the server", .serialized) struct DiskFaultTests {
    /// Whether a command can be carried out here; tests that need one are left out with the reason.
    private static func works(_ command: String...) -> Bool {
        (try? RunningProcess(URL(filePath: "/usr/bin/env"), command).finish(within: 20).status) == 0
    }

    static let canTrace = works("strace", "-qq", "-o", "/dev/null", "-e", "trace=none", "true")
    static let canMount = works("unshare", "-m", "sh", "-c", "mount -t tmpfs -o size=64k none /mnt")
    static let canLimit = works("prlimit", "--nofile", "true")

    /// Counted by `strace` for each thread: a fault strikes at the start, in the sale or not at all. A server whose storage is
    /// lost ends with status 1 and is started again, as its supervisor would do it.
    @Test(
        .enabled(if: canTrace, "strace cannot trace here"),
        arguments: [
            "fdatasync:error=EIO:when=1", "fdatasync:error=EIO:when=5..6", "fdatasync:error=EIO:when=9..10",
            "pwrite64:error=ENOSPC:when=20", "pwrite64:error=ENOSPC:when=60..70", "pwrite64:error=EIO:when=90",
            "ftruncate:error=EIO:when=1",
        ])
    func errorsInSystemCalls(_ injection: String) async throws {
        let server = try ServerProcess("--seats-per-member", "1000", "--joins-per-member", "off")
        let concert = try await importHall(rows: 10, seats: 20, on: server, capacity: 4)
        try await signUp(1, on: server)
        #expect(server.stop().status == 0)
        // -D: the server stays our child, and strace looks on.
        let call = String(injection.prefix { $0 != ":" })
        let strace = [
            "strace", "-D", "-f", "-qq", "-o", server.folder.path + "/strace", "-e", "trace=\(call)", "-e",
            "inject=\(injection)",
        ]
        let restarts = Restarts()
        do {
            try server.startAgain(wrapper: strace)
        } catch let failure as ServerProcess.DidNotStart {
            // Then it has said why, and with a system that works it starts.
            #expect(failure.log.contains("data"), "\(failure.log)")
            try server.startAgain()
        }
        let told = try await withThrowingTaskGroup(of: Told?.self) { group in
            group.addTask { try await self.buy(20, concert: concert, on: server) }
            group.addTask {
                while !Task.isCancelled {
                    if !server.running.process.isRunning {
                        restarts.note()
                        try server.startAgain()
                    }
                    try? await Task.sleep(for: .milliseconds(20))
                }
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next()!!
        }
        let trace = (try? String(contentsOfFile: server.folder.path + "/strace", encoding: .utf8)) ?? ""
        print(
            "\(injection): \(trace.split(separator: "\n").count { $0.contains("INJECTED") }) faults, \(restarts.count) restarts"
        )
        #expect(trace.contains(call), "strace saw nothing")
        try await check(told, on: server)
        let audit = try server.audit()
        #expect(audit.status == 0, "\(audit.output)\(audit.errors)")
        server.killNow()
    }

    /// The directory itself cannot be synced when it is new: nothing is begun in it, in words, and the next start does.
    @Test(.enabled(if: canTrace, "strace cannot trace here"))
    func aDirectoryThatCannotBeSynced() throws {
        let folder = TemporaryFolder()
        let command = [
            "strace", "-D", "-f", "-qq", "-o", folder.path + "/strace", "-e", "trace=fsync", "-e",
            "inject=fsync:error=EIO:when=1", Products.directory.appending(path: "boxofficed").path(), "serve", "--data",
            folder.path + "/data", "--listen", "127.0.0.1:0",
        ]
        let failed = try RunningProcess(URL(filePath: "/usr/bin/env"), command).finish(within: 30)
        #expect(failed.status != 0 && failed.errors.contains("Input/output error"), "\(failed)")
        let server = try ServerProcess()
        #expect(server.stop().status == 0)
    }

    /// A file system of one and a half mebibytes: changes are refused when it is full, questions are answered, and with more
    /// space the same key does it.
    @Test(.enabled(if: canMount, "no file systems can be mounted here"))
    func aFullFileSystem() async throws {
        let folder = TemporaryFolder()
        let server = try ServerProcess(
            wrapper: ["unshare", "-m", "--propagation", "private", "sh", "-c", Self.onSmallDisk, folder.path])
        try await signUp(1, on: server)
        let inside = ["nsenter", "-t", "\(server.running.process.processIdentifier)", "-m"]
        try await office(server, as: "member0", timeout: .seconds(3)).running { office in
            var charged: Int64 = 0
            var refused: BoxOfficeError?
            for _ in 0..<3_000 where refused == nil {
                do throws(BoxOfficeError) { charged += try await office.charge(Points(1)).amount.rawValue } catch {
                    refused = error
                }
            }
            #expect(refused != nil, "it was never full")
            #expect(try await office.balance().balance.rawValue >= charged)
            let remount = try RunningProcess(
                URL(filePath: "/usr/bin/env"), inside + ["mount", "-o", "remount,size=64m", server.data]
            ).finish()
            #expect(remount.status == 0, "\(remount.errors)")
        }
        try await office(server, as: "member0").running { office in
            let before = try await office.balance().balance.rawValue
            #expect(try await office.charge(Points(1)).balance.rawValue == before + 1)
            #expect(try await office.ledger().all().count == Int(before + 1))
        }
        let audit = try RunningProcess(
            URL(filePath: "/usr/bin/env"),
            inside + [Products.directory.appending(path: "boxofficed").path(), "audit", "--data", server.data]
        ).finish()
        #expect(audit.status == 0, "\(audit.output)\(audit.errors)")
        #expect(server.running.errors.contains("the disk is full"))
        #expect(server.stop().status == 0)
    }

    /// `$0` is a folder of no meaning, the rest is the server's command, of which the word after `--data` is its directory.
    private static let onSmallDisk = """
        for word; do
            if [ "$last" = --data ]; then mkdir -p "$word" && mount -t tmpfs -o size=1536k none "$word" || exit 1; fi
            last=$word
        done
        exec "$@"
        """

    /// No descriptor is left for new connections: who is there goes on buying, and when there are some again everybody
    /// is let in.
    @Test(.enabled(if: canLimit, "limits cannot be set here"))
    func noFileDescriptors() async throws {
        let server = try ServerProcess("--seats-per-member", "1000")
        let concert = try await importHall(rows: 2, seats: 20, on: server, capacity: 4)
        try await signUp(1, on: server)
        try await office(server, as: "member0").running { office in
            _ = try await office.charge(Points(100))
            let date = try await office.performances(of: concert)[0].performance
            let process = server.running.process.processIdentifier
            let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count
            try Self.limit(process, files: "\(open + 1):")
            defer { try? Self.limit(process, files: "1024:") }
            let crowd = (0..<20).map { _ in TestSocket(port: server.port) }
            var told = Told()
            for seat in 0..<5 as Range<UInt32> {
                try await told.buy(SeatIndex(seat), at: date, of: concert, in: office)
            }
            #expect(server.running.process.isRunning)
            withExtendedLifetime(crowd) {}
            try Self.limit(process, files: "1024:")
            for seat in 5..<10 as Range<UInt32> {
                try await told.buy(SeatIndex(seat), at: date, of: concert, in: office)
            }
        }
        try await office(server, as: "member0").running { office in
            let payments = try await office.payments().all()
            #expect(payments.count == 10)
        }
        let audit = try server.audit()
        #expect(audit.status == 0, "\(audit.output)\(audit.errors)")
        #expect(server.stop().status == 0)
    }

    private static func limit(_ process: Int32, files: String) throws {
        let prlimit = try RunningProcess(
            URL(filePath: "/usr/bin/env"), ["prlimit", "--pid", "\(process)", "--nofile=\(files)"]
        ).finish()
        #expect(prlimit.status == 0, "\(prlimit.errors)")
    }

    // MARK: A member who buys

    private func buy(_ count: Int, concert: ConcertID, on server: ServerProcess) async throws -> Told {
        try await office(server, as: "member0", timeout: .seconds(120)).running { office in
            var told = Told()
            let date = try await office.performances(of: concert)[0].performance
            for seat in 0..<count {
                do throws(BoxOfficeError) {
                    try await told.buy(SeatIndex(UInt32(seat)), at: date, of: concert, in: office)
                } catch {
                    guard error.code == .queueRequired || error.code == .storageFull else { throw error }
                }
            }
            return told
        }
    }

    private func check(_ told: Told, on server: ServerProcess) async throws {
        try await office(server, as: "member0", timeout: .seconds(120)).running { office in
            let reservations = try await office.reservations().all()
            #expect(Set(reservations.map(\.reservation)) == told.held)
            #expect(Set(reservations.filter { $0.status == .confirmed }.map(\.reservation)) == told.paid)
            #expect(Set(try await office.payments().all().map(\.reservation)) == told.paid)
            #expect(try await office.balance().balance.rawValue == told.charged - Int64(told.paid.count))
        }
    }
}

private final class Restarts: Sendable {
    private let counted = Atomic<Int>(0)
    var count: Int { counted.load(ordering: .relaxed) }
    func note() { counted.add(1, ordering: .relaxed) }
}

/// A connection that says nothing.
private final class TestSocket: Sendable {
    private let descriptor: Int32

    init(port: UInt16) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    deinit { close(descriptor) }
}
