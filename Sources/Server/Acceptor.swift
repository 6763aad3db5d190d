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
        let count = host.services.counters.connections.wrappingAdd(1, ordering: .relaxed).newValue
        // One too many is told to come back, which takes a descriptor of the reserve for a moment; when half of that is
        // used up, nobody is told any more, so that the data file and the local socket stay within reach.
        // With TLS nobody is told: the handshake before it would cost more than the word.
        if !isLocal, count > connectionsMax + (isEncrypted ? 0 : OpenFiles.reserved / 2) {
            host.services.counters.connections.wrappingSubtract(1, ordering: .relaxed)
            host.shard.network.close(descriptor)
            return
        }
        // Whoever may write the data directory is let in all the same: they may be there to find out why it is full.
        host.adopt(
            descriptor, peer: peer, isLocal: isLocal, isEncrypted: isEncrypted,
            isOneTooMany: count > connectionsMax && !isLocal)
    }

    private func paused(_ error: SystemError) {
        hosts.first?.services.logger.warning("accepting pauses: \(error)")
    }
}
