"""The words of pages: one file per language, each text of it used, each blank filled."""

from __future__ import annotations

import ast
import json
import re
import string
from pathlib import Path

import pytest

from helpers import words
from helpers.codebook.reading import check_codebook
from helpers.errors import InsightsError, Problems
from helpers.release.attack.released_files import Release
from places import ROOT

SOURCE = ROOT / "src" / "helpers"
SCRIPTS = SOURCE / "pages" / "browser" / "source"
ENGLISH = words.words_in("en")
SPEAKERS = ("say", "self")
MAKERS = ("words_in", "_words_of")


def blanks(text: str | dict[str, str]) -> set[str]:
    """Names of the blanks that the caller must fill."""
    forms = [text] if isinstance(text, str) else list(text.values())
    found = {name for form in forms for _, name, _, _ in string.Formatter().parse(form) if name}
    return found - {"level"}  # which every text is given


def speaks(called: ast.expr) -> bool:
    """Whether an expression is a catalogue that is called."""
    if isinstance(called, ast.Call):
        return isinstance(called.func, ast.Name) and called.func.id in MAKERS
    return getattr(called, "id", getattr(called, "attr", "")) in SPEAKERS


def pattern(key: ast.expr) -> str | None:
    """A pattern of the keys that an expression may be; None where it is worked out elsewhere."""
    if isinstance(key, ast.Constant):
        return re.escape(str(key.value))
    if isinstance(key, ast.JoinedStr):
        parts = (
            re.escape(str(p.value)) if isinstance(p, ast.Constant) else r"\w*" for p in key.values
        )
        return "".join(parts)
    return None


def used_in_python() -> tuple[set[str], list[str]]:
    """Keys that Python asks for, and what is wrong with how it does."""
    used: set[str] = set()
    wrong = []
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and node.value in ENGLISH.texts:
                used.add(node.value)
            if not isinstance(node, ast.Call) or not node.args:
                continue
            place = f"{path.name}:{node.lineno}"
            if isinstance(node.func, ast.Attribute) and node.func.attr == "each":
                section = getattr(node.args[0], "value", None)
                used |= {key for key in ENGLISH.texts if key.startswith(f"{section}.")}
            elif speaks(node.func) and (wanted := pattern(node.args[0])):
                keys = [key for key in ENGLISH.texts if re.fullmatch(wanted, key)]
                wrong += [f"{place}: no text {wanted}"] * (not keys)
                given = {each.arg for each in node.keywords if each.arg}
                whole = all(each.arg for each in node.keywords)
                asked = set().union(*(blanks(ENGLISH.texts[key]) for key in keys))
                fits = given == asked or given == asked | {"n"} if whole else given <= asked
                wrong += [f"{place}: {wanted} has {asked}, given {given}"] * (not fits)
                used |= set(keys)
    return used, wrong


def used_in_scripts() -> tuple[set[str], list[str]]:
    """Keys that the scripts ask for, and what is wrong with how they do."""
    used: set[str] = set()
    wrong = []
    known = ENGLISH.browser()
    for path in SCRIPTS.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        used |= {key for key in known if f'"{key}"' in text}
        for start in re.findall(r"say\((?:[^()\"]* )?`(\w+\.)\$\{", text):
            used |= {key for key in known if key.startswith(start)}
        for key, given in re.findall(r'say\("([\w.]+)"(?:, (\{[^{}]*\}))?\)', text):
            wrong += [f"{path.name}: no text {key}"] * (key not in known)
            given = re.sub(r"\([^()]*\)", "", given)
            names = {name.partition(":")[0].strip() for name in given.strip("{} ").split(",")} - {
                ""
            }
            if "..." not in given and key in known and names != blanks(known[key]):
                wrong.append(f"{path.name}: {key} has {blanks(known[key])}, given {names}")
    again = (SCRIPTS / "again.js").read_text(encoding="utf-8")
    said = set(re.findall(r'WORDS\.(\w+)|"(\w+)"', again))
    names = {name for pair in said for name in pair}
    return used | {f"waiting.{name}" for name in ENGLISH.each("waiting") if name in names}, wrong


