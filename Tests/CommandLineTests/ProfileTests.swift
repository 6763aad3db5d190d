import BoxOfficeClient
import Foundation
import Testing

@testable import BoxOfficeCommandLine

@Suite struct ProfileTests {
    @Test func nobodyElseMayReadIt() throws {
        let directory = try TemporaryDirectory()
        let store = directory.store()
        try store.change { $0.name = "ann" }
        #expect(try mode(store.directory) == 0o700)
        #expect(try mode(store.path) == 0o600)
        #expect(try store.load().name == "ann")
    }

    @Test func anEmptyProfileIsNoFile() throws {
        let directory = try TemporaryDirectory()
        #expect(try directory.store().load() == Profile())
        try directory.store().change { _ in }
        #expect(!FileManager.default.fileExists(atPath: directory.store().path))
    }

    @Test func sessionsComeBack() throws {
        let store = try TemporaryDirectory().store()
        let token = SessionToken.random()
        let deployment = DeploymentID.random()
        let login = LoggedIn(
            account: Account(member: 7, name: "ann", isOperator: false), session: token, expiresAt: .distantFuture)
        var profile = Profile()
        profile.began(login, at: "h:1", deployment: deployment)
        #expect(profile.token == token)
        #expect(profile.deploymentID == deployment)
        profile.ended()
        #expect(profile.token == nil)
        #expect(profile.member == 7)
        withExtendedLifetime(store) {}
    }

    @Test("the commitment that was seen first counts, for one member in one room of one box office")
    func theFirstCommitmentIsKept() throws {
        let directory = try TemporaryDirectory()
        let store = directory.store()
        let here = DeploymentID.random()
        func witness(_ number: UInt8, token: UInt64 = 1) -> DrawWitness {
            DrawWitness(commitment: Digest(hashing: [number]), token: TokenID(token), ticket: token + 10)
        }
        func saw(_ witness: DrawWitness, _ concert: ConcertID = 3, _ member: MemberID = 7) throws {
            try store.change { $0.saw(SeenDraw(witness, of: concert, member: member, deployment: here)) }
        }
        func seen(_ concert: ConcertID = 3, _ member: MemberID = 7, at deployment: DeploymentID) throws -> DrawWitness?
        {
            try store.load().seenDraw(of: concert, member: member, deployment: deployment)?.witness
        }
        try saw(witness(1))
        try saw(witness(2))
        #expect(try seen(at: here) == witness(1))
        // A new place in the same room, before the same draw.
        try saw(witness(2, token: 5))
        #expect(try seen(at: here)?.commitment == witness(1).commitment)
        #expect(try seen(at: here)?.ticket == 15)
        #expect(try seen(4, at: here) == nil)
        #expect(try seen(3, 8, at: here) == nil)
        #expect(try seen(at: .random()) == nil)
        for concert in 100..<300 as Range<UInt64> { try saw(witness(3), ConcertID(concert)) }
        #expect(try store.load().draws.count == Profile.drawsMax)
        withExtendedLifetime(directory) {}
    }

    @Test(arguments: ["", "{", "{\"version\":2,\"pending\":[]}", "[]"])
    func aBrokenFileIsLeftAlone(text: String) throws {
        let directory = try TemporaryDirectory()
        let store = directory.store()
        try store.change { $0.name = "ann" }
        try Data(text.utf8).write(to: URL(fileURLWithPath: store.path))
        #expect { try store.load() } throws: { ($0 as? Failure)?.code == "badProfile" }
        #expect { try store.change { $0.name = "bob" } } throws: { ($0 as? Failure)?.code == "badProfile" }
        #expect(FileManager.default.contents(atPath: store.path) == Data(text.utf8))
    }

