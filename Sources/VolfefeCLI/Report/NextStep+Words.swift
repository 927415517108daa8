import Foundation
import Pages
import Volfefe

extension NextStep {
    /// What to do.
    func title(_ names: ModelNames) -> Prose {
        switch self {
        case .classify(let contents): "Classify the \(Format.count(contents, "text"))."
        case .complete(let model, let missing, _):
            "Let \(code: names[model]) judge the \(Format.count(missing, "text")) that it has not seen."
        case .retry(let failed, _): "Try the \(Format.count(failed, "failed verdict")) again."
        case .refresh(let stale): "Judge edited texts again: \(Format.count(stale, "verdict")) are on their old words."
        case .addModels: "Run a second model."
        case .collectMore: "Collect more texts before you decide anything."
        case .readSharedLabels(let models, _, _):
            "Read agreement on shared labels: \(Self.list(models, names)) cannot say everything that the others can."
        case .label(let contents, _):
            contents.count == 1
                ? "Label the one text on which the models contradict each other."
                : "Label texts on which the models contradict each other most, such as these \(String(contents.count))."
        case .compareTwins(let slow, let fast, _, _, _):
            "See whether you need \(code: names[slow]) beside \(code: names[fast])."
        case .dropModel(let model, _, _, _): "See whether you need \(code: names[model])."
        case .lookAtOutsider(let model, _, _, _): "Look at \(code: names[model]): it stands alone most often."
        case .calibrate(let model, _, _): "Do not rank texts by the confidence of \(code: names[model])."
        case .speedUp(let model, _, _, _): "Make \(code: names[model]) faster before any other model."
        case .lookAtSource(let source, _, _): "Look at \(code: source): the models agree less on it."
        case .separateLinks: "Keep texts of links only apart."
        case .findTexts: "Find out why contents have no text."
        case .dropDuplicates: "Mind the duplicates."
        case .readWhole(let model, _, _): "Long texts: \(code: names[model]) reads only their beginning."
        case .addDates: "Give contents their date of publication."
        }
    }

    /// Why, with the figures.
    func reason(_ names: ModelNames) -> Prose {
        switch self {
        case .classify: "No model has judged any of them yet."
        case .complete(_, let missing, let all):
            "That is \(Format.percent(Self.share(missing, all))) of \(Format.grouped(all)). Figures that need all models leave these out."
        case .retry(_, let models):
            "They are of \(Self.list(models, names)). A failure is no verdict, and counts nowhere else."
        case .refresh: "They count nowhere in this report."
        case .addModels(let only): "Only \(code: names[only]) has verdicts: it has none to agree or to differ with."
        case .collectMore(let contents, let low, let high):
            "With \(Format.count(contents, "text")) judged by two models or more, all that is known is that they agree on \(Format.percent(low)) to \(Format.percent(high))."
        case .readSharedLabels(_, let inexpressible, let differing):
            "\(strong: Format.percent(Self.share(inexpressible, differing))) of the disagreements (\(Format.grouped(inexpressible)) of \(Format.grouped(differing))) are about a sentiment that one of the two models does not have."
        case .label(let contents, let contradicting):
            "\(Format.count(contradicting, "text")) in all, on each of which two models say different things that both could say. People's labels decide who is right. Contents \(contents.map(String.init).joined(separator: ", "))."
        case .compareTwins(let slow, _, let agreement, let kappa, let share):
            "They say the same of \(Format.percent(agreement)) of the texts (κ \(Format.decimals(kappa, 2))), and \(code: names[slow]) takes \(Format.percent(share)) of the time."
        case .dropModel(_, let changed, let all, let share):
            "Without it the majority of the others is another one on \(strong: Format.percent(changed)) of \(Format.count(all, "text")), and it takes \(Format.percent(share)) of the time."
        case .lookAtOutsider(_, let alone, let all, let next):
            "On \(Format.grouped(alone)) of \(Format.count(all, "text")) (\(Format.percent(Self.share(alone, all)))) all the others say the same and it does not; the next one does so on \(Format.grouped(next))."
        case .calibrate(_, let perfect, let all):
            "\(Format.percent(Self.share(perfect, all))) of its verdicts (\(Format.grouped(perfect)) of \(Format.grouped(all))) have a score of exactly 1, which is rounding and not certainty."
        case .speedUp(_, let share, let p50, let p95):
            "It takes \(Format.percent(share)) of the time of all models; half of its texts take \(Format.duration(milliseconds: p50)) or less, 95\u{202F}% \(Format.duration(milliseconds: p95))."
        case .lookAtSource(_, let agreement, let elsewhere):
            "All agree on \(Format.percent(agreement)) of its texts, elsewhere on \(Format.percent(elsewhere)); the intervals do not touch."
        case .separateLinks(let links, let all):
            "\(Format.grouped(links)) of \(Format.count(all, "text")) (\(Format.percent(Self.share(links, all)))) have no words. A model without neutral calls them something all the same; agreement is given without them."
        case .findTexts(let missing, let all):
            "\(Format.grouped(missing)) of \(Format.count(all, "content")) (\(Format.percent(Self.share(missing, all)))) have none: pictures, reposts, or a field that was not read."
        case .dropDuplicates(let duplicates, let all):
            "\(Format.grouped(duplicates)) of \(Format.count(all, "text")) (\(Format.percent(Self.share(duplicates, all)))) repeat another one. They count as often as they are there, so intervals are too narrow."
        case .readWhole(_, let truncated, let all):
            "\(Format.grouped(truncated)) of its \(Format.count(all, "verdict")) (\(Format.percent(Self.share(truncated, all)))) are on texts that were longer than it reads."
        case .addDates(let undated, let all):
            "\(Format.grouped(undated)) of \(Format.grouped(all)) (\(Format.percent(Self.share(undated, all)))) have none, and are in no figure over time."
        }
    }

    /// The command as it is typed, with the options that name the database.
    func commandLine(_ options: [String]) -> String {
        (["volfefe"] + command + (command.first == "models" || command.last == "FILE" ? [] : options))
            .map(\.shellQuoted).joined(separator: " ")
    }

    private static func list(_ models: [String], _ names: ModelNames) -> String {
        let names = models.map { names[$0] }
        guard names.count > 1, let last = names.last else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }

    private static func share(_ part: Int, _ whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }
}

extension String {
    /// As a shell takes it for one word.
    var shellQuoted: String {
        let isPlain =
            !isEmpty
            && unicodeScalars.allSatisfy { scalar in
                ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                    || "-_./@=,:+%".unicodeScalars.contains(scalar)
            }
        return isPlain ? self : "'" + replacing("'", with: "'\\''") + "'"
    }
}
