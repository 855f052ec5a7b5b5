"""Words that scales are made of, in English, German, French, Spanish, Dutch, Italian, Portuguese.

`DEGREES`, `POLES` and `MIDDLE` make the scales between two opposites (*very dissatisfied* to *very
satisfied*). `OPPOSED` lists those whose two sides are not made alike, `WHOLES` the scales that run
from nothing to much. In both, levels go from low to high, divided by `|`, and ways to say the
same by `~`; `{x}` is what is graded (*very {x}*).
"""

from __future__ import annotations

import re

_DEGREES = {
    7: "extremely completely totally entirely absolutely äußerst äusserst extrem völlig vollkommen "
    "absolut total extrêmement totalement complètement entièrement tout_à_fait totalmente "
    "completamente extremadamente absolutamente assolutamente helemaal volledig uiterst extreem "
    "estremamente pienamente del_tutto extremamente plenamente inteiramente",
    6: "strongly very fully definitely highly greatly certainly a_lot a_great_deal very_much much "
    "significantly sehr stark deutlich viel très fortement beaucoup muy mucho zeer erg heel sterk "
    "veel molto fortemente muito fuertemente",
    4: "mostly moderately fairly quite generally largely probably mainly ziemlich überwiegend "
    "assez bastante tamelijk redelijk vrij abbastanza",
    3: "somewhat rather tend_to partly partially mildly to_some_extent eher etwas plutôt "
    "partiellement algo más_bien parcialmente enigszins eerder piuttosto parzialmente em_parte",
    2: "slightly a_little a_bit a_little_bit un_peu légèrement un_poco ligeramente een_beetje "
    "un_po' leggermente um_pouco ligeiramente ein_wenig leicht",
}
DEGREES = {
    word.replace("_", " "): rank for rank, words in _DEGREES.items() for word in words.split()
}
PLAIN = 5  # the degree of a pole that stands alone

_ENDINGS = ("o", "a", "os", "as")
# Low and high. The first line of each pair holds opposites that scales name on both sides, so that
# one side tells the other; those of the second are graded by themselves as often.
_BOTH_SIDES = (
    "disagree|agree dissatisfied|satisfied unsatisfied|satisfied unlikely|likely difficult|easy "
    "hard|easy uncomfortable|comfortable oppose|support oppose|favour oppose|favor against|for "
    "opposed|in_favour against|in_favour opposed|in_favor unsafe|safe unhappy|happy worse|better "
    "less|more fewer|more lower|higher decreased|increased decrease|increase smaller|larger "
    "declined|improved deteriorated|improved weaker|stronger negative|positive dislike|like "
    "unfavourable|favourable unfavorable|favorable will_not|will would_not|would not|yes no|yes "
    "likely_to_decrease|likely_to_increase "
    "pessimistic|optimistic untrue|true false|true disapprove|approve distrust|trust "
    "unzufrieden|zufrieden unwahrscheinlich|wahrscheinlich schwierig|einfach schwer|leicht "
    "schwierig|leicht schlecht|gut schlechter|besser weniger|mehr negativ|positiv dagegen|dafür "
    "verschlechtert|verbessert unglücklich|glücklich "
    "en_désaccord|d'accord mécontent|content improbable|probable "
    "difficile|facile mauvais|bon mauvaise|bonne mal|bien moins|plus pire|meilleur "
    "négatif|positif défavorable|favorable insatisfait|satisfait insatisfaite|satisfaite "
    "insatisfaits|satisfaits insatisfaites|satisfaites "
    "en_desacuerdo|de_acuerdo desacuerdo|acuerdo difícil|fácil mal|bien peor|mejor menos|más "
    "en_contra|a_favor "
    "desfavorable|favorable malo|bueno mala|buena "
    "ontevreden|tevreden oneens|eens mee_oneens|mee_eens onwaarschijnlijk|waarschijnlijk "
    "moeilijk|makkelijk moeilijk|gemakkelijk slecht|goed slechter|beter minder|meer "
    "negatief|positief in_disaccordo|d'accordo improbabile|probabile male|bene peggiore|migliore "
    "peggio|meglio meno|più negativo|positivo negativa|positiva discordo|concordo "
    "improvável|provável ruim|bom "
    "mau|bom má|boa pior|melhor "
    "menos|mais contra|a_favor desfavorável|favorável"
)
_BY_THEMSELVES = (
    "unconfident|confident insufficient|sufficient unsatisfactory|satisfactory "
    "unprepared|prepared dishonest|honest "
    "unimportant|important useless|useful unhelpful|helpful inappropriate|appropriate "
    "unacceptable|acceptable unfair|fair inadequate|adequate ineffective|effective "
    "inaccurate|accurate unreasonable|reasonable unnecessary|necessary unclear|clear "
    "untrustworthy|trustworthy unfamiliar|familiar unpleasant|pleasant unreliable|reliable "
    "unwilling|willing uninterested|interested unconcerned|concerned insecure|secure "
    "inconvenient|convenient irrelevant|relevant unfriendly|friendly "
    "unwichtig|wichtig unsicher|sicher unangenehm|angenehm unverständlich|verständlich "
    "inutile|utile inútil|útil onbelangrijk|belangrijk onveilig|veilig"
)


