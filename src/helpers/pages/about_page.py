"""The page on the data and their protection: index and manifest of a release put into words.

Everything said about a release is computed from these two; what an older manifest does not know
is reported as unknown. Runs in the kernel of a page: standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from helpers.pages.accuracy import accurate
from helpers.pages.forms import Page
from helpers.pages.markup import listed, table
from helpers.release.forms import Manifest, StatedRules
from helpers.words import Catalogue, words_in

PAGE = "about"
PROTECTION = "protection"  # anchor of the part that says how answers are protected
METHOD = "method"  # anchor of the part that says how shares and ranges are calculated


def body(manifest: Manifest, index: Page) -> str:
    """Return the page's content as HTML: headings, paragraphs, tables with captions."""
    say = words_in(index.get("language", ""))
    parts = (_short, _groups, _filters, _promise, _attack, _cost, _approval)
    return _data(manifest, index, say) + "".join(part(manifest, say) for part in parts)


def _heading(text: str, anchor: str = "") -> str:
    return f'<h2 id="{anchor}">{text}</h2>' if anchor else f"<h2>{text}</h2>"


def _paragraphs(*texts: str) -> str:
    """Write texts, in which there may be markup, as paragraphs; an empty one is left out."""
    return "".join(f"<p>{text}</p>" for text in texts if text)


def _data(manifest: Manifest, index: Page, say: Catalogue) -> str:
    """Say what the data are: real or simulated, of whom, from when, and how sure shares are."""
    provenance, collected = index["provenance"], manifest.get("collected")
    kinds = {kind: say(f"about.kind_{kind}") for kind in ("illustrative", "public", "private")}
    return (
        _heading(say("about.made_of"))
        + _paragraphs(
            kinds.get(provenance["kind"], say("about.kind_unknown")),
            escape(index.get("intro", "")),
            escape(say("about.collected", when=collected)) if collected else "",
            say("about.of_source"),
        )
        + _heading(say("about.how_sure"))
        + who_answered(index)
        + _paragraphs(escape(provenance.get("intervals", "")))
        + _heading(say("about.method"), METHOD)
        + _paragraphs(*(say(f"about.method_{part}") for part in ("share", "range", "files")))
    )


def who_answered(views: Page) -> str:
    """Write the table of who answered, as the index and the overview have it."""
    say, rows = words_in(views.get("language", "")), views.get("answered") or []
    sure = any(row["half"] for row in rows)
    heads = ["type", "replied", "per_question", *["half"] * sure]
    lines = []
    for row in rows:
        asked = say.number(row["most"])
        if row["fewest"] != row["most"]:
            asked = say("about.fewest_to_most", fewest=row["fewest"], most=row["most"])
        half = [row["half"] or say("format.none")] * sure
        lines.append((row["label"], say.number(row["replied"]), asked, *half))
    explained = _paragraphs(say("about.answered_explained")) if sure else ""
    known = say.each("replies")
    return table(say("about.answered"), [known[head] for head in heads], lines) + explained


def _short(manifest: Manifest, say: Catalogue) -> str:
    audit = manifest.get("audit") or {}
    leaks = audit.get("leaks")
    tested = say("about.untested")
    if audit.get("targets") and leaks == 0:
        tested = say("about.tested", attempts=audit["targets"])
    elif leaks:
        tested = say("about.leaks", leaks=leaks)
    lead = say("about.not_apart", base=_base(manifest, say), tested=tested)
    return (
        _heading(say("about.protected"), PROTECTION)
        + f'<p class="lead">{lead}</p>'
        + _paragraphs(say("about.counts_only"))
    )


def _groups(manifest: Manifest, say: Catalogue) -> str:
    found: dict[str, list[int]] = {}
    for atoms in (manifest.get("atoms") or {}).values():
        for atom in atoms:
            if not isinstance(atom, int):
                words = " · ".join(f"{d}: {g}" for d, g in (atom.get("groups") or {}).items())
                n = atom["n"]
            else:
                words, n = (say("about.unnamed") if len(atoms) > 1 else ""), atom
            found.setdefault(words or say("about.everybody"), []).append(int(n))
    rows = [(words, *map(say.number, (len(ns), min(ns), max(ns)))) for words, ns in found.items()]
    smallest = min((n for ns in found.values() for n in ns), default=0)
    said = say("about.smallest_has", n=smallest) if found else ""
    heads = [say(f"about.group{part}") for part in ("", "_questions", "_fewest", "_most")]
    return (
        _heading(say("about.smallest"))
        + _paragraphs(say("about.divided", base=_base(manifest, say), smallest=said))
        + table(say("about.smallest_caption"), heads, rows)
    )


