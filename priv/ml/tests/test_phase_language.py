"""Phase language: which language a text is in, and when it says nothing."""

from pathlib import Path

import pytest

from tests.phase_worker import PhaseWorker
from volfefe_ml.errors import StartError
from volfefe_ml.phases import language

SENTENCES = {
    "en": "The stock market closed lower today, and nobody was surprised by it.",
    "de": "Die Börse hat heute tiefer geschlossen, und niemand war davon überrascht.",
    "fr": "La bourse a clôturé en baisse aujourd'hui, et personne n'a été surpris.",
    "es": "La bolsa cerró hoy a la baja y nadie se sorprendió por ello.",
    "pt": "A bolsa fechou em baixa hoje e ninguém ficou surpreso com isso.",
    "it": "La borsa ha chiuso oggi in ribasso e nessuno ne è rimasto sorpreso.",
    "ru": "Сегодня биржа закрылась снижением, и никто этому не удивился.",
    "uk": "Сьогодні біржа закрилася зниженням, і нікого це не здивувало.",
    "ja": "今日の株式市場は下落して終わったが、誰も驚かなかった。",
    "ar": "أغلقت سوق الأسهم اليوم على انخفاض ولم يتفاجأ أحد بذلك.",
}


def languages(*texts: str) -> list[str | None]:
    """The languages of texts."""
    return [found["language"] for found in language.load({}, 1).annotate(texts)]


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_is_in_its_language(code: str):
    (found,) = language.load({}, 1).annotate([SENTENCES[code]])
    assert found["language"] == code
    assert 0.5 < found["score"] <= 1


def test_a_shouted_text_is_in_the_same_language():
    assert languages(SENTENCES["en"].upper(), SENTENCES["de"].upper()) == ["en", "de"]


def test_links_mentions_and_remains_of_tags_have_no_language():
    assert (
        languages(
            "https://www.whitehouse.gov/articles/2025/05/what-they-are-saying",
            'a href="https://www.breitbart.com/x" rel="nofollow noopener noreferrer" target="_blank">https://www.b',
            "@someone @another",
            "🎉🎉🎉 !!! 2025",
            "",
        )
        == [None] * 5
    )


def test_a_link_does_not_change_the_language_of_the_words_around_it():
    assert languages(f"{SENTENCES['de']} https://www.nytimes.com/this-is-an-english-headline") == ["de"]


def test_letters_of_mathematics_are_read_as_the_letters_they_look_like():
    bold = "".join(
        chr(0x1D5D4 + ord(char) - 65) if char.isalpha() else char for char in "A BIG ANNOUNCEMENT IS COMING"
    )
    assert languages(bold) == ["en"]


def test_only_the_beginning_of_a_long_text_is_read():
    assert languages(SENTENCES["en"] * 20 + SENTENCES["ru"] * 1000) == ["en"]


def test_another_model_than_the_pinned_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(language, "REVISION", "0" * 64)
    with pytest.raises(StartError, match="not the model that is pinned"):
        language.load({}, 1)


def test_a_worker_answers_for_every_text_in_order(tmp_path: Path):
    with PhaseWorker(tmp_path, "language") as worker:
        found = worker.annotate(*SENTENCES.values(), phase="language")
    assert [item["language"] for item in found] == list(SENTENCES)
