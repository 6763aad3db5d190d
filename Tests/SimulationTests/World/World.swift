// A simulated world: time, a network, a machine with a disk that runs the server, and people with clients. All of it
// happens in one thread, and everything that may go one way or another follows from the seed.

import BoxOfficeTransport
import CZlib

final class World {
    let seed: UInt64
    let timeline: Timeline
    var dice: Dice
    private(set) var network: SimulatedNetwork!
    let tap = WireTap()
    /// The machine that the server runs on has power.
    var hasPower = true
    /// How far the wall clock is from where it should be.
    var wallShift = Duration.zero
    /// What happened on the network, in a number: two runs of one seed have the same.
    private(set) var digest: UInt64
    /// What must not be and was.
    private(set) var findings: [String] = []
    /// The last things that happened, for whoever looks at a finding.
    private var trail: [String] = []
    private let keepsTrail: Bool

    /// The wall clock at the beginning, microseconds since 1970.
    static let wallStart: Int64 = 1_790_000_000_000_000

    init(seed: UInt64, keepsTrail: Bool = false) {
        self.seed = seed
        self.keepsTrail = keepsTrail
        digest = seed
        dice = Dice(seed: seed)
        timeline = Timeline(coins: dice.split())
        network = SimulatedNetwork(in: self)
    }

    var wallMicroseconds: Int64 { Self.wallStart + Int64(timeline.now + wallShift.nanoseconds) / 1_000 }

    // MARK: What happens

    func note(_ what: String, _ connection: Int = 0, isFromClient: Bool = false, _ bytes: ArraySlice<UInt8> = []) {
        mix(UInt64(timeline.now))
        mix(UInt64(connection) << 1 | (isFromClient ? 1 : 0))
        for byte in what.utf8 { mix(UInt64(byte)) }
        if !bytes.isEmpty {
            mix(UInt64(bytes.count))
            mix(UInt64(bytes.withUnsafeBufferPointer { crc32_z(0, $0.baseAddress, $0.count) }))
        }
        guard keepsTrail else { return }
        trail.append(
            "\(Self.clock(timeline.now)) \(what) \(connection)\(isFromClient ? " →" : " ←") \(bytes.count) bytes")
        if trail.count > 20_000 { trail.removeFirst(10_000) }
    }

    private func mix(_ word: UInt64) { digest = (digest ^ word) &* 0x0000_0100_0000_01B3 &+ (digest >> 29) }

    func found(_ what: String) {
        guard findings.count < 20 else { return }
        findings.append("\(Self.clock(timeline.now)) \(what)")
    }

    func say(_ what: @autoclosure () -> String) {
        if keepsTrail { trail.append("\(Self.clock(timeline.now)) \(what())") }
    }

    /// What happened before the findings, when it was kept.
    var story: [String] { trail }

    static func clock(_ nanoseconds: Int) -> String {
        let microseconds = nanoseconds / 1_000
        let fraction = String(microseconds % 1_000_000 + 1_000_000).dropFirst()
        return "\(microseconds / 60_000_000):\(String(microseconds / 1_000_000 % 60 + 100).dropFirst()).\(fraction)"
    }
}
