"""What columns of a draft are beside questions: of the tool, of a person, or to filter by."""

from random import Random

import pytest

from files import taken, write
from helpers.estimation.estimates import proportion
from helpers.importing.words.characteristics import asks_age, named, tells_who
from helpers.responses.survey import load_survey


def drafted(tmp_path, columns, people=60):
    """The codebook of a file whose columns repeat these cells; `{n}` is the row."""
    rows = [
        [*columns],
        *([c[n % len(c)].format(n=n) for c in columns.values()] for n in range(people)),
    ]
    rows = [["id", *rows[0]], *([f"r{n}", *row] for n, row in enumerate(rows[1:]))]
    taken(write(tmp_path / "file.csv", rows), tmp_path / "out")
    return load_survey(tmp_path / "out").codebook


def wordings(codebook):
    return [question.wording for question in codebook.questions.values()]


ASKED = {"Do you like bread?": ["Yes", "No"]}
TIMERS = ("First Click", "Last Click", "Page Submit", "Click Count")
BROWSER = {
    "Browser": ["Firefox", "Chrome"],
    "Version": ["90.0", "91.0.1"],
    "Operating System": ["Linux", "Android 10"],
    "Resolution": ["414x851", "800x600"],
}


@pytest.mark.parametrize(
    "own",
    [{f"Q7_{part}": ["1.25", "3", "2.5"] for part in TIMERS},
     {f"Timing - {part}": ["1.25", "3", "2.5"] for part in TIMERS},
     {f"Q2_{part}": cells for part, cells in BROWSER.items()},
     {"record_id": ["{n}"], "visit_complete": ["0", "2"], "visit_timestamp": ["2026-01-01 10:00"],
      "redcap_survey_identifier": ["", "x"], "redcap_event_name": ["first", "second"]},
     {"record_id": ["{n}"], "visit_complete": ["Complete", "Incomplete", "Unverified"],
      "visit_timestamp": ["2026-01-01 10:00", "[not completed]"]},
     {"Zufallsgeneratorstartwert": ["{n}17", "{n}3"], "Datum abgeschickt": ["2026-01-01"]},
     {"Marca temporal": ["1/2/2026 9:00:00"], "Puntuación": ["0"]},
     {"Timestamp": ["2026/02/01 9:00:00"], "Score": ["2 / 7", "7 / 7", "3.50 / 7"]},
     {"Record ID": ["{n}"], "Survey Timestamp": ["2026-01-01 10:00", "[not completed]"],
      "Survey Identifier": [""], "Complete?": ["Complete", "Incomplete"]},
     {"Browser": ["Chrome 120 (OSX)", "Mozilla/5.0 (X11; Linux)"]},
     {"Informazioni cronologiche": ["28/03/2026 0.15.{n}"]},
     {"When": ["28.03.2026 17.15.00", "29.03.2026 0.15.00"]}],
    ids=lambda own: next(iter(own)),
)  # fmt: skip
def test_columns_of_the_tool_are_no_questions(own, tmp_path):
    assert wordings(drafted(tmp_path, own | ASKED)) == [*ASKED]


# Headers of the tools' own columns, as their exports have them.
TOGETHER = [
    "Response Type|Stage Date (UTC)|Submit Date (UTC)|Network ID|Tags|Ending",
    "Response Status|Duplicate|Time Taken to Complete (Seconds)|Custom Variable 1|Browser",
    "Time Started|Date Submitted|Legacy Comments|Comments|Language|Referer|User Agent|City|Postal",
    "UserNo|Unique ID|Started|Ended|Tracking ID",
    "Time|Browser|IP Address|Unique ID",
    "Submission Date|Submission URL|Submission Edit URL|Last Update Date",
    "ID.name|ID.date|ID.start|ID.end|ID.completed",
    "Start time|Added Time|Collector Name|Time Taken",
    "start|end|deviceid|username|_uuid",
    "lfdn|external_lfdn|tester|dispcode|quality|browser|device_type|date_of_last_access",
    "CASE|SERIAL|QUESTNNR|MODE|STARTED|TIME001|TIME_SUM|LASTDATA|MISSING|MISSREL|TIME_RSI",
]


