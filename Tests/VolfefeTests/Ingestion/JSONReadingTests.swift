import Foundation
import Testing

@testable import Volfefe

@Suite struct JSONReadingTests {
    @Test func anArrayIsReadElementByElementWithTheLineOfEach() throws {
        let reading = try Reading(
            "[\n {\"id\": 1, \"text\": \"one\"},\n {\n  \"id\": \"2\",\n  \"text\": \"two\"\n }\n]\n")
        #expect(reading.ids == ["1", "2"])
        #expect(reading.texts == ["one", "two"])
        #expect(reading.lines == [2, 3])
        #expect(reading.problems.isEmpty)
    }

    @Test func jsonLinesAndPrettyPrintedObjectsAreRecognisedWithoutAnExtension() throws {
        #expect(try Reading("{\"id\":1,\"text\":\"a\"}\n{\"id\":2,\"text\":\"b\"}").ids == ["1", "2"])
        #expect(
            try Reading("{\n \"id\": 1,\n \"text\": \"a\"\n}\n{\n \"id\": 2,\n \"text\": \"b\"\n}\n").ids == ["1", "2"])
        #expect(try Reading("\n  {\"id\":1,\"text\":\"a\"}").ids == ["1"])
        #expect(try Reading("[]").ids.isEmpty)
    }

    @Test func aBrokenLineCostsOnlyItselfAndIsNamed() throws {
        let reading = try Reading(
            """
            {"id":1,"text":"a"}
            {"id":2,"text":"b"
            {"id":3,"text":"c",}
            not json
            {"id":4,"text":"d"} {"id":5,"text":"e"}
            [1]
            {"id":6,"text":"f"}
            """, as: .jsonl)
        #expect(reading.ids == ["1", "6"])
        #expect(reading.places == ["2:19", "3:20", "4:1", "5:21", "6:1"])
        #expect(reading.problems[0].description == "posts:2:19: a comma or a closing brace is expected here.")
    }

    @Test func aBrokenElementCostsOnlyItself() throws {
        let reading = try Reading(
            """
            [
            {"id":1,"text":"a"},
            {"id":2,"text":"b",},
            {"id":3,"text":"quote missing},
            {"id":4,"text":"d"}
            {"id":5,"text":"e"},
            7,
            ,
            {"id":6,"text":"f"
            {"id":8,"text":"h","x":{"y":1,
            {"id":9,"text":"i"},
            ]
            """)
        #expect(reading.ids == ["1", "4", "5", "9"])
        #expect(reading.places == ["3:20", "4:32", "6:1", "7:1", "8:1", "10:1", "11:1", "12:1"])
    }

    @Test(arguments: [
        "[{\"id\":1,\"text\":\"a\"},", "[{\"id\":1,\"text\":\"a\"}", "[{\"id\":1,\"text\":\"a\"},{\"id\":2,\"te",
    ])
    func aCutOffArrayKeepsWhatIsWhole(text: String) throws {
        let reading = try Reading(text)
        #expect(reading.ids == ["1"])
        #expect(!reading.problems.isEmpty)
        #expect(reading.problems.last?.message.contains("cut off") == true)
    }

    @Test func aBrokenElementOverSeveralLinesCostsOnlyItself() throws {
        func element(_ id: Int, _ text: String) -> String {
            "  {\n    \"id\": \(id),\n    \"media\": [\n      {\n        \"x\": 1\n      }\n    ],\n    \"text\": \(text)\n  }"
        }
        for broken in ["\"open", "\"a\" \"b\"", "\"\\q\"", "{", "]", "\"a\",", "\"a\"}"] {
            let text =
                "[\n" + [element(1, "\"a\""), element(2, broken), element(3, "\"c\"")].joined(separator: ",\n")
                + "\n]\n"
            let reading = try Reading(text)
            #expect(reading.ids.filter { $0 != "2" } == ["1", "3"], "\(broken)")
            #expect(!reading.problems.isEmpty)
        }
        let minified = try Reading(#"[{"id":1,"text":"a"},{"id":2,"x":[{},{"y":1 2}],"text":"b"},{"id":3,"text":"c"}]"#)
        #expect(minified.ids == ["1", "3"])
    }

    @Test func indentationMeansNothingWhileTheJSONIsRight() throws {
        let text =
            "  [\n  {\n\"id\":1,\n\"media\":[\n{\n\"x\":[\n{\n}\n]\n}\n],\"text\":\"a\"}\n,\n{\"id\":2,\"text\":\"b\"}]"
        let reading = try Reading(text)
        #expect(reading.ids == ["1", "2"])
        #expect(reading.problems.isEmpty)
    }

    @Test func whatFollowsTheArrayIsReported() throws {
        let reading = try Reading("[{\"id\":1,\"text\":\"a\"}]\n{\"id\":2,\"text\":\"b\"}")
        #expect(reading.ids == ["1"])
        #expect(reading.places == ["2:1"])
    }

    @Test func strayBracketsEnd() throws {
        #expect(try Reading("[}{\"id\":1,\"text\":\"a\"}]").ids == ["1"])
        #expect(try Reading("]]}}", as: .json).problems.count == 4)
    }

    @Test func longIdentifiersKeepEveryDigit() throws {
        let reading = try Reading(
            "[{\"id\":115470116607441456,\"text\":\"a\"},{\"id\":18446744073709551615,\"text\":\"b\"}]")
        #expect(reading.ids == ["115470116607441456", "18446744073709551615"])
        #expect(try Reading("{\"id\":1.15e17,\"text\":\"a\"}").problems.count == 1)
    }

    @Test func aLoneSurrogateCostsOnlyItsRecordAndPairsAreRead() throws {
        let reading = try Reading(
            #"[{"id":1,"text":"\ud83d\ude80"},{"id":2,"text":"\ud800"},{"id":3,"text":"\udc00\ud800"},{"id":4,"text":"ok"}]"#
        )
        #expect(reading.ids == ["1", "4"])
        #expect(reading.texts.first == "🚀")
        #expect(reading.problems.count == 2)
        #expect(reading.places[0] == "1:49")
    }

    @Test func onlyALineFeedEndsALine() throws {
        let reading = try Reading("{\"id\":1,\"text\":\"a\u{2028}b\u{85}c\u{2029}d\"}\r\n{\"id\":2,\"text\":\"e\"}\r\n")
        #expect(reading.ids == ["1", "2"])
        #expect(reading.lines == [1, 2])
    }

    @Test func fiveThousandEmptyLinesAreNoRecords() throws {
        let reading = try Reading(String(repeating: "\n", count: 5000) + "{\"id\":1,\"text\":\"a\"}\n", as: .jsonl)
        #expect(reading.lines == [5001])
        #expect(reading.problems.isEmpty)
    }

    @Test func aListInAnObjectIsNamed() throws {
        let reading = try Reading("{\"next\": 2, \"posts\": [{\"id\":1,\"text\":\"a\"}]}")
        #expect(reading.drafts.isEmpty)
        #expect(reading.problems.first?.message.contains("a list in `posts`") == true)
    }

    @Test func badBytesAreNamedByLineAndColumn() throws {
        let bytes =
            Array("{\"id\":1,\"text\":\"a\"}\n{\"id\":2,\"text\":\"é".utf8) + [0xE9]
            + Array("\"}\n{\"id\":3,\"text\":\"c\"}".utf8)
        let reading = try Reading(bytes)
        #expect(reading.ids == ["1", "3"])
        #expect(reading.places == ["2:19"])
        #expect(reading.problems[0].message.contains("iconv"))
    }

    @Test func deepNestingIsRefusedNotRecursed() throws {
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        let reading = try Reading("{\"id\":1,\"text\":\"a\",\"x\":\(deep)}\n{\"id\":2,\"text\":\"b\"}", as: .jsonl)
        #expect(reading.ids == ["2"])
        #expect(reading.problems.first?.message.contains("nested") == true)
    }

    @Test(arguments: [1, 2, 3, 7])
    func theSizeOfPiecesChangesNothing(piece: Int) throws {
        let text =
            "\u{FEFF}[ {\"id\":1,\"text\":\"a \\\" ] } é\\u00e9\"},\n{\"id\":2,\"x\":[{\"y\":\"}\"}],\"text\":null} , bad, {\"id\":3,\"text\":\"\\\\\"}\n] x"
        let (whole, parts) = (try Reading(text), try Reading(text, piece: piece))
        #expect(whole.drafts == parts.drafts)
        #expect(whole.problems == parts.problems)
        #expect(whole.ids == ["1", "2", "3"])
        #expect(whole.problems.count == 2)
    }

    @Test func everyDamageKeepsTheOtherLines() throws {
        // Any single byte of the middle line replaced by any of these: the lines around it are never lost.
        let middle = Array(#"{"id":2,"text":"b \u00e9 \"q\"","n":[1,{"a":null}]}"#.utf8)
        for index in middle.indices {
            for byte in Array("\"\\{}[],:x0".utf8) + [0x00, 0xFF] {
                var line = middle
                line[index] = byte
                let bytes =
                    Array("{\"id\":1,\"text\":\"a\"}\n".utf8) + line + Array("\n{\"id\":3,\"text\":\"c\"}\n".utf8)
                let reading = try Reading(bytes, as: .jsonl)
                #expect(reading.ids.first == "1" && reading.ids.contains("3"))
                #expect(
                    reading.drafts.count + reading.problems.filter { !$0.isWarning }.count + reading.duplicates == 3)
            }
        }
    }

    @Test(arguments: [
        "01", "1.", ".5", "+1", "1e", "NaN", "Infinity", "-", "'a'", "tru", "\"\\x\"", "\"\\u12g4\"", "\"a\nb\"", "",
    ])
    func whatIsNoJSONIsRefused(text: String) {
        #expect(throws: (any Error).self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test func valuesAreWrittenAsTheyWereReadWithSortedKeys() throws {
        let text = #"{"b":[1.50,-2e+10,true,null],"a":{"z":"q\"\\\n\u0001é🚀","y":[]}}"#
        let value = try JSONParser.parse(Array(text.utf8))
        #expect(value.json == #"{"a":{"y":[],"z":"q\"\\\n\u0001é🚀"},"b":[1.50,-2e+10,true,null]}"#)
        #expect(try JSONParser.parse(Array(value.json.utf8)).json == value.json)
    }
}
