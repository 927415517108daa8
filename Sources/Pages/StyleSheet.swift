/// How pages look: light and dark, on a desk, on a phone and on paper.
enum StyleSheet {
    static let css = [colours, page, tables, charts, phone, paper].joined(separator: "\n")

    /// Text has a contrast of 4.5 : 1 or more to what it stands on, in both schemes.
    private static let colours = """
        :root {
          color-scheme: light dark;
          --page: #fbfaf8; --card: #ffffff; --ink: #1d2125; --muted: #59616a; --rule: #e4e1db; --grid: #ebe8e3;
          --link: #1b5e96; --accent: #4a6fa5; --median: #1d2125;
          --positive: #1d6fa8; --on-positive: #ffffff; --neutral: #d8d5ce; --on-neutral: #1d2125;
          --negative: #b8470d; --on-negative: #ffffff; --hatch: rgba(255,255,255,.22);
          --s0: #f0d9c8; --s1: #e9edf1; --s2: #c9d8e6; --s3: #98b7d3; --s4: #3f76a8; --s5: #17466f;
          --t0: #1d2125; --t1: #1d2125; --t2: #1d2125; --t3: #10202e; --t4: #ffffff; --t5: #ffffff;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #15181b; --card: #1c2024; --ink: #e7e5e0; --muted: #a3abb3; --rule: #333a41; --grid: #2a3036;
            --link: #8cbfe8; --accent: #7fa3d1; --median: #e7e5e0;
            --positive: #5aa7dc; --on-positive: #081019; --neutral: #4a5159; --on-neutral: #f2f1ee;
            --negative: #e58a4e; --on-negative: #170b03; --hatch: rgba(0,0,0,.2);
            --s0: #5a3a26; --s1: #2a3138; --s2: #2f4558; --s3: #356082; --s4: #6ba4d3; --s5: #b5d6f1;
            --t0: #f4f1ee; --t1: #e7e5e0; --t2: #eef2f5; --t3: #ffffff; --t4: #081019; --t5: #081019;
          }
        }
        """

    private static let page = """
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body {
          margin: 0; background: var(--page); color: var(--ink);
          font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
          overflow-wrap: break-word;
        }
        .defs { position: absolute; }
        main { max-width: 784px; margin: 0 auto; padding: 56px 32px 72px; }
        h1, h2, h3 { line-height: 1.2; font-weight: 650; text-wrap: balance; }
        h1 { font-size: 34px; margin: 0 0 10px; letter-spacing: -.015em; }
        h2 { font-size: 23px; margin: 64px 0 8px; letter-spacing: -.01em; }
        h3 { font-size: 17px; margin: 36px 0 6px; }
        p { margin: 0 0 14px; max-width: 68ch; }
        a { color: var(--link); text-underline-offset: 3px; }
        code { font: .86em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
        .lead { font-size: 18px; line-height: 1.5; color: var(--muted); }
        .note, footer { font-size: 14px; color: var(--muted); }
        nav { margin: 24px 0 0; font-size: 15px; }
        nav ul { display: flex; flex-wrap: wrap; gap: 4px 20px; list-style: none; margin: 0; padding: 0; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 32px 0 0; padding: 0; }
        .tiles > div { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 14px 16px; min-width: 0; }
        .tiles dt { font-size: 14px; color: var(--muted); }
        .tiles dd { margin: 2px 0 0; font-size: 27px; font-weight: 650; letter-spacing: -.01em; font-variant-numeric: tabular-nums; line-height: 1.25; }
        .tiles dd + dd { font-size: 13px; font-weight: 400; color: var(--muted); letter-spacing: 0; }
        ol.steps { list-style: none; counter-reset: step; margin: 20px 0 0; padding: 0; }
        ol.steps > li { counter-increment: step; position: relative; padding: 16px 0 14px 44px; border-top: 1px solid var(--rule); }
        ol.steps > li::before {
          content: counter(step); position: absolute; left: 0; top: 17px; width: 26px; height: 26px; border-radius: 50%;
          border: 1.5px solid var(--accent); color: var(--ink); font-size: 14px; line-height: 23px; text-align: center; font-weight: 600;
        }
        ol.steps > li > strong { display: block; font-weight: 620; }
        ol.steps p { margin: 2px 0 6px; }
        .command { display: block; background: var(--card); border: 1px solid var(--rule); border-radius: 6px; padding: 7px 10px; max-width: 100%; }
        ul.quotes { list-style: none; margin: 20px 0 0; padding: 0; }
        ul.quotes > li { padding: 16px 0 12px; border-top: 1px solid var(--rule); }
        blockquote { margin: 0 0 8px; font-size: 16px; max-width: 68ch; }
        .said { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 0 0 4px; font-size: 14px; max-width: none; }
        .said b { font-weight: 600; overflow-wrap: anywhere; }
        .quotes .note { margin: 0; font-size: 13px; }
        .sign {
          display: inline-block; width: 18px; height: 18px; line-height: 17px; border-radius: 4px; margin-right: 6px;
          text-align: center; font-size: 13px; font-weight: 700;
        }
        .sign-positive { background: var(--positive); color: var(--on-positive); }
        .sign-neutral { background: var(--neutral); color: var(--on-neutral); }
        .sign-negative { background: var(--negative); color: var(--on-negative); }
        footer { margin-top: 72px; padding-top: 18px; border-top: 1px solid var(--rule); }
        """