@pytest.mark.slow
def test_every_text_is_used_and_every_blank_filled() -> None:
    python, wrong = used_in_python()
    scripts, also = used_in_scripts()
    assert wrong + also == []
    for_browsers = {key for key in ENGLISH.browser() if key.startswith("browser.")}
    assert sorted(for_browsers - scripts) == []
    assert sorted(ENGLISH.texts.keys() - for_browsers - python - scripts) == []


@pytest.mark.parametrize("language", words.languages())
def test_a_language_has_the_texts_and_blanks_of_english(language: str) -> None:
    texts = words.words_in(language).texts
    assert texts.keys() == ENGLISH.texts.keys()
    for key, text in texts.items():
        assert blanks(text) == blanks(ENGLISH.texts[key]), key
        if isinstance(text, dict) and key != "format.plural":
            assert text.keys() == texts["format.plural"].keys(), key


def test_numbers_and_lists_follow_the_language(tmp_path: Path, monkeypatch) -> None:
    text = (words.FOLDER / "en.toml").read_text(encoding="utf-8")
    for old, new in (
        ('decimal = "."', 'decimal = ","'),
        ('thousands = ","', 'thousands = "."'),
        ('percent = "{number}%"', 'percent = "{number} %"'),
        ('and = " and "', 'and = " und "'),
        (
            'plural = { one = "1", other = "[0-9]+" }',
            'plural = { one = "[0-9]*1", other = "[0-9]+" }',
        ),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "de.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(words, "FOLDER", tmp_path)
    say = words.words_in("de")
    assert say.number(1234567) == "1.234.567" and say.number(1234.5, 1) == "1.234,5"
    assert say.percent(0.125, 1) == "12,5 %" and say.percent(float("nan")) == "–"
    assert say.listed(["a", "b", "c"]) == "a, b und c" and say.listed(["a"]) == "a"
    assert (
        say("index.questions", n=21) == "1 question."
        and say("index.questions", n=1200)[:5] == "1.200"
    )
    with pytest.raises(InsightsError, match="no language “en”. Known: de"):
        words.words_in("en")


def test_a_survey_names_its_language_and_an_unknown_one_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "questions.csv").write_text("id,population,kind\nage,people,number\n")
    book = tmp_path / "survey.yml"
    for language in ("en", "xx"):
        book.write_text(f"language: {language}\npopulations: {{people: {{label: People}}}}\n")
        found = Problems()
        read = check_codebook(tmp_path, found)
        assert read is not None and read.language == "en"
        assert bool(found) == (language == "xx")
    [problem] = found
    assert (problem.file, problem.found, problem.allowed) == ("survey.yml", "xx", ("en",))
    assert "language" in problem.column


def test_what_is_written_from_right_to_left_keeps_to_itself() -> None:
    """Otherwise the number behind it is drawn before it, and the next name beside that number."""
    say, women, men = ENGLISH, "أنثى", "ذكر"
    assert say.listed([women, "men"]) == f"\u2068{women}\u2069 and men"
    assert say("format.quoted", text=men) == f"“\u2068{men}\u2069”"
    assert words.followed(women, "Yes") == f"\u2068{women}\u2069: Yes"
    assert words.followed("Women", "Yes") == "Women: Yes"
    cube = {"format": 2, "profile": "standard", "minimum_base": 10, "questions": {}}
    view = json.dumps({"a": say.listed([women, men])}, ensure_ascii=False)
    codebook = check_codebook(ROOT / "data" / "codebook", Problems())
    read = Release.of({"cube.json": json.dumps(cube), "views/all.json": view}, codebook, ())
    assert read.pages["all"] == {"a": f"{women} and {men}"}  # as the audit writes it


@pytest.mark.parametrize(
    ("label", "answer", "said"),
    [
        ("How often do you visit?", "Every month", "How often do you visit? Every month"),
        ("Views", "Agree or strongly agree", "Views: agree or strongly agree"),
        ("It is easy.", "iPhone users", "It is easy. iPhone users"),
        ("Owns a car?", "Which one?", "Owns a car? “Which one?”"),
        ("Use", "NHS trusts", "Use: NHS trusts"),
    ],
)
def test_an_answer_has_a_capital_where_its_label_ends_a_sentence(label, answer, said):
    assert words.continued(label, answer) == said
