"""Text that is not Unicode is read in the encoding in which its letters are those of a language."""

import pytest

from files import taken, write
from helpers.codebook.encodings import encoding_of
from helpers.errors import Problems
from helpers.responses.survey import load_survey

pytestmark = pytest.mark.slow

TEXTS = {
    "Polish": ("cp1250", ["Płeć", "Mężczyzna", "Często", "Nigdy, ależ skąd"]),
    "Czech": ("cp1250", ["Pohlaví", "Žena", "Muž", "Téměř nikdy"]),
    "Hungarian": ("cp1250", ["Nem", "Nő", "Férfi", "Gyűlölöm"]),
    "Romanian": ("cp1250", ["Sex", "Bărbat", "Femeie", "Niciodată şi nicicând"]),
    "Croatian": ("cp1250", ["Spol", "Žensko", "Muško", "Nikad neće, ništa"]),
    "Russian": ("cp1251", ["Пол", "Женщина", "Мужчина", "Часто"]),
    "Ukrainian": ("cp1251", ["Стать", "Жінка", "Чоловік", "Дуже часто"]),
    "Russian, old": ("koi8_r", ["Пол", "Женщина", "Мужчина", "Часто"]),
    "German": ("cp1252", ["Geschlecht", "Männlich", "Weiblich", "Übermäßig"]),
    "French": ("cp1252", ["Âge", "Très bien – déjà", "Peut-être", "Noël, garçon"]),
    "Spanish": ("cp1252", ["¿Género?", "Mañana", "Sí", "Después"]),
    "Portuguese": ("cp1252", ["Você", "Não", "Às vezes", "Às refeições"]),
    "Italian": ("cp1252", ["Età", "Più di così", "Perché no", "Però è"]),
    "Norwegian": ("cp1252", ["Kjønn", "Også på lørdag", "Hør", "Mann"]),
    "French and German": ("cp1252", ["Âge, Größe", "Très bien", "Für mich", "Forêt, çà"]),
    "English": ("cp1252", ["Don’t you “like” it?", "I can’t – really", "No…", "£10"]),
    "Turkish": ("cp1254", ["Cinsiyet", "Kadın", "Erkek değil", "Hiç şüphesiz"]),
    "Greek": ("cp1253", ["Φύλο", "Γυναίκα", "Άνδρας", "Συχνά"]),
    "Hebrew": ("cp1255", ["מין", "זכר", "נקבה", "לפעמים"]),
    "Arabic": ("cp1256", ["الجنس", "ذكر", "أنثى", "أحيانا"]),
    "Lithuanian": ("cp1257", ["Lytis", "Moteris", "Visiškai sutinku, žinau", "Niekada nėra"]),
    "French on a Mac": ("mac_roman", ["Âge", "Très bien, déjà", "Peut-être", "Noël"]),
    "English on a Mac": ("mac_roman", ["Don’t you?", "I can’t", "No", "Yes"]),
    "German in DOS": ("cp850", ["Geschlecht", "Männlich", "Weiblich", "Übermäßig"]),
    "Korean": ("cp949", ["성별", "남성", "여성", "전혀 그렇지 않다"]),
    "Japanese": ("cp932", ["性別を教えてください", "男性です", "女性です", "とても満足しています"]),
}


def export(path, texts, encoding):
    question, *answers = texts
    rows = [[str(n), answers[n % 3]] for n in range(30)]
    return write(path, [["id", question], *rows], encoding)


@pytest.mark.parametrize("language", TEXTS)
def test_the_letters_of_a_language_choose_the_encoding(language, tmp_path):
    encoding, texts = TEXTS[language]
    path = export(tmp_path / "a.csv", texts, encoding)
    report = taken(path, tmp_path / "out")
    [question] = load_survey(tmp_path / "out").codebook.questions.values()
    assert question.wording == texts[0]
    assert {option.label for option in question.options} == set(texts[1:])
    [remark] = [words for words in report.remarks if "not Unicode" in words]
    assert remark.startswith("a.csv: ") and "export it again" in remark


@pytest.mark.parametrize("language", TEXTS)
def test_unicode_is_never_read_as_anything_older(language, tmp_path):
    path = export(tmp_path / "a.csv", TEXTS[language][1], "utf-8")
    assert encoding_of(path, Problems()) == "utf-8"
    report = taken(path, tmp_path / "out")
    assert not any("not Unicode" in words for words in report.remarks)
