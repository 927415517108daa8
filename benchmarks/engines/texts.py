"""Which texts a round takes: others in every round, the same for every way."""

from collections.abc import Iterator


class Supply:
    """Texts that nobody has seen yet; when they are used up they come again with a mark behind each."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts
        self._fresh = self._endless()
        self.taken = 0

    def take(self, count: int) -> list[str]:
        """The next `count` texts."""
        self.taken += count
        return [next(self._fresh) for _ in range(count)]

    @property
    def marked(self) -> bool:
        """Whether some texts came more than once, told apart by a mark."""
        return self.taken > len(self._texts)

    def _endless(self) -> Iterator[str]:
        yield from self._texts
        lap = 1
        while True:
            yield from (f"{text} ({lap}.{index})" for index, text in enumerate(self._texts))
            lap += 1
