import BoxOfficeEngine
import BoxOfficeProtocol

extension Connection {
    /// The refusal of a hold that has lost its race already, to somebody who is on disk as the seat's holder: told here and
    /// now, from what is published. In an on-sale that is the common case, and it costs the engine nothing.
    ///
    /// Nil when that is not certain, and the engine has to be asked. What the connection has asked for before may change
    /// the answer: other holds by the seats that they may get, everything else in any way.
    func lostRace(of hold: Hold, by actor: Actor) -> Refusal? {
        guard case .member(let member, _) = actor, session.changesOnTheWay == 0 else { return nil }
        // By the clock and not by the turn: a deadline may have passed since that began.
        let (insiders, now) = (services.loop.insiders, services.clock.now)
        return insiders.read(at: now) {
            guard let date = services.catalogue.date[hold.performance] else { return nil }
            return insiders[member]?.lostRace(
                of: hold, map: date.seats.value.map, on: date.row,
                seatsOnTheWay: session.seatsOnTheWay - hold.seats.count,
                configuration: services.engineConfiguration, at: now)
        }
    }
}
