"""The page on the data and their protection: index and manifest of a release put into words.

Everything said about a release is computed from these two; what an older manifest does not know
is said to be unknown. Runs in the kernel of a page: standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from helpers.pages.accuracy import accurate
from helpers.pages.forms import Page
from helpers.pages.markup import listed, number, table
from helpers.release.forms import Manifest, StatedAudit, StatedRules, SurveyTitle

PAGE = "about"
TITLE = "About the data and their protection"
PROTECTION = "protection"  # anchor of the part that says how answers are protected

EVERYBODY = "Everybody who answered the question"
METHODS = {
    "views read": "Everything shown on all pages, under every choice, read and held together",
    "isolation": "Adding and subtracting what is shown, to isolate fewer people",
    "inference": "Narrowing down how many gave an answer, by everything else that is shown",
    "certain claims": "Looking for groups in which everybody gave the same answer",
    "insiders": "Respondents who take their own answers away",
    "organisations": "Organisations that take the answers of their own members away",
    "routing": "Comparing a question with the one that decided who was asked it",
    "earlier releases": "Comparing this release with earlier ones",
}


KINDS = {
    "illustrative": "<strong>The answers behind these pages are simulated.</strong> Nobody gave"
    " them. They show what can be asked and how sure an answer would be; they say nothing about"
    " what anybody thinks, and no finding may be drawn from them. Real answers take their place"
    " without any change to the pages.",
    "public": "The answers behind these pages are real and were published by those who collected"
    " them.",
    "private": "The answers behind these pages are real. They stay with their owner: only protected"
    " results of them are here.",
}


def body(manifest: Manifest, index: Page) -> str:
    """Return the page's content as HTML: headings, paragraphs, tables with captions."""
    parts = (_short, _groups, _filters, _promise, _attack, _cost, _approval)
    return _data(manifest, index) + "".join(part(manifest) for part in parts)


def _data(manifest: Manifest, index: Page) -> str:
    """Say what the data are: real or simulated, of whom, from when, and what intervals cover."""
    provenance = index["provenance"]
    unknown = "It is not recorded whether the answers behind these pages are real."
    collected = manifest.get("collected")
    about = [index.get("intro"), f"Answers collected: {collected}." if collected else ""]
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in about if line)
    return (
        f"<h2>What these figures are made of</h2><p>{KINDS.get(provenance['kind'], unknown)}</p>"
        f"{paragraphs}<p>Figures of the source itself, under <em>Published figures</em> beside a"
        " question and in tables marked as printed, are quoted as they stand there.</p>"
        f"<h2>Who answered, and how sure a share is</h2>{who_answered(index)}"
        f"<p>{escape(provenance.get('intervals') or '')}</p>"
    )


def who_answered(views: Page) -> str:
    """Write the table of who answered, as the index and the overview have it."""
    rows = views.get("answered") or []
    sure = any(row["half"] for row in rows)
    heads = ["Respondent type", "Replied", "Answered a question", *["One half may be"] * sure]
    lines = [
        (
            row["label"],
            number(row["replied"]),
            " to ".join(dict.fromkeys((number(row["fewest"]), number(row["most"])))),
            *[row["half"] or "–"] * sure,
        )
        for row in rows
    ]
    explained = (
        "<p>Answered a question: fewest and most, of questions put to everybody of that type. One"
        " half may be: the 95% interval of a share of one half, on the question that fewest"
        " answered.</p>"
    )
    return table("Who answered", heads, lines) + (explained if sure else "")


