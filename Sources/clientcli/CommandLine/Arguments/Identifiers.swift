// How concerts, dates and other things are named on the command line: by number, a concert also by the start of its title.

import ArgumentParser
import BoxOfficeClient
import BoxOfficeTerminal
import Foundation

/// A number that was typed.
enum TypedNumber: Equatable {
    case number(UInt64)
    /// Digits, but more than any identifier has.
    case tooLarge
    case notANumber

    init(_ text: String) {
        let digits = text.utf8
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            self = .notANumber
            return
        }
        self = UInt64(text).map { .number($0) } ?? .tooLarge
    }

    /// The number of something.
    /// - Parameters:
    ///   - what: what it should be the number of, for the message.
    ///   - code: what the box office says when there is no such thing.
    func identifier(_ text: String, _ what: String, _ code: RefusalCode) throws(Failure) -> UInt64 {
        switch self {
        case .number(let number): return number
        case .tooLarge: throw Failure(refusing: code, "There is no \(what) \(text).")
        case .notANumber: throw .usage("\(text) is not the number of a \(what).")
        }
    }
}

func performanceID(_ text: String) throws(Failure) -> PerformanceID {
    PerformanceID(try TypedNumber(text).identifier(text, "date", .unknownPerformance))
}

func reservationID(_ text: String) throws(Failure) -> ReservationID {
    ReservationID(try TypedNumber(text).identifier(text, "reservation", .unknownReservation))
}

func memberID(_ text: String) throws(Failure) -> MemberID {
    MemberID(try TypedNumber(text).identifier(text, "member", .unknownMember))
}

/// Whole points, positive or not: whether they can be charged is the box office's to say.
func points(_ text: String) throws(Failure) -> Points {
    let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
    guard TypedNumber(String(digits)) != .notANumber else { throw .usage("\(text) is not a number of points.") }
    guard let number = Int64(text) else {
        throw Failure(refusing: .badAmount, "\(text) is more than a balance can hold.")
    }
    return Points(number)
}

/// The concert of a command. Nothing else stands beside it, so a title of several words needs no quotes.
struct ConcertArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("A concert's number, or the start of its title.", valueName: "concert"))
    var words: [String]

    var text: String { words.joined(separator: " ") }
}

extension BoxOffice {
    /// The concert that is meant by a number or the start of a title.
    func concertID(_ text: String) async throws -> ConcertID {
        switch TypedNumber(text) {
        case .number(let number): return ConcertID(number)
        case .tooLarge: throw Failure(refusing: .unknownConcert, "There is no concert \(text).")
        case .notANumber: return try await concert(titled: text, among: concerts()).concert
        }
    }
}

/// The concert whose title a text begins, or is: letters are compared without case and in normal form, so that it does
/// not matter how they were typed. A whole title wins over longer ones that begin with it.
func concert(titled text: String, among concerts: [Concert]) throws(Failure) -> Concert {
    let start = comparable(text)
    guard !start.isEmpty else { throw .usage("The title of a concert is empty.") }
    let fitting = concerts.filter { comparable($0.title).hasPrefix(start) }
    let whole = fitting.filter { comparable($0.title) == start }
    let found = whole.isEmpty ? fitting : whole
    guard let first = found.first else {
        throw Failure(refusing: .unknownConcert, "There is no concert whose title begins with “\(sanitize(text))”.")
    }
    guard found.count == 1 else {
        let names = found.prefix(5).map { "\($0.concert) “\(sanitize($0.title))”" }.joined(separator: ", ")
        let more = found.count > 5 ? " and \(found.count - 5) more" : ""
        throw Failure(refusing: .unknownConcert, "“\(sanitize(text))” fits several concerts: \(names)\(more).")
    }
    return first
}

private func comparable(_ title: String) -> String {
    let folded = title.precomposedStringWithCompatibilityMapping.folding(options: .caseInsensitive, locale: nil)
    return folded.trimmingCharacters(in: .whitespacesAndNewlines)
}
