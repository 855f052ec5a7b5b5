"""The order of answers: scales, frequencies and bands in the words that surveys really use."""

import random

import pytest

from files import taken, write
from helpers.codebook.model import Option, Sort
from helpers.importing.draft.options import Around, are_listed, options_of
from helpers.importing.words.scales import order_of
from helpers.responses.survey import load_survey

# From low to high.
ORDERS = """
Annually|Quarterly|Monthly|Weekly|Daily|Hourly
Less often than monthly|Monthly.|Weekly.|Daily.
Never|Less than once per year|Several times per year|Monthly|Weekly|Daily
Never|Rarely|Once a month|Once a week|Every day
Every two years|Every year|Twice a year|Every two months
Never|Rarely|Sometimes|Regularly|Daily
Nie|Seltener|Einmal im Monat|Einmal pro Woche|Mehrmals pro Woche|Täglich
Jamais|Moins souvent|Une fois par mois|Une fois par semaine|Tous les jours
Nunca|Menos de una vez al mes|Una vez al mes|Una vez a la semana|Todos los días
Mai|Una volta al mese|Una volta alla settimana|Ogni giorno
Nunca|Uma vez por mês|Uma vez por semana|Todos os dias
Nooit|Eén keer per maand|Wekelijks|Dagelijks
أبدا|شهريا|أسبوعيا|يوميا
Less than 6 months|6-12 months|1-2 years.|2+ years.
15 minutes or less|16 - 29 minutes|30 - 44 minutes|45 minutes - 1 hour|over 1 hour each way
Under ten|Tens|Hundreds|Thousands|Tens of thousands|Hundreds of thousands or more
Nothing|$1-$100|$101-$500|$501-$1000|$1001-$5000|$5001-$20,000|>$100,000
meno di 10k|da 10 a 50k|da 50 a 100k|da 100 a 300k|da 300k a 1M|oltre 1M
Less than $10k|Less than $50k|Less than $1 million|Greater than $1 million
unter 18|18 bis 24|25 bis 64|65 und älter
Moins de 18 ans|18 à 24 ans|25 à 64 ans|65 ans et plus
Menos de 18 años|De 18 a 24 años|25-64 años|Más de 64 años
Meno di 18 anni|18-24 anni|25-64 anni|65 anni e oltre
Menos de 18 anos|18 a 24 anos|25 a 64 anos|65 anos ou mais
Jonger dan 18|18 tot 24|25 tot 64|65 of ouder
أقل من 18|18 - 24|25 - 64|65 فأكثر
до 18 лет|18-24 года|25-64 года|старше 64 лет
poniżej 18|18-24|25-64|powyżej 64
18세 미만|18-24세|25-64세|65세 이상
ต่ำกว่า 18 ปี|18 - 20 ปี|21 - 25 ปี|มากกว่า 25 ปี
Before 08:00|08:00 - 10:00|10:01 - 12:00|After 12:01
Keine Kenntnisse|Geringe Kenntnisse|Mittlere Kenntnisse|Gute Kenntnisse|Sehr gute Kenntnisse
Kein Hemmnis|GeringesHemmnis|MittleresHemmnis|StarkesHemmnis|Sehr starkesHemmnis
전혀 없다|별로 없다|어느정도 있다|매우 많다
전혀 모른다|잘 모른다|어느정도 안다|매우 잘 안다
Практически никогда|Скорее редко|Иногда|Скорее часто|Часто|Практически всегда
Nichtentscheidend|Geringentscheidend|Teilsentscheidend|Eherentscheidend|Sehrentscheidend
Não|Pouco|Muito
Hiç Katılmıyorum|Nadiren Katılıyorum|Bazen Katılıyorum|Genellikle Katılıyorum|Her Zaman Katılıyorum
Less than a day|Between one to two days|Between four days and a week
primary education|secondary education|tertiary education
No satisfecho|Poco satisfecho|Muy satisfecho
Not relevant for me|Somewhat useful|Critical to me
(1) without any goal|(2)|(3)|(4)|(5) with a clear one
a. Never or rarely|b. A little|c. Occasionally|d. Often|e. Very often
Rückgang|Keine Veränderung|Wachstum
I'm less confident now.|I'm equally confident now.|I'm more confident now.
None|Basic|Moderate|Advanced
High school or G.E.D.|Some college|Associate's degree|College graduate|Post graduate degree
No diploma|Diploma|Laurea 3 anni|Laurea 5 anni|Dottorato
"""
SCALES = """
Very Poor|Below Average|Average|Above Average|Excellent
Very unlikely|Somewhat unlikely|Somewhat likely|Very likely
Not at all likely|Somewhat unlikely|Somewhat likely|Very likely
Much decreased|Slightly decreased|Remained constant|Slightly increased|Much increased
Very likely to decrease|Likely to decrease|Likely to increase|Very likely to increase
No|Probably not|Probably|Yes, definitely!
Definitely not|Probably not|Maybe|Probably|Definitely
Extremely low value|Low value|Average value|High value|Extremely high value
Not Important|Slightly Important|Somewhat important|Very Important|Critical
Horrible|Bad|OK|Good|Excellent
A very bad place|A bad place|Neither good nor bad|A good place|A very good place
Very bad value|Bad value|Good value|Very good value
Certain not to|Not at all likely|Not very likely|Fairly likely|Very likely|Certain to
SD|D|N|A|SA
Not at All|A little|Some|Quite a Bit|Very Much
Low|Medium|High
Very unconfident|Unconfident|Neutral|Confident|Very Confident
Disagree (দ্বিমত)|Neutral (নিরপেক্ষ)|Agree (একমত)
Totalmente desacuerdo|Desacuerdo|Neutral|Acuerdo|Totalmente acuerdo
Не согласен|Скорее не согласен|Где-то посередине|Скорее согласен|Согласен
Get a lot worse|Get somewhat worse|Stay the same|Improve somewhat|Improve a great deal
Very low|Low|Medium|High|Very high
niedrig|mittel|hoch
Nicht wichtig|Kaum wichtig|Mäßig wichtig|Wichtig|Sehr wichtig
Strongly disagree (1)|Disagree (2)|Neutral (3)|Agree (4)|Strongly agree (5)
Strongly disagree (5)|Disagree (4)|Neutral (3)|Agree (2)|Strongly agree (1)
Faible|Moyen|Élevé
Baja|Media|Alta
Basso|Medio|Alto
Baixa|Média|Alta
منخفض|متوسط|مرتفع
أبدا|نادرا|أحيانا|غالبا|دائما
Nie|Selten|Manchmal|Häufig|Immer
Jamais|Rarement|Parfois|Souvent|Toujours
Nunca|Rara vez|A veces|A menudo|Siempre
Mai|Raramente|A volte|Spesso|Sempre
Nunca|Raramente|Às vezes|Frequentemente|Sempre
1 - Not very impressive|2|3|4 - Very impressive|5 - Extremely impressive
(0) Not a problem for me.|(1) Trivial.|(2) Minor.|(3) Major.|(4) Critical.
Not at all happy|Not too happy|Pretty happy|Very happy
Disagree | Secundo no|Agree | Secundo si
"""


