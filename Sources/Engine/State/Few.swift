/// Mostly one value, now and then some: one costs no allocation of its own, as an array of one would.
package enum Few<Element> {
    case none
    case one(Element)
    case several([Element])

    package init() { self = .none }

    package mutating func append(_ element: Element) {
        switch self {
        case .none: self = .one(element)
        case .one(let first): self = .several([first, element])
        case .several(let elements): self = .several(elements + [element])
        }
    }

    /// Puts an element in place of the first that matches, or behind all.
    package mutating func put(_ element: Element, inPlaceOf matches: (Element) -> Bool) {
        switch self {
        case .one(let other) where matches(other): self = .one(element)
        case .several(var elements):
            guard let index = elements.firstIndex(where: matches) else { return append(element) }
            // Let go of here, so that it is changed and not copied.
            self = .none
            elements[index] = element
            self = .several(elements)
        default: append(element)
        }
    }

    /// In place of the one for all collections, which allocates for each element that it looks at.
    @inlinable package func first(where matches: (Element) -> Bool) -> Element? {
        switch self {
        case .none: nil
        case .one(let element): matches(element) ? element : nil
        case .several(let elements): elements.first(where: matches)
        }
    }

    package mutating func removeAll(where isGone: (Element) -> Bool) {
        if case .one(let element) = self {
            if isGone(element) { self = .none }
            return
        }
        let left = filter { !isGone($0) }
        switch left.count {
        case 0: self = .none
        case 1: self = .one(left[0])
        default: self = .several(left)
        }
    }
}

extension Few: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int {
        switch self {
        case .none: 0
        case .one: 1
        case .several(let elements): elements.count
        }
    }
    package subscript(index: Int) -> Element {
        switch self {
        case .several(let elements): return elements[index]
        case .one(let element):
            precondition(index == 0)
            return element
        case .none: preconditionFailure("there is nothing at \(index)")
        }
    }
}

extension Few: Sendable where Element: Sendable {}