def test_names_that_are_a_tools_where_they_are_together_are_no_questions(tmp_path):
    """Their cells would be answers to choose from; two of such names alone are questions."""
    for n, header in enumerate(TOGETHER):
        own = {name: ["x", "y"] if name[:4] != "TIME" else ["7", "9"] for name in header.split("|")}
        place = tmp_path / str(n)
        place.mkdir()
        assert wordings(drafted(place, own | ASKED)) == [*ASKED], header
    asked = {"Browser": ["x", "y"], "Language": ["x", "y"]}
    assert wordings(drafted(tmp_path, asked | ASKED)) == [*asked, *ASKED]


@pytest.mark.parametrize(
    "asked",
    [{"What did your first click cost?": ["1", "3", "20"]},
     {"Version": ["2.1", "3.0"], "Do you use it?": ["Yes", "No"]},
     {"Which browser?": ["Firefox", "Chrome"]},
     {"vaccination_complete": ["yes", "no"]},
     {"training_complete": ["0", "1", "2"]},
     {"Score": ["2", "7", "3"], "Timestamp": ["2026/02/01 9:00:00"]},
     {"Timestamp": ["2026/02/01 9:00:00"], "Score": ["Good", "Poor"]},
     {"Note": ["In my own words {n}"]}],
    ids=lambda own: next(iter(own)),
)  # fmt: skip
def test_questions_named_like_columns_of_a_tool_stay(asked, tmp_path):
    kept = [name for name in asked if name != "Timestamp"]
    assert wordings(drafted(tmp_path, asked | ASKED)) == [*kept, *ASKED]


def kept_of(tmp_path):
    """Everything that a folder holds, but the header of its mapping."""
    files = [path for path in (tmp_path / "out").rglob("*.csv") if path.name != "account.csv"]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


NAMES = ["Secreta Miller", "Secreta Jones"]
PHONES = ["07700 9000{n}", "+44 7700 9111{n}"]
STREETS = ["{n} Secreta Street", "{n} Secreta Lane"]
MAILS = ["secreta{n}@example.org", ""]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("header", "cells"),
    [(header, NAMES) for header in
     ("name_last", "first_name", "Full name", "EnumeratorName", "Household.EnumeratorName",
      "3. What is your name?", "Your name (optional)", "Ihr Vorname", "Nom et prénom",
      "Nom et prénom de l'agent", "Name of the head of household", "Nombre del jefe del hogar",
      "Nombre y apellidos", "Cognome", "Nome completo", "Achternaam", "الاسم الكامل",
      "Imię i nazwisko", "Adınız Soyadınız", "Фамилия и имя", "お名前", "姓名", "성명")]
    + [(header, MAILS) for header in
       ("E-mail", "Email address:", "What is your e-mail address?", "E-Mail-Adresse", "Courriel",
        "Correo electrónico", "Indirizzo e-mail", "E-mailadres", "البريد الإلكتروني",
        "E-posta adresiniz", "Электронная почта", "メールアドレス")]
    + [(header, PHONES) for header in
       ("phonenumber", "Mobile", "Telefonnummer", "Numéro de téléphone", "Teléfono móvil",
        "Cellulare", "Telemóvel", "Telefoonnummer", "رقم الهاتف", "Numer telefonu", "電話番号")]
    + [(header, STREETS) for header in
       ("address", "Home address", "Anschrift", "Adresse postale", "Dirección", "Indirizzo",
        "Endereço", "Woonadres", "العنوان")]
    + [("Postcode", ["AB{n} 1CD"]), ("Postleitzahl", ["101{n}"]), ("Code postal", ["750{n}"]),
       ("imei", ["3500000000{n}"]), ("deviceid", ["collect:2792f5{n}"]),
       ("instanceID", ["uuid:77aa{n}"]), ("PROLIFIC_PID", ["5f00edac{n}"]),
       ("latitude", ["52.5{n}", "-1.17{n}"]), ("GPS", ["52.51 13.4{n} 0 0"]),
       ("_Record your place (point)_latitude", ["-3.38{n}"]),
       ("HouseholdCaseNo", ["7-12C00{n}"])],
)  # fmt: skip
def test_personal_data_is_left_out_under_its_header(header, cells, tmp_path):
    codebook = drafted(tmp_path, {header: cells} | ASKED)
    assert wordings(codebook) == [*ASKED]
    assert "it may name a person" in (tmp_path / "out" / "GUESSES.md").read_text()
    text = kept_of(tmp_path)
    assert not any(cell.format(n=7) in text for cell in cells if cell)


