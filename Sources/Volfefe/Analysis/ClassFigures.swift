import Inference

/// How well a model finds one sentiment.
public struct ClassFigures: Sendable, Hashable, Encodable {
    /// The sentiment.
    public var sentiment: Sentiment
    /// Contents whose gold label it is.
    public var support: Int
    /// Contents of which the model says it.
    public var predicted: Int
    /// Share of `predicted` on which it is right; not defined when it never says it.
    public var precision: Estimate
    /// Share of `support` that it finds; not defined without support.
    public var recall: Estimate
    /// 2 · hits / (support + predicted); not defined where both are 0.
    public var f1: Estimate
}

extension ConfusionTable {
    /// Figures of each label; rows are gold labels, columns what the model says, `expressible` what it is able to say.
    func classFigures(expressible: [Sentiment]) -> [ClassFigures] {
        labels.indices.map { index in
            let label = labels[index]
            let (support, predicted) = (rowTotals[index], columnTotals[index])
            let hits = counts[index][index]
            let never =
                expressible.contains(label)
                ? "\(label.rawValue) was never predicted" : "the model cannot say \(label.rawValue)"
            return ClassFigures(
                sentiment: label, support: support, predicted: predicted,
                precision: predicted > 0 ? .share(hits, of: predicted) : .undefined(never),
                recall: support > 0 ? .share(hits, of: support) : .undefined("no gold label is \(label.rawValue)"),
                f1: f1(index))
        }
    }

    /// F1 of the label at `index`, with the interval of `f1Interval`.
    private func f1(_ index: Int) -> Estimate {
        guard rowTotals[index] + columnTotals[index] > 0 else {
            return .undefined("no gold label is \(labels[index].rawValue), and it was never predicted")
        }
        return meanF1(of: [index])
    }

    /// Mean of F1 over the sentiments that are a gold label or were predicted, as scikit-learn's `f1_score` has it with
    /// `average="macro", zero_division=0`.
    var macroF1: Estimate {
        let present = labels.indices.filter { rowTotals[$0] + columnTotals[$0] > 0 }
        return present.isEmpty ? .undefined("no contents") : meanF1(of: present)
    }

    /// The mean F1 of some labels ± 1.96 standard errors, clipped to 0…1.
    ///
    /// The variance is the delta method's on the multinomial shares of the cells (Takahashi, Yamamoto, Kuchiba and Koyama,
    /// Applied Intelligence 52, 2022): of Σ g(ij) p(ij), g the derivative of the mean by the share p(ij).
    private func meanF1(of indices: [Int]) -> Estimate {
        let n = Double(total)
        let (rows, columns) = (rowTotals, columnTotals)
        var mean = 0.0
        var gradient = counts.map { $0.map { _ in 0.0 } }
        for index in indices {
            let hits = Double(counts[index][index])
            let both = Double(rows[index] + columns[index])
            mean += 2 * hits / both / Double(indices.count)
            let scale = n / both / Double(indices.count)
            for other in labels.indices {
                gradient[index][other] -= 2 * hits / both * scale
                gradient[other][index] -= 2 * hits / both * scale
            }
            gradient[index][index] += 2 * scale
        }
        var first = 0.0
        var second = 0.0
        for (i, row) in counts.enumerated() {
            for (j, count) in row.enumerated() {
                first += Double(count) / n * gradient[i][j]
                second += Double(count) / n * gradient[i][j] * gradient[i][j]
            }
        }
        return .normal(mean, variance: total > 1 ? (second - first * first) / n : nil, in: 0...1)
    }
}
