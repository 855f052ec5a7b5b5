"""How answers are protected, for readers: the manifest of a release put into words.

Everything said about a release is computed from its manifest; what an older manifest does not
know is said to be unknown. Runs in the kernel of a page: standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

PAGE = "protection"
TITLE = "How answers are protected"
Row = Sequence[str]

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


def body(manifest: Mapping[str, Any]) -> str:
    """Return the page's content as HTML: headings, paragraphs, tables with captions."""
    parts = (_short, _groups, _filters, _promise, _attack, _cost, _approval)
    return "".join(part(manifest) for part in parts)


def _short(manifest: Mapping[str, Any]) -> str:
    base, audit = _base(manifest), manifest.get("audit") or {}
    tested = "Nothing is known of a test of this release by attack."
    if audit.get("targets") and audit.get("leaks") == 0:
        tested = (
            f"Before publication this release was attacked as a determined reader would:"
            f" {_number(audit['targets'])} attempts, none of them successful."
        )
    elif audit.get("leaks"):
        tested = f"A test by attack found leaks: {_number(audit['leaks'])}."
    return (
        f'<p class="lead">No filter, comparison or subtraction on these pages tells fewer than'
        f" {base} people apart. {tested}</p>"
        "<p>These pages do not hold anybody’s answers. They are made of counts of answers in"
        " groups, fixed before publication; nothing that you choose on a page goes back to what"
        " single people said.</p>"
    )


def _groups(manifest: Mapping[str, Any]) -> str:
    base = _base(manifest)
    found: dict[str, list[int]] = {}
    for atoms in (manifest.get("atoms") or {}).values():
        for atom in atoms:
            words, n = EVERYBODY, atom
            if isinstance(atom, Mapping):
                labels = atom.get("groups") or {}
                words, n = (
                    " · ".join(f"{d}: {g}" for d, g in labels.items()) or EVERYBODY,
                    atom["n"],
                )
            elif len(atoms) > 1:
                words = "A group of an older release, without a name"
            found.setdefault(words, []).append(int(n))
    rows = [
        (words, _number(len(ns)), _number(min(ns)), _number(max(ns))) for words, ns in found.items()
    ]
    smallest = min((n for ns in found.values() for n in ns), default=0)
    said = f"The smallest of them has {_number(smallest)} people." if found else ""
    heads = ("Group", "Questions it is shown for", "Fewest people", "Most people")
    return (
        f"<h2>The smallest groups</h2><p>For each question, those who answered are divided into"
        f" groups of at least {base} people. Whatever you choose, you see one such group, or"
        f" several added together, never a part of one. {said}</p>"
        + _table("The smallest groups told apart, over all questions", heads, rows)
    )


def _filters(manifest: Mapping[str, Any]) -> str:
    base = _base(manifest)
    rules = manifest.get("rules") or {}
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


def _promise(manifest: Mapping[str, Any]) -> str:
    rules, base = manifest.get("rules") or {}, _base(manifest)
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
        f" <strong>{profile}</strong>. It promises:</p>{_list(points)}"
        f"<p>It does not promise more than that:</p>{_list(limits)}"
    )


def _attack(manifest: Mapping[str, Any]) -> str:
    audit = manifest.get("audit")
    if not audit:
        return (
            "<h2>How it was tested</h2>"
            "<p>This release was made before releases were tested by attack.</p>"
        )
    rows = [
        (METHODS.get(name, name.replace("_", " ").capitalize()), _number(count))
        for name, count in (audit.get("methods") or {}).items()
    ]
    return (
        "<h2>How it was tested</h2><p>A program that knows nothing of how the release was made"
        " took what a reader receives, and tried to work out what must stay hidden. It has all"
        " views, all tables and all downloads before it at once, and unlimited patience.</p>"
        + _table("Attempts, by kind of attack", ("Attack", "Attempts"), rows)
        + f"<p>Attempts in all: {_number(audit.get('targets', 0))}. Successful:"
        f" <strong>{_number(audit.get('leaks', 0))}</strong>."
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
            f"What came closest is the smallest group that is shown: {_number(base['n'])} people"
            f" ({escape(str(base['group']))})."
        )
    said = "; ".join(
        f"{name.replace('_', ' ')} {_plain(value)}"
        for name, value in weakest.items()
        if value != ""
    )
    return f"What came closest: {escape(said)}."


def _cost(manifest: Mapping[str, Any]) -> str:
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
    errors = ""
    if "mean_error" in cost and "max_error" in cost:
        exact = not cost["mean_error"] and not cost["max_error"]
        errors = "<p>Shares that are shown are exact.</p>" if exact else (
            f"<p>Shares that are shown differ from the exact ones by"
            f" {cost['mean_error']:.1f} points on average and by {cost['max_error']:.1f} at most."
            "</p>"
        )  # fmt: skip
    return (
        "<h2>What it cost</h2><p>Protection takes something from what could be shown. Of all"
        " shares on all pages, under every choice of filters:</p>"
        + _table("What became of the shares", ("Share", "Part of all"), rows)
        + errors
    )


def _approval(manifest: Mapping[str, Any]) -> str:
    survey = manifest.get("survey") or {}
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
        + _table("This release", ("What", "Recorded in the release"), rows, numbers=False)
    )


def _base(manifest: Mapping[str, Any]) -> str:
    base = (manifest.get("rules") or {}).get("minimum_base")
    return _number(base) if base else "a fixed number of"


def _table(caption: str, heads: Row, rows: Iterable[Row], numbers: bool = True) -> str:
    """Write a table whose first column names its rows; a list that is empty gives nothing."""
    kind = ' class="number"' if numbers else ""
    lines = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td{kind}>{escape(cell)}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in rows
    )
    head = f'<th scope="col">{escape(heads[0])}</th>' + "".join(
        f'<th scope="col"{kind}>{escape(name)}</th>' for name in heads[1:]
    )
    if not lines:
        return ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{lines}</tbody></table></div>"
    )


def _list(points: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(point)}</li>' for point in points)}</ul>"


def _number(n: Any) -> str:
    return f"{n:,}" if isinstance(n, int | float) else escape(str(n))


def _percent(share: float) -> str:
    """Write a share; what is not nothing is never written as nothing."""
    text = f"{100 * share:.1f}%"
    return "under 0.1%" if share > 0 and text == "0.0%" else text


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_plain(part)}" for name, part in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