@pytest.mark.parametrize(
    ("header", "cells"),
    [("Name a reason", ["It is Secreta", "Dear"]),
     ("Name one brand you know", ["Secreta", "Jones"]),
     ("Which phone do you use?", ["Android", "iPhone"]),
     ("Phone", ["Android", "iPhone"]),
     ("Mobile", ["Yes", "No"]),
     ("Your e-mail", ["Often", "Never", "Sometimes"]),
     ("Address", ["Very good", "Good", "Poor"]),
     ("How do you address your manager?", ["By first name", "By surname"]),
     ("How do we reach you?", ["Phone", "Post"]),
     ("What is the name of the programme for?", ["Bread", "Cake"]),
     ("Postcode area", ["North", "South"]),
     ("State name", ["Ohio", "Utah"]),
     ("Nombre de hijos", ["1", "2", "0"]),
     ("Do you own a mobile phone?", ["Yes", "No"])],
)  # fmt: skip
def test_questions_that_mention_personal_data_stay(header, cells, tmp_path):
    assert wordings(drafted(tmp_path, {header: cells} | ASKED)) == [header, *ASKED]


@pytest.mark.parametrize(
    "header",
    ["#", "Network ID", "응답자ID", "ID ответа", "StudyID", "PROLIFIC_PID", "Household ID"],
)
def test_a_column_that_differs_for_everybody_is_the_identifier(header, tmp_path):
    rows = [[header, *ASKED], *([f"ab34ff{n}", ("Yes", "No")[n % 2]] for n in range(40))]
    taken(write(tmp_path / "file.csv", rows), tmp_path / "out")
    codebook = load_survey(tmp_path / "out").codebook
    assert wordings(codebook) == [*ASKED]
    assert codebook.populations["respondents"].identifier
    responses = (tmp_path / "out" / "responses" / "respondents.csv").read_text(encoding="utf-8")
    assert "ab34ff7" in responses


@pytest.mark.parametrize(
    ("header", "cells"),
    [("Which ID do you carry?", ["Passport", "Card"]), ("Party ID", ["Left", "Right"])],
)
def test_ids_that_people_share_are_answers(header, cells, tmp_path):
    assert wordings(drafted(tmp_path, {header: cells} | ASKED)) == [header, *ASKED]


def filters(codebook):
    """Wordings of the questions that a draft filters by."""
    return [codebook.questions[name].wording for name in codebook.dimensions]


GROUPS = ["North", "South", "West"]
CHARACTERISTICS = (
    "1. What age range do you fall in?"
    "|What is your estimated annual income?|Child's gender|Sex of respondent - binary"
    "|socio2. Please select your gender|edu1quk._.What is your age?|Department Name"
    "|Organisation size|Organization size|Size of your organisation"
    "|Sex|Gender|Q3. What is your gender?|How old are you?|Age group|In which country do you live?"
    "|What is your highest level of education?|Annual household income|What industry are you in?"
    "|Which sector do you work in?|Department|How many employees does your organisation have?"
    "|What best describes your current role?|Years of service|How long have you worked here?"
    "|Marital status|Ethnicity|Race / ethnicity|Employment status|What is your job title?"
    "|age3|SexInterviewee|racethn4|Profile.Household.SexInterviewee|educ3|D4_region"
    "|Geschlecht|Altersgruppe|Ihr Alter|Bundesland|Höchster Bildungsabschluss|Familienstand"
    "|Wie viele Beschäftigte hat Ihr Betrieb?|In welcher Branche arbeiten Sie?"
    "|Sexe|Quel est votre âge ?|Tranche d'âge|Secteur d'activité|Taille de l'entreprise"
    "|Género|¿Cuál es su edad?|Edad|Nivel de estudios|Estado civil|País|¿Qué edad tienes?"
    "|Sesso|Età|Fascia d'età|Regione|Titolo di studio|Settore|Ruolo"
    "|Gênero|Qual é a sua idade?|Faixa etária|Escolaridade|Estado civil |Cargo"
    "|Geslacht|Wat is uw leeftijd?|Opleidingsniveau|Afdeling|الجنس|العمر|المنطقة|الحالة الاجتماعية"
)


