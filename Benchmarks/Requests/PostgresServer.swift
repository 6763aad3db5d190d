import Foundation

/// A PostgreSQL of our own, with the seats of 50 dates and the hold as one function, gone with this process.
final class PostgresServer {
    private let companion: Companion
    private let directory: TemporaryDirectory
    private let port: UInt16
    private let binaries: String

    /// Where the packages of Debian have it, newest first.
    private static var binaries: String? {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        return all.max { (Int($0) ?? 0) < (Int($1) ?? 0) }.map { "/usr/lib/postgresql/\($0)/bin" }
    }

    /// It refuses to run as root, so there it runs as the user of its package.
    private static let asUser = getuid() == 0 ? "runuser -u postgres --" : ""

    private static let script = """
        set -e
        \(asUser) "$1/initdb" -D data -A trust -U postgres > log 2>&1
        \(asUser) "$1/postgres" -D data -p "$2" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
        -c shared_buffers=512MB >> log 2>&1 &
        cat > /dev/null; \(asUser) "$1/pg_ctl" -D data -m immediate stop >> log 2>&1
        """

    private static let schema = """
        create table seat(perf int, seat int, status int, holder int, primary key(perf, seat));
        create table reservation(id bigserial primary key, member int, perf int, seat int, status int, expires bigint);
        create index reservation_member on reservation(member);
        create table notice(member int, seq bigint, kind int, body bytea, primary key(member, seq));
        create table request(session int, req bigint, reply bytea, primary key(session, req));
        insert into seat select i / 10000, i % 10000, 0, 0 from generate_series(0, 499999) i;
        create function hold(m int, s int) returns bigint language plpgsql as $$
        declare p int := s / 10000; c int := s % 10000; r bigint;
        begin
          update seat set status = 1, holder = m where perf = p and seat = c and status = 0;
          if not found then return -1; end if;
          insert into reservation(member, perf, seat, status, expires) values(m, p, c, 0, s) returning id into r;
          insert into notice values(m, r, 1, '\\x0102030405060708');
          insert into request values(m, r, '\\x01020304050607080102030405060708');
          return r;
        end $$;
        """

    init() throws {
        guard let binaries = Self.binaries else {
            throw Failed("PostgreSQL is missing (Debian: apt-get install postgresql)")
        }
        self.binaries = binaries
        directory = try TemporaryDirectory()
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directory.path)
        port = try LoopbackSocket().bindToFreePort()
        companion = try Companion(Self.script, [binaries, "\(port)"], in: directory.path)
        for attempt in 0... {
            if try Self.run("\(binaries)/psql", ["-c", "select 1"], port).status == 0 { break }
            guard attempt < 200 else { throw Failed("PostgreSQL does not answer") }
            Thread.sleep(forTimeInterval: 0.1)
        }
        let made = try Self.run(
            "\(binaries)/psql", ["-v", "ON_ERROR_STOP=1", "-c", Self.schema, "-c", "vacuum analyze"], port)
        guard made.status == 0 else { throw Failed("PostgreSQL: \(made.output)") }
    }

    /// Holds of random seats among those from `seats` on by so many connections, one in flight on each.
    /// - Returns: Seconds a hold.
    func hold(seats: Range<Int>, connections: Int, requests: Int) throws -> Double {
        let script = directory.path + "/hold.pgbench"
        try """
        \\set m random(1, 50000)
        \\set s random(\(seats.lowerBound), \(seats.upperBound - 1))
        select hold(:m, :s);
        """.write(toFile: script, atomically: true, encoding: .utf8)
        let (status, output) = try Self.run(
            "\(binaries)/pgbench",
            [
                "-n", "-M", "prepared", "-c", "\(connections)", "-j", "1", "-t", "\(requests / connections)", "-f",
                script,
            ], port)
        let line = output.split(separator: "\n").first { $0.hasPrefix("tps = ") }
        guard status == 0, let words = line?.split(separator: " "), words.count > 2, let rate = Double(words[2]) else {
            throw Failed("pgbench: \(output)")
        }
        return 1 / rate
    }

    private static func run(_ path: String, _ arguments: [String], _ port: UInt16) throws -> (
        status: Int32, output: String
    ) {
        try Program.run([path, "-h", "127.0.0.1", "-p", "\(port)", "-U", "postgres"] + arguments + ["postgres"])
    }
}
