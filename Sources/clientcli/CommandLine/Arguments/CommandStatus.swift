/// How a command ends. Programs depend on these numbers (docs/command-line.md).
public enum CommandStatus: Int32, Sendable {
    /// What was asked for is done.
    case done = 0
    /// It was refused, by the box office or before it was asked.
    case refused = 1
    /// The command line is wrong; nothing was asked.
    case usage = 2
    /// There was no connection, or no answer: what was asked for may be settled by the next call.
    case noConnection = 3
    /// The answer is no: the place has ended before one was let in, the draw is not what was promised, or a rehearsal
    /// showed what must not be.
    case no = 4
    /// There is no answer yet: the draw has not been made.
    case notYet = 5
}