def _filters(manifest: Manifest, say: Catalogue) -> str:
    rules: StatedRules = manifest.get("rules") or {}
    also = [] if rules.get("allow_unanimous") else [say("about.whether_alike")]
    if rules.get("profile") == "strict":
        also.append(say("about.whether_few"))
    decides = say("about.decides")
    if also:
        decides = say("about.decides_also", also=say.either(also))
    return _heading(say("about.missing_filters")) + _paragraphs(
        say("about.merged", base=_base(manifest, say)), decides
    )


def _promise(manifest: Manifest, say: Catalogue) -> str:
    rules: StatedRules = manifest.get("rules") or {}
    strict = rules.get("profile") == "strict"
    allowed = rules.get("allow_unanimous")
    points = [
        say("about.promise_apart", base=_base(manifest, say)),
        say("about.promise_alike_allowed") if allowed else say("about.promise_alike"),
        *[say("about.promise_few")] * strict,
        *[say("about.promise_rounded")] * (rules.get("cure") == "rounding"),
    ]
    limits = [*[say("about.limit_exact")] * (not strict), say("about.limit_said")]
    profile = escape(str(rules.get("profile") or say("about.profile_unknown")))
    return (
        _heading(say("about.promised"))
        + _paragraphs(say("about.profile", profile=profile))
        + listed(points)
        + _paragraphs(say("about.not_promised"))
        + listed(limits)
    )


def _attack(manifest: Manifest, say: Catalogue) -> str:
    audit, heading = manifest.get("audit"), _heading(say("about.how_tested"))
    if not audit:
        return heading + _paragraphs(say("about.not_tested"))
    methods = say.each("attack")
    rows = [
        (methods.get(name, name.replace("_", " ").capitalize()), say.number(count))
        for name, count in (audit.get("methods") or {}).items()
    ]
    heads = (say("about.attack_kind"), say("about.attempts"))
    told = say(
        "about.attempts_all",
        attempts=audit.get("targets", 0),
        leaks=audit.get("leaks", 0),
        closest=_weakest(audit.get("weakest"), say),
    )
    return (
        heading
        + _paragraphs(say("about.attack"))
        + table(say("about.attempts_caption"), heads, rows)
        + _paragraphs(told)
    )


def _weakest(weakest: object, say: Catalogue) -> str:
    """Say what came closest, in the words of the audit where it has some."""
    if not weakest:
        return ""
    if not isinstance(weakest, Mapping):
        return escape(say("about.closest", what=str(weakest)))
    base = weakest.get("base")
    if isinstance(base, Mapping) and {"n", "group"} <= set(base) and len(weakest) == 1:
        return escape(say("about.closest_group", n=base["n"], group=str(base["group"])))
    said = say("about.closest_between").join(
        f"{name.replace('_', ' ')} {_plain(value)}"
        for name, value in weakest.items()
        if value != ""
    )
    return escape(say("about.closest", what=said))


def _cost(manifest: Manifest, say: Catalogue) -> str:
    cost, heading = manifest.get("cost"), _heading(say("about.cost"))
    if not cost:
        return heading + _paragraphs(say("about.cost_unknown"))
    kinds = [kind for kind in ("shown", "merged", "rounded", "hidden") if kind in cost]
    rows = [(say(f"about.cost_{kind}"), _part(cost[kind], say)) for kind in kinds]
    heads = (say("about.cost_share"), say("about.cost_part"))
    return (
        heading
        + _paragraphs(say("about.cost_shares"))
        + table(say("about.cost_caption"), heads, rows)
        + _paragraphs(accurate(cost, say) if "page_values" in cost else "")
    )


def _approval(manifest: Manifest, say: Catalogue) -> str:
    survey = manifest.get("survey") or {}
    facts = {
        "survey": ", ".join(filter(None, (survey.get("title"), survey.get("wave")))),
        "answers_collected": manifest.get("collected"),
        "kind": say.each("kind").get(manifest.get("provenance", "")),
        "approved_by": manifest.get("approved_by"),
        "version": manifest.get("fingerprint"),
        "made_with": manifest.get("made_with"),
    }
    known = say.each("release")
    rows = [(known[name], value or say("about.not_recorded")) for name, value in facts.items()]
    heads = (say("about.what"), say("about.recorded"))
    return (
        _heading(say("about.responsible"))
        + _paragraphs(say("about.version_explained"))
        + table(say("about.release_caption"), heads, rows, numbers=False)
    )


def _base(manifest: Manifest, say: Catalogue) -> str:
    rules: StatedRules = manifest.get("rules") or {}
    base = rules.get("minimum_base")
    return say.number(base) if base else say("about.fixed_number")


def _part(share: float, say: Catalogue) -> str:
    """Write a share; what is not nothing is never written as nothing."""
    least = say("format.percent", number=say.number(0.1, 1))
    return say("accuracy.under", number=least) if 0 < share < 0.0005 else say.percent(share, 1)


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_plain(part)}" for name, part in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
