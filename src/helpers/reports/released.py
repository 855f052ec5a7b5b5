"""The outline of a report on a release: made of its views and its manifest, and of nothing else."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from helpers.codebook.model import suggest
from helpers.errors import InsightsError
from helpers.pages import dashboard, favourable_page
from helpers.pages.forms import FavourableGap, FindingRow, Page, PageQuestion, Replies, View
from helpers.pages.markup import in_one_line
from helpers.pages.summaries import specification
from helpers.present.omissions import named
from helpers.release.forms import Cube, Manifest
from helpers.release.reading import MANIFEST, verified_files
from helpers.reports.outline import (
    LARGEST,
    WAVES,
    Outline,
    OutlineChapter,
    OutlineItem,
    OutlinePart,
    OutlineTable,
    differing,
    in_brief,
    joined,
    once,
    words_of_findings,
)
from helpers.reports.pieces import shortened
from helpers.terminal import short_path
from helpers.words import Catalogue, lowered, raised, sentences, words_in

WITHOUT = ("index", "overview", "favourable")  # pages that have no questions of their own


def of_release(folder: Path, trend: str = "") -> Outline:
    """Make the outline of a release, or of one of its pages.

    Parameters
    ----------
    folder
        A release, or a survey folder with a release.

    Raises
    ------
    InsightsError
        If there is no release, if it is damaged, or if it has no such page.
    """
    place = folder if (folder / MANIFEST).is_file() else folder / "release"
    if not (place / MANIFEST).is_file():
        raise InsightsError(
            f"There is no release in {short_path(folder)}: make one with insights release --data"
            f" {short_path(folder)}, or make a report of the responses with --responses, or with"
            " h.report(h.load_survey(…)). Do not share that report if they are private."
        )
    files = verified_files(place)
    manifest = cast(Manifest, json.loads(files[MANIFEST]))
    views = {
        name[6:-5]: cast(Page, json.loads(raw))
        for name, raw in files.items()
        if name.startswith("views/")
    }
    index = views["index"]
    order = [page["id"] for page in index.get("pages", ()) if page["id"] not in WITHOUT]
    titles = {name: views[name]["title"] for name in order}
    if trend and trend not in titles:
        raise InsightsError(f'The release has no page "{trend}". {suggest(trend, titles, "page")}')
    say = words_in(index.get("language", ""))
    chosen = [views[name] for name in ([trend] if trend else order)]
    opening = chosen[0] if trend else views.get("overview", chosen[0])
    survey = ", ".join(filter(None, (index["survey"]["title"], index["survey"].get("wave"))))
    title, lead = (chosen[0]["title"], _lead(opening)) if trend else (survey, _lead(opening))
    if not trend and dashboard.is_opening(opening):
        lead = sentences(dashboard.opening_lines(opening)[0], opening.get("since", ""))
    good = [] if trend or "favourable" not in views else [_favourable(views["favourable"], say)]
    kind = index["provenance"]["kind"]
    simulated = kind == "illustrative"
    background = manifest.get("rules", {}).get("background", ())
    table, said, telling = _findings(chosen, background, say)
    numbers = tuple(opening.get("numbers", ()))
    cube = cast(Cube, json.loads(files["cube.json"]))
    weighted = {name for name, asked in cube["questions"].items() if asked["weighted"]}
    divided = once([*good, *(_chapter(page, not trend, weighted, say) for page in chosen)])
    if manifest.get("rules", {}).get("default_pages"):
        divided = in_brief(divided, [*(number["question"] for number in numbers), *telling])
    known = {"illustrative": "simulated", "public": "public"}
    return Outline(
        title,
        lead,
        survey,
        say.each("report_mark")[known.get(kind, "released")],
        simulated,
        index["provenance"]["banner"],
        say,
        numbers,
        table,
        said,
        divided,
        _method(index, chosen, say),
        _about(index, manifest, chosen, say),
        simulated=simulated,
    )


def _lead(page: Page) -> str:
    return in_one_line(page.get("headline", ""))


def _chapter(page: Page, whole: bool, weighted: Collection[str], say: Catalogue) -> OutlineChapter:
    labels = {section["id"]: section["label"] for section in page.get("sections", ())}
    held: dict[str, list[OutlineItem]] = {name: [] for name in labels}
    for question, view, said in dashboard.unfiltered(page):
        items = held.setdefault(question["section"], [])
        more = say("report.weighted") if question["id"] in weighted else ""
        items.append(_item(question, view, said, more, say))
        if waves := _by_wave(page, question):
            title = say("report.by_wave", title=raised(question["title"]), wave=lowered(waves[0]))
            shown = _item(question, waves[1], waves[1]["sentence"], more, say)
            notes = (*_tested(page, question, say), *shown.notes)
            shown = replace(shown, id=f"{shown.id}{WAVES}", title=title, printed=(), notes=notes)
            items.append(shown)
    parts = [(labels.get(name, ""), tuple(items)) for name, items in held.items() if items]
    printed = [
        (
            table["title"],
            table.get("note", ""),
            OutlineTable(tuple(table["columns"]), tuple(tuple(row) for row in table["rows"])),
        )
        for table in page.get("printed", ())
    ]
    return OutlineChapter(
        page["title"],
        _lead(page) if whole else "",
        tuple(OutlinePart(title, items) for title, items in parts),
        tuple(printed),
    )


def _favourable(page: Page, say: Catalogue) -> OutlineChapter:
    """List all items, the least favourable first, and where a group is below the rest."""
    shown = page["favourable"]
    heads = ("item", "favourable", "range", "neutral", "unfavourable", "base")
    rows = []
    for item in shown["items"]:
        shares = item["shares"] or [say("format.none")] * 3
        cells = (item["label"], shares[0], item["range"], *shares[1:], say.number(item["n"]))
        rows.append(cells)
    known = say.each("favourable")
    columns = tuple(known[head] for head in heads)
    tables = [(say("favourable.items"), "", OutlineTable(columns, tuple(rows), 1))]
    gaps = [gap for breakdown in shown["breakdowns"] for gap in breakdown["below"]]
    below = [(gap["label"], *_gap(gap, say), gap["said"]) for gap in gaps]
    if below:
        named = (say("favourable.item"), *differing(say)[2:])
        title, note = say("favourable.gaps"), say("favourable.counted")
        tables.append((title, note, OutlineTable(named, tuple(below))))
    return OutlineChapter(page["title"], favourable_page.lead(page), (), tuple(tables))


def _gap(gap: FavourableGap, say: Catalogue) -> tuple[str, str]:
    """Write the shares of a group and the rest, and their difference."""
    share, rest = gap["shares"]
    low, high = gap["range"]
    points = say("report.points", points=gap["difference"], low=low, high=high)
    return say("favourable.gap", group=gap["group"]["label"], share=share, rest=rest), points


def _by_wave(page: Page, question: PageQuestion) -> tuple[str, View] | None:
    """Return the view of a question that sets waves side by side, and what a wave is called."""
    wave = page.get("wave")
    if not wave or wave["id"] not in question["filters"]:
        return None
    there = [each for each in page["dimensions"] if each["id"] in question["filters"]]
    view = question["views"].get("|".join([wave["id"], *(f"{each['id']}=*" for each in there)]))
    if view is None or view["status"] != "ok":
        return None
    return next(each["label"] for each in there if each["id"] == wave["id"]), view


def _tested(page: Page, question: PageQuestion, say: Catalogue) -> tuple[str, ...]:
    """Say what the comparisons of waves show, as the page judges them; nothing where none is."""
    told = question["findings"].get(page["wave"]["id"])
    if not told or not told["rows"]:
        return ()
    rows = [row for row in told["rows"] if row["word"] in ("clear", "likely")]
    if not rows:
        return (say("report.tested", said=say("report.waves_none", n=_many(told["rows"]))),)
    row = max(rows, key=lambda row: (row["word"] == "clear", _size(row)))
    answer = " · ".join(filter(None, (row["label"] if row["item"] else "", row["answer"])))
    last, first = row["groups"]
    low, high = row["range"]
    said = say(
        "report.waves_differ",
        answer=answer,
        first=first["label"],
        last=last["label"],
        points=say("report.points", points=row["difference"], low=low, high=high),
        said=row["said"],
    )
    return (say("report.tested", said=said),)


def _many(rows: Sequence[FindingRow]) -> int:
    return sum(row["of"] for row in rows)


def _size(row: FindingRow) -> float:
    return abs(float(row["difference"].replace("−", "-").replace(",", ".")))


def _item(
    question: PageQuestion, view: View | None, said: str, weighted: str, say: Catalogue
) -> OutlineItem:
    printed = tuple(
        joined(each["statement"], each.get("note", "")) for each in question.get("published", ())
    )
    if view is None or view["status"] != "ok":
        words = said or question.get("unavailable", "") or say("report.not_shown")
        return OutlineItem(
            *(question["id"], raised(question["title"]), question["wording"], words),
            printed=printed,
        )
    notes = [view["base"], weighted, *view["caveats"], question.get("note", "")]
    if question["source"]:
        notes.append(say("browser.source", source=question["source"]))
    columns = question["columns"][view.get("figure", "")]
    item = OutlineItem(
        *(question["id"], raised(question["title"]), question["wording"], said),
        tuple(filter(None, notes)),
        specification(question, view),
        OutlineTable.of_shares(columns, view["rows"], say),
        printed,
    )
    return shortened(item, say)


def _findings(
    pages: Sequence[Page], background: Collection[str], say: Catalogue
) -> tuple[OutlineTable | None, str, list[str]]:
    """List the largest differences that are clear or likely, without what the source lacks.

    Nor of questions that are `background` on default pages. Their ids come last, the question of
    the largest first.
    """
    found: dict[tuple[str, str, str, str], tuple[tuple[bool, float], tuple[str, ...]]] = {}
    compared = set()
    for page in pages:
        labels = {each["id"]: each["label"] for each in page.get("dimensions", ())}
        for question in page["questions"]:
            for key, told in question["findings"].items():
                for row in told["rows"]:
                    at = (question["id"], key, row["item"], row["time"])
                    compared.add(at)
                    if question["id"] in background or question.get("assumed"):
                        continue
                    if row["word"] not in ("clear", "likely"):
                        continue
                    found[at] = (
                        (row["word"] != "clear", -_size(row)),
                        _finding(question, labels.get(key, ""), row, say),
                    )
    if not compared:
        return None, "", []
    ordered = sorted(found, key=lambda at: found[at][0])
    telling = [*dict.fromkeys(at[0] for at in ordered)]
    largest = [found[at][1] for at in ordered]
    if not largest:
        return None, say("report.findings_none"), []
    said = ""
    if len(largest) > LARGEST:
        said = say("report.findings_more", n=LARGEST, of=len(largest))
    return OutlineTable(differing(say), tuple(largest[:LARGEST])), said, telling


def _finding(
    question: PageQuestion, dimension: str, row: FindingRow, say: Catalogue
) -> tuple[str, ...]:
    """Write a row of the table of what differs."""
    what = (
        row["label"]
        if row["label"] == question["title"]
        else f"{question['title']}: {row['label']}"
    )
    if "groups" in row:
        groups = zip(row["groups"], row["shares"], row["bases"], strict=True)
        sides = [
            say("report.group", group=say.beside(g["label"]), share=s, n=n) for g, s, n in groups
        ]
        compared = f"{dimension}: {', '.join(sides)}"
    else:
        first, last = (lowered(time["label"]) for time in row["times"])
        up, _, down = row["moves"]
        moved = (
            say("report.moved_taken", up=up, down=down, n=row["bases"][0])
            if row["codes"]
            else say("report.moved_up", up=up, down=down, n=row["bases"][0])
        )
        compared = raised(say("report.from_to", first=first, last=last, moved=moved))
    low, high = row["range"]
    points = say("report.points", points=row["difference"], low=low, high=high)
    return what, row["answer"], compared, points, row["said"]


def _method(index: Page, pages: Sequence[Page], say: Catalogue) -> tuple[str, ...]:
    asked = [q["method"] for page in pages for q in page["questions"]]
    return tuple(
        filter(
            None,
            (
                *dict.fromkeys(asked),
                index["provenance"].get("intervals", ""),
                words_of_findings(say),
            ),
        )
    )


def _about(
    index: Page, manifest: Manifest, pages: Sequence[Page], say: Catalogue
) -> tuple[tuple[str, str], ...]:
    named = index["survey"]
    survey = ", ".join(filter(None, (named["title"], named.get("wave"))))
    there = {q["population"] for page in pages for q in page["questions"]}
    audit = manifest.get("audit") or {}
    tested = ""
    if audit.get("targets") and audit.get("leaks") == 0:
        tested = say("about.tested", attempts=audit["targets"])
    lines = (
        ("file.survey", survey),
        ("file.provenance", index["provenance"]["banner"]),
        ("report.collected", manifest.get("collected", "")),
        ("report.left", _left_out(index, say)),
        ("about.answered", _replied(index.get("answered", ()), there, say)),
        (
            "file.protection",
            joined(say("report.only_release"), index["provenance"].get("protection", ""), tested),
        ),
        ("report.released_on", manifest.get("released", "")),
        ("report.approved", manifest.get("approved_by", "")),
        ("report.version", index["provenance"]["fingerprint"]),
    )
    return tuple((say(head), text) for head, text in lines if text)


def _left_out(index: Page, say: Catalogue) -> str:
    """Say which questions default pages leave out, a sentence for each reason."""
    why = say.each("index_left")
    titles: dict[str, list[str]] = {}
    for one in index.get("left_out", ()):
        titles.setdefault(one["why"], []).append(one["title"])
    return joined(*(named(why[reason], of, say) for reason, of in titles.items()))


def _replied(rows: Sequence[Replies], there: set[str], say: Catalogue) -> str:
    def told(row: Replies) -> str:
        return say("overview.replied", number=row["replied"], people=lowered(row["label"]))

    return say.listed([told(row) for row in rows if row["population"] in there])
