"""Charts of more answers without an order than there are colours."""

import helpers as h
from helpers.present import theme


def test_no_two_answers_of_a_stacked_chart_have_the_same_colour(tmp_path) -> None:
    """Thirteen of them, for two choices; each number can be read on its colour."""
    answers = [f"a{n}" for n in range(13)]
    book = {
        "survey.yml": "title: Places\nprovenance: public\npopulations:\n"
        "  people: {label: People, label_one: person, id: ref}\n",
        "questions.csv": "id,population,kind,label,option_set\nplace,people,grid,Place,p\n",
        "items.csv": "question,item,label\nplace,first,First choice\nplace,second,Second choice\n",
        "options.csv": "set,code,label\n" + "".join(f"p,{a},Place {a[1:]}\n" for a in answers),
    }
    for folder in ("codebook", "responses"):
        (tmp_path / folder).mkdir()
    for name, text in book.items():
        (tmp_path / "codebook" / name).write_text(text)
    rows = [f"{n},{answers[n % 13]},{answers[n * 5 % 13]}" for n in range(60)]
    lines = "\n".join(["ref,place.first,place.second", *rows])
    (tmp_path / "responses" / "people.csv").write_text(lines)
    bars = [trace for trace in h.share(h.load_survey(tmp_path), "place").chart().data]
    colours = [bar.marker.color for bar in bars]
    assert len(bars) == len({*colours}) == 13
    assert [bar.textfont.color for bar in bars] == [*map(theme.ink_on, colours)]
    assert len({theme.series(n) for n in range(30)}) == 30
