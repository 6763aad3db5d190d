// Why a command did not do what was asked: one type for refusals of the box office, refusals made here, and missing
// connections, with one way to be shown.

import BoxOfficeClient
import BoxOfficeTerminal

/// A command's bad end.
struct Failure: Error, Sendable {
    /// Stable name: one of the registry of refusals (spec/refusals.md), or `noConnection`, `usage`, `interrupted`,
    /// `wrongDeployment`, `badProfile`, `notRecorded`, `outputFailed`, `protocolError`, `placeEnded`,
    /// `certificateUnknown`, `certificateInvalid`, `certificateChanged`, `trustUnusable`, `tlsFailed`.
    var code: String
    var message: String
    var status = CommandStatus.refused
    var retry = RetryAdvice.never
    var outcome = Outcome.notExecuted
    var retryAfter: Duration?
    /// Names of the seats in the way.
    var seats: [String] = []
    /// Names that are no seat, or that fit several.
    var labels: [String] = []
    /// The place in the file or the request.
    var path: String?
    /// The certificate that the server has shown, when it is what is wrong, and the one that was pinned.
    var certificate: CertificateFingerprint?
    var pinnedCertificate: CertificateFingerprint?
    /// Whether the change is kept in the profile, to be settled by the next call.
    var isPending = false
    /// Whether it has been shown before.
    var isShown = false

    init(_ code: String, _ message: String, status: CommandStatus = .refused, retry: RetryAdvice = .never) {
        self.code = code
        self.message = message
        self.status = status
        self.retry = retry
    }

    /// A refusal that the box office would make as well.
    init(refusing code: RefusalCode, _ message: String) {
        self.init(code.name, message, retry: code.retry)
        outcome = code.outcome
    }

    /// The command line is wrong in a way that its parser does not see.
    static func usage(_ message: String) -> Failure { Failure("usage", message, status: .usage) }

    /// A bad end that the command's answer has told already.
    static func shown(_ code: String, _ message: String, status: CommandStatus) -> Failure {
        var failure = Failure(code, message, status: status)
        failure.isShown = true
        return failure
    }

    /// - Parameter seatName: how to call a seat.
    init(_ error: BoxOfficeError, seatName: (SeatIndex) -> String? = { _ in nil }) {
        let isMissing = ["timeout", "connectFailed", "connectionLost", "closed"].contains(error.name)
        self.init(isMissing ? "noConnection" : error.name, error.message, retry: error.retry)
        outcome = error.outcome
        retryAfter = error.retryAfter
        seats = error.seats.map { seatName($0) ?? "#\($0)" }
        labels = error.labels
        path = error.path
        certificate = error.certificate
        pinnedCertificate = error.pinnedCertificate
        isPending = error.outcome == .undetermined && error.retry != .never
        if isMissing || ["protocolError", "tlsFailed"].contains(error.name) || isPending { status = .noConnection }
    }

    var json: JSON {
        var members: [JSON.Member] = [
            .init(name: "code", value: JSON(code)), .init(name: "message", value: JSON(message)),
            .init(name: "retry", value: JSON(retry.name)), .init(name: "outcome", value: JSON(outcome.name)),
        ]
        func add(_ name: String, _ value: JSON?) {
            if let value { members.append(.init(name: name, value: value)) }
        }
        add("retryAfterMilliseconds", retryAfter.map { JSON($0.milliseconds) })
        add("seats", seats.isEmpty ? nil : JSON(seats))
        add("labels", labels.isEmpty ? nil : JSON(labels))
        add("path", path.map { JSON($0) })
        add("certificate", certificate.map { JSON($0.description) })
        add("pinnedCertificate", pinnedCertificate.map { JSON($0.description) })
        add("pending", isPending ? true : nil)
        return ["error": .object(members)]
    }

    func lines(_ look: Look) -> [String] {
        var lines = ["\(look.style.red("boxoffice: \(code)")): \(sanitize(message))"]
        if !seats.isEmpty { lines.append("Seats: \(listed(seats))") }
        if !labels.isEmpty { lines.append("Names: \(listed(labels))") }
        if let path { lines.append("At: \(sanitize(path))") }
        if isPending { lines.append("The change is kept in the profile; the next call settles it first.") }
        if let retryAfter, retry == .afterDelay {
            lines.append("Try again in \((retryAfter.milliseconds + 999) / 1000) s.")
        }
        lines += certificateAdvice
        if let hint { lines.append(hint) }
        if retry == .afterLogin, status == .refused { lines.append("Log in first: boxoffice login NAME") }
        return lines
    }
}

extension Failure {
    /// What helps with some refusals.
    private var hint: String? {
        switch RefusalCode.known.first(where: { $0.name == code }) {
        case .queueClosed: "Those inside finish; whether the room opens again is up to the operator."
        case .barred: "Only an operator can let you join again."
        case .notBarred: "“boxoffice admin changes CONCERT” lists who was barred and allowed."
        default: nil
        }
    }
}

/// What the client library quotes when a change cannot be kept.
extension Failure: CustomStringConvertible {
    var description: String { message }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
