import BoxOfficeTerminal
import Foundation
import Testing

@testable import BoxOfficeClient
@testable import BoxOfficeCommandLine

@Suite struct KnownServerTests {
    private static let one = "SHA256:" + String(repeating: "1a", count: 32)
    private static let two = "SHA256:" + String(repeating: "2B", count: 32)
    private let here = ServerAddress.tls("here.example", port: 1)

    private func pinned(_ text: String) throws -> ServerTrust { .pinned(try #require(CertificateFingerprint(text))) }

    private func settings(_ options: (inout GlobalOptions) -> Void, _ environment: [String: String] = [:]) throws
        -> Settings
    {
        var given = GlobalOptions()
        (given.server, given.profile, given.tls, given.ca, given.pin, given.json) = (nil, nil, false, nil, nil, false)
        options(&given)
        return try Settings(given, environment: environment.merging(["HOME": "/h"]) { $1 })
    }

    @Test func whatIsKnownComesBackFromDisk() throws {
        let directory = try TemporaryDirectory()
        let store = directory.store()
        try store.change {
            $0.trusts(here, try pinned(Self.one))
            $0.trusts(.tls("there", port: 2), .file("/etc/ours.pem"))
        }
        let profile = try store.load()
        #expect(try profile.trust(in: here) == pinned(Self.one))
        #expect(try profile.trust(in: .tls("there", port: 2)) == .file("/etc/ours.pem"))
        #expect(try profile.trust(in: .tls("here.example", port: 2)) == nil, "another port is another server")
    }

    @Test func theLastWordCounts() throws {
        var profile = Profile()
        profile.trusts(here, try pinned(Self.one))
        profile.trusts(here, try pinned(Self.two))
        #expect(profile.servers.count == 1)
        #expect(try profile.trust(in: here) == pinned(Self.two))
        #expect(try profile.knows(here, pinned(Self.two)) && !profile.knows(here, .system))
        profile.trusts(here, .system)
        #expect(profile.servers.isEmpty && profile.knows(here, .system))
        for port in 1...UInt16(Profile.serversMax + 5) { profile.trusts(.tls("h", port: port), .file("/f")) }
        #expect(profile.servers.count == Profile.serversMax)
        #expect(try profile.trust(in: .tls("h", port: 5)) == nil)
        #expect(try profile.trust(in: .tls("h", port: 6)) == .file("/f"))
    }

    /// An entry that cannot be read must not mean that anybody is believed.
    @Test func aDamagedEntryIsNotPassedOver() throws {
        var profile = Profile()
        profile.trusts(here, try pinned(Self.one))
        profile.servers[0].pin = "SHA256:nonsense"
        #expect { try profile.trust(in: here) } throws: { ($0 as? Failure)?.code == "badProfile" }
        profile.servers[0].pin = nil
        #expect { try profile.trust(in: here) } throws: { ($0 as? Failure)?.code == "badProfile" }
    }

    @Test func commandLineThenEnvironmentThenProfile() throws {
        var profile = Profile()
        profile.trusts(here, .file("/profile.pem"))
        let environment = ["BOXOFFICE_PIN": Self.one, "BOXOFFICE_CA": "/environment.pem"]
        func trust(_ environment: [String: String] = [:], _ options: (inout GlobalOptions) -> Void = { _ in }) throws
            -> ServerTrust
        {
            try settings(options, environment).trust(in: here, profile)
        }
        #expect(try trust() == .file("/profile.pem"))
        #expect(try trust(["BOXOFFICE_CA": "/environment.pem"]) == .file("/environment.pem"))
        #expect(try trust(environment) == pinned(Self.one))
        #expect(try trust(environment) { $0.pin = Self.two } == pinned(Self.two))
        #expect(try trust(environment) { $0.ca = "/typed.pem" } == .file("/typed.pem"))
        #expect(try trust(environment) { $0.pin = "none" } == .system)
        let relative = try trust { $0.ca = "typed.pem" }
        #expect(relative == .file(FileManager.default.currentDirectoryPath + "/typed.pem"))
    }

    @Test func mistakesAreUsage() throws {
        for options in [
            { $0.pin = "nonsense" }, { $0.pin = "" }, { ($0.pin, $0.ca) = (Self.one, "/f") },
            { ($0.server, $0.tls) = ("unix:/s", true) }, { $0.server = "tls://" },
        ] as [(inout GlobalOptions) -> Void] {
            #expect { try settings(options) } throws: { ($0 as? Failure)?.status == .usage }
        }
        // A pin for a server that shows no certificate is a mistake, not a wish that may be passed over.
        let plain = try settings { ($0.server, $0.pin) = ("here:1", Self.one) }
        #expect {
            try plain.trust(in: ServerAddress(host: "here", port: 1), Profile())
        } throws: {
            ($0 as? Failure)?.status == .usage
        }
    }

    @Test(
        arguments: [
            ("here", false, nil, "here:7480"), ("here", true, nil, "tls://here:7481"),
            ("here:5", true, nil, "tls://here:5"), ("tls://here:5", true, nil, "tls://here:5"),
            ("tls://here:5", false, nil, "tls://here:5"), (nil, true, "there:6", "tls://there:6"),
            (nil, false, "tls://there:6", "tls://there:6"), (nil, true, nil, "tls://127.0.0.1:7481"),
            (nil, false, nil, "127.0.0.1:7480"),
        ] as [(String?, Bool, String?, String)])
    func whereTheServerIs(typed: String?, isEncrypted: Bool, known: String?, expected: String) throws {
        var profile = Profile()
        profile.server = known
        let settings = try settings { ($0.server, $0.tls) = (typed, isEncrypted) }
        #expect(settings.server(of: profile).description == expected)
    }

    @Test func aChangedCertificateIsRefusedLoudly() throws {
        var error = BoxOfficeError(refusing: .cancelled)
        (error.code, error.name, error.retry) = (nil, "certificateChanged", .never)
        error.certificate = CertificateFingerprint(Self.two)
        error.pinnedCertificate = CertificateFingerprint(Self.one)
        let failure = Failure(error)
        #expect(failure.status == .refused)
        let lines = failure.lines(Look(style: Style(isOn: false), columns: nil))
        #expect(lines.contains { $0.contains("SOMEBODY MAY BE BETWEEN") })
        #expect(lines.contains { $0.contains("--pin \(Self.two.lowercased().replacing("sha256", with: "SHA256"))") })
        #expect(failure.json.line.contains("\"certificate\":\"SHA256:2b2b"))
        #expect(failure.json.line.contains("\"pinnedCertificate\":\"SHA256:1a1a"))
    }
}