@pytest.mark.slow
@pytest.mark.parametrize("header", CHARACTERISTICS.split("|"))
def test_who_a_respondent_is_becomes_a_filter(header, tmp_path):
    assert len(filters(drafted(tmp_path, {header: GROUPS} | ASKED))) == 1


ASKS = """
How many people work for your company? If you work for a consultancy, answer for your client. (one)
In which region does your organization have its headquarters? (select one)
Professionally, which of the following best describes your role?
Which category most closely defines your role?
Reddito annuo lordo (include tutto)
25. ¿Cuántos años tienes?
¿Cuál es tu lugar de origen?
Qual è l'ultimo titolo di studi che hai conseguito?
Yaş aralığınızı seçin
Rok studiów
가구 월평균 소득
응답자 연령
Укажите Ваш высший уровень образования: (список)
"""
MENTIONS = """
4. ¿Cuántos años tiene su perro?
Does most of your role consist of leading others?
What level of education is your course?
How is the weather in your region? If you work abroad, what is your country?
"""


def test_headers_that_ask_who_somebody_is_and_headers_that_only_mention_it():
    asking, mentioning = (text.strip().splitlines() for text in (ASKS, MENTIONS))
    assert [header for header in asking if not tells_who(header)] == []
    assert [header for header in mentioning if tells_who(header)] == []


# Of each language: a question about age, one about sex or place, and one about neither.
LANGUAGES = """
คุณอายุเท่าไร | จังหวัด | คุณพอใจกับจังหวัดนี้ไหม
আপনার বয়স কত? | আপনি কোন জেলায় থাকেন? | জেলায় কী উন্নতি দরকার?
आपकी उम्र क्या है? | लिंग | आप किस पार्टी को वोट देंगे?
Bạn bao nhiêu tuổi? | Giới tính | Bạn có hài lòng với thành phố không?
귀하의 연령은? | 귀하의 성별은 무엇입니까? | 지역 축제에 만족하십니까?
您的年龄 | 请选择您所在的城市 | 您对城市交通满意吗
年齢を教えてください | お住まいの都道府県 | 年齢制限は必要ですか
Berapa umur Anda? | Jenis kelamin | Apakah kota Anda bersih?
Вік | Яка ваша стать? | Чи подобається вам місто?
Jaký je váš věk? | Pohlaví | Líbí se vám město?
Hur gammal är du? | Kön | Trivs du i din kommun?
Hvor gammel er du? | Hvad er dit køn? | Er din kommune god?
Ikäsi | Mikä on sukupuolesi? | Pidätkö kunnasta?
Ποια είναι η ηλικία σας; | Φύλο | Σας αρέσει η πόλη;
Életkora | Neme | Szereti a várost?
Vârsta dumneavoastră | Sexul | Vă place orașul?
سن شما چند است؟ | جنسیت | شهر را دوست دارید؟
מה הגיל שלך | מין | האם העיר נקייה
Umri wako ni gani? | Jinsia | Je, wilaya ni safi?
"""


def test_filters_are_known_in_many_languages():
    for line in LANGUAGES.strip().splitlines():
        age, who, other = line.split(" | ")
        assert asks_age(age) and tells_who(who) and not asks_age(who), line
        assert not tells_who(other), line
    assert (named("คุณอายุเท่าไร"), named("귀하의 성별은 무엇입니까?")) == ("อายุ", "성별")


