"""Words that tell whether agreeing is good news, in the languages of scales.

Satisfaction always is. Agreement is where somebody says something of themselves or of those around
them, in words that complain of nothing; of a statement on the world at large nobody knows. In the
lists, `*` ends a word that may go on.
"""

from __future__ import annotations

import re

SATISFIED = re.compile(r"satisf|zufrieden|tevreden|soddisf|\bcontente?s?\b|راض")
AGREED = re.compile(
    r"agree|\bappl(y|ies)\b|\btrue\b|\b(stimme|trifft)\b.*\bzu\b|d['’]accord|de acuerdo|\beens\b"
    r"|\bconcord[oa]|de acordo|موافق"
)
_OWN = """
i i'm i've my me myself we we're we've our us
ich mein* mir mich wir unser* uns
je j'* mon ma mes moi nous notre nos
yo mi mis nosotros nuestr* estoy me siento puedo tengo
ik mijn wij ons onze
io mio mia miei noi nostr* sono
eu meu minha meus nós noss* sinto tenho
"""
_AGAINST = """
not no nor never none nobody nothing cannot without lack* less few fewer too hard harder
difficult* problem* stress* pressur* worr* anxi* afraid fear* sad lonel* alone tired exhaust*
bored boring overwhelm* burn* struggl* suffer* pain* leav* quit* resign* bully* bullied harass*
discriminat* threat* risk* bad badly worse worst poor poorly wrong waste* fail* angry anger annoy*
frustrat* confus* ignor* unfair* unhappy unsafe unwell unclear unable unlikely uncomfortable
unnecessary unreal* unreason* unpleas* dislike* disappoint* disrespect* dissatisf* disagree*
disengag* hardly rarely
another_job new_job other_job* elsewhere other_organi*
nicht nie niemals niemand kein* nichts ohne zu_viel* zu_wenig* zu_hoch* schwer* schwierig* angst
sorge* müde erschöpf* überfordert gestresst druck kündig* verlasse* schlecht* unzufrieden*
unsicher* ungerecht* unfair*
ne n'* pas jamais rien aucun* sans trop difficil* peur fatigu* épuis* quitter mal mauvais* injust*
nunca nada ningun* ningún sin demasiad* difícil* miedo cansad* agotad* dejar malo mala malos malas
niet nooit geen zonder moeilijk* bang moe
non mai nessun* senza troppo paura stanc*
não nenhum* sem medo
"""
# Troubles that somebody has; of other words above, nobody knows whether they make a complaint.
_TROUBLES = """
stress* worried worry anxi* afraid scared sad lonely isolated tired exhaust* drained bored
overwhelm* overwork* overload* burn* struggl* suffer* under_pressure under_too_much_pressure
too_much too_many too_high too_heavy bullied harassed discriminat* ignored unfair* unhappy unsafe
unwell uncomfortable disappoint* disrespect* dissatisf* frustrat* confus* angry annoy* waste*
think*_of_leaving think*_about_leaving think*_of_quitting think*_about_quitting want_to_leave
want_to_quit plan*_to_leave intend*_to_leave consider*_leaving like_to_leave looking_for_another
look_for_another looking_for_a_new
gestresst überfordert überlastet erschöpf* müde angst sorgen frustriert unzufrieden* ungerecht*
unfair* einsam* ausgebrannt gemobbt gelangweilt zu_hoch* zu_viel* zu_kündigen unter_druck
stressé* épuisé* fatigué* peur injust* frustré* débordé* inquiet* isolé* envie_de_quitter
harcelé* sous_pression
estresad* agotad* cansad* miedo frustrad* injust* preocupad* abrumad* dejar_mi_trabajo
gestrest uitgeput moe bang gefrustreerd oneerlijk* eenzaam overbelast
stressat* stanc* esaust* paura frustrat* ingiust* preoccupat*
estressad* exaust* medo sobrecarregad*
"""
# Beside a trouble, words that may turn it round: *I never feel stressed*.
_TURNS = """
not no nor never none nobody nothing cannot without lack* less few fewer hardly rarely seldom free
well good help* support* manage* cop* handl* able easy easily safe proud enjoy* confiden* recover*
reduc* prevent* address* deal* serious* protect* against toler* report* act acts action*
nicht nie niemals niemand kein* nichts ohne selten kaum gut hilf* helfen unterstütz* bewältig*
umgehen ernst melden
ne n'* pas jamais rien aucun* sans rarement bien aide* soutien* soutient gérer
nunca nada ningun* ningún sin raramente ayuda* apoy* manej*
niet nooit geen zonder zelden goed help* steun*
non mai nessun* senza raramente bene aiut* support*
não nenhum* sem bem ajud* apoi*
"""


def _any_of(words: str, more: str = "") -> re.Pattern[str]:
    known = [re.escape(w).replace(r"\*", r"\w*").replace("_", " ") for w in words.split()]
    return re.compile(rf"(?<!\w)(?:{'|'.join(known)}{more})(?!\w)")


_SELF, _COMPLAINT = _any_of(_OWN), _any_of(_AGAINST, r"|\w+n't")
_TROUBLE, _TURN = _any_of(_TROUBLES), _any_of(_TURNS, r"|\w+n't")


def speaks_well(statement: str) -> bool:
    """Return whether somebody who agrees says something good of themselves or those around."""
    said = statement.lower().replace("’", "'")
    return bool(_SELF.search(said)) and not _COMPLAINT.search(said)


def complains(statement: str) -> bool:
    """Return whether somebody who agrees is in trouble, as far as words leave no doubt."""
    said = statement.lower().replace("’", "'")
    return bool(_SELF.search(said) and _TROUBLE.search(said)) and not _TURN.search(said)
