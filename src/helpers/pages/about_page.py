"""The page on the data and their protection: index and manifest of a release put into words.

Everything said about a release is computed from these two; what an older manifest does not know
is reported as unknown. Runs in the kernel of a page: standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from helpers.pages.accuracy import accurate
from helpers.pages.forms import Page
from helpers.pages.markup import heading, listed, paragraphs, table
from helpers.release.forms import Manifest, StatedRules
from helpers.words import Catalogue, words_in

PAGE = "about"
# Anchors of parts: how answers are protected, whom to ask, and for whom pages work
PROTECTION, CONTACT, ACCESSIBILITY = "protection", "contact", "accessibility"


def body(manifest: Manifest, index: Page) -> str:
    """Return the page's content as HTML: headings, paragraphs, tables with captions."""
    say = words_in(index.get("language", ""))
    parts = (_short, _groups, _filters, _promise, _attack, _cost, _approval)
    protected = "".join(part(manifest, say) for part in parts)
    return f"{_data(manifest, index, say)}{protected}{_contact(index, say)}{_access(index, say)}"


def _data(manifest: Manifest, index: Page, say: Catalogue) -> str:
    """Say what the data are: real or simulated, of whom, from when, and how sure shares are."""
    provenance, collected = index["provenance"], manifest.get("collected")
    kinds = {kind: say(f"about.kind_{kind}") for kind in ("illustrative", "public", "private")}
    return (
        heading(say("about.made_of"))
        + paragraphs(
            kinds.get(provenance["kind"], say("about.kind_unknown")),
            escape(index.get("intro", "")),
            escape(say("about.collected", when=collected)) if collected else "",
            say("about.of_source"),
        )
        + heading(say("about.how_sure"))
        + who_answered(index)
        + paragraphs(escape(provenance.get("intervals", "")))
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
    explained = paragraphs(say("about.answered_explained")) if sure else ""
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
        heading(say("about.protected"), PROTECTION)
        + f'<p class="lead">{lead}</p>'
        + paragraphs(say("about.counts_only"))
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
        heading(say("about.smallest"))
        + paragraphs(say("about.divided", base=_base(manifest, say), smallest=said))
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
    return heading(say("about.missing_filters")) + paragraphs(
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
        heading(say("about.promised"))
        + paragraphs(say("about.profile", profile=profile))
        + listed(points)
        + paragraphs(say("about.not_promised"))
        + listed(limits)
    )


def _attack(manifest: Manifest, say: Catalogue) -> str:
    audit, head = manifest.get("audit"), heading(say("about.how_tested"))
    if not audit:
        return head + paragraphs(say("about.not_tested"))
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
        head
        + paragraphs(say("about.attack"))
        + table(say("about.attempts_caption"), heads, rows)
        + paragraphs(told)
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
    cost, head = manifest.get("cost"), heading(say("about.cost"))
    if not cost:
        return head + paragraphs(say("about.cost_unknown"))
    kinds = [kind for kind in ("shown", "merged", "rounded", "hidden") if kind in cost]
    rows = [(say(f"about.cost_{kind}"), _part(cost[kind], say)) for kind in kinds]
    heads = (say("about.cost_share"), say("about.cost_part"))
    return (
        head
        + paragraphs(say("about.cost_shares"))
        + table(say("about.cost_caption"), heads, rows)
        + paragraphs(accurate(cost, say) if "page_values" in cost else "")
    )


def _approval(manifest: Manifest, say: Catalogue) -> str:
    survey = manifest.get("survey") or {}
    facts = {
        "survey": ", ".join(filter(None, (survey.get("title"), survey.get("wave")))),
        "answers_collected": manifest.get("collected"),
        "released": manifest.get("released"),
        "kind": say.each("kind").get(manifest.get("provenance", "")),
        "approved_by": manifest.get("approved_by"),
        "version": manifest.get("fingerprint"),
        "made_with": manifest.get("made_with"),
    }
    known = say.each("release")
    rows = [(known[name], value or say("about.not_recorded")) for name, value in facts.items()]
    heads = (say("about.what"), say("about.recorded"))
    return (
        heading(say("about.responsible"))
        + paragraphs(say("about.version_explained"))
        + table(say("about.release_caption"), heads, rows, numbers=False)
    )


def _contact(index: Page, say: Catalogue) -> str:
    """Say whom to ask, and what was corrected since the results were first published."""
    owner = index.get("owner")
    contact = escape(owner["contact"]) if owner else ""
    corrections = owner["corrections"] if owner else []
    lines = [
        f"<li><strong>{escape(c['date'])}</strong> <span>{escape(c['what'])}</span></li>"
        for c in corrections
    ]
    return (
        heading(say("page.contact"), CONTACT)
        + paragraphs(contact or say("about.no_contact"))
        + paragraphs(say("about.corrections") if lines else say("about.no_corrections"))
        + (f"<ul>{''.join(lines)}</ul>" if lines else "")
    )


def _access(index: Page, say: Catalogue) -> str:
    """Write the accessibility statement: what is known of the software, and what the owner says."""
    owner = index.get("owner")
    found = owner["accessibility"] if owner else None
    contact = (found["contact"] if found else "") or (owner["contact"] if owner else "")
    tested = [say("access.untested")]
    if found and found["tested"]:
        date, how = (f"<span>{escape(found[part])}</span>" for part in ("date", "tested"))
        tested = [say("access.tested", date=date, how=how)]
    problems = found["problems"] if found else []
    ask = say("access.ask") if contact else say("about.no_contact")
    return (
        heading(say("access.heading"), ACCESSIBILITY)
        + paragraphs(say("access.software"))
        + paragraphs(say("access.limits"))
        + listed(say(f"access.limit_{part}") for part in ("charts", "pictures", "people"))
        + paragraphs(*tested)
        + paragraphs(say("access.problems") if problems else say("access.no_problems"))
        + (listed(problems) if problems else "")
        + paragraphs(ask, escape(contact), escape(found["complaints"]) if found else "")
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
