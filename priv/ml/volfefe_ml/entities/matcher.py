"""All names of the dictionary in one pass over a text: Aho and Corasick's automaton (*CACM* 18, 1975)."""

from collections.abc import Iterator

import ahocorasick

from volfefe_ml.entities.context import Place, confidence
from volfefe_ml.entities.folding import folded
from volfefe_ml.entities.gazetteer import Alias, Gazetteer
from volfefe_ml.entities.mention import Mention


class Matcher:
    """The automaton of a dictionary; spellings are compared in lower case and whole words only."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        by_spelling: dict[str, list[Alias]] = {}
        evidence: set[str] = set()
        for alias in gazetteer.aliases:
            by_spelling.setdefault(folded(alias.spelling), []).append(alias)
            evidence.update(alias.evidence)
        self._automaton = ahocorasick.Automaton()
        for spelling in sorted(by_spelling.keys() | {folded(word) for word in evidence}):
            self._automaton.add_word(spelling, (len(spelling), tuple(by_spelling.get(spelling, ()))))
        self._automaton.make_automaton()

    def mentions(self, text: str, prose: str) -> Iterator[Mention]:
        """Mentions in a text, overlapping ones too. `prose`: the text with blanks for what is no language."""
        lower = folded(prose)
        hits = [
            (end + 1 - length, end + 1, aliases)
            for end, (length, aliases) in self._automaton.iter(lower)
            if _is_whole(lower, end + 1 - length, end + 1)
        ]
        if not any(aliases for _, _, aliases in hits):
            return
        words = {text[start:end] for start, end, _ in hits}
        full_names = {
            alias.name
            for _, _, aliases in hits
            for alias in aliases
            if alias.rule == "plain" and " " in alias.spelling
        }
        for start, end, aliases in hits:
            place = Place(text, start, end, words.__contains__, full_names.__contains__)
            sure = [(alias, how) for alias in aliases if (how := confidence(alias, place)) is not None]
            # One spelling, several names (Georgia): nothing is said unless the context leaves one.
            if len({alias.name for alias, _ in sure}) == 1:
                alias, how = sure[0]
                yield Mention(start, end, alias.name, alias.kind, "dictionary", alias.rule, how, alias.ticker)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether no word goes on before or behind, and neither handle nor address is cut."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if (
        before.isalnum()
        or before in ("_", "@", "&")
        or (before == "'" and text[start - 2 : start - 1].isalnum())
    ):
        return False
    if after.isalnum() or after in ("_", "&", "$"):
        return False
    if after == "'" and text[end + 1 : end + 2].isalnum():
        return text[end + 1 : end + 2] == "s" and not text[end + 2 : end + 3].isalnum()
    # `Apple.com`, and the first half of `U.S.A.`
    return not (after == "." and text[end + 1 : end + 2].isalnum() and text[end - 1] != ".")
