// What all people in a simulated sale have: a client on a machine of their own, chance of their own, and a way to ask that
// notes down what was asked and what became of it.

import BoxOfficeProtocol

@testable import BoxOfficeClient

/// `@unchecked Sendable`: there is one thread.
class Person: @unchecked Sendable {
    let name: String
    let sale: Sale
    let office: BoxOffice
    var dice: Dice

    var world: World { sale.world }
    var history: History { sale.history }

    init(_ name: String, in sale: Sale, at address: ServerAddress, host: UInt32) {
        self.name = name
        self.sale = sale
        dice = sale.world.dice.split()
        var configuration = ClientConfiguration(address: address, clientName: name)
        configuration.requestTimeout = .seconds(20)
        office = BoxOffice(configuration, on: EventLoop(on: SimulatedProcess(in: sale.world, host: host)))
    }

    // MARK: Asking

    /// Asks for a change until it is settled, each time with the same key: what became of it, or nil when it was not
    /// carried out or, while there are faults, nobody knows.
    func change<M: RequestMessage>(
        _ asked: Asked, _ make: (OperationKey) -> M, _ told: (M.Response) -> Told
    ) async -> M.Response? {
        guard let key = try? await office.newOperationKey() else { return nil }
        let number = history.called(by: name, asked, at: world.timeline.now)
        var mayHaveBeenCarriedOut = false
        while true {
            do {
                let answer = try await office.perform(make(key), timeout: dice.duration(.seconds(2)...(.seconds(40))))
                history.answered(number, told(answer), at: world.timeline.now)
                await askAgain(make(key), answer)
                return answer
            } catch {
                switch error.standing {
                case .settled(let code):
                    history.answered(number, .refused(code, error.seats), at: world.timeline.now)
                    return nil
                case .notCarriedOut where !mayHaveBeenCarriedOut:
                    history.void(number)
                    return nil
                case .notCarriedOut: break
                case .unknown: mayHaveBeenCarriedOut = true
                }
                // Some give up, and never learn it.
                if sale.hasFaults, dice.happens(0.15) { return nil }
            }
            await sale.sleep(dice.duration(.milliseconds(100)...(.seconds(5))))
        }
    }

    /// Now and then the same once more: the answer is the first one.
    private func askAgain<M: RequestMessage>(_ request: M, _ first: M.Response) async {
        guard dice.happens(0.05), sale.hasFaults else { return }
        guard let again = try? await office.perform(request, timeout: .seconds(5)) else { return }
        if again.encodedForComparison != first.encodedForComparison {
            world.found("\(name): \(request) was answered \(first), and then \(again)")
        }
    }

    /// Asks a question.
    func ask<M: RequestMessage>(_ asked: Asked, _ request: M, _ told: (M.Response) -> Told) async -> M.Response? {
        let number = history.called(by: name, asked, at: world.timeline.now)
        do {
            let answer = try await office.perform(request, timeout: dice.duration(.seconds(2)...(.seconds(20))))
            history.answered(number, told(answer), at: world.timeline.now)
            return answer
        } catch {
            history.void(number)
            return nil
        }
    }

    /// Asks until there is an answer: when nothing fails any more there has to be one.
    func insist<M: RequestMessage>(_ request: M) async -> M.Response? {
        for _ in 0..<20 {
            if let answer = try? await office.perform(request, timeout: .seconds(10)) { return answer }
            await sale.sleep(.seconds(1))
        }
        world.found("\(name) gets no answer to \(request)")
        return nil
    }
}

extension BoxOfficeError {
    enum Standing {
        /// By the rules: this is the answer.
        case settled(RefusalCode)
        case notCarriedOut
        case unknown
    }

    /// What this says about a change.
    var standing: Standing {
        if outcome == .undetermined { return .unknown }
        switch code {
        case nil, .busy, .storageFull, .cancelled, .superseded, .shuttingDown, .rateLimited, .loginRequired:
            return .notCarriedOut
        case .outcomeUnknown: return .unknown
        case .some(let code): return .settled(code)
        }
    }
}

extension WireStructure {
    /// Without what is filled in freshly: how long a hold still lasts, and what time it is.
    fileprivate var encodedForComparison: [UInt8] {
        switch self {
        case let state as ReservationState: state.reservation.encoded
        case let place as Place: place.token.rawValue.description.utf8.map { $0 }
        default: encoded
        }
    }
}
