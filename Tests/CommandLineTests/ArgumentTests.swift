import BoxOfficeClient
import Testing

@testable import BoxOfficeCommandLine

@Suite struct ArgumentTests {
    @Test(arguments: [
        ("concerts --json", "concerts --json"),
        ("--json concerts", "concerts --json"),
        ("--server h:1 --profile=ann hold --json 4 A-1", "hold --server h:1 --profile=ann --json 4 A-1"),
        ("--json queue --profile ann join 3 --wait", "queue join --json --profile ann 3 --wait"),
        ("queue --json", "queue --json"),
        ("--tls --ca f.pem queue --pin=p join 3", "queue join --tls --ca f.pem --pin=p 3"),
        ("--help", "--help"),
        ("--json", "--json"),
        ("--json help hold", "help hold"),
        ("charge -5", "charge -- -5"),
        ("charge -5 --json", "charge --json -- -5"),
        ("charge -- -5", "charge -- -5"),
    ])
    func globalOptionsMayStandAnywhere(typed: String, ordered: String) {
        #expect(inParserOrder(typed.split(separator: " ").map(String.init)).joined(separator: " ") == ordered)
    }

    @Test(arguments: [
        ("signup ann", CommandStatus.done), ("queue join 3 --wait --json", .done), ("hold 4 A-1 A-2", .done),
        ("charge -5", .done), ("admin room 3 --capacity 5 --pause", .done), ("watch --seats 1 2 --json", .done),
        ("queue verify 3", .done), ("admin watch 3", .done), ("admin changes 3 --limit 5", .done),
        ("admin room 3 --mode draining --opens-at sale --message m --idle-seconds 0", .done),
        ("admin room 3 --opens-at 2026-12-12T19:00:00+01:00 --admissions-per-minute 60", .done),
        ("admin remove 3 ann --reason bot --bar", .done), ("admin allow 3 ann --reason human", .done),
        ("admin room 3 --mode open --pause", .usage), ("admin room 3 --mode closed", .usage),
        ("admin room 3 --opens-at noon", .usage), ("admin remove 3 ann", .usage), ("admin remove 3", .usage),
        ("admin export-plan Club -o f.json", .done), ("balance", .done), ("shell", .done),
        ("", .usage), ("queue", .usage), ("admin", .usage), ("nonsense", .usage), ("hold 4", .usage),
        ("admin room 3 --pause --open", .usage), ("admin room 3 --capacity -1", .usage), ("queue join", .usage),
    ])
    func commandsOfTheContract(line: String, status: CommandStatus) {
        let parsed = BoxOfficeTool.parse(inParserOrder(line.split(separator: " ").map(String.init)))
        switch parsed {
        case .command: #expect(status == .done)
        case .failure(let failure, _): #expect(failure.status == status)
        case .text: Issue.record("help")
        }
    }

    @Test(arguments: ["--help", "help", "help hold", "hold --help", "queue join -h", "--version"])
    func helpIsNoMistake(line: String) {
        let parsed = BoxOfficeTool.parse(inParserOrder(line.split(separator: " ").map(String.init)))
        guard case .text(let text) = parsed else {
            Issue.record("\(parsed)")
            return
        }
        #expect(!text.isEmpty)
    }

    @Test func theProfileRemembersTheCommandAlone() {
        let words = BoxOfficeTool.commandWords([
            "--json", "hold", "--server", "h:1", "--tls", "--pin", "p", "4", "A-1", "--profile=x",
        ])
        #expect(words == ["hold", "4", "A-1"])
        #expect(quoted(["queue", "join", "겨울 콘서트", "it's"]) == "queue join '겨울 콘서트' 'it'\\''s'")
    }

    @Test(
        arguments: [
            ("hold 4 A-1", ["hold", "4", "A-1"]), ("  a  'b c' \"d e\" f\\ g ", ["a", "b c", "d e", "f g"]),
            ("a''", ["a"]), ("''", [""]), ("", []), ("'open", nil), ("end\\", nil),
        ] as [(String, [String]?)])
    func typedLines(line: String, expected: [String]?) { #expect(words(of: line) == expected) }

    @Test func numbers() throws {
        #expect(TypedNumber("12") == .number(12))
        #expect(TypedNumber("99999999999999999999") == .tooLarge)
        for text in ["", "-1", "1.5", "x", "१२"] { #expect(TypedNumber(text) == .notANumber) }
        #expect(try points("-5") == Points(-5))
        #expect(throws: Failure.self) { try points("five") }
        #expect { try points("9223372036854775808") } throws: { ($0 as? Failure)?.code == "badAmount" }
        #expect { try performanceID("x") } throws: { ($0 as? Failure)?.status == .usage }
        #expect {
            try performanceID("99999999999999999999")
        } throws: {
            ($0 as? Failure)?.code == "unknownPerformance"
        }
    }
}

@Suite struct TitleTests {
    private let concerts = [
        "하늘빛 앙코르 콘서트 🌙", "Harbour Lights", "Harbour", "Nachtzug nach Süden", "Ｆullwidth Night",
    ].enumerated().map {
        Concert(concert: ConcertID(UInt64($0 + 1)), title: $1, artists: [], description: "", performances: 0)
    }

    @Test(arguments: [
        ("하늘", 1), ("\u{1112}\u{1161}\u{1102}\u{1173}\u{11AF}빛", 1),  // the same syllables as jamo
        ("harbour l", 2), ("HARBOUR", 3), ("nachtzug nach su\u{308}den", 4), ("  Nacht ", 4), ("fullwidth", 5),
    ])
    func anUnambiguousStart(text: String, number: UInt64) throws {
        #expect(try concert(titled: text, among: concerts).concert == ConcertID(number))
    }

    @Test(arguments: [
        ["dates", "harbour", "l"], ["queue", "join", "harbour", "--wait", "l"], ["dates", "harbour l"],
    ])
    func itNeedsNoQuotes(typed: [String]) throws {
        guard case .command(let command) = BoxOfficeTool.parse(typed) else {
            Issue.record("\(typed) is not a command")
            return
        }
        let argument = (command as? DatesCommand)?.concert ?? (command as? QueueJoinCommand)?.concert
        #expect(argument?.text == "harbour l")
    }

    @Test func severalAreNamed() {
        #expect {
            try concert(titled: "har", among: concerts)
        } throws: { error in
            let failure = error as? Failure
            return failure?.code == "unknownConcert" && failure?.message.contains("2 “Harbour Lights”") == true
        }
        #expect { try concert(titled: "zzz", among: concerts) } throws: { ($0 as? Failure)?.code == "unknownConcert" }
        #expect { try concert(titled: " ", among: concerts) } throws: { ($0 as? Failure)?.status == .usage }
    }
}
