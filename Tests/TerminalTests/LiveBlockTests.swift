import Testing

@testable import BoxOfficeTerminal

@Suite struct LiveBlockTests {
    @Test func redrawsInPlace() async throws {
        let pair = try PseudoTerminal(columns: 20)
        let block = LiveBlock(on: pair.terminal)
        pair.terminal.writeLine("before")
        block.show(["Hold 4:59", "겨울 콘서트 아주 긴 제목"])
        #expect(await pair.shows("before", "Hold 4:59", "겨울 콘서트 아주 긴…"))
        block.show(["Hold 4:58"])
        #expect(await pair.shows("before", "Hold 4:58"))
        block.printAbove("A-12 sold")
        #expect(await pair.shows("before", "A-12 sold", "Hold 4:58"))
        block.show(Style(isOn: true).red("Hold 4:57"))
        #expect(await pair.shows("before", "A-12 sold", "Hold 4:57"))
        block.finish()
        block.show("next")
        #expect(await pair.shows("before", "A-12 sold", "Hold 4:57", "next"))
        block.clear()
        #expect(await pair.shows("before", "A-12 sold", "Hold 4:57"))
        #expect(pair.unknownSequences == [])
    }

    @Test func aPipeGetsALineWhenItChanges() throws {
        let pipe = try OutputPipe()
        let block = LiveBlock(on: Terminal(descriptor: pipe.writeEnd, environment: ["TERM": "xterm"]))
        block.show(["position 3", "wait unknown"])
        block.show(["position 3", "wait unknown"])
        block.show(["position 2", "wait unknown"])
        block.printAbove("news")
        block.show("position 2")
        block.clear()
        #expect(pipe.written() == "position 3\nwait unknown\nposition 2\nnews\n")
    }

    @Test func outputThatNobodyReadsIsDropped() {
        Terminal(descriptor: -1, isTerminal: false, usesColour: false).write("nobody")
    }
}
