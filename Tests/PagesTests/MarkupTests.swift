import Testing

@testable import Pages

@Suite struct MarkupTests {
    @Test func `text and attributes are escaped, and nothing else is`() {
        let element = Markup.element(
            "p", ["title": "\"<&>'"], Markup(text: "<script>alert('1')</script> & é 日本"), "literal <b>")
        #expect(
            element.html
                == "<p title=\"&quot;&lt;&amp;&gt;&#39;\">&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; é 日本literal &lt;b&gt;</p>"
        )
    }

    @Test func `control characters become the sign for what cannot be shown`() {
        #expect(Markup(text: "a\u{0}b\u{1B}c\nd").html == "a\u{FFFD}b\u{FFFD}c\nd")
    }

    @Test func `elements that have no end are written without one`() {
        #expect(Markup.element("meta", ["charset": "utf-8"]).html == "<meta charset=\"utf-8\">")
        #expect(Markup.element("rect", ["x": "1"]).html == "<rect x=\"1\"/>")
        #expect(Markup.element("p").html == "<p></p>")
    }

    @Test func `Markdown shows text as it is, calls nobody, and keeps tables whole`() {
        #expect(Markdown.escaped("a|b *c* <i>") == "a\\|b \\*c\\* \\<i\\>")
        #expect(Markdown.escaped("@someone x@1.0") == "@\u{2060}someone x@1.0")
        #expect(Markdown.code("plain") == "`plain`")
        #expect(Markdown.code("with ` tick") == "`` with ` tick ``")
        #expect(Markdown.code("a|b\nc", inTable: true) == "`a\\|b c`")
    }

    @Test func `figures are written as people read them`() {
        let space = "\u{202F}"
        let percents: [(Double, String)] = [
            (0, "0"), (0.6944, "69"), (0.05, "5.0"), (0.0949, "9.5"), (0.0996, "10"), (1, "100"), (0.996, "99.6"),
            (0.99999, "99.9"), (0.0001, "<\(space)0.1"),
        ]
        for (share, text) in percents { #expect(Format.percent(share) == text + space + "%", "\(share)") }
        #expect(Format.decimals(-0.004, 2) == "0.00" && Format.decimals(-1.5, 1) == "−1.5")
        #expect(Format.decimals(1234.5678, 2) == "1,234.57" && Format.grouped(-1_234_567) == "−1,234,567")
        let durations: [(Double, String)] = [
            (0, "0 ms"), (0.04, "0.04 ms"), (0.4, "0.4 ms"), (9.96, "10 ms"), (153.8, "154 ms"), (1817, "1.8 s"),
            (59_960, "1.0 min"), (7_200_000, "2.0 h"),
        ]
        for (milliseconds, text) in durations {
            #expect(Format.duration(milliseconds: milliseconds) == text.replacing(" ", with: space))
        }
    }
}