def lines(text):
    return [line.replace(" | ", "§").split("|") for line in text.strip().splitlines()]


def shuffled(labels):
    return random.Random(7).sample(labels, len(labels))


@pytest.mark.parametrize("labels", lines(ORDERS) + lines(SCALES)[:-1], ids=lambda x: x[-1])
def test_answers_are_in_their_order(labels):
    found = order_of(shuffled(labels))
    assert sorted(found.places, key=found.places.__getitem__) == labels
    assert not found.outside and not found.unseen


@pytest.mark.parametrize("labels", lines(SCALES)[:-1], ids=lambda x: x[-1])
def test_known_scales_have_scores(labels):
    assert order_of(shuffled(labels)).scored


@pytest.mark.parametrize("labels", lines(ORDERS), ids=lambda x: x[-1])
def test_amounts_have_no_scores(labels):
    assert not order_of(shuffled(labels)).scored


def test_answers_in_two_languages_at_once():
    labels = ["Disagree | Wis lo", "Neutral | Wis mo", "Agree | Wis ya"]
    found = order_of([labels[2], labels[0], labels[1]])
    assert sorted(found.places, key=found.places.__getitem__) == labels and found.scored


@pytest.mark.parametrize(
    ("labels", "outside"),
    [("2-50|51-250|251-1,000|More than 10,000", "Self-employed"),
     ("Never|Rarely|Sometimes|Often", "No licence"),
     ("Monthly|Weekly|Daily", "I had not been using it"),
     ("SD|D|N|A|SA", "M"),
     ("Poor|Fairly good|Good|Very good|Excellent", "Other (own words)"),
     ("Rückgang|Keine Veränderung|Wachstum", "Sonstiges")],
)  # fmt: skip
def test_an_answer_outside_the_order_comes_last(labels, outside):
    inside = labels.split("|")
    found = order_of(shuffled([*inside, outside]))
    assert sorted(found.places, key=found.places.__getitem__) == [*inside, outside]
    assert found.outside == (outside,) and not found.scored and outside in found.doubt


@pytest.mark.parametrize(
    "labels",
    ["Bus|Car|Train|Walk", "1 - Male|2 - Female|3 - Other", "North|South|East|West",
     "1. Bus|2. Car|3. Train", "Chrome|Firefox|Opera|Safari|Edge", "Married|Single|Widowed"],
)  # fmt: skip
def test_names_have_no_scores(labels):
    found = order_of(labels.split("|"))
    assert found is None or not found.scored