    private static let tables = """
        .scroll { overflow-x: auto; margin: 12px 0 0; max-width: 100%; }
        .scroll:focus-visible, summary:focus-visible, a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
        table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; min-width: 100%; }
        caption { text-align: left; color: var(--muted); font-size: 13px; padding: 0 0 4px; }
        details caption { display: none; }
        th, td { padding: 6px 16px 6px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); }
        th:last-child, td:last-child { padding-right: 0; }
        thead th { font-weight: 500; color: var(--muted); font-size: 13px; vertical-align: bottom; line-height: 1.3; }
        tbody th { font-weight: 600; }
        .n { text-align: right; white-space: nowrap; }
        details { margin: 12px 0 0; }
        summary { cursor: pointer; font-size: 14px; color: var(--link); }
        """

    private static let charts = """
        figure { margin: 28px 0 0; }
        figure + p, .scroll + p, details + p, .scroll + .scroll, details + .scroll { margin-top: 26px; }
        figcaption { font-weight: 620; margin: 0 0 14px; line-height: 1.35; }
        figure .note { margin: 10px 0 0; }
        svg.wide, svg.narrow { display: block; max-width: 100%; height: auto; overflow: visible; }
        svg.narrow { display: none; }
        svg text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums; }
        .label, .name, [class^="on-step"] { font-size: 13px; fill: var(--ink); }
        .name { font-weight: 600; }
        .small, .on-positive, .on-neutral, .on-negative { font-size: 12px; }
        .small { fill: var(--muted); }
        .halo { paint-order: stroke; stroke: var(--page); stroke-width: 3px; stroke-linejoin: round; }
        .on-positive, .on-neutral, .on-negative { font-weight: 600; }
        .on-positive { fill: var(--on-positive); } .on-neutral { fill: var(--on-neutral); }
        .on-negative { fill: var(--on-negative); paint-order: stroke; stroke: var(--negative); stroke-width: 3px; stroke-linejoin: round; }
        .fill-positive { fill: var(--positive); } .fill-neutral { fill: var(--neutral); }
        .fill-negative { fill: var(--negative); } .fill-accent { fill: var(--accent); }
        .hatch { fill: url(#hatch); pointer-events: none; } .hatch-line { fill: var(--hatch); }
        .grid { stroke: var(--grid); stroke-width: 1; } .axis { stroke: var(--muted); stroke-width: 1; }
        .median { stroke: var(--median); stroke-width: 1.5; } .dashed { stroke-dasharray: 3 3; }
        .whisker { stroke: var(--accent); stroke-width: 3; stroke-opacity: .45; } .thin { stroke-width: 1.5; }
        .step-0 { fill: var(--s0); } .step-1 { fill: var(--s1); } .step-2 { fill: var(--s2); }
        .step-3 { fill: var(--s3); } .step-4 { fill: var(--s4); } .step-5 { fill: var(--s5); }
        .step-none { fill: none; stroke: var(--rule); }
        .on-step-0 { fill: var(--t0); } .on-step-1 { fill: var(--t1); } .on-step-2 { fill: var(--t2); }
        .on-step-3 { fill: var(--t3); } .on-step-4 { fill: var(--t4); } .on-step-5 { fill: var(--t5); }
        """

    private static let phone = """
        @media (max-width: 799px) {
          main { padding: 32px 20px 48px; }
          h1 { font-size: 28px; } h2 { font-size: 21px; margin-top: 48px; }
          .tiles { grid-template-columns: repeat(2, 1fr); gap: 10px; }
          .tiles dd { font-size: 23px; }
          svg.wide { display: none; } svg.narrow { display: block; width: 100%; max-width: 460px; }
        }
        """

    /// On paper everything is unfolded, and in the light colours whatever the screen has.
    private static let paper = """
        @media print {
          :root {
            color-scheme: light;
            --page: #ffffff; --card: #ffffff; --ink: #1d2125; --muted: #59616a; --rule: #d5d2cc; --grid: #e8e5e0;
            --link: #1d2125; --accent: #4a6fa5; --median: #1d2125;
            --positive: #1d6fa8; --on-positive: #ffffff; --neutral: #d8d5ce; --on-neutral: #1d2125;
            --negative: #b8470d; --on-negative: #ffffff; --hatch: rgba(255,255,255,.22);
            --s0: #f0d9c8; --s1: #e9edf1; --s2: #c9d8e6; --s3: #98b7d3; --s4: #3f76a8; --s5: #17466f;
            --t0: #1d2125; --t1: #1d2125; --t2: #1d2125; --t3: #10202e; --t4: #ffffff; --t5: #ffffff;
          }
          @page { margin: 16mm 14mm; }
          body { font-size: 11pt; }
          main { max-width: none; padding: 0; }
          nav { display: none; }
          h2 { margin-top: 28px; } h2, h3, figcaption, caption, summary { break-after: avoid; }
          figure > svg, tr, ol.steps > li, .tiles > div { break-inside: avoid; }
          svg.wide { display: block; } svg.narrow { display: none; }
          .scroll { overflow: visible; }
          /* What does not fit beside each other is broken: nothing scrolls on paper. */
          table { font-size: 9pt; table-layout: fixed; width: 100%; overflow-wrap: anywhere; }
          th, td { padding-right: 8px; } .n { white-space: normal; }
          details::details-content { content-visibility: visible; display: block; height: auto; }
          summary { list-style: none; color: var(--muted); }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        }
        """
}
