"""The two thresholds between one entity, perhaps, and another one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bands:
    """`accept` and above is the same entity, below `review` another one, between them a person decides; 0…1.

    `new_above`: an entity that matches none is new when it was found with more confidence than this.
    """

    accept: float = 0.9
    review: float = 0.75
    new_above: float = 0.8

    def __post_init__(self) -> None:
        """Refuse bands that overlap."""
        if not 0 < self.review <= self.accept <= 1 or not 0 <= self.new_above <= 1:
            raise ValueError("needs 0 < `review` ≤ `accept` ≤ 1, and `new_above` between 0 and 1")

    def accepts(self, score: float) -> bool:
        """Whether a score says that two names are one entity."""
        return score >= self.accept

    def is_middle(self, score: float) -> bool:
        """Whether a person has to decide."""
        return self.review <= score < self.accept
