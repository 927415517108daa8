import Foundation
import Testing

@testable import Volfefe

@Suite struct ContentReaderTests {
    @Test func usualNamesAreFoundWhateverTheirCaseAndTheRestIsKept() throws {
        let reading = try Reading(
            #"{"Tweet_ID":"7","Created":"2025-10-14 17:42:22.246000+00:00","full_text":"a","user":{"screen_name":"me","x":1},"Permalink":"https://e.x/7","b":[1],"a":1.50}"#
        )
        let draft = try #require(reading.drafts.first)
        #expect(draft.externalID == "7")
        #expect(draft.text == "a")
        #expect(draft.author == "me")
        #expect(draft.url == "https://e.x/7")
        #expect(draft.publishedAt.map { abs($0.timeIntervalSince1970 - 1_760_463_742.246) < 1e-6 } == true)
        #expect(draft.meta == #"{"a":1.50,"b":[1],"user":{"screen_name":"me","x":1}}"#)
    }

    @Test func settingsWinOverUsualNames() throws {
        let settings = SourceSettings(fields: ["text": "data.title", "id": "key"])
        let reading = try Reading(#"{"id":1,"key":2,"text":"no","data":{"title":"yes"}}"#, settings: settings)
        #expect(reading.ids == ["2"])
        #expect(reading.texts == ["yes"])
        #expect(
            try Reading(#"{"id":1,"data":{"title":"yes"}}"#, settings: settings).problems.first?.message.contains(
                "`key`") == true)
    }

    @Test func aSourceMaySayWhetherItsTextsAreHTML() throws {
        let record = #"{"id":1,"text":"a &amp; <b>b</b>\nc"}"#
        #expect(try Reading(record).texts == ["a & b c"])
        #expect(try Reading(record, settings: SourceSettings(html: .no)).texts == ["a &amp; <b>b</b>\nc"])
        #expect(try Reading(#"{"id":1,"text":"a\nb"}"#).texts == ["a\nb"])
        #expect(try Reading(#"{"id":1,"text":"a\nb"}"#, settings: SourceSettings(html: .yes)).texts == ["a b"])
    }

    @Test func spacesAroundAnIdentifierAreNoPartOfIt() throws {
        #expect(try Reading("id, text\n 7 , a\n").ids == ["7"])
        #expect(try Reading("id,text\n ,a\n").ids[0].hasPrefix("sha256:"))
    }

    @Test func aTextThatIsMissingIsAProblemAndAnEmptyOneIsNone() throws {
        let reading = try Reading(
            #"[{"id":1},{"id":2,"text":null},{"id":3,"text":" \n "},{"id":4,"text":5},{"id":5,"text":{}},{"id":6,"content":"<p></p>"},{}]"#
        )
        #expect(reading.ids == ["2", "3", "6"])
        #expect(reading.texts == [nil, nil, nil])
        #expect(reading.problems.count == 4)
        #expect(reading.problems[0].message.contains("looked for text, content, body"))
    }

    @Test func aRecordWithoutAnIdentifierGetsOneFromItsText() throws {
        let reading = try Reading(
            "{\"text\":\"same\"}\n{\"text\":\"same\"}\n{\"text\":\"other\"}\n{\"text\":null}", as: .jsonl)
        #expect(reading.ids.count == 2)
        #expect(reading.ids[0].wholeMatch(of: #/sha256:[0-9a-f]{32}/#) != nil)
        #expect(reading.ids[0] == (try Reading("text\nsame\n").ids[0]))
        #expect(reading.duplicates == 1)
        #expect(reading.places == ["4"])
    }

    @Test func repeatedIdentifiersAreCountedOrReported() throws {
        let reading = try Reading("id,text\n1,a\n2,b\n1,a\n2,c\n2,b\n")
        #expect(reading.ids == ["1", "2"])
        #expect(reading.duplicates == 2)
        #expect(reading.places == ["5"])
        #expect(reading.problems[0].message.contains("line 3"))
    }

