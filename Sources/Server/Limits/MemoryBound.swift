// What the limits add up to: the most memory that others can make the server use at once, whatever they send and do not
// read. It is printed at the start (`limitsAddUpTo`), and a test floods a server and compares.
//
//     process          64 MiB: the program, SQLite's cache, the allocator's own
//     connections ×    4 KiB for the connection, + 64 KiB that were read with its last frame and wait,
//                      + 64 KiB of a frame that is not whole,
//                      + 100 KiB where TLS is spoken: OpenSSL's own, a handshake, and what was encrypted and not sent
//     outboxes         what all may have together, + one full one a shard, which goes first
//     passwords ×      19 MiB for each that is hashed at once, + 1 KiB for each that waits
//     uploads          what all may have together
//     tables           3 MiB for each limit that remembers members, addresses or accounts
//
// Not in it: what the box office itself has to know (halls, members, reservations: it grows with what is sold, not with
// who connects), the reading of an operator's upload, and the kernel's socket buffers.

import BoxOfficeProtocol

/// The sum, part by part.
struct MemoryBound: Equatable {
    var connections: Int
    var outboxes: Int
    var passwords: Int
    var uploads: Int
    var tables: Int

    static let process = 64 << 20
    static let connection = 4 << 10
    /// What one read takes from a socket, and a connection that is held up keeps.
    static let read = 64 << 10
    static let secured = 100 << 10
    static let tablePerLimit = 3 << 20
    static let waitingPassword = 1 << 10

    init(_ configuration: ServerConfiguration, connectionsMax: Int) {
        let limits = configuration.limits
        connections =
            connectionsMax
            * (Self.connection + Self.read + WireLimits.frameBytesMax
                + (configuration.tlsListen.isEmpty ? 0 : Self.secured))
        outboxes = limits.outboxesBytes + configuration.shards * (limits.outboxHardBytes + WireLimits.replyBytesMax)
        passwords =
            limits.passwordsAtOnce * Sodium.PasswordCost.standard.memoryBytes
            + limits.passwordsWaitingMax * Self.waitingPassword
        uploads = limits.uploadsBytes
        let rates = configuration.rates
        let remembering: [Bool] = [
            rates.joinsPerMember != nil, rates.joinsPerAddress != nil, rates.pollsPerMember != nil,
            rates.pollsPerAddress != nil, rates.signUpsPerAddress != nil, limits.newPerAddress != nil,
            limits.loginFailuresPerAccount != nil, limits.loginFailuresPerAddress != nil,
        ]
        tables = remembering.count { $0 } * Self.tablePerLimit
    }

    var bytes: Int { Self.process + connections + outboxes + passwords + uploads + tables }

    /// In whole mebibytes, rounded up, as the log has it.
    var text: String { "\((bytes + (1 << 20) - 1) >> 20) MiB" }
}
