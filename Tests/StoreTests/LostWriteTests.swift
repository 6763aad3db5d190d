import BoxOfficeEngine
import BoxOfficeStore
import Foundation
import Testing

/// Whole pages and whole ends of files, as disks lose them: writes that never came, that came to another place, or twice.
@Suite(.serialized) struct LostWriteTests {
    private static let (file, log) = (DamagedFiles.names[0], DamagedFiles.names[1])
    private static let pageBytes = 8_192

    private func pages(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        stride(from: 0, to: bytes.count, by: Self.pageBytes).map { bytes[$0..<min($0 + Self.pageBytes, bytes.count)] }
    }

    private func expectNoticed(
        _ files: DamagedFiles, _ name: String, _ bytes: [UInt8], _ what: @autoclosure () -> String,
        _ counts: inout [String: Int]
    ) {
        let verdict = files.verdict(files.whole.merging([name: bytes]) { $1 })
        counts["\(verdict)", default: 0] += 1
        if case .unnoticed(let why) = verdict { Issue.record("\(what()): \(why)") }
    }

    /// Every page of the file as it was before, alone in a newer file.
    @Test func aPageThatWasNotWrittenIsFound() throws {
        let newest = try DamagedFiles(inFile: WholeFile.batches.count)
        let pages = pages(newest.whole[Self.file]!)
        var counts: [String: Int] = [:]
        for (batches, bytes) in newest.earlier.enumerated() {
            for (number, page) in self.pages(bytes).enumerated() where !page.elementsEqual(pages[number]) {
                let mixed = pages.indices.flatMap { $0 == number ? page : pages[$0] }
                expectNoticed(newest, Self.file, mixed, "page \(number + 1) as after \(batches) batches", &counts)
            }
        }
        print("pages of before: \(counts)")
        #expect(counts["found", default: 0] > 30)
    }

    @Test func pagesThatChangedPlacesAreFound() throws {
        let files = try DamagedFiles(inFile: WholeFile.batches.count)
        let pages = pages(files.whole[Self.file]!)
        var counts: [String: Int] = [:]
        for first in pages.indices {
            for second in pages.indices where second > first {
                var swapped = pages
                swapped.swapAt(first, second)
                expectNoticed(files, Self.file, swapped.flatMap { $0 }, "pages \(first + 1) and \(second + 1)", &counts)
            }
            var copied = pages
            copied[first] = pages[(first + 1) % pages.count]
            expectNoticed(files, Self.file, copied.flatMap { $0 }, "page \(first + 1) is the next one's", &counts)
            copied[first] = ArraySlice(repeating: 0, count: Self.pageBytes)
            expectNoticed(files, Self.file, copied.flatMap { $0 }, "page \(first + 1) is zeros", &counts)
        }
        print("pages in other places: \(counts)")
        #expect(counts["found", default: 0] > pages.count * (pages.count - 1) / 2)
    }

    /// The log, or the file, ends early: after every frame, in every frame, and after every page.
    @Test func aFileThatEndsEarlyIsFound() throws {
        let files = try DamagedFiles()
        var counts: [String: Int] = [:]
        let log = files.whole[Self.log]!
        for count in stride(from: 0, to: log.count, by: (Self.pageBytes + 24) / 3) {
            expectNoticed(files, Self.log, Array(log.prefix(count)), "the log ends at \(count)", &counts)
        }
        #expect(counts["found"] == counts.values.reduce(0, +))
        // The last pages of the file may be in the log as well.
        let file = files.whole[Self.file]!
        for count in stride(from: 0, to: file.count, by: Self.pageBytes) {
            expectNoticed(files, Self.file, Array(file.prefix(count)), "the file ends at \(count)", &counts)
        }
        print("ends: \(counts)")
    }
}