def _short(manifest: Manifest) -> str:
    audit: StatedAudit = manifest.get("audit") or {}
    base = _base(manifest)
    tested = "Nothing is known of a test of this release by attack."
    if audit.get("targets") and audit.get("leaks") == 0:
        tested = (
            f"Before publication this release was attacked as a determined reader would:"
            f" {number(audit['targets'])} attempts, none of them successful."
        )
    elif audit.get("leaks"):
        tested = f"A test by attack found leaks: {number(audit['leaks'])}."
    return (
        f'<h2 id="{PROTECTION}">How answers are protected</h2>'
        f'<p class="lead">No filter, comparison or subtraction on these pages tells fewer than'
        f" {base} people apart. {tested}</p>"
        "<p>These pages do not hold anybody’s answers. They are made of counts of answers in"
        " groups, fixed before publication; nothing that you choose on a page goes back to what"
        " single people said.</p>"
    )


def _groups(manifest: Manifest) -> str:
    base = _base(manifest)
    found: dict[str, list[int]] = {}
    for atoms in (manifest.get("atoms") or {}).values():
        for atom in atoms:
            if not isinstance(atom, int):
                words = " · ".join(f"{d}: {g}" for d, g in (atom.get("groups") or {}).items())
                n = atom["n"]
            else:
                words = "A group of an older release, without a name" if len(atoms) > 1 else ""
                n = atom
            found.setdefault(words or EVERYBODY, []).append(int(n))
    rows = [
        (words, number(len(ns)), number(min(ns)), number(max(ns))) for words, ns in found.items()
    ]
    smallest = min((n for ns in found.values() for n in ns), default=0)
    said = f"The smallest of them has {number(smallest)} people." if found else ""
    heads = ("Group", "Questions it is shown for", "Fewest people", "Most people")
    return (
        f"<h2>The smallest groups</h2><p>For each question, those who answered are divided into"
        f" groups of at least {base} people. Whatever you choose, you see one such group, or"
        f" several added together, never a part of one. {said}</p>"
        + table("The smallest groups told apart, over all questions", heads, rows)
    )


def _filters(manifest: Manifest) -> str:
    base = _base(manifest)
    rules: StatedRules = manifest.get("rules") or {}
    also = [] if rules.get("allow_unanimous") else ["whether a group was of one mind"]
    if rules.get("profile") == "strict":
        also.append("whether an answer of one or two people could be worked out")
    decides = "What decides is how many people answered, not what they answered."
    if also:
        decides = (
            f"What decides is how many people answered, and {' or '.join(also)}. The reason given"
            " is worded alike in all cases, so that it gives nothing away."
        )
    return (
        "<h2>Why some filters are missing</h2>"
        f"<p>Where a filter would cut out a group of fewer than {base} people, its neighbouring"
        " choices are merged into one, or the filter is not offered for that question; the"
        " question says so. This goes further than hiding small numbers: two larger groups that"
        " differ by a few people would give those few away, because one can be subtracted from"
        " the other. So such a pair of groups is never offered.</p>"
        f"<p>{decides}</p>"
    )


def _promise(manifest: Manifest) -> str:
    rules: StatedRules = manifest.get("rules") or {}
    base = _base(manifest)
    strict = rules.get("profile") == "strict"
    points = [
        f"Nothing shown here, added or subtracted in any way, isolates fewer than {base} people:"
        " within a question, between questions, or between this release and an earlier one.",
    ]
    if rules.get("allow_unanimous"):
        points.append(
            "A group may turn out to be of one mind. Whoever knows that somebody belongs to it"
            " then knows that person’s answer; the owner of the data has allowed this."
        )
    else:
        points.append(
            "No group is shown to be of one mind, so that belonging to it says nothing certain."
        )
    if strict:
        points.append(
            "No number of one or two people, nor of all but one or two, can be worked out for any"
            " answer of any group."
        )
    if rules.get("cure") == "rounding":
        points.append("Counts are rounded to multiples of three; shares follow the rounded counts.")
    limits = [] if strict else [
        "Counts inside a group are exact. That one person of a group gave some answer can be"
        " seen; who of the group it was cannot.",
    ]  # fmt: skip
    limits.append(
        "Nothing here keeps people from saying themselves what they answered, or from guessing."
    )
    profile = escape(str(rules.get("profile") or "unknown"))
    return (
        f"<h2>What is promised</h2><p>The owner of the data chose the profile"
        f" <strong>{profile}</strong>. It promises:</p>{listed(points)}"
        f"<p>It does not promise more than that:</p>{listed(limits)}"
    )