def _pairs(words: str) -> list[tuple[str, str]]:
    pairs = [word.replace("_", " ").partition("|") for word in words.split()]
    return [(low, high) for low, _, high in pairs]


POLES: tuple[tuple[str, str], ...] = (
    *_pairs(_BOTH_SIDES),
    *((f"insatisfech{e}", f"satisfech{e}") for e in _ENDINGS),
    *((f"insoddisfatt{e}", f"soddisfatt{e}") for e in ("o", "a", "i", "e")),
    *((f"insatisfeit{e}", f"satisfeit{e}") for e in _ENDINGS),
)
GRADED: tuple[tuple[str, str], ...] = tuple(_pairs(_BY_THEMSELVES))
# Pairs of which two languages share a side.
OF_LANGUAGE = {
    ("unfavorable", "favorable"): "english",
    ("défavorable", "favorable"): "french",
    ("desfavorable", "favorable"): "spanish",
}
CERTAIN = frozenset((("not", "yes"), ("no", "yes")))  # a scale only where all have a degree

MIDDLE = (
    r"neither.*|neutral(ly)?( .*)?|undecided|no difference|in the middle"
    r"|(about |stayed )?(the )?same"
    r"|no change|unchanged|(remain(ed|s)?|stay(ed|s)?) (constant|stable|unchanged)|constant|stable"
    r"|mixed|average|medium|might or might not|(it )?depends|maybe|perhaps"
    r"|possibly|indifferent|ambivalent|so-?so"
    r"|teils ?[,/]? ?teils|weder.*|unentschieden|mittel(mäßig)?|durchschnittlich|(etwa )?gleich.*"
    r"|unverändert|ni .* ni .*|ni l'un ni l'autre|neutre|moyen(ne)?|indifférente?|inchangée?|pareil"
    r"|neutr[oa]|indiferente|regular|igual|neutraal|niet .* niet .*|noch .* noch .*|hetzelfde"
    r"|gelijk( gebleven)?|né .* né .*|neutrale|indifferente|uguale|invariat[oa]|nem .* nem .*"
)
UNSURE = r"(i am |i'm )?(not sure|unsure|uncertain)|nicht sicher|unsicher"


def _lines(text: str) -> tuple[str, ...]:
    """Entries of a list; what is indented goes on with the line before."""
    return tuple(text.replace("\n    ", " ").strip().splitlines())


def _named(text: str) -> tuple[tuple[str, str], ...]:
    entries = [line.partition(": ") for line in _lines(text)]
    return tuple((name, levels) for name, _, levels in entries)


