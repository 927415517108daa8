"""Contents that are held until a phase looks at all of them."""

from dataclasses import dataclass, field
from typing import Any

from volfefe_ml.protocol import BadRequest
from volfefe_ml.text_info import readable

Key = int | str


@dataclass
class Held:
    """Texts and sources by key, in the order of first arrival; a text sent again replaces the old one."""

    texts: dict[Key, str] = field(default_factory=dict)
    sources: dict[Key, str] = field(default_factory=dict)

    def add(self, items: Any) -> int:
        """Hold items of the wire; how many there are now. Raises BadRequest, and then holds none of them."""
        if not isinstance(items, list) or not all(map(_is_item, items)):
            raise BadRequest("`items` must be a list of objects with `key` (number or string) and `text`")
        for item in items:
            self.texts[item["key"]] = readable(item["text"]) or ""
            self.sources[item["key"]] = str(item.get("source") or "")
        return len(self.texts)


def _is_item(item: Any) -> bool:
    return (
        isinstance(item, dict) and type(item.get("key")) in (int, str) and isinstance(item.get("text"), str)
    )