    @Test func aBrokenFileIsPutOutOfTheWayOfALogin() throws {
        let directory = try TemporaryDirectory()
        let store = directory.store()
        try store.requireWritable()
        #expect(try store.setAsideIfDamaged() == nil)
        try store.change { $0.name = "ann" }
        #expect(try store.setAsideIfDamaged() == nil)
        try Data("{".utf8).write(to: URL(fileURLWithPath: store.path))
        let aside = try #require(try store.setAsideIfDamaged())
        #expect(FileManager.default.contents(atPath: aside) == Data("{".utf8))
        #expect(try store.load() == Profile())
    }

    @Test func whatCannotBeKeptIsSaidInWords() throws {
        // A file where a directory should be; permissions would not stop root.
        let directory = try TemporaryDirectory()
        let file = directory.path + "/config"
        try Data().write(to: URL(fileURLWithPath: file))
        #expect {
            try directory.store().requireWritable()
        } throws: { error in
            let failure = Failure(any: error)
            return failure.code == "badProfile" && failure.message.contains("/config/boxoffice: Not a directory")
        }
    }

    @Test func aFailedChangeChangesNothing() throws {
        let directory = try TemporaryDirectory()
        let store = directory.store()
        try store.change { $0.name = "ann" }
        #expect(throws: CancellationError.self) {
            try store.change { profile in
                profile.name = "bob"
                throw CancellationError()
            }
        }
        #expect(try store.load().name == "ann")
    }

    @Test func changesAtOnceAllCount() async throws {
        let directory = try TemporaryDirectory()
        let store = directory.store()
        await withDiscardingTaskGroup { group in
            for number in 0..<40 as Range<UInt64> {
                group.addTask {
                    let charge = Charge(operation: key(number), amount: 1)
                    try? store.change { $0.pending.append(pending(charge, key(number))) }
                    _ = try? store.load()
                }
            }
        }
        #expect(try Set(store.load().pending.map(\.key)).count == 40)
        let left = try FileManager.default.contentsOfDirectory(atPath: store.directory)
        #expect(Set(left) == ["default.json", "default.lock"])
    }

    @Test(arguments: [
        ("default", true), ("ann-2", true), ("겨울", true), ("", false), ("../x", false), (".hidden", false),
        ("a/b", false), ("a\u{0}b", false), (String(repeating: "x", count: 101), false),
    ])
    func names(name: String, isGood: Bool) { #expect(ProfileStore.isGoodName(name) == isGood) }

    @Test func whereConfigurationGoes() {
        #expect(ProfileStore.directory(environment: ["XDG_CONFIG_HOME": "/c", "HOME": "/h"]) == "/c/boxoffice")
        #expect(ProfileStore.directory(environment: ["XDG_CONFIG_HOME": "c", "HOME": "/h"]) == "/h/.config/boxoffice")
        #expect(ProfileStore.directory(environment: ["HOME": "/h"]) == "/h/.config/boxoffice")
    }
}

@Suite struct SettingsTests {
    @Test func commandLineThenEnvironmentThenProfile() throws {
        var options = GlobalOptions()
        options.server = nil
        options.profile = nil
        (options.tls, options.ca, options.pin) = (false, nil, nil)
        var profile = Profile()
        let none = try Settings(options, environment: ["HOME": "/h"])
        #expect(none.server(of: profile) == ServerAddress(host: "127.0.0.1", port: 7480))
        #expect(none.store.name == "default")
        profile.server = "here:1"
        #expect(none.server(of: profile) == ServerAddress(host: "here", port: 1))

        let environment = ["HOME": "/h", "BOXOFFICE_SERVER": "there:2", "BOXOFFICE_PROFILE": "ann"]
        let given = try Settings(options, environment: environment)
        #expect(given.server(of: profile) == ServerAddress(host: "there", port: 2))
        #expect(given.store.name == "ann")
        options.server = "nearby:3"
        options.profile = "bob"
        let typed = try Settings(options, environment: environment)
        #expect(typed.server(of: profile) == ServerAddress(host: "nearby", port: 3))
        #expect(typed.store.name == "bob")

        options.profile = "../bob"
        #expect(throws: Failure.self) { try Settings(options, environment: environment) }
    }
}
