extension Block {
    /// As HTML.
    var markup: Markup {
        switch self {
        case .heading(let title, let id): .element("h2", ["id": id], Markup(text: title))
        case .paragraph(let prose): .element("p", [:], prose.markup)
        case .note(let prose): .element("p", ["class": "note"], prose.markup)
        case .figure(let figure): figure.markup
        case .table(let table): table.markup()
        case .tiles(let tiles): .element("dl", ["class": "tiles"], tiles.map(\.markup))
        case .steps(let steps): .element("ol", ["class": "steps"], steps.map(\.markup))
        case .quotes(let quotes): .element("ul", ["class": "quotes"], quotes.map(\.markup))
        }
    }
}

extension Tile {
    fileprivate var markup: Markup {
        .element(
            "div", [:], .element("dt", [:], Markup(text: name)), .element("dd", [:], Markup(text: figure)),
            .element("dd", [:], Markup(text: note)))
    }
}

extension Step {
    fileprivate var markup: Markup {
        .element(
            "li", [:], .element("strong", [:], title.markup), .element("p", [:], reason.markup),
            .element("code", ["class": "command"], Markup(text: command)))
    }
}

extension Quote {
    fileprivate var markup: Markup {
        let words = text.map { Markup.element("blockquote", ["dir": "auto"], Markup(text: $0)) } ?? .empty
        let said = verdicts.map { verdict in
            Markup.element(
                "span", ["class": "verdict"],
                .element(
                    "span", ["class": "sign sign-\(verdict.tone.rawValue)", "aria-hidden": "true"],
                    Markup(text: verdict.tone.sign)),
                .element("b", ["dir": "auto"], Markup(text: verdict.name)), Markup(text: " " + verdict.text))
        }
        return .element(
            "li", [:],
            [words, .element("p", ["class": "said"], said), .element("p", ["class": "note"], Markup(text: title))])
    }
}