OPPOSED = _lines("""
stimme überhaupt nicht zu ~ stimme gar nicht zu ~ lehne voll und ganz ab ~ stimme absolut nicht
    zu ~ stimme ganz und gar nicht zu | stimme nicht zu ~ lehne ab | stimme eher nicht zu ~ lehne
    eher ab ~ stimme weniger zu | teils/teils | stimme eher zu ~ stimme teilweise zu | stimme zu |
    stimme voll und ganz zu ~ stimme völlig zu ~ stimme voll zu ~ stimme vollkommen zu ~ stimme
    absolut zu ~ stimme sehr zu ~ stimme vollständig zu
trifft überhaupt nicht zu ~ trifft gar nicht zu ~ trifft absolut nicht zu | trifft nicht zu |
    trifft eher nicht zu ~ trifft weniger zu ~ trifft kaum zu ~ trifft wenig zu | teils/teils ~
    trifft teilweise zu ~ trifft teils zu | trifft eher zu ~ trifft überwiegend zu ~ trifft
    größtenteils zu | trifft zu | trifft voll und ganz zu ~ trifft völlig zu ~ trifft voll zu ~
    trifft genau zu ~ trifft vollkommen zu ~ trifft sehr zu ~ trifft absolut zu
does not apply at all | does not apply | rather does not apply ~ mostly does not apply | partly
    applies ~ neutral | rather applies ~ mostly applies | applies | applies completely ~ fully
    applies ~ applies fully ~ completely applies
pas du tout d'accord | pas d'accord | plutôt pas d'accord ~ peu d'accord | ni d'accord ni pas
    d'accord | plutôt d'accord ~ assez d'accord | d'accord | tout à fait d'accord ~ très d'accord ~
    entièrement d'accord
""")
# Those of whose words grammar would make a sound pair are asked after `POLES`.
OPPOSED_ALSO = _lines("""
per niente d'accordo ~ per nulla d'accordo | non d'accordo | poco d'accordo | né d'accordo né in
    disaccordo | abbastanza d'accordo ~ piuttosto d'accordo | d'accordo | molto d'accordo ~
    completamente d'accordo ~ pienamente d'accordo ~ del tutto d'accordo
nada de acuerdo | | poco de acuerdo | ni de acuerdo ni en desacuerdo | bastante de acuerdo ~
    algo de acuerdo | de acuerdo | muy de acuerdo ~ totalmente de acuerdo
helemaal niet mee eens ~ helemaal niet eens | niet mee eens ~ niet eens | | niet eens, niet
    oneens ~ neutraal | | mee eens ~ eens | helemaal mee eens ~ helemaal eens
get a lot worse ~ get much worse ~ a lot worse ~ much worse | get worse ~ worse | get somewhat
    worse ~ get a little worse ~ somewhat worse ~ a little worse | stay the same ~ about the same ~
    the same | improve somewhat ~ improve a little ~ get somewhat better ~ get a little better ~
    somewhat better ~ a little better | improve ~ get better ~ better | improve a great deal ~
    improve a lot ~ get a lot better ~ get much better ~ a lot better ~ much better
абсолютно не согласен ~ полностью не согласен ~ совершенно не согласен ~ категорически не
    согласен | не согласен | скорее не согласен ~ скорее не согласен, чем согласен ~ частично не
    согласен | где-то посередине ~ нейтрально ~ и согласен, и не согласен | скорее согласен ~
    скорее согласен, чем не согласен ~ частично согласен | согласен | полностью согласен ~
    абсолютно согласен ~ совершенно согласен
zdecydowanie się nie zgadzam ~ zdecydowanie nie zgadzam się ~ zdecydowanie nie | nie zgadzam się
    | raczej się nie zgadzam ~ raczej nie zgadzam się ~ raczej nie | ani się zgadzam, ani nie
    zgadzam ~ ani się zgadzam, ani się nie zgadzam ~ ani tak, ani nie ~ trudno powiedzieć ~ nie mam
    zdania | raczej się zgadzam ~ raczej zgadzam się ~ raczej
    tak | zgadzam się | zdecydowanie się zgadzam ~ zdecydowanie zgadzam się ~ zdecydowanie tak
kesinlikle katılmıyorum ~ hiç katılmıyorum | katılmıyorum | kısmen katılmıyorum | kararsızım ~ ne
    katılıyorum ne katılmıyorum | kısmen katılıyorum | katılıyorum | kesinlikle katılıyorum ~
    tamamen katılıyorum
well below average ~ far below average ~ much below average | below average | slightly below
    average | average ~ about average | slightly above average | above average | well above average
    ~ far above average ~ much above average
far too little ~ much too little | too little ~ not enough | | about right ~ just right ~ the
    right amount ~ about the right amount | | too much | far too much ~ much too much
falls far short of expectations ~ far below expectations | below expectations ~ does not meet
    expectations | | meets expectations ~ met expectations | | exceeds expectations ~ above
    expectations ~ exceeded expectations | far exceeds expectations ~ far above expectations
sehr schlecht | schlecht | eher schlecht | teils/teils | eher gut | gut | sehr gut
""")