def test_the_seldom_answers_of_a_long_list_are_one_band(tmp_path):
    """20 countries, of which the first are given most: 8 bands, and 12 countries together."""
    given = [f"Land {chr(65 + n)}" for n in range(20) for _ in range(40 - n)]
    codebook = drafted(tmp_path, {"Country": given} | ASKED, people=len(given))
    (country,) = codebook.dimensions.values()
    assert [*country.bands.values()] == [*(f"Land {chr(65 + n)}" for n in range(8)), "Other"]
    counted = proportion(load_survey(tmp_path / "out"), "like_bread", "country")
    bases = dict(zip(counted["country"], counted["n"], strict=True))
    assert [*bases.values()][-2:] == [33, sum(range(21, 33))]
    assert len(codebook.questions["country"].options) == 20


@pytest.mark.parametrize(
    ("header", "cells", "people"),
    [("tokenGuid", ["7f3a{n}09bc-aa{n}"], 60), ("Network ID", ["7f3a{n}09bc", "7f3a{n}0", ""], 60)],
)  # fmt: skip
def test_codes_that_nobody_wrote_are_no_questions(header, cells, people, tmp_path):
    assert wordings(drafted(tmp_path, {header: cells} | ASKED, people)) == [*ASKED]


def test_cells_that_are_mail_addresses_are_left_out_whatever_was_asked(tmp_path):
    asked = {"If we may contact you, please leave something here for us to do so": MAILS}
    assert wordings(drafted(tmp_path, asked | ASKED)) == [*ASKED]
    assert "secreta" not in kept_of(tmp_path)


def test_a_few_answers_and_many_own_words_are_a_choice_and_mostly_no_are_remarks(tmp_path):
    """Of 240, 90, 80 and 40 gave one of three answers; the others wrote something, one it twice."""
    own = [f"In a paper that I read in the year {max(n, 1)}" for n in range(30)]
    heard = ["A friend"] * 90 + ["At work"] * 80 + ["A search"] * 40 + own
    more = ["No"] * 197 + ["A tool of ours"] * 9 + ["Another"] * 4 + own
    codebook = drafted(tmp_path, {"Heard of it?": heard, "Tools?": more}, people=240)
    kinds = [(q.wording[:5], q.kind) for q in codebook.questions.values()]
    assert kinds == [("Heard", "single"), ("Heard", "text"), ("Tools", "text")]


def test_a_characteristic_that_was_asked_twice_is_one_filter(tmp_path):
    """The second was asked of all, the first of every other."""
    lands = ["Peru", "Chile"]
    asked = {
        "What country do you live in?": ["", *lands, ""],
        "In which country do you work?": lands,
    }
    codebook = drafted(tmp_path, asked | ASKED)
    (dimension,) = codebook.dimensions.values()
    (source,) = dimension.source.values()
    assert codebook.questions[source.column].wording == "In which country do you work?"


def test_answers_of_too_few_for_a_group_are_one_band(tmp_path):
    """Of 60, 25 and 20 live in two countries, 9, 4 and 2 in others; ages keep their bands."""
    lands = dict(zip(("Peru", "Chile", "Laos", "Other", "Fiji"), (25, 20, 9, 4, 2), strict=True))
    given = [land for land, n in lands.items() for _ in range(n)]
    asked = {"Country": given, "Age group": ["16-24"] * 3 + ["25-64"] * 55 + ["65+"] * 2}
    country, age = drafted(tmp_path, asked | ASKED).dimensions.values()
    assert [*country.bands.values()] == ["Chile", "Peru", "Other"]
    assert [*age.bands.values()] == ["16-24", "25-64", "65+"]
    counted = proportion(load_survey(tmp_path / "out"), "like_bread", "country")
    assert set(zip(counted["country"], counted["n"], strict=True)) == {
        ("chile", 20), ("peru", 25), ("other_answers", 15),
    }  # fmt: skip


