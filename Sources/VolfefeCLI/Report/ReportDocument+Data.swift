import Pages
import Volfefe

extension ReportDocument {
    /// What is the matter with the data.
    var data: [Block] {
        [
            .heading("The data", id: "data"),
            .table(
                DataTable(
                    caption: "Contents", columns: ["<", "Contents", "Share", "<Of"],
                    rows: contentRows.map { name, count, whole, of in
                        [.text(name), .count(count), .share(count, of: whole), .text(of)]
                    })),
        ] + (report.models.isEmpty ? [] : [.table(modelTable)])
    }

    private var contentRows: [(String, Int, Int, String)] {
        let figures = report.contents
        return [
            ("with a text", figures.withText, figures.contents, "contents"),
            ("without a text", figures.withoutText, figures.contents, "contents"),
            ("nothing but links", figures.linksOnly, figures.withText, "texts"),
            ("the same as another text", figures.duplicates ?? 0, figures.withText, "texts"),
            ("edited since they were stored", figures.edited, figures.withText, "texts"),
            ("without a date of publication", figures.undated, figures.contents, "contents"),
        ]
    }

    private var modelTable: DataTable {
        DataTable(
            caption: "Verdicts by model",
            columns: ["<Model", "Coverage", "Missing", "Failed", "Stale", "Truncated", "Score exactly 1", "Reused"],
            rows: report.models.map { model in
                [
                    .text(names[model.model]), .percent(model.coverage), .count(model.missing), .count(model.failed),
                    .count(model.stale), .count(model.truncated), .share(model.perfect, of: model.verdicts),
                    .count(model.reused),
                ]
            })
    }
}
