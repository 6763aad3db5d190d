// Why a file was not taken, and where in the file the reason stands.
//
// A refusal is made where the fault is found, knowing nothing of what is around it. On its way out each level adds
// its own step in front: "category" → "seats[12].category" → "zones[0].rows[3].seats[12].category". So a file without
// faults pays nothing for the paths, and no reader has to carry one along.

/// A seating plan or concert file that was refused: what is wrong, and the place in the file.
public struct CatalogueRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where in the file the fault is.
    public enum Place: Hashable, Sendable, CustomStringConvertible {
        /// The file as a whole.
        case file
        /// A place in the text: the file is not JSON. Lines and columns (in characters) count from 1.
        case text(line: Int, column: Int)
        /// A member of the document, as a path: `zones[0].rows[3].seats[12].category`.
        case member(path: String)

        /// As shown to people: `file`, `3:17` or the path.
        public var description: String {
            switch self {
            case .file: "file"
            case .text(let line, let column): "\(line):\(column)"
            case .member(let path): path
            }
        }
    }

    /// Where in the file the fault is.
    public private(set) var place: Place
    /// What is wrong, for people, as one line that reads on after the place.
    public let problem: String

    /// `place: problem`, as it stands in the answer to an import.
    public var description: String { "\(place): \(problem)" }

    init(_ problem: String, at place: Place = .file) {
        self.place = place
        self.problem = problem
    }
}

extension CatalogueRefusal {
    /// The same refusal seen from one level further out, where the value is the member `name` of an object.
    func within(member name: String) -> CatalogueRefusal {
        let plain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"):
                true
            default: false
            }
        }
        return within(step: plain && 1...60 ~= name.utf8.count ? name : "[\(quoted(name))]")
    }

    /// The same refusal seen from one level further out, where the value is item `index` of an array.
    func within(index: Int) -> CatalogueRefusal { within(step: "[\(index)]") }

    private func within(step: String) -> CatalogueRefusal {
        var outer = self
        switch place {
        case .file: outer.place = .member(path: step)
        case .member(let path): outer.place = .member(path: step + (path.hasPrefix("[") ? "" : ".") + path)
        case .text: break  // a place in the text is already absolute
        }
        return outer
    }
}

/// `text` in quotes, cut short and without anything a terminal would obey: what is wrong with a name may be just that.
func quoted(_ text: String) -> String {
    let charactersMax = 60
    var shown = "\""
    for scalar in text.unicodeScalars.prefix(charactersMax) {
        if TextRule.isForbidden(scalar, linesAllowed: false) {
            shown += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
            shown.unicodeScalars.append(scalar)
        }
    }
    return shown + (text.unicodeScalars.dropFirst(charactersMax).isEmpty ? "\"" : "…\"")
}