def test_questions_that_begin_alike_have_what_they_say_then_in_their_names(tmp_path):
    start = "In your experience with the ovens of the bakery that you know best, please say how"
    asked = {f"{start} {end}": ["Well", "Ill"] for end in ("hot they are", "clean they are")}
    asked |= {"27. Gender (one answer)": ["Woman", "Man"], "3. Hot?": ["Yes", "No"]}
    codebook = drafted(tmp_path, asked)
    labels = [question.label for question in codebook.questions.values()]
    assert labels[0] == "In your experience with the ovens of the… hot they are"
    assert labels[1] == "In your experience with the ovens of the… clean they are"
    assert labels[3] == "Hot?"
    assert [dimension.label for dimension in codebook.dimensions.values()] == ["Gender"]


def test_more_filters_fit_where_those_of_few_bands_come_first(tmp_path):
    """Of 22,000 combinations of bands a release offers 10,000; 200 leave the order of the file."""
    asked = {
        name: [f"{name} {Random(name + str(n)).randrange(size)}" for n in range(330)]
        for name, size in (
            ("Country", 10),
            ("Region", 10),
            ("Industry", 10),
            ("Department", 11),
            ("Gender", 2),
        )
    }
    codebook = drafted(tmp_path, asked | ASKED, people=330)
    assert [*codebook.dimensions][0] == "gender" and [*codebook.dimensions][-1] == "department"
    del asked["Department"], asked["Industry"]
    (tmp_path / "few").mkdir()
    codebook = drafted(tmp_path / "few", asked | ASKED, people=330)
    assert [*codebook.dimensions] == ["country", "region", "gender"]


def test_own_words_beside_a_long_list_of_answers(tmp_path):
    """600 chose one of six answers, and 60 wrote what one other did, or nobody."""
    given = [f"Town {n % 6}" for n in range(600)] + [f"A hamlet near {n // 2}" for n in range(60)]
    codebook = drafted(tmp_path, {"Where next?": given} | ASKED, people=660)
    where, words, _ = codebook.questions.values()
    labels = [*(f"Town {n}" for n in range(6)), "Other (own words)"]
    assert where.kind == "single" and [o.label for o in where.options] == labels
    assert words.kind == "text"
    table = proportion(load_survey(tmp_path / "out"), where.id)
    assert [round(e * n) for e, n in table[["estimate", "n"]].values] == [100] * 6 + [60]


@pytest.mark.parametrize(
    ("asked", "labels"),
    [("Do you have a garden?", ["No", "Yes"]), ("Haben Sie einen Garten?", ["Nein", "Ja"]),
     ("<b>In the past, have you baked?</b>", ["No", "Yes"]), ("Version", ["0", "1"]),
     ("Which one is it?", ["0", "1"])],
)  # fmt: skip
def test_1_and_0_below_a_question_that_yes_answers(asked, labels, tmp_path):
    codebook = drafted(tmp_path, {asked: ["1", "0", "1"]} | ASKED)
    question = next(iter(codebook.questions.values()))
    assert sorted((o.code, o.label) for o in question.options) == [*zip("01", labels, strict=True)]


def test_points_of_a_scale_whose_ends_have_words_are_no_numbers(tmp_path):
    cells = ["1 (nothing)", *map(str, range(2, 10)), "10 (all of my time)"]
    given = [cells[0]] * 3 + cells[1:-1] * 24 + [cells[-1]] * 5
    (question,) = drafted(tmp_path, {"How many hours?": given}, people=200).questions.values()
    assert question.kind == "single" and [o.label for o in question.options] == cells
    assert not (tmp_path / "out" / "proposals.csv").exists()


def test_how_much_importance_is_a_scale_and_how_much_money_an_amount(tmp_path):
    cells = [str(n) for n in range(11)]
    asked = {"How much importance has it?": cells, "How much money?": cells}
    kinds = [q.kind for q in drafted(tmp_path, asked).questions.values()]
    assert kinds == ["single", "number"]