def _attack(manifest: Manifest) -> str:
    audit = manifest.get("audit")
    if not audit:
        return (
            "<h2>How it was tested</h2>"
            "<p>This release was made before releases were tested by attack.</p>"
        )
    rows = [
        (METHODS.get(name, name.replace("_", " ").capitalize()), number(count))
        for name, count in (audit.get("methods") or {}).items()
    ]
    return (
        "<h2>How it was tested</h2><p>A program that knows nothing of how the release was made"
        " took what a reader receives, and tried to work out what must stay hidden. It has all"
        " views, all tables and all downloads before it at once, and unlimited patience.</p>"
        + table("Attempts, by kind of attack", ("Attack", "Attempts"), rows)
        + f"<p>Attempts in all: {number(audit.get('targets', 0))}. Successful:"
        f" <strong>{number(audit.get('leaks', 0))}</strong>."
        f" A release with a single success is not published. {_weakest(audit.get('weakest'))}</p>"
    )


def _weakest(weakest: Any) -> str:
    """Say what came closest, in the words of the audit where it has some."""
    if not weakest:
        return ""
    if not isinstance(weakest, Mapping):
        return f"What came closest: {escape(str(weakest))}."
    base = weakest.get("base")
    if isinstance(base, Mapping) and {"n", "group"} <= set(base) and len(weakest) == 1:
        return (
            f"What came closest is the smallest group that is shown: {number(base['n'])} people"
            f" ({escape(str(base['group']))})."
        )
    said = "; ".join(
        f"{name.replace('_', ' ')} {_plain(value)}"
        for name, value in weakest.items()
        if value != ""
    )
    return f"What came closest: {escape(said)}."


def _cost(manifest: Manifest) -> str:
    cost = manifest.get("cost")
    if not cost:
        return "<h2>What it cost</h2><p>This release does not say what its protection cost.</p>"
    kinds = {
        "shown": "Shown as they are",
        "merged": "Shown together with a neighbouring answer",
        "rounded": "Shown after rounding",
        "hidden": "Not shown",
    }
    rows = [(words, _percent(cost[name])) for name, words in kinds.items() if name in cost]
    errors = f"<p>{escape(accurate(cost))}</p>" if "page_values" in cost else ""
    return (
        "<h2>What it cost</h2><p>Protection takes something from what could be shown. Of all"
        " shares on all pages, under every choice of filters:</p>"
        + table("What became of the shares", ("Share", "Part of all"), rows)
        + errors
    )


def _approval(manifest: Manifest) -> str:
    survey: SurveyTitle = manifest.get("survey") or {}
    facts = {
        "Survey": ", ".join(filter(None, (survey.get("title"), str(survey.get("wave") or "")))),
        "Answers collected": manifest.get("collected"),
        "Kind of data": manifest.get("provenance"),
        "Approved by": manifest.get("approved_by"),
        "Fingerprint of the data": manifest.get("fingerprint"),
        "Made with": manifest.get("made_with"),
    }
    rows = [(name, str(value) if value else "not recorded") for name, value in facts.items()]
    return (
        "<h2>Who answers for it</h2><p>The fingerprint stands at the foot of every page: pages with"
        " the same fingerprint show the same data.</p>"
        + table("This release", ("What", "Recorded in the release"), rows, numbers=False)
    )


def _base(manifest: Manifest) -> str:
    rules: StatedRules = manifest.get("rules") or {}
    base = rules.get("minimum_base")
    return number(base) if base else "a fixed number of"


def _percent(share: float) -> str:
    """Write a share; what is not nothing is never written as nothing."""
    text = f"{100 * share:.1f}%"
    return "under 0.1%" if share > 0 and text == "0.0%" else text


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_plain(part)}" for name, part in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
