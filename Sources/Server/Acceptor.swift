import BoxOfficeTransport
import Logging
import Synchronization

/// Deals accepted connections out to the shards, in turn.
final class Acceptor: Sendable {
    private let hosts: [ShardHost]
    private let connectionsMax: Int
    private let turn = Atomic<Int>(0)

    init(hosts: [ShardHost], connectionsMax: Int) {
        self.hosts = hosts
        self.connectionsMax = connectionsMax
    }

    func listen(
        on shard: Shard, _ address: SocketAddress, isLocal: Bool, isEncrypted: Bool = false
    ) throws(ServerFailure) -> Listener {
        do {
            return try Listener(on: shard, address: address) { event in
                switch event {
                case .accepted(let descriptor, let peer):
                    self.accepted(descriptor, peer: peer, isLocal: isLocal, isEncrypted: isEncrypted)
                case .paused(let error): self.paused(error)
                }
            }
        } catch {
            throw ServerFailure("cannot listen on \(address): \(error)")
        }
    }

    private func accepted(_ descriptor: Int32, peer: SocketAddress, isLocal: Bool, isEncrypted: Bool) {
        let host = hosts[turn.wrappingAdd(1, ordering: .relaxed).oldValue % hosts.count]
        let services = host.services
        let count = services.counters.connections.wrappingAdd(1, ordering: .relaxed).newValue
        // Whoever may write the data directory is let in all the same: they may be there to find out why it is full.
        guard !isLocal else {
            return host.adopt(descriptor, peer: peer, isLocal: true, isEncrypted: false, turnedAway: nil)
        }
        let limit =
            count > connectionsMax ? .connections : services.doorkeeper.came(from: peer, at: services.clock.now)
        if let limit {
            services.limits.reached(limit, "a connection was turned away") { ["peer": "\(peer)"] }
            // Who is told to come back takes a descriptor of the reserve for a moment. When half of that is used up nobody
            // is told any more, so that the data file and the local socket stay within reach. With TLS nobody is told: the
            // handshake before it would cost more than the word.
            guard !isEncrypted, services.doorkeeper.maySayGoodbye() else {
                services.counters.connections.wrappingSubtract(1, ordering: .relaxed)
                return host.shard.network.close(descriptor)
            }
        }
        host.adopt(descriptor, peer: peer, isLocal: false, isEncrypted: isEncrypted, turnedAway: limit)
    }

    private func paused(_ error: SystemError) {
        hosts.first?.services.limits.reached(.descriptors, "accepting pauses: \(error)")
    }
}