@pytest.mark.parametrize(
    ("header", "name", "label"),
    [
        ("How old are you?", "age", "Age"),
        ("How many years have you been in this role?", "length_service", "Length of service"),
        ("What is your current job role?", "role", "Role"),
        ("Wie alt sind Sie?", "alter", "Alter"),
        ("Quel est votre sexe ?", "sexe", "Sexe"),
        ("How many employees do you have?", "number_employees", "Number of employees"),
        ("Age group", "age_group", "Age group"),
        ("D4_region", "D4_region", "D4 region"),
    ],
)  # fmt: skip
def test_a_filter_is_called_by_a_noun(header, name, label, tmp_path):
    codebook = drafted(tmp_path, {header: GROUPS} | ASKED)
    assert {(d.id, d.label) for d in codebook.dimensions.values()} == {(name, label)}
    assert codebook.questions[name].wording == header


@pytest.mark.parametrize(
    ("header", "label"),
    [
        ("What do you buy? Tick all that apply.", "What do you buy?"),
        ("What do you buy? (Select all that apply)", "What do you buy?"),
        ("Was kaufen Sie? (Mehrfachnennungen möglich)", "Was kaufen Sie?"),
        ("Qu'achetez-vous ? Plusieurs réponses possibles.", "Qu'achetez-vous ?"),
        ("¿Qué compra? Marque todas las que correspondan.", "¿Qué compra?"),
        ("What do you buy? Most people buy milk.", "What do you buy? Most people buy milk."),
        ("What do you buy (in a week)?", "What do you buy (in a week)?"),
        ("Please rate our bread", "Please rate our bread"),
    ],
)
def test_a_label_goes_without_instructions(header, label, tmp_path):
    (question,) = drafted(tmp_path, {header: ["Milk", "Bread"]}).questions.values()
    assert (question.label, question.wording) == (label, header)


@pytest.mark.parametrize(
    ("header", "cells"),
    [(header, GROUPS) for header in
     ("To what degree does your organization enjoy bread?",
      "Has the bakery sector had a good year?", "At what age do you think bread is stale?",
      "Provision of outdoor sites for education", "How has your organisation changed its policies?",
      "Would you be interested in joining such an organisation?",
      "What role should the state play?", "How was your experience?",
      "Hat sich die Ausbildung in Ihrem Betrieb verbessert?",
      "Votre région fait-elle assez pour le climat ?", "¿Cree que la educación ha mejorado?",
      "Which region should get the next bakery?", "Protection.CurrentStatusForLand")]
    + [("Location", ["Very good", "Good", "Poor", "Very poor"]),
       ("Salary", ["Very satisfied", "Dissatisfied", "Satisfied"]),
       ("Education", ["TRUE", "FALSE"]), ("Region", ["Yes", "No"]), ("Sector", ["1", "0"])],
)  # fmt: skip
def test_a_question_that_mentions_a_characteristic_is_no_filter(header, cells, tmp_path):
    codebook = drafted(tmp_path, {header: cells} | ASKED)
    assert not codebook.dimensions and len(codebook.questions) == 2


def test_boxes_and_rows_of_a_grid_are_no_filters(tmp_path):
    boxes = {f"What do you teach? [{item}]": ["Yes", "", "Yes"] for item in ("Education", "Sector")}
    more = {"What matters? [Region]": ["a lot, and more", "{n}"], "What matters? [Age]": GROUPS}
    assert not drafted(tmp_path, boxes | more | ASKED).dimensions


def test_questions_under_a_title_on_who_respondents_are(tmp_path):
    under = {"Demographics [Gender]": ["Woman", "Man"], "Demographics [Region]": GROUPS}
    assert len(drafted(tmp_path, under | ASKED).dimensions) == 2


@pytest.mark.parametrize("header", ["Are you married?", "Employed"])
def test_yes_and_no_may_say_who_somebody_is(header, tmp_path):
    assert len(drafted(tmp_path, {header: ["Yes", "No"]} | ASKED).dimensions) == 1


