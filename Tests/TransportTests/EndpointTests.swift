import Testing

@testable import BoxOfficeTransport

@Suite struct EndpointTests {
    @Test(arguments: [
        ("127.0.0.1:7480", "127.0.0.1:7480"),
        ("tickets.example:1", "tickets.example:1"),
        ("tickets.example", "tickets.example:7480"),
        ("[::1]:65535", "[::1]:65535"),
        ("[::1]", "[::1]:7480"),
        ("::1", "[::1]:7480"),
        ("unix:/var/lib/boxoffice/socket", "unix:/var/lib/boxoffice/socket"),
    ])
    func isParsed(text: String, expected: String) throws {
        #expect(try Endpoint(text, defaultPort: 7480).description == expected)
    }

    @Test(arguments: [
        "", ":80", "host:", "host:x", "host:65536", "host:-1", "[::1", "[::1]x", "[]:1", "unix:", "a b:1",
    ])
    func isRefused(text: String) {
        #expect(throws: EndpointError.malformed(text)) { try Endpoint(text, defaultPort: 7480) }
    }

    @Test func aPortIsRequiredWithoutADefault() {
        #expect(throws: EndpointError.malformed("host")) { try Endpoint("host") }
    }

    @Test(arguments: [
        ("127.0.0.1:7480", true), ("127.255.0.1:1", true), ("[::1]:1", true), ("[::ffff:127.0.0.1]:1", true),
        ("unix:/tmp/x", true), ("0.0.0.0:1", false), ("10.0.0.1:1", false), ("[::]:1", false),
        ("[2001:db8::1]:1", false),
        ("[::ffff:10.0.0.1]:1", false),
    ])
    func loopbackIsWhatStaysOnThisMachine(text: String, isLoopback: Bool) throws {
        let address = try SocketAddress(text)
        #expect(address.isLoopback == isLoopback)
        #expect(address.description == text)
    }

    @Test func aNameIsNoAddress() {
        #expect(throws: EndpointError.self) { try SocketAddress("localhost:1") }
    }

    @Test func namesAreLookedUp() async throws {
        let addresses = try await Endpoint("localhost:7480").resolved()
        let loopback6 = try SocketAddress("[::1]:7480")
        #expect(addresses.contains(.loopback(port: 7480)) || addresses.contains(loopback6))
        await #expect(throws: EndpointError.self) { try await Endpoint("no-such-host.invalid:1").resolved() }
    }

    @Test func thePortCanBeReplaced() throws {
        #expect(try SocketAddress("[fe80::1%1]:1").withPort(9).description == "[fe80::1%1]:9")
        #expect(SocketAddress.loopback(port: 1).withPort(9) == .loopback(port: 9))
    }
}
