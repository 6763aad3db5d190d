// One attempt to be connected, and what comes of it: bytes to frames, frames to the session.

import BoxOfficeTransport

/// Carries out what the session asks of one connection, on the queue of its shard.
///
/// `@unchecked Sendable`: the mutable state is touched on that queue only; calls from elsewhere are posted to it, in
/// the order in which they are made.
final class Connection: ChannelHandler, @unchecked Sendable {
    /// A full window of the longest requests fits, so that only a server that has stopped reading meets the bound.
    private static let outboxLimits = OutboxLimits(bytesSoftMax: 1 << 20, bytesHardMax: 8 << 20)

    let id: ConnectionID
    private let shard: Shard
    private let driver: Driver
    private let parser = FrameParser(from: .server, bodyBytesMax: WireLimits.replyBytesMax)

    private var channel: Channel?
    private var addresses: ArraySlice<SocketAddress> = []
    private var tls: TLSClient?
    private var secondsForEach = 1.0
    private var isOver = false

    init(_ id: ConnectionID, on shard: Shard, for driver: Driver) {
        self.id = id
        self.shard = shard
        self.driver = driver
    }

    // MARK: From any thread

    func open(_ address: ServerAddress, tls context: TLSContext?, timeoutSeconds: Double) {
        let tls = context.flatMap { context in
            if case .host(let name, _) = address.endpoint { TLSClient(context, host: name) } else { nil }
        }
        shard.network.resolve(address.endpoint) { result in
            self.shard.post {
                self.tls = tls
                self.resolved(result, timeoutSeconds: timeoutSeconds)
            }
        }
    }

    func send(_ frame: [UInt8]) {
        shard.post { self.channel?.send(frame) }
    }

    func disconnect(afterFlush: Bool) {
        shard.post {
            self.isOver = true
            guard let channel = self.channel else { return self.driver.connectionClosed(self.id, why: "closed") }
            if afterFlush { channel.closeAfterFlush() } else { channel.close() }
        }
    }

    // MARK: Connecting

    private func resolved(_ result: Result<[SocketAddress], EndpointError>, timeoutSeconds: Double) {
        guard !isOver else { return }
        switch result {
        case .failure(let error):
            isOver = true
            driver.connectionClosed(id, why: error.description)
        case .success(let addresses):
            self.addresses = addresses[...]
            // One address that swallows everything must not keep the others from being tried.
            secondsForEach = max(0.1, timeoutSeconds / Double(addresses.count))
            tryNext()
        }
    }

    private func tryNext() {
        guard let address = addresses.popFirst() else { return }
        channel = Channel.connect(
            to: address, on: shard, tls: tls, limits: Self.outboxLimits, timeoutSeconds: secondsForEach, handler: self)
    }

    func channelOpened(_ channel: Channel) {
        addresses = []
        driver.connectionOpened(id)
    }

    func channelClosed(_ channel: Channel, reason: CloseReason) {
        self.channel = nil
        var insecure: BoxOfficeError?
        if case .tlsFailed(let failure) = reason {
            insecure = BoxOfficeError(failure, at: driver.configuration.address)
        }
        // Another address of the same name is no way around a certificate that is not good.
        if !isOver, !addresses.isEmpty, insecure?.retry != .never { return tryNext() }
        isOver = true
        driver.connectionClosed(id, why: reason.description, insecure: insecure)
    }

    // MARK: Frames

    func channelReceived(_ channel: Channel, bytes: Span<UInt8>) -> Int {
        var frames: [InboundFrame] = []
        var keptBytes = 0
        var offset = 0
        var fault: String?
        reading: while fault == nil {
            switch parser.step(over: bytes, at: offset) {
            case .needs:
                break reading
            case .skip(let header):
                offset += FrameHeader.bytes + Int(header.bodyBytes)
            case .violation(let violation):
                fault = violation.description
            case .frame(let header, let kind):
                let start = offset + FrameHeader.bytes
                offset = start + Int(header.bodyBytes)
                do throws(Compression.Failure) {
                    let frame = try InboundFrame(header, kind, body: bytes.extracting(start..<offset))
                    frames.append(frame)
                    keptBytes += frame.body.count
                } catch {
                    fault = "a body that cannot be inflated (\(error))"
                }
                // What is read at once may hold a hundred small bodies that each inflate to the longest one.
                if keptBytes >= WireLimits.replyBytesMax {
                    driver.received(frames, fault: nil, on: id)
                    frames = []
                    keptBytes = 0
                }
            }
        }
        driver.received(frames, fault: fault, on: id)
        return fault == nil ? offset : bytes.count
    }
}

extension InboundFrame {
    /// Inflates the body when it is compressed, to no more than a reply may have.
    init(_ header: FrameHeader, _ kind: FrameKind, body: Span<UInt8>) throws(Compression.Failure) {
        self.kind = kind
        opcode = header.opcode
        id = header.id
        isReplayed = header.flags.contains(.replayed)
        if header.flags.contains(.compressed) {
            self.body = try Compression.inflated(body, bytesMax: WireLimits.replyBytesMax)
        } else if body.isEmpty {
            // Not by the way below: it writes a count into the empty storage that all arrays share.
            self.body = []
        } else {
            self.body = [UInt8](unsafeUninitializedCapacity: body.count) { room, count in
                for index in body.indices { room.initializeElement(at: index, to: body[index]) }
                count = body.count
            }
        }
    }
}
