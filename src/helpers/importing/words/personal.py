"""Headers of columns that name a person, or a person's device or place.

`HEADERS` has a line for each kind of data: what its header is called in each language, `|` between
two names. A header counts if nothing but such a name is left of it without `WHOSE` and `ASKING`:
*Enumerator name* and *What is your e-mail address?*, but not *Name a reason* or *Which phone do you
use?*. To add a language, add lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

HEADERS: tuple[tuple[str, str], ...] = (
    ("name", "name|full name|names|first name|given name|forename|fore name|last name|family name"),
    ("name", "surname|middle name|maiden name|nickname|initials|name first|name last|name middle"),
    ("name", "name full|firstname|lastname|fullname|fname|lname|first and last name|user name"),
    ("name", "name and surname|name surname|username|signature"),
    (
        "name",
        "vorname|nachname|familienname|vor und nachname|vorname und nachname|vollständiger name",
    ),
    ("name", "voller name|name vorname|vorname nachname|benutzername|unterschrift"),
    (
        "name",
        "nom|prénom|nom de famille|nom complet|nom et prénom|nom prénom|prénom et nom|prénom nom",
    ),
    ("name", "noms|prénoms|nom d'utilisateur"),
    (
        "name",
        "nombre|nombres|apellido|apellidos|nombre completo|nombre y apellidos|nombre y apellido",
    ),
    ("name", "nombres y apellidos|primer nombre|nombre de usuario"),
    ("name", "nome|cognome|nome e cognome|nome cognome|cognome e nome|nome completo|nome utente"),
    ("name", "sobrenome|apelido|nome e sobrenome|primeiro nome|último nome|nome de usuário"),
    (
        "name",
        "naam|voornaam|achternaam|familienaam|volledige naam|voor en achternaam|gebruikersnaam",
    ),
    ("name", "الاسم|اسم|الاسم الكامل|الاسم الأول|اسم العائلة|اللقب|الاسم الثلاثي|اسم المستخدم"),
    (
        "name",
        "first name and surname|firstname and surname|name and last name|forename and surname",
    ),
    ("name", "imię|nazwisko|imię i nazwisko|imię nazwisko|nazwisko i imię|nazwa użytkownika"),
    (
        "name",
        "adı soyadı|ad soyad|adınız soyadınız|adınız ve soyadınız|adınız|soyadınız|isim|isminiz",
    ),
    (
        "name",
        "isim soyisim|ad|soyad|soyisim|имя|фамилия|фио|имя и фамилия|фамилия и имя"
        "|фамилия имя отчество",
    ),
    (
        "name",
        "ваше имя|ім'я|прізвище|піб|氏名|お名前|名前|姓名|姓|이름|성명|성함|nama|nama lengkap",
    ),
    (
        "name",
        "họ và tên|họ tên|tên|namn|förnamn|efternamn|för och efternamn|fornavn|etternavn|navn",
    ),
    ("name", "nimi|etunimi|sukunimi|jméno|příjmení|jméno a příjmení|név|teljes név|ονοματεπώνυμο"),
    ("mail", "e mail|email|mail|e mail address|email address|mail address|emailaddress"),
    ("mail", "e mail adresse|email adresse|mailadresse|emailadresse"),
    ("mail", "courriel|adresse e mail|adresse mail|adresse email|adresse électronique|mél"),
    ("mail", "correo|correo electrónico|dirección de correo electrónico|dirección de correo"),
    ("mail", "posta elettronica|indirizzo e mail|indirizzo email|indirizzo di posta elettronica"),
    ("mail", "correio eletrônico|correio eletrónico|endereço de e mail|endereço de email"),
    ("mail", "e mailadres|emailadres|mailadres"),
    ("mail", "البريد الإلكتروني|البريد الالكتروني|بريد إلكتروني|عنوان البريد الإلكتروني|الإيميل"),
    (
        "mail",
        "adres e mail|adres email|adres mailowy|e posta|eposta|e posta adresi|e posta adresiniz",
    ),
    ("mail", "электронная почта|адрес электронной почты|почта|e mail адрес|メールアドレス|メール"),
    ("mail", "邮箱|电子邮箱|電子郵件|电子邮件|邮箱地址|이메일|이메일 주소|메일 주소|alamat email"),
    ("mail", "e postadress|mejladress|epost|sähköposti|sähköpostiosoite|emailová adresa|email cím"),
    ("phone", "phone|phone number|telephone|telephone number|mobile|mobile number|mobile phone"),
    ("phone", "mobile phone number|cell|cell phone|cell phone number|phonenumber|tel|cellphone"),
    ("phone", "contact number|whatsapp|whatsapp number|fax"),
    (
        "phone",
        "telefon|telefonnummer|handy|handynummer|mobiltelefon|mobilnummer|rufnummer|telefonnr",
    ),
    ("phone", "téléphone|numéro de téléphone|portable|téléphone portable|n° de téléphone|mobile"),
    ("phone", "teléfono|número de teléfono|móvil|celular|teléfono móvil|número de celular"),
    ("phone", "telefono|numero di telefono|cellulare|numero di cellulare|recapito telefonico"),
    ("phone", "telefone|número de telefone|telemóvel|telefone celular|número de telemóvel"),
    ("phone", "telefoon|telefoonnummer|mobiel|mobiel nummer|gsm nummer|mobiele telefoon"),
    ("phone", "هاتف|الهاتف|رقم الهاتف|رقم الجوال|الجوال|رقم الموبايل|رقم الهاتف المحمول"),
    ("phone", "numer telefonu|nr telefonu|telefon komórkowy|telefon numarası|telefon numaranız"),
    ("phone", "cep telefonu|телефон|номер телефона|ваш телефон|電話番号|携帯電話番号|电话|手机"),
    ("phone", "手机号|手机号码|联系电话|联系方式|電話|전화번호|연락처|휴대폰 번호|nomor telepon"),
    ("phone", "no hp|nomor hp|no wa|nomor whatsapp|số điện thoại|telefonnummer|puhelinnumero"),
    ("address", "adres zamieszkania|ev adresi|адрес|домашний адрес|住所|地址|주소|alamat|địa chỉ"),
    ("address", "address|home address|street address|postal address|mailing address|street"),
    ("address", "address line 1|address line 2|adresse|anschrift|wohnanschrift|straße|strasse"),
    ("address", "straße und hausnummer|adresse postale|adresse complète|rue|dirección|domicilio"),
    ("address", "dirección postal|calle|indirizzo|indirizzo di residenza|endereço|morada|rua"),
    ("address", "adres|straat|straat en huisnummer|woonadres|العنوان|عنوان|عنوان السكن"),
    ("postcode", "postcode|post code|postal code|zip|zip code|zipcode|plz|postleitzahl|eircode"),
    ("postcode", "code postal|código postal|codice postale|cep|الرمز البريدي|full postcode"),
    ("number", "passport number|passport no|national id|national id number|id number|case no"),
    ("number", "case number|ssn|social security number|registration number|license plate"),
    ("number", "personalnummer|matrikelnummer|sozialversicherungsnummer|ausweisnummer"),
    ("number", "numéro de sécurité sociale|dni|nif|cédula|codice fiscale|cpf|bsn|رقم الهوية"),
    ("device", "imei|imsi|device id|deviceid|device identifier|subscriber id|subscriberid"),
    ("device", "sim serial|simserial|sim id|simid|mac address|gerätekennung"),
    ("worker", "prolific pid|prolific id|prolificpid|worker id|workerid|mturk id|mturkid"),
    ("worker", "participant prolific id|instance id|instanceid|panelist id"),
    ("ip", "ip|ip address|ipaddress|ipaddr|ip adresse|adresse ip|dirección ip|indirizzo ip"),
    ("ip", "endereço ip|ip adres|عنوان ip"),
    ("place", "latitude|longitude|lat|long|lon|lng|gps|gps coordinates|geolocation|geopoint"),
    ("place", "gps latitude|gps longitude|location latitude|location longitude|geodata"),
    ("place", "breitengrad|längengrad|latitud|longitud|latitudine|longitudine|breedtegraad"),
    ("place", "lengtegraad|coordinates|koordinaten|coordonnées gps|coordenadas|coordinate gps"),
    ("place", "خط العرض|خط الطول|الإحداثيات"),
)
WHOSE = (
    "your my the of own current residence residential enumerator enumerators interviewer "
    "interviewers interviewee "
    "respondent respondents participant participants client household contact parent "
    "parents child patient student employee "
    "agent agents manager owner head caregiver guardian pupil witness "
    "teacher supervisor recipient user mother father primary work personal private full please "
    "required optional if any digit digits "
    "ihr ihre dein deine der die das des befragten interviewers teilnehmers optional freiwillig "
    "votre vos ton ta le la l' de du enquêteur enquêté répondant facultatif agent chef "
    "superviseur "
    "ménage propriétaire gérant vendeur élève étudiant patient bénéficiaire enquêtrice enquêtée "
    "su tu el la del encuestador encuestado opcional agente supervisor jefe hogar alumno "
    "il tuo la tua suo sua dell' intervistatore intervistato facoltativo "
    "seu sua o a do da entrevistador entrevistado "
    "uw je jouw de het van enquêteur "
    "الخاص بك بكم اختياري"
)
ASKING = (
    "what what's is are please enter provide give write fill in tell us insert "
    "wie lautet ist bitte geben sie an ein nennen "
    "quel quelle est sont indiquez veuillez indiquer entrez saisissez "
    "cuál es indique escriba por favor introduzca ingrese "
    "qual è qual'è inserisci inserire indica scrivi "
    "qual é informe digite "
    "wat vul in "
    "ما هو هي أدخل اكتب يرجى كتابة"
)
_ELIDED = re.compile(r"^(l|d|dell|all)'(?=\w)")  # l'agent
_SMALL = frozenset((*WHOSE.split(), *ASKING.split()))
_NAMES = {name: kind for kind, names in HEADERS for name in names.split("|")}
# What cells of a kind look like, where answers to a question could stand below its header.
_CELLS = {
    "mail": re.compile(r"[^@\s]+@[^@\s]+"),
    "phone": re.compile(r"(\D*\d){5,}\D*"),
    "postcode": re.compile(r".*\d.*"),
    "number": re.compile(r"(?=(.*\d){3}).{4,}"),
    "device": re.compile(r"(?=.*\d)\S{6,}"),
    "worker": re.compile(r"(?=.*\d)\S{6,}"),
    "ip": re.compile(r"[\d.:a-fA-F]{3,}"),
    "place": re.compile(r"[\s\d.,;°'\"NSEWO+-]*\d[.,]\d{2}[\s\d.,;°'\"NSEWO+-]*"),
    "name": re.compile(r"(?=.*[^\W\d]{2}).*", re.DOTALL),
    "address": re.compile(r"(?=.*[^\W\d]{3}).*", re.DOTALL),
}
# Of letters, and of the signs above, below and behind them that are none by themselves.
_LETTER = (
    r"(?:[^\W_]|[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
    r"\u0e31-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ece\u102b-\u1049\u17b4-\u17d3\u200c])"
)
_WORD = re.compile(rf"{_LETTER}+(?:'{_LETTER}*)?|#")
_PATH = re.compile(r"[./:]")
_NUMBER = re.compile(r"^[A-Za-z]{0,3}\d+[a-z]?[.):]*\s+|^[A-Za-z]+\d\w*\.(\s+|_\.\s*)")
_AN_ID = re.compile(r"#|(?:[^\W\d_]+ ){0,2}id|id(?: [^\W\d_]+){0,2}")
_NUMBERING = re.compile(
    r"\b(r?id|\w*id(num(ber)?|nr)|ident\w*|serial|sbjnum|subj(ect)?num(ber)?|folio|registro|record"
    r"|questionnaire|cuestionario|fragebogen|interview|entrevista|case|caso|respondent|no|nr|n|lfd"
    r"|row|index)\b"
)
_MOST = 9  # words of a header


def words_of(header: str) -> list[str]:
    """Return the words of a header, or of the name of a variable (`Household.EnumeratorName`)."""
    text = re.sub(r"[(（][^()（）]*[)）]|<[^<>]*>", " ", header.replace("’", "'")).strip()
    if not re.search(r"\s", text):
        text = _PATH.split(text.rstrip("./:"))[-1]
        text = re.sub(r"(?<=[a-z\uac00-\ud7a3])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    text = _NUMBER.sub("", re.sub(r"[_-]", " ", _NUMBER.sub("", text)))
    return _WORD.findall(text.lower())


def kind_of(header: str) -> str:
    """Return what a header says that its column holds of a person; empty if it says no such thing.

    `worker` is the number that a panel or a tool knows somebody by.
    """
    words = words_of(header)
    if len(words) > _MOST:
        return ""
    for start in range(len(words)):
        for end in range(len(words), start, -1):
            kind = _NAMES.get(" ".join(words[start:end]), "")
            rest = (*words[:start], *words[end:])
            if kind and all(_ELIDED.sub("", w) in _SMALL or w.isdigit() for w in rest):
                return kind
    return ""


def holds(kind: str, cells: Iterable[str]) -> bool:
    """Return whether cells look like personal data of a kind, and not like answers."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    found = sum(bool(_CELLS[kind].fullmatch(cell)) for cell in filled)
    return bool(filled) and found >= 0.8 * len(filled)


def is_numbering(header: str) -> bool:
    """Return whether a header names what numbers are given to: *idnum*, *Número de registro*."""
    return bool(_NUMBERING.search(" ".join(words_of(header))))


def is_identifying(header: str) -> bool:
    """Return whether a header names a number that respondents are told apart by: `Network ID`."""
    return bool(_AN_ID.fullmatch(" ".join(words_of(header))))
