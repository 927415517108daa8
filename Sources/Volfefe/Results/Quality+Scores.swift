import Foundation
import Inference

extension Prediction.Quality {
    /// Judges scores that sum to 1, as `priv/ml/volfefe_ml/quality.py` does: they are rounded to four digits first, and so are
    /// margin (0…1) and entropy (Shannon's, −Σ p·log₂ p, bits); flags are decided on the rounded figures.
    init(scores: some Sequence<Double>) {
        let ranked = scores.map(\.fourDigits).sorted(by: >)
        let best = ranked.first ?? 0
        let margin = ranked.count > 1 ? (best - ranked[1]).fourDigits : best
        let entropy = max(ranked.reduce(0) { $1 > 0 ? $0 - $1 * log2($1) : $0 }, 0).fourDigits
        let raised = [
            best >= 0.95, best == 1, margin >= 0.8, margin < 0.3, entropy < 0.1, entropy > 1,
        ]
        let flags = zip(QualityFlags.names, raised).filter { $1 }.map { $0.0 }
        self.init(scoreMargin: margin, entropy: entropy, flags: flags)
    }
}

extension Double {
    /// The nearest number with four digits after the point, halves as their exact binary value decides: Python's `round`.
    var fourDigits: Double {
        let scaled = self * 1e4
        let isNearHalf = abs(scaled - scaled.rounded(.down) - 0.5) < 1e-6
        guard isNearHalf else { return scaled.rounded() / 1e4 }
        // The C library rounds the exact value; the product above has been rounded already.
        return Double(String(format: "%.4f", self)) ?? self
    }
}
