/// A list that is fetched page by page while it is iterated over.
public struct Paged<Element: Sendable>: AsyncSequence, Sendable {
    /// Fails as the request for a page fails.
    public typealias Failure = BoxOfficeError
    typealias Fetch = @Sendable (_ last: Element?) async throws(BoxOfficeError) -> (items: [Element], more: Bool)

    private let fetch: Fetch

    init(_ fetch: @escaping Fetch) { self.fetch = fetch }

    /// Starts at the beginning.
    public func makeAsyncIterator() -> Iterator { Iterator(fetch: fetch) }

    /// Everything, or at most so many elements.
    public func all(max: Int = 100_000) async throws(BoxOfficeError) -> [Element] {
        var elements: [Element] = []
        var iterator = makeAsyncIterator()
        while elements.count < max, let element = try await iterator.next(isolation: nil) { elements.append(element) }
        return elements
    }

    /// Goes through the pages.
    public struct Iterator: AsyncIteratorProtocol {
        private let fetch: Fetch
        private var page: ArraySlice<Element> = []
        private var last: Element?
        private var more = true

        init(fetch: @escaping Fetch) { self.fetch = fetch }

        /// The next element; asks for a page when the one before is used up.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(BoxOfficeError) -> Element? {
            while page.isEmpty, more {
                let (items, more) = try await fetch(last)
                page = items[...]
                // An empty page that promises more would be asked for without end.
                self.more = more && !items.isEmpty
            }
            guard let element = page.popFirst() else { return nil }
            last = element
            return element
        }
    }
}
