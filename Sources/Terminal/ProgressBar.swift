// How far along something is: ███████▍░░░░░░░░░░░░░░

/// A bar of a given width, filled from the left, in steps of an eighth of a column.
/// - Parameters:
///   - share: from 0 to 1; what is beyond is cut off.
///   - columns: its width.
public func progressBar(share: Double, columns: Int) -> String {
    let columns = max(0, columns)
    let filled = share.isFinite ? Int((min(1, max(0, share)) * Double(columns * 8)).rounded(.down)) : 0
    let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][filled % 8]
    let empty = columns - filled / 8 - (partial.isEmpty ? 0 : 1)
    return String(repeating: "█", count: filled / 8) + partial + String(repeating: "░", count: empty)
}
