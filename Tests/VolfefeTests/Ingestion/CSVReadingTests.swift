import Testing

@testable import Volfefe

@Suite struct CSVReadingTests {
    @Test func quotesDelimitersAndLineBreaksInCellsAreRead() throws {
        let reading = try Reading("id,text,note\r\n1,\"a, \"\"b\"\"\r\nc\",x\r\n2,plain,\r\n\r\n3,\"\",\"y\"\r\n")
        #expect(reading.ids == ["1", "2", "3"])
        #expect(reading.texts == ["a, \"b\"\nc", "plain", nil])
        #expect(reading.lines == [2, 4, 6])
        #expect(reading.drafts.map(\.meta) == ["{\"note\":\"x\"}", "{\"note\":\"\"}", "{\"note\":\"y\"}"])
        #expect(reading.problems.isEmpty)
    }

    @Test(arguments: [",", ";", "\t"])
    func theDelimiterIsFoundOut(delimiter: String) throws {
        let reading = try Reading("id\(delimiter)text\n1\(delimiter)hello\n")
        #expect(reading.ids == ["1"])
        #expect(reading.texts == ["hello"])
    }

    @Test func theLastLineNeedsNoEnd() throws {
        #expect(try Reading("id,text\n1,a").ids == ["1"])
        #expect(try Reading("id,text\n1,\"a\"").ids == ["1"])
        #expect(try Reading("id,text\n1,").texts == [nil])
        #expect(try Reading("id,text").drafts.isEmpty)
    }

    @Test func rowsOfAnotherWidthAreNamedAndTheOthersKept() throws {
        let reading = try Reading("id,text\n1,a\n2,b,c\n3\n4,d\n")
        #expect(reading.ids == ["1", "4"])
        #expect(reading.places == ["3", "4"])
        #expect(reading.problems[0].message.contains("3 columns, the header has 2"))
    }

    @Test func aQuoteThatNeverClosesCostsOnlyItsLine() throws {
        let reading = try Reading("id,text\n1,\"open\n2,b\n3,c\n")
        #expect(reading.ids == ["2", "3"])
        #expect(reading.places == ["2"])
        #expect(reading.problems[0].message.contains("never closed"))
    }

    @Test func aStrayQuoteCostsOnlyItsLine() throws {
        let reading = try Reading("id,text\n1,\"a\"b\n2,\"say \"hi\" now\"\n3,\"open\n4,\"fine\"\n5,five\" inch\n")
        #expect(reading.ids == ["4", "5"])
        #expect(reading.texts == ["fine", "five\" inch"])
        #expect(reading.problems.map(\.line) == [2, 3, 5])
    }

    @Test func aMissingColumnIsAnErrorThatNamesTheHeader() throws {
        let error = try #require(throws: VolfefeError.self) { try Reading("id,headline\n1,a\n") }
        #expect(error.description.contains("posts:1: there is no column for `text`"))
        #expect(error.description.contains("--map text=COLUMN"))
        #expect(error.exitCode == 65)
        let settings = SourceSettings(fields: ["text": "Headline", "id": "key"])
        #expect(throws: VolfefeError.self) { try Reading("id,headline\n1,a\n", settings: settings) }
        let mapped = try Reading("key,headline\n1,a\n", settings: settings)
        #expect(mapped.texts == ["a"])
    }

    @Test(arguments: ["id,text,Text\n1,a,b\n", "id,text,\"x\n", "\n\n"])
    func anUnusableHeaderIsAnError(text: String) throws {
        let error = try #require(throws: VolfefeError.self) { try Reading(text) }
        #expect(error.exitCode == 65)
    }

    @Test func badBytesAndRoundedIdentifiersAreNamed() throws {
        let bytes = Array("id,text\n1,".utf8) + [0xE9] + Array("\n1.15374E+17,b\n3,c\n".utf8)
        let reading = try Reading(bytes)
        #expect(reading.ids == ["3"])
        #expect(reading.places == ["2", "3"])
        #expect(reading.problems[0].message.contains("`text`"))
        #expect(reading.problems[1].message.contains("spreadsheet"))
    }

    @Test(arguments: 1...9)
    func theSizeOfPiecesChangesNothing(piece: Int) throws {
        let text = "\u{FEFF}id,text\r\n1,\"a\"\"b\r\n\"\r\n2,\"x\"y\r\n3,c\r\n4,\"open\r\n5,é\r\n"
        let (whole, parts) = (try Reading(text), try Reading(text, piece: piece))
        #expect(whole.ids == ["1", "3", "5"])
        #expect(whole.drafts == parts.drafts)
        #expect(whole.problems == parts.problems)
        #expect(whole.problems.map(\.line) == [4, 6])
    }

    @Test func anEndlessRowStaysFlatAndIsSkipped() throws {
        let long = String(repeating: "x", count: 300)
        for row in ["1,\(long)", "1,\"\(long)\"", "1,\"\(long)\n\(long)"] {
            let bytes = Array("id,text\n\(row)\n2,b\n".utf8)
            let reading = try Reading(bytes, piece: 64, maxLineBytes: 100)
            #expect(reading.ids == ["2"])
            #expect(reading.problems.first?.line == 2)
        }
    }

    @Test func everyDamageKeepsTheLinesBefore() throws {
        let text = Array("id,text\n1,a\n2,\"b \"\"q\"\", é\nmore\"\n3,c\n4,d\n".utf8)
        for index in 12..<text.count {
            for byte in Array("\",\n\r;x".utf8) {
                var bytes = text
                bytes[index] = byte
                let reading = try Reading(bytes, as: .csv)
                #expect(reading.ids.first == "1")
                #expect(reading.ids.contains("4") || index > 35)
            }
        }
    }
}