    @Test func aDateInNoKnownFormIsAWarningAndTheRecordIsKept() throws {
        let reading = try Reading(#"{"id":1,"text":"a","date":"yesterday"}"#)
        #expect(reading.ids == ["1"])
        #expect(reading.drafts[0].publishedAt == nil)
        #expect(reading.problems.map(\.isWarning) == [true])
    }

    @Test func aTextThatIsTooLongIsAProblem() throws {
        let bytes = Array(
            "[{\"id\":1,\"text\":\"\(String(repeating: "é", count: 60))\"},{\"id\":2,\"text\":\"b\"}]".utf8)
        let reading = try Reading(bytes, maxTextBytes: 100)
        #expect(reading.ids == ["2"])
        #expect(reading.problems[0].message.contains("120 bytes"))
        #expect(try Reading(bytes, maxLineBytes: 100).ids == ["2"])
    }

    @Test func nullCharactersDoNotReachTheDatabase() throws {
        #expect(try Reading(#"{"id":1,"text":"a\u0000b"}"#).texts == ["a\u{FFFD}b"])
    }

    @Test func problemsNeverHoldATextOrACellOfIt() throws {
        let reading = try Reading(
            "{\"id\":1,\"text\":\"sesame\"\n{\"id\":2,\"text\":[\"sesame\"]}\n\"sesame\"\n", as: .jsonl)
        #expect(reading.problems.count == 3)
        #expect(!reading.problems.contains { $0.description.contains("sesame") })
    }

    @Test(arguments: [[UInt8](), [0xEF, 0xBB, 0xBF]])
    func anEmptyInputIsAnError(bytes: [UInt8]) throws {
        let error = try #require(throws: VolfefeError.self) { try Reading(bytes) }
        #expect(error.description.contains("empty"))
        #expect(error.exitCode == 65)
    }

    @Test func whatIsNoUTF8TextIsAnErrorThatSaysHowToConvertIt() throws {
        let text = "[{\"id\":1,\"text\":\"a\"}]"
        for encoding in [String.Encoding.utf16, .utf16LittleEndian, .utf16BigEndian] {
            let data = try #require(text.data(using: encoding))
            let error = try #require(throws: VolfefeError.self) { try Reading(Array(data)) }
            #expect(error.description.contains("iconv"))
        }
        for bytes in [[0x1F, 0x8B, 8, 0], Array("PK\u{3}\u{4}...".utf8), [UInt8](repeating: 0, count: 64)] {
            #expect(throws: VolfefeError.self) { try Reading(bytes) }
        }
    }

    @Test func filesThatCannotBeReadAreNamedWithStatus66() throws {
        try withFolder { folder in
            for path in [folder, folder + "/none.json"] {
                let error = try #require(throws: VolfefeError.self) { try Reading(path: path) }
                #expect(error.exitCode == 66)
                #expect(error.description.contains(path))
            }
        }
    }

    @Test(arguments: ["posts.json", "posts.JSONL", "posts.csv", "folder.json/posts"])
    func theExtensionNamesTheFormat(name: String) throws {
        try withFolder { folder in
            let text = name.hasSuffix("csv") ? "id,text\n1,a\n" : "{\"id\":1,\"text\":\"a\"}\n"
            try write(text, to: folder + "/" + name)
            #expect(try Reading(path: folder + "/" + name).ids == ["1"])
        }
    }

    @Test(arguments: [
        ("2025-10-14 17:42:22.246000+00:00", 1_760_463_742.246), ("2025-10-31T18:09:12.335Z", 1_761_934_152.335),
        ("2025-10-14T13:42:22-0400", 1_760_463_742), ("2025-10-14", 1_760_400_000), ("1760463742", 1_760_463_742),
        ("1760463742246", 1_760_463_742.246), ("Wed Oct 10 20:19:24 +0000 2018", 1_539_202_764),
        ("Wed, 10 Oct 2018 20:19:24 GMT", 1_539_202_764), ("10 Oct 2018 22:19 +0200", 1_539_202_740),
        ("2024-02-29T00:00:00Z", 1_709_164_800), ("1969-12-31T23:59:59Z", -1),
    ])
    func datesAreReadInTheUsualForms(text: String, seconds: Double) throws {
        let date = try #require(PublishedDate.parse(text))
        #expect(abs(date.timeIntervalSince1970 - seconds) < 1e-3)
    }

    @Test(arguments: [
        "", "2025-02-29", "2025-13-01", "2025-10-14 25:00", "Monday", "12", "2025-10-14T10:00:00+ABCD",
        "99999999999999999999",
    ])
    func whatIsNoDateIsNone(text: String) {
        #expect(PublishedDate.parse(text) == nil)
    }
}