@pytest.mark.parametrize(
    ("asked", "unseen"),
    [("Você se sente bem na padaria?", ["Nunca", "Às vezes"]),
     ("Quanto spesso va al forno con la bici?", ["Mai", "A volte"])],
)  # fmt: skip
def test_answers_that_nobody_gave_are_named_in_the_language_of_the_question(
    asked, unseen, tmp_path
):
    given = ["Raramente", "Frequentemente", "Sempre"]
    rows = [["id", asked], *([f"r{n}", given[n % 3]] for n in range(60))]
    taken(write(tmp_path / "file.csv", rows), tmp_path / "out")
    [question] = load_survey(tmp_path / "out").codebook.questions.values()
    assert [o.label for o in question.options] == [unseen[0], given[0], unseen[1], *given[1:]]
    assert [o.score for o in question.options] == [1, 2, 3, 4, 5]


def test_no_answer_is_added_where_its_language_is_not_known():
    found = order_of(["Raramente", "Frequentemente", "Sempre"])
    assert not found.unseen and not found.scored
    assert sorted(found.places, key=found.places.__getitem__)[0] == "Raramente"


def test_letters_are_an_order_where_words_have_none():
    assert order_of(["a. High", "b. Superb", "c. Moderate", "d. Low"]) is None  # alphabetical


def test_charts_keep_the_order_of_letters_and_of_answers_beside_an_order(tmp_path):
    sets = (["a. Red", "b. Blue", "c. Lime"], ["1-9", "10-99", "100+", "Mine"], ["Red", "Lime"])
    rows = [["id", "Which?", "How big?", "What else?"]]
    rows += [[f"r{n}", *(labels[n % len(labels)] for labels in sets)] for n in range(60)]
    taken(write(tmp_path / "file.csv", rows), tmp_path / "out")
    questions = load_survey(tmp_path / "out").codebook.questions.values()
    assert [q.sort for q in questions] == [Sort.LISTED, Sort.LISTED, Sort.AUTO]


def test_letters_before_answers(tmp_path):
    given = ["a. Extremely likely", "b. Very likely", "c. Somewhat likely", "d. Not so likely",
             "e. Not at all likely", "f. Not sure"]  # fmt: skip
    rows = [["id", "How likely are you to come back?"]]
    rows += [[f"r{n}", given[n % 6]] for n in range(60)]
    taken(write(tmp_path / "file.csv", rows), tmp_path / "out")
    [question] = load_survey(tmp_path / "out").codebook.questions.values()
    scores = {o.label: o.score for o in question.options}
    assert scores == dict(zip(given, [5, 4, 3, 2, 1, None], strict=True))
    assert question.options[-1].missing == "dont_know"


def test_an_answer_outside_the_order_leaves_bands_without_one(tmp_path):
    sizes = ["1-9 staff", "10-49 staff", "50 or more staff", "Self-employed"]
    rows = [["id", "Company size", "Do you bake?"]]
    rows += [[f"r{n}", sizes[n % 4], ("Yes", "No")[n % 2]] for n in range(80)]
    taken(write(tmp_path / "file.csv", rows), tmp_path / "out")
    [size] = load_survey(tmp_path / "out").codebook.dimensions.values()
    assert list(size.bands.values()) == sizes and not size.ordered


def test_what_follows_a_scale_of_numbers_has_no_score() -> None:
    """11 *Already voted* behind 10 *Certain to vote* is no higher point."""
    labels = {str(n): str(n) for n in range(1, 12)}
    labels |= {"1": "01 Certain not to vote", "10": "10 Certain to vote", "11": "11 Voted"}
    options, _, why = options_of([*labels], labels, [], Around())
    assert [option.score for option in options] == [*range(1, 11), None]
    assert [options[n].label for n in (0, 1, 9, 10)] == [
        *("01 Certain not to vote", "2", "10 Certain to vote", "11 Voted"),
    ]
    assert any('"11 Voted" is beyond the scale' in reason for reason in why)
    del labels["11"]
    options, _, _ = options_of([*labels], labels, [], Around())
    assert [option.score for option in options] == [*range(1, 11)]


def test_another_degree_of_the_same_word_is_not_put_behind_the_scale():
    """Its place is not known; last would be above the highest."""
    labels = ["Not at all useful", "Not very useful", "Fairly useful", "Very useful"]
    assert order_of(labels).scored
    assert order_of([*labels, "Mighty useful"]) is None
    assert order_of([*labels, "Mine is broken"]).outside == ("Mine is broken",)


def test_the_order_of_a_file_is_kept_where_the_place_of_one_answer_is_not_known():
    """*Somewhat of disagreement* is no usual phrase; the file has it between its neighbours."""
    labels = ["Muy de acuerdo", "Algo de acuerdo", "Ni de acuerdo ni en desacuerdo"]
    labels += ["Algo de desacuerdo", "Muy en desacuerdo"]
    assert are_listed([Option(str(n), label) for n, label in enumerate(labels)])
    assert not are_listed([Option(str(n), label) for n, label in enumerate(sorted(labels))])
    assert not are_listed([Option(code, code) for code in ("-1", "1", "2", "3", "4")])
