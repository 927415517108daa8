import Foundation
import Testing

@testable import Volfefe

@Suite struct HTMLTextTests {
    @Test(arguments: [
        ("<p>One</p><p>two<br/>three</p>", "One two three"),
        ("<p>Fish &amp; Chips &#8212; &#x1F680; &eacute;&apos;&nbsp;!</p>", "Fish & Chips — 🚀 é' !"),
        ("&lt;p&gt;Escaped &amp;amp; twice&lt;/p&gt;", "Escaped & twice"),
        (
            "<a href=\"https://a.co/d/7\"><span class=\"invisible\">https://</span><span class=\"ellipsis\">a.co/d</span><span>/7</span></a>",
            "https://a.co/d/7"
        ),
        ("book <a href=\"https://a.co\"><span class=\"\">a.co</span></a", "book a.co"),
        ("<p>RT <span>@<a href=\"x\">name</a></span><br>Word</p>", "RT @name Word"),
        ("I <3 you & a < b, b > a; 1<2", "I <3 you & a < b, b > a; 1<2"),
        ("a<!-- hidden <b> -->b<script>alert('<p>')</script>c<style>p{}</style>d", "ab c d"),
        ("<a title=\"a > b\">x</a>", "x"),
        ("RT <span><a href=\"x\">@<span>name</span></a></span>Yesterday, I", "RT @name Yesterday, I"),
        ("see<a>#tag</a>, <a>https://x.y</a>and <a>cat</a>s (<a>@z</a>)", "see #tag, https://x.y and cats (@z)"),
        ("it is <b don't care, or <a", "it is <b don't care, or"),
        ("read <a href=\"https://x.y/z", "read"),
        ("<https://x.y> and <me@x.y> and <unknown> <word a>", "<https://x.y> and <me@x.y> and <unknown> <word a>"),
        ("<!DOCTYPE html><title>t</title>1 <! 2 <!-- cut off", "t 1 <! 2"),
        ("", ""),
        ("&#150;&#0;&#xD800;&#1114112;&unknown;&amp", "–\u{FFFD}\u{FFFD}\u{FFFD}&unknown;&amp"),
        ("<p>e\u{301}</p>", "é"),
        ("<P>Upper</P><DIV>case</DIV>", "Upper case"),
    ])
    func markUpIsTakenOut(html: String, text: String) {
        #expect(HTMLText.clean(html) == text)
    }

    @Test func plainTextKeepsItsLines() {
        #expect(HTMLText.tidy("  one   two \n\n three\u{A0}four \n") == "one two\n\nthree four")
        #expect(!HTMLText.looksLikeHTML("I <3 AT&T & a < b > c"))
        #expect(HTMLText.looksLikeHTML("a<br>b"))
        #expect(HTMLText.looksLikeHTML("a &amp; b"))
    }

    @Test func cleaningTwiceChangesNothingInPlainText() {
        for text in ["", "a b", "🚀🇺🇸", "e = mc²", "50% of $TSLA #buy @me"] { #expect(HTMLText.clean(text) == text) }
    }

    @Test func aHostileTextTakesNoQuadraticTime() {
        // 200 kB of openings that never close: seconds would mean that each is searched to the end.
        let clock = ContinuousClock()
        for opening in ["<a ", "<!--", "<script>", "&", "<", "<a href=\"", "<!-", "<b ", "</"] {
            let text = String(repeating: opening, count: 200_000 / opening.utf8.count)
            #expect(clock.measure { _ = HTMLText.clean(text) } < .seconds(10))
        }
    }

    @Test(.enabled(if: sharedData("golden/posts_with_real_results.json") != nil))
    func realPostsAreCleanedAsInTheGoldenFile() throws {
        struct Post: Decodable {
            let html: String
            let text: String
        }
        let path = try #require(sharedData("golden/posts_with_real_results.json"))
        let posts = try JSONDecoder().decode([Post].self, from: Data(contentsOf: URL(filePath: path)))
        #expect(posts.count == 44)
        for (index, post) in posts.enumerated() {
            let text = HTMLText.clean(post.html)
            if index == 20 {  // its paragraphs are glued together there: "District!A Brave"
                #expect(text.filter { !$0.isWhitespace } == post.text.filter { !$0.isWhitespace })
                #expect(text.contains("District! A Brave"))
            } else {  // some keep a no-break space between paragraphs
                #expect(text == HTMLText.collapse(post.text), "post \(index)")
            }
        }
    }
}