# Those first in the list are the more usual ones.
WHOLES = _named("""
frequency: never | rarely ~ seldom ~ hardly ever ~ almost never ~ very rarely ~ infrequently |
    sometimes ~ occasionally ~ now and then | often ~ frequently ~ usually ~ most of the time ~
    regularly ~ fairly often ~ mostly | always ~ very often ~ all of the time ~ all the time ~
    almost always ~ constantly ~ very frequently
frequency: never | sometimes ~ rarely ~ once in a while | about half the time ~ half the time ~
    half of the time ~ about half of the time | most of the time ~ usually ~ often | always
frequency: none of the time | a little of the time ~ rarely | some of the time | most of the
    time ~ often | all of the time
quality: poor | fair | good | excellent
quality: poor | fair ~ average | good | very good | excellent
quality: very poor | poor | fair ~ average ~ acceptable ~ ok ~ okay ~ satisfactory ~ adequate ~
    neutral ~ neither good nor poor ~ neither poor nor good | good | very good
quality: very bad | bad | neither good nor bad ~ neither bad nor good ~ fair ~ average ~ ok ~
    okay ~ so-so ~ neutral ~ acceptable | good | very good
quality: terrible ~ horrible ~ awful ~ very poor | poor ~ bad | average ~ ok ~ okay | good |
    excellent ~ great ~ outstanding
quality: extremely bad | somewhat bad | neither good nor bad | somewhat good | extremely good
intensity: not at all {x} ~ not {x} at all | not very {x} ~ not too {x} ~ not particularly {x} ~
    not so {x} | fairly {x} ~ somewhat {x} ~ quite {x} ~ rather {x} ~ reasonably {x} | very {x}
intensity: not at all {x} ~ not {x} at all | not so {x} ~ not very {x} | somewhat {x} | very {x}
    | extremely {x}
intensity: not at all {x} ~ not {x} at all | slightly {x} ~ a little {x} | moderately {x} ~
    somewhat {x} | very {x} | extremely {x} ~ completely {x}
intensity: not at all {x} ~ not {x} at all ~ not {x} | slightly {x} ~ a little {x} | moderately
    {x} ~ somewhat {x} ~ fairly {x} | {x} ~ quite {x} | very {x} ~ extremely {x}
intensity: not at all {x} ~ not {x} at all | not {x} ~ not very {x} | {x} ~ fairly {x} | very {x}
intensity: not at all ~ nothing at all | not much | quite a bit | a lot
intensity: not at all | a little ~ slightly ~ a little bit ~ a bit | somewhat ~ moderately ~ some |
    quite a bit ~ mostly ~ quite a lot ~ a lot ~ very | very much ~ completely ~ extremely ~
    entirely
intensity: none at all ~ not at all ~ none ~ nothing | a little ~ little ~ slightly | a moderate
    amount ~ some ~ moderately | a lot ~ a good deal ~ much | a great deal ~ very much
intensity: not at all ~ none at all ~ none ~ nothing at all | not very much ~ not much ~ very
    little ~ a little ~ only a little ~ hardly at all | a fair amount ~ some ~ somewhat ~
    quite a lot | a great deal
    ~ a lot ~ completely
intensity: not at all ~ to no extent | to a small extent ~ to a slight extent ~ to a little
    extent | to some extent ~ to a moderate extent | to a large extent ~ to a considerable extent ~
    to a great extent | to a very large extent ~ to a very great extent ~ completely
challenge: not a challenge ~ no challenge | minor challenge | moderate challenge | major
    challenge
frequency: not at all | several days | more than half the days | nearly every day
knowledge: never heard of it ~ never heard | heard of it but know nothing about it ~ heard of it
    | know a little | know it well ~ know a lot
stopień: wcale ~ w ogóle ~ w żadnym stopniu | w małym stopniu ~ w niewielkim stopniu ~ w bardzo
    małym stopniu | w umiarkowanym stopniu ~ w średnim stopniu ~ w pewnym stopniu | w dużym
    stopniu ~ w znacznym stopniu | w bardzo dużym stopniu ~ w pełni
häufigkeit: nie ~ niemals | selten ~ fast nie | manchmal ~ gelegentlich ~ ab und zu ~ hin und
    wieder | oft ~ häufig ~ meistens ~ meist | immer ~ sehr oft ~ sehr häufig ~ fast immer ~ ständig
stärke: überhaupt nicht {x} ~ gar nicht {x} ~ nicht {x} | wenig {x} ~ kaum {x} ~ etwas {x} ~
    eher nicht {x} | mittelmäßig {x} ~ teilweise {x} ~ teils/teils ~ mäßig {x} | ziemlich {x} ~ eher
    {x} ~ überwiegend {x} | sehr {x} ~ völlig {x} ~ außerordentlich {x} ~ voll und ganz
stärke: überhaupt nicht {x} ~ gar nicht {x} | weniger {x} ~ kaum {x} ~ nicht so {x} ~ eher nicht
    {x} | eher {x} ~ ziemlich {x} | sehr {x}
stärke: überhaupt nicht {x} ~ gar nicht {x} ~ nicht {x} | kaum {x} ~ wenig {x} ~ etwas {x} |
    mäßig {x} ~ mittelmäßig {x} ~ teilweise {x} ~ einigermaßen {x} | {x} | sehr {x} ~ äußerst {x}
qualität: sehr schlecht | schlecht | mittelmäßig ~ mittel ~ befriedigend ~ es geht ~
    durchschnittlich ~ teils/teils ~ weder gut noch schlecht | gut | sehr gut
fréquence: jamais | rarement ~ presque jamais | parfois ~ quelquefois ~ de temps en temps ~
    occasionnellement | souvent ~ régulièrement | toujours ~ très souvent ~ presque toujours
intensité: pas du tout {x} | peu {x} ~ pas très {x} ~ plutôt pas {x} ~ pas vraiment {x} | assez
    {x} ~ plutôt {x} ~ moyennement {x} | très {x} ~ tout à fait {x} ~ beaucoup
qualité: très mauvais ~ très mauvaise | mauvais ~ mauvaise | moyen ~ moyenne ~ passable | bon ~
    bonne | très bon ~ très bonne ~ excellent ~ excellente
frecuencia: nunca | casi nunca ~ rara vez ~ raramente ~ pocas veces | a veces ~ algunas veces ~
    de vez en cuando ~ ocasionalmente | casi siempre ~ a menudo ~ frecuentemente ~ con frecuencia ~
    muchas veces | siempre ~ muy a menudo ~ muy frecuentemente
intensidad: nada {x} | poco {x} ~ poca {x} ~ no muy {x} | algo {x} ~ regular | bastante {x} |
    muy {x} ~ mucho ~ mucha
intensidad: nada {x} | poco {x} ~ poca {x} ~ no muy {x} | bastante {x} | muy {x} ~ mucho ~ mucha
calidad: muy malo ~ muy mala ~ muy mal | malo ~ mala ~ mal | regular ~ normal | bueno ~ buena ~
    bien | muy bueno ~ muy buena ~ muy bien ~ excelente
frequentie: nooit | zelden ~ bijna nooit | soms ~ af en toe | vaak ~ regelmatig ~ meestal |
    altijd ~ heel vaak ~ zeer vaak ~ bijna altijd
mate: helemaal niet {x} | niet zo {x} ~ niet erg {x} ~ weinig {x} ~ nauwelijks {x} | enigszins
    {x} ~ een beetje {x} | tamelijk {x} ~ redelijk {x} ~ vrij {x} | zeer {x} ~ erg {x} ~ heel {x} ~
    heel erg {x}
kwaliteit: zeer slecht ~ heel slecht | slecht | matig ~ redelijk ~ voldoende ~ neutraal | goed |
    zeer goed ~ heel goed ~ uitstekend
frequenza: mai | raramente ~ quasi mai ~ di rado | a volte ~ qualche volta ~ talvolta ~ ogni
    tanto | spesso ~ frequentemente | sempre ~ molto spesso ~ quasi sempre
intensità: per niente {x} ~ per nulla {x} | poco {x} ~ non molto {x} | abbastanza {x} | molto
    {x} ~ moltissimo
qualità: pessimo ~ pessima ~ molto male | scarso ~ scarsa ~ male ~ insufficiente | sufficiente ~
    discreto ~ discreta ~ così così | buono ~ buona ~ bene | ottimo ~ ottima ~ molto bene ~
    eccellente
frequência: nunca | raramente ~ quase nunca ~ poucas vezes | às vezes ~ por vezes ~ algumas
    vezes ~ de vez em quando | frequentemente ~ muitas vezes ~ quase sempre ~ com frequência |
    sempre ~ muito frequentemente
intensidade: nada {x} | pouco {x} | mais ou menos {x} ~ algo {x} ~ razoavelmente {x} | bastante
    {x} | muito {x} ~ extremamente {x}
intensidade: nada {x} | pouco {x} | bastante {x} | muito {x}
qualidade: muito mau ~ muito má ~ muito ruim ~ péssimo | mau ~ má ~ ruim | razoável ~ regular |
    bom ~ boa | muito bom ~ muito boa ~ ótimo ~ excelente
تكرار: أبدا ~ أبدًا ~ ابدا ~ مطلقا ~ مطلقًا | نادرا ~ نادرًا | أحيانا ~ أحيانًا ~ احيانا | غالبا ~
    غالبًا ~ كثيرا ~ كثيرًا | دائما ~ دائمًا ~ دوما
موافقة: لا أوافق بشدة ~ غير موافق بشدة ~ لا اوافق بشدة | لا أوافق ~ غير موافق ~ لا اوافق | محايد |
    أوافق ~ موافق ~ اوافق | أوافق بشدة ~ موافق بشدة ~ اوافق بشدة
частота: никогда | редко | иногда | часто | всегда ~ постоянно
częstość: nigdy | rzadko | czasami ~ czasem | często | zawsze
sıklık: hiçbir zaman ~ asla | nadiren | bazen | sık sık ~ sıklıkla | her zaman ~ daima
정도: 전혀 그렇지 않다 ~ 매우 그렇지 않다 | 그렇지 않다 ~ 그렇지 않은 편이다 | 보통이다 ~ 보통 |
    그렇다 ~ 그런 편이다 | 매우 그렇다
frekuensi: tidak pernah | jarang ~ hampir tidak pernah | kadang-kadang ~ kadang kadang ~ kadang |
    sering | selalu ~ sangat sering
tingkat: sangat tidak {x} | tidak {x} ~ kurang {x} | cukup {x} ~ netral ~ ragu-ragu ~ biasa saja |
    {x} | sangat {x}
mutu: sangat buruk ~ sangat kurang | buruk ~ kurang baik ~ kurang | cukup ~ cukup baik ~ sedang |
    baik | sangat baik
程度: 非常不{x} ~ 一点也不{x} ~ 一点都不{x} ~ 毫不{x} ~ 完全不{x} ~ 很不{x} ~ 極不{x} ~ 极不{x}
    | 不{x} ~ 不太{x} ~ 比较不{x} ~ 較不{x} | 一般 ~ 不确定 ~ 不確定 ~ 普通 ~ 中立 ~ 尚可 ~
    无所谓 ~ 沒意見 | {x} ~ 比较{x} ~ 比較{x} ~ 較{x} ~ 基本{x} | 非常{x} ~ 完全{x} ~ 很{x} ~
    極{x} ~ 极{x}
频率: 从不 | 极少 ~ 很少 | 一般 ~ 有时 | 比较频繁 ~ 经常 | 非常频繁 ~ 总是
频率: 从不 ~ 從不 ~ 从来不 ~ 從來不 ~ 从未 ~ 從未 ~ 没有 | 很少 ~ 偶尔 ~ 偶爾 ~ 几乎不 ~ 幾乎不
    | 有时 ~ 有時 ~ 一般 | 经常 ~ 經常 ~ 常常 ~ 时常 | 总是 ~ 總是 ~ 一直 ~ 每次
度合い: 全くそう思わない ~ まったくそう思わない | あまりそう思わない ~ そう思わない ~
    ややそう思わない | どちらともいえない ~ どちらとも言えない ~ どちらでもない | ややそう思う ~
    まあそう思う ~ 少しそう思う | とてもそう思う ~ 非常にそう思う ~ そう思う ~ 強くそう思う
満足度: とても不満 ~ 非常に不満 ~ 大変不満 | やや不満 ~ 不満 | どちらともいえない ~
    どちらとも言えない ~ 普通 ~ ふつう | やや満足 ~ 満足 ~ まあ満足 | とても満足 ~ 非常に満足 ~
    大変満足
頻度: 全くない ~ まったくない ~ ない | あまりない ~ めったにない ~ ほとんどない | ときどき ~
    時々 ~ たまに | よく ~ しばしば ~ よくある | いつも ~ 常に ~ いつもある
mức độ: hoàn toàn không {x} ~ rất không {x} | không {x} | bình thường ~ trung lập ~ phân vân |
    {x} | hoàn toàn {x} ~ rất {x}
tần suất: không bao giờ ~ chưa bao giờ | hiếm khi | thỉnh thoảng ~ đôi khi | thường xuyên ~ thường |
    luôn luôn ~ rất thường xuyên
स्तर: पूरी तरह असहमत ~ पूर्णतः असहमत ~ दृढ़ता से असहमत | असहमत | तटस्थ | सहमत | पूरी तरह सहमत ~
    पूर्णतः सहमत ~ दृढ़ता से सहमत
आवृत्ति: कभी नहीं | शायद ही कभी ~ बहुत कम | कभी कभी ~ कभी-कभी | अक्सर | हमेशा
memnuniyet: hiç memnun değilim | memnun değilim | kararsızım ~ orta ~ ne memnunum ne değilim |
    memnunum | çok memnunum
качество: очень плохо | плохо | удовлетворительно ~ нормально ~ средне | хорошо | очень хорошо ~
    отлично
jakość: bardzo źle ~ bardzo zła | źle ~ zła | przeciętnie ~ średnio ~ przeciętna | dobrze ~ dobra |
    bardzo dobrze ~ bardzo dobra
level: very low {x} ~ extremely low {x} | low {x} | medium {x} ~ moderate {x} ~ average {x} | high
    {x} | very high {x} ~ extremely high {x}
niveau: sehr niedrig ~ sehr gering | niedrig ~ gering | mittel ~ mäßig | hoch | sehr hoch
degré: très faible ~ très bas | faible ~ bas | moyen | élevé ~ fort ~ haut | très élevé ~ très fort
degré: très faible ~ très basse | faible ~ basse | moyenne | élevée ~ forte ~ haute | très élevée ~
    très forte
nivel: muy bajo | bajo | medio ~ regular | alto | muy alto
nivel: muy baja | baja | media ~ regular | alta | muy alta
livello: molto basso ~ bassissimo | basso | medio | alto | molto alto
livello: molto bassa | bassa | media | alta | molto alta
nível: muito baixo | baixo | médio | alto | muito alto
nível: muito baixa | baixa | média | alta | muito alta
hoogte: zeer laag ~ heel laag | laag | gemiddeld | hoog | zeer hoog ~ heel hoog
مستوى: منخفض جدا ~ منخفض جدًا | منخفض | متوسط | مرتفع ~ عال | مرتفع جدا ~ مرتفع جدًا ~ عال جدا
""")
# Wholes that are taken for what they are only where every level of them was given.
EXACT = _named("""
frequency: never | sometimes ~ occasionally ~ rarely ~ seldom | often ~ frequently ~ usually ~
    regularly | always ~ very often ~ almost always
frequency: never | rarely ~ seldom | sometimes ~ occasionally | often ~ frequently ~ regularly
frequency: never | sometimes ~ occasionally | often ~ regularly ~ frequently ~ always
frequency: never | almost never ~ very rarely | rarely | occasionally | sometimes | often ~
    frequently | very often ~ usually | always
frequency: never | very rarely | rarely | occasionally | frequently | very frequently
frequency: never | rarely | occasionally | sometimes | frequently ~ often | usually | always ~
    every time
frequency: never | almost never | sometimes | fairly often ~ almost always | very often ~ always
quality: very poor | poor | fair ~ average | good | very good | excellent
quality: poor ~ bad | average ~ ok ~ okay | good ~ great
quality: very poor ~ very bad | poor ~ bad | good | very good
quality: poor | satisfactory ~ adequate ~ average ~ acceptable | good | very good ~ excellent
intensity: not {x} ~ not at all {x} ~ not {x} at all | somewhat {x} ~ fairly {x} ~ moderately
    {x} | very {x} ~ extremely {x}
intensity: not {x} | neutral | {x}
intensity: not very {x} | somewhat {x} ~ moderately {x} | very {x}
intensity: not at all {x} | slightly {x} | somewhat {x} | moderately {x} | very {x} | extremely
    {x}
intensity: not at all | a little ~ slightly | somewhat | a lot ~ very much
intensity: none | some ~ a little | a lot
knowledge: not at all {x} | slightly {x} | somewhat {x} | {x} | very {x}
häufigkeit: gar nicht ~ nie | selten ~ sehr selten | eher selten | eher häufig | sehr häufig ~
    häufig
häufigkeit: nie | manchmal ~ selten ~ gelegentlich | oft ~ häufig | immer
fréquence: jamais | parfois ~ rarement | souvent | toujours
frecuencia: nunca | a veces | casi siempre ~ a menudo | siempre
quality: very poor ~ poor ~ terrible | below average | average | above average | excellent ~
    outstanding ~ very good
level: low {x} | medium {x} ~ moderate {x} ~ average {x} | high {x}
level: low {x} | medium {x} ~ moderate {x} ~ average {x} | high {x} | very high {x}
level: none | low | medium ~ moderate | high
niveau: niedrig ~ gering | mittel ~ mäßig | hoch
degré: faible ~ bas | moyen | élevé ~ fort ~ haut
degré: faible ~ basse | moyenne | élevée ~ forte ~ haute
nivel: bajo | medio | alto
nivel: baja | media | alta
livello: basso | medio | alto
livello: bassa | media | alta
nível: baixo | médio | alto
nível: baixa | média | alta
hoogte: laag | gemiddeld | hoog
مستوى: منخفض | متوسط | مرتفع ~ عال
importance: not important ~ not at all important ~ unimportant | slightly important | somewhat
    important ~ moderately important ~ important | very important | critical ~ essential ~
    extremely important
importance: not important ~ not at all important ~ unimportant | less important ~ slightly
    important ~ not very important | neutral ~ moderately important | somewhat important ~
    important | very important ~ extremely important
likelihood: not at all likely ~ very unlikely ~ extremely unlikely | somewhat unlikely ~ unlikely |
    somewhat likely ~ likely | very likely ~ extremely likely
likelihood: no ~ definitely not ~ no, definitely not ~ certainly not | probably not ~ no, probably
    not | probably ~ probably yes ~ yes, probably | yes ~ definitely ~ yes, definitely ~ definitely
    yes ~ certainly
likelihood: no ~ definitely not ~ no, definitely not ~ certainly not | probably not ~ no, probably
    not | maybe ~ perhaps ~ possibly ~ not sure | probably ~ probably yes ~ yes, probably | yes ~
    definitely ~ yes, definitely ~ definitely yes ~ certainly
agreement: sd | d | n ~ u | a | sa
agreement: sd | d | a | sa
strength: no {x} | weak {x} ~ slight {x} ~ minor {x} | moderate {x} | strong {x} ~ major {x} | very
    strong {x} ~ severe {x}
""")

