// What one member keeps on one machine between calls: which server, which session, and changes whose answer has not come.

import BoxOfficeClient
import Foundation

/// The contents of a profile's file.
struct Profile: Codable, Hashable, Sendable {
    /// The form of the file.
    var version = 1
    /// Where the session was begun: `HOST:PORT`.
    var server: String?
    /// Who is logged in.
    var member: UInt64?
    var name: String?
    /// The session's token, in hexadecimal digits. Secret: the file is for its owner only.
    var session: String?
    /// Which box office the session belongs to, so that its token is of no use elsewhere by mistake.
    var deployment: String?
    /// Changes without an answer, the oldest first.
    var pending: [PendingChange] = []
    /// What was seen of waiting rooms before their draw, the newest last.
    var draws: [SeenDraw] = []
    /// How encrypted servers prove who they are, the newest last.
    var servers: [KnownServer] = []

    init() {}

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        version = try members.decode(Int.self, forKey: .version)
        server = try members.decodeIfPresent(String.self, forKey: .server)
        member = try members.decodeIfPresent(UInt64.self, forKey: .member)
        name = try members.decodeIfPresent(String.self, forKey: .name)
        session = try members.decodeIfPresent(String.self, forKey: .session)
        deployment = try members.decodeIfPresent(String.self, forKey: .deployment)
        pending = try members.decodeIfPresent([PendingChange].self, forKey: .pending) ?? []
        draws = try members.decodeIfPresent([SeenDraw].self, forKey: .draws) ?? []
        servers = try members.decodeIfPresent([KnownServer].self, forKey: .servers) ?? []
    }

    /// The session's token.
    var token: SessionToken? {
        session.flatMap { bytes(hexadecimal: $0) }.flatMap { Bytes32($0) }.map { SessionToken($0) }
    }

    var deploymentID: DeploymentID? {
        deployment.flatMap { bytes(hexadecimal: $0) }.flatMap { Bytes16($0) }.map { DeploymentID($0) }
    }

    /// Somebody has logged in.
    mutating func began(_ login: LoggedIn, at server: String, deployment: DeploymentID?) {
        self.server = server
        member = login.account.member.rawValue
        name = login.account.name
        session = hexadecimal(login.session.rawValue.bytes)
        self.deployment = deployment.map { hexadecimal($0.rawValue.bytes) }
    }

    /// The session is over. Whose it was is remembered: changes of theirs may wait for an answer.
    mutating func ended() { session = nil }
}

/// A change that was sent, or was about to be, and has no answer yet.
struct PendingChange: Codable, Hashable, Sendable {
    /// A file that is imported: it is read again when the import has to be.
    struct File: Codable, Hashable, Sendable {
        var path: String
        var kind: UInt8
        var fingerprint: String
    }

    /// The operation key, which stands for the change whatever happens.
    var key: String
    var opcode: UInt16
    /// The request as it travels, in hexadecimal digits, with its passwords taken out.
    var body: String
    /// The command as it was typed, for people.
    var command: String
    /// By this machine's clock, RFC 3339.
    var startedAt: String
    /// Whose change it is; nil for a guest's.
    var member: UInt64?
    /// Which box office it was meant for.
    var deployment: String?
    var file: File?

    var operationKey: OperationKey? {
        bytes(hexadecimal: key).flatMap { Bytes16($0) }.map { OperationKey($0) }
    }

    /// The change as the client library sends it again.
    var operation: PendingOperation? {
        guard let operationKey, let opcode = Opcode(rawValue: opcode), let body = bytes(hexadecimal: body) else {
            return nil
        }
        return PendingOperation(key: operationKey, opcode: opcode, body: body)
    }
}