def test_two_codes_may_say_who_somebody_is(tmp_path):
    codes = {"sex": ["0", "1"], "education": ["0", "1"]}
    assert [*drafted(tmp_path, codes | ASKED).dimensions] == ["sex"]


def test_ages_in_years_become_bands(tmp_path):
    """Of 60 people n is 17 + n years old: 1, 7, ten each to 64, ten, and 2 of 75 and over."""
    codebook = drafted(tmp_path, {"How old are you?": [f"{17 + n}" for n in range(60)]} | ASKED)
    (age,) = codebook.dimensions.values()
    assert (age.id, age.label, age.ordered) == ("age", "Age", True)
    bands = ", ".join(age.bands.values())
    assert bands == "0–17, 18–24, 25–34, 35–44, 45–54, 55–64, 65–74, 75+"
    assert codebook.questions["age"].kind == "number"
    counted = proportion(load_survey(tmp_path / "out"), "like_bread", "age")
    bases = dict(zip(counted["age"], counted["n"], strict=True))
    assert list(bases.values()) == [1, 7, 10, 10, 10, 10, 10, 2]


def test_questions_that_may_be_filters_are_named(tmp_path):
    """Neither a filter already, nor yes or no, nor an opinion."""
    agree = ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree"]
    asked = {"Gender": ["Woman", "Man"], "Favourite bread": ["Rye", "Spelt", "Oat"], "Good?": agree}
    drafted(tmp_path, asked | ASKED)
    text = (tmp_path / "out" / "GUESSES.md").read_text(encoding="utf-8")
    assert text.endswith("such as `favourite_bread: {}`. These may suit:\n`favourite_bread`\n")
    survey = tmp_path / "out" / "codebook" / "survey.yml"
    edited = survey.read_text(encoding="utf-8").replace(
        "dimensions:\n", "dimensions:\n  favourite_bread: {}\n"
    )
    survey.write_text(edited, encoding="utf-8")
    survey = load_survey(tmp_path / "out")
    assert list(survey.codebook.dimensions) == ["favourite_bread", "gender"]
    counted = proportion(survey, "like_bread", "favourite_bread")
    assert set(counted["n"]) == {20}


@pytest.mark.parametrize("ages", [["17.5", "30", "41"], ["34", "n/k", "20"], ["34", "200", "36"]])
def test_ages_that_are_no_whole_years_are_no_filter(ages, tmp_path):
    years = [f"{21 + n}" for n in range(40)]
    assert not drafted(tmp_path, {"Age": [*ages, *years]} | ASKED).dimensions


def test_of_characteristics_that_repeat_one_another_one_is_a_filter(tmp_path):
    """Education in 4 groups, in 2, and crossed with sex; age in years and in groups."""
    levels = ("No degree", "School", "College", "Doctorate")
    rows = [["educ", "educ2", "educ_sex", "Sex", "Age", "Age group", "Like it?"]]
    for n in range(400):
        level, sex, age = levels[n * 7 % 4], ("Male", "Female")[n // 60 % 2], 18 + n * 11 % 59
        two = "Higher" if level in levels[2:] else "Lower"
        group = "18-34" if age < 35 else "35-59" if age < 60 else "60+"
        rows.append([level, two, f"{two} {sex}", sex, str(age), group, ("Yes", "No")[n % 7 % 2]])
    report = taken(write(tmp_path / "a.csv", rows), tmp_path / "out")
    survey = load_survey(tmp_path / "out")
    assert {d.label for d in survey.codebook.dimensions.values()} == {
        "educ",
        "Sex",
        "Age group",
    }
    education, age, sex = [r for r in report.remarks if "which is the filter" in r]
    assert "educ2 repeats educ, which" in education and "educ2: {}" in education
    assert "age repeats age_group" in age and "educ_sex repeats sex" in sex
    path = tmp_path / "out" / "codebook" / "survey.yml"
    path.write_text(path.read_text("utf-8").replace("dimensions:", "dimensions:\n  educ2: {}"))
    assert "educ2" in load_survey(tmp_path / "out").codebook.dimensions
