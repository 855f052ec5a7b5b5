"""Orders, amounts and answers that say nothing, as surveys in many languages have them."""

import pytest

from helpers.codebook.model import Missing
from helpers.importing.words.nonanswers import missing_kind, missing_kinds
from helpers.importing.words.scales import order_of

ORDERS = """
Indonesian | Sangat Tidak Setuju < Tidak Setuju < Netral < Setuju < Sangat Setuju
Indonesian | tidak puas < cukup puas < puas < sangat puas
Indonesian | tidak pernah < jarang < kadang-kadang < sering < selalu
Chinese | 很不满意 < 不太满意 < 一般 < 基本满意 < 很满意
Chinese | 一点也不难 < 不难 < 一般 < 难 < 很难
Chinese | 非常不同意 < 不同意 < 普通 < 同意 < 非常同意
Chinese | 从不 < 极少 < 一般 < 比较频繁 < 非常频繁
Chinese | 從不 < 很少 < 有時 < 經常 < 總是
Japanese | とても不満 < やや不満 < 普通 < やや満足 < とても満足
Japanese | まったくない < あまりない < 時々 < よく < いつも
Korean | 매우 그렇지 않다 < 그렇지 않다 < 보통이다 < 그렇다 < 매우 그렇다
Vietnamese | rất không hài lòng < không hài lòng < bình thường < hài lòng < rất hài lòng
Hindi | कभी नहीं < कभी-कभी < अक्सर < हमेशा
Turkish | hiç memnun değilim < memnun değilim < kararsızım < memnunum < çok memnunum
Russian | очень плохо < плохо < нормально < хорошо < отлично
Polish | bardzo źle < źle < przeciętnie < dobrze < bardzo dobrze
German | gar nicht < selten < eher selten < eher häufig < sehr häufig
German | stimme gar nicht zu < stimme eher nicht zu < stimme eher zu < stimme vollständig zu
English | Not important < Less Important < Neutral < Somewhat Important < Very Important
"""
AMOUNTS = """
Below 25,000 < 25,000-50,000 < 50,000-1,00,000 < More than 1,00,000
Below 2 lakh < 2 lakh - 5 lakh < 5 lakh - 1 crore < Above 1 crore
<20Mb < 20Mb -100Mb < 100Mb - 1Gb < 1Gb - 5Gb < 20Gb - 50 Gb < >50Gb
1萬以下 < 10,000 - 15,000 < 15,000 - 20,000 < 10萬以上
8万元以下 < 8-15万元以下 < 15-30万元以下 < 100万元以上
18歳未満 < 18-29歳 < 30-39歳 < 60歳以上
0-1 Mal/Monat < 2-3 Mal/Monat < 1-2 Mal/Woche < 3-4 Mal/Woche < 1-2 Mal/Tag < > 5 Mal/Tag
< 5 juta < 5 - 10 juta < > 10 juta
小学 < 初中 < 高中 < 大专 < 本科 < 硕士 < 博士
高校 < 専門学校 < 大学 < 大学院
SMA/SMK < D3 < S1 < S2
None did < Some did < Yes, they all did
No, at none of my employers < Some of my employers < Yes, at all of my employers
No Formal Education or Primary < High School < Bachelor's Degree < Master's Degree
"""


def lines(text):
    return [line.split(" | ", 1)[-1] for line in text.strip().splitlines()]


@pytest.mark.parametrize("line", lines(ORDERS))
def test_scales_are_known_from_end_to_end(line):
    answers = line.split(" < ")
    found = order_of(sorted(answers))
    assert found.scored and sorted(answers, key=found.places.get) == answers


@pytest.mark.parametrize("line", lines(AMOUNTS))
def test_amounts_and_degrees_have_the_order_of_what_they_stand_for(line):
    start = "< " if line.startswith("< ") else ""
    answers = line.removeprefix(start).split(" < ")
    answers[0] = start + answers[0]
    found = order_of(sorted(answers))
    assert sorted(answers, key=found.places.get) == answers and not found.outside


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("NO SABE (NO LEER)", Missing.DONT_KNOW),
        ("NR (NO LEER)", Missing.NOT_ANSWERED),
        ("Weiß nicht (nicht vorlesen)", Missing.DONT_KNOW),
        ("не знаю", Missing.DONT_KNOW),
        ("Затрудняюсь ответить", Missing.DONT_KNOW),
        ("Отказ от ответа", Missing.NOT_ANSWERED),
        ("bilmiyorum", Missing.DONT_KNOW),
        ("Belirtmek istemiyorum", Missing.NOT_ANSWERED),
        ("Tidak tahu", Missing.DONT_KNOW),
        ("không biết", Missing.DONT_KNOW),
        ("不了解", Missing.DONT_KNOW),
        ("不愿回答", Missing.NOT_ANSWERED),
        ("わからない", Missing.DONT_KNOW),
        ("無回答", Missing.NOT_ANSWERED),
        ("모르겠다", Missing.DONT_KNOW),
        ("무응답", Missing.NOT_ANSWERED),
        ("dnk", Missing.DONT_KNOW),
        ("pnta", Missing.NOT_ANSWERED),
        ("я не знаю, что такое карта", Missing.NO),
        ("不重要", Missing.NO),
        ("Not applicable to me (I never fly)", Missing.NOT_ASKED),
    ],
)
def test_what_says_nothing_on_the_substance_is_known(label, kind):
    assert missing_kind(label) is kind


@pytest.mark.parametrize(
    ("answers", "none"),
    [
        (["-9. Refused", "-7. Interview broken off", "1. Yes", "2. No"], 2),
        (["-1. Worse", "0. The same", "1. Better"], 0),  # a scale
    ],
)
def test_codes_below_zero_beside_one_that_is_no_answer_are_none(answers, none):
    assert sum(kind is not Missing.NO for kind in missing_kinds(answers).values()) == none


def test_scales_and_refusals_in_polish():
    agree = ["Zdecydowanie się nie zgadzam", "Raczej się nie zgadzam", "Ani tak, ani nie"]
    agree += ["Raczej się zgadzam", "Zdecydowanie się zgadzam"]
    degree = ["Wcale", "W małym stopniu", "W umiarkowanym stopniu", "W dużym stopniu"]
    degree += ["W bardzo dużym stopniu"]
    for labels in (agree, degree):
        found = order_of(labels)
        assert found.scored and sorted(labels, key=found.places.__getitem__) == labels
    school = ["Podstawowe (lub niższe) / gimnazjalne", "Średnie (liceum / technikum)"]
    school += ["Wyższe (licencjat / inżynier / magister)"]
    found = order_of(school)
    assert found.name == "education"
    assert sorted(school, key=found.places.__getitem__) == school
    assert missing_kind("Wolę nie odpowiadać") and missing_kind("Brak odpowiedzi")