_LANGUAGE_OF = {
    "german": "häufigkeit stärke qualität niveau",
    "french": "fréquence intensité qualité degré",
    "spanish": "frecuencia intensidad calidad nivel",
    "dutch": "frequentie mate kwaliteit hoogte",
    "italian": "frequenza intensità qualità livello",
    "portuguese": "frequência intensidade qualidade nível",
    "arabic": "تكرار موافقة مستوى",
    "russian": "частота качество",
    "polish": "częstość jakość",
    "turkish": "sıklık memnuniyet",
    "indonesian": "frekuensi tingkat mutu",
    "chinese": "程度 频率",
    "japanese": "度合い 満足度 頻度",
    "vietnamese": "mức_độ tần_suất",
    "hindi": "स्तर आवृत्ति",
    "korean": "정도",
}
# Names of scales, each of one language; all others are English.
LANGUAGES = {
    name.replace("_", " "): language
    for language, names in _LANGUAGE_OF.items()
    for name in names.split()
}

# How the lowest and the highest answer of a scale begin where all have numbers before them.
LOW_ENDS = re.compile(
    r"(not?|never|none|nothing|least|worst|lowest|poor|strongly dis|completely dis|un(?!der|i)|very"
    r" (un|dis|bad|poor|low|neg)|extremely (un|dis|bad|poor|low)|totally dis|gar|überhaupt|nicht"
    r"|keine?|nie|sehr (un|schlecht|niedrig)|pas|aucune?|jamais|très (in|mal|mauvais|faible)|nada"
    r"|no|nunca|ningun[oa]?|muy (in|mal|baj)|per (niente|nulla)|non|mai|molto (in|mal|bass)"
    r"|nenhuma?|muito (in|mau|má|baix|ruim)|geen|nooit|niet|helemaal (niet|oneens)|zeer (on|slecht)"
    r"|لا|غير|أبدا|أبدًا|ليس)",
    re.IGNORECASE,
)
HIGH_ENDS = re.compile(
    r"(extremely|very(?! (un|dis|bad|poor|low))|completely|totally|entirely|absolutely|fully|always"
    r"|strongly(?! dis)|a (great|lot)|most|best|highest|critical|essential|excellent|sehr(?! un)"
    r"|äußerst|extrem|völlig|immer|voll|très|extrêmement|tout à fait|toujours|totalement|muy"
    r"|totalmente|siempre|extremadamente|mucho|molto|estremamente|sempre|completamente|muito"
    r"|zeer|altijd|helemaal(?! (niet|oneens))|uiterst|دائما|دائمًا|جدا|تماما|بشدة)",
    re.IGNORECASE,
)
