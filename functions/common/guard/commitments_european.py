"""Commitments in German, Spanish and French: forms of sentences that promise with everyday words alone.

The verbs of giving are on no list of everyday words. What is left are forms: what shall be, what we do to something of
yours, that something of yours is ready, that little is left, what is in each one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from common.guard.findings import Finding, Prose
from common.guard.folding import word_set

_GERMAN = (
    r"\b(?:ist|sind|wird|war|wäre)\b[^.!?,]{0,40}\b(?:vorbei|zu ende|schluss|weg)\b",
    r"(?<!\bguten )(?<!\bheute )(?<!\bam )(?<!\bgestern )(?-i:\bmorgen\b)",
    r"(?:^|[.!?:]\s)\s*(?-i:Morgen(?= [a-zäöü]))",
    r"(?<!\bin )(?<!\ban )(?<!\baus )(?<!\bvon )(?<!\bhinter )(?<!\bauf )\bjede[mr] (?-i:[A-ZÄÖÜ])\w+",
    r"\b(?:nur noch|nur|bloß|noch) (?:ganz |sehr )?(?:wenig\w*|einzeln\w*|einige|eine handvoll)\b",
    r"\bnicht mehr (?:viele?|lange|da)\b|\b(?:kaum|fast) (?:noch|nichts mehr)\b",
    r"(?<!\bsteht )(?<!\bstehen )\bvor (?:die|deine|der|deiner|eure|ihre) (?:haus|wohnungs)?tür\b|\b(?:zu|bei) dir (?:nach hause|an der tür)\b",
    r"\bwir (?:\w+ )?(?:dir|euch|ihnen)\b[^.!?]{0,60}\b(?:an|bei|dazu|mit|zurück|vorbei|nach)(?=[.!?,]|$)",
    r"\b(?:wenn|falls|sollte)\b[^.!?]{0,60}\b(?:nicht|zerbrich\w*|bricht|kaputt)\b[^.!?]{0,60}\bwir\b",
)
_GERMAN_ORDINARY = (
    r"\bwart\w* (?:schon )?(?:etwas|ein\w*) [^.!?]{0,30}auf dich\b|\bfür alle (?:offen|da|frei)\b|\b(?:ist|sind|bleibt|bleiben) (?:\w+ )?offen\b",
    r"\bwer (?:zuerst|früh|früher|spät|später|zu spät|als erste\w*|heute|nicht|zu zweit) \w+",
    r"\b(?:wir kommen|kommen wir)\b|\bbring\w* (?:alles|ihn|sie|es|dir) mit\b",
    r"\b(?:heute|am|jeden) (?:abend|nachmittag|mittag|vormittag) (?:\w+ ){0,2}?(?:bei uns|ist|sind|spielt|gibt|liest|singt|kommt|backt|zeigt)\b",
    r"\b(?:schläf|schlaf|lern|denk|seh|sieh|hör|atm|leb)\w* (?:man |du |es sich |sie |wir )?(?:viel )?(?:besser|leichter|schneller|länger|tiefer|gesünder)\b",
    r"\bgehör(?:t|en) (?:ganz )?dir\b|\b(?:ist|wird|sind) dein(?:e|er|s|es)?\b(?=[.,!?;]|$)|\bfür dich (?:steht|liegt|gibt|ist|haben)\b",
)
_SPANISH = (
    r"\b(?:te|se|os) (?:lo|la|los|las) (?!mereces?\b|imaginas?\b|contamos\b|decimos\b|recuerda)\w+",
    r"\bse (?:nos )?(?:acab|termin|agot|van|fueron)\w*",
    r"\bqued\w* (?:muy |ya |tan |solo )?(?:poc|nada|algun|un)\w*|\bqued(?:a|an)\b",
    r"\b(?:lleg|llev|sub|viaj|va)\w* (?:a|hasta) (?:tu|su|vuestra) (?:casa|puerta|mesa|oficina|ciudad|lado)\b",
    r"\bsi (?:\w+ ){0,4}no\b|\bsi (?:se|te) \w+[^.!?]{0,40}, ",
    r"(?<!\bla )(?<!\besta )(?<!\bcada )(?<!\buna )(?<!\bbuena )(?<!\bmedia )(?<!\bde )(?<!\bprimera )\bmañana\b",
    r"\b(?:en|para|por|a) cada (?!dia\b|día|mañana|tarde|estación|rincón|página|paso|bocado|sorbo|sonrisa|visita|palabra|vez|flor)\w+",
    r"\bcada \w+ (?:lleva|trae|tiene|viene|va)\b",
)
_SPANISH_ORDINARY = (
    r"\bhay (?:\w+ )?para (?:ti|ellos|ellas|todos|quien|los|las)\b|\b(?:son|somos|es) (?:las?|los|el) mejor\w*|\bha(?:n)? hablado\b",
    r"\best[ae] (?:tarde|noche|mañana|semana) (?:\w+ )?(?:hay|toca|viene|vienen|tenemos|canta|se)\b|\best[ae] (?:misma|mismo)\b",
    r"\bya (?:casi )?no (?:hay|ten|qued|est)\w*|\bquien (?:llega|viene|tarda|no|antes|primero)\b|\bcasi (?:no|nada|todas?|todos)\b",
    r"\bcambi\w* por\b|\bya (?:sali|lleg|est[aá]n? (?:en|de) camino)\w*|\bvamos a (?:tu|su) casa\b|\b(?:es|son) (?:para|de) ti\b|\bcon tu nombre\b",
    r"\b(?:dorm|duerm|respir|viv|digier|aprend|concentr)\w* (?:mucho )?(?:mejor|más)\b|\bno \w+ (?:nunca|jamás)\b|\bnunca (?:se )?\w+",
)
_FRENCH = (
    r"\brest\w+ (?:que|plus|quelques|peu|encore)\b|\ben reste\b|\by en a (?:\w+ )?(?:plus|peu)\b",
    r"\bc['’]est (?:fini|trop tard|pour nous|offert|compris|de notre part)\b|\bbientôt (?:fini|plus)\b",
    r"\b(?:mis|mise|mises|mettons|gard\w+) de côté\b|\bà votre nom\b|\bchez vous (?:avant|dans|dès|demain|en)\b",
    r"\b(?:avec|dans|pour|à) chaque (?!matin|jour|page|saison|bouchée|gorgée|fois|pas\b|soir|instant|sourire|note|visite|mot\b)\w+",
    r"\bsi (?:\w+[ '’]){0,4}(?:ne |n['’])\w+",
    r"\bpassé (?:midi|minuit|ce|cette|le|la)\b",
)
_FRENCH_ORDINARY = (
    r"\b(?:un|une|des) \w+(?: \w+)? vous attend|\bbon(?:ne)?s? pour (?:la|le|les|votre|vos)\b|\btout le monde\b|\b(?:la|le|les) meilleure?s?\b",
    r"\bce (?:soir|matin|midi),? (?:on |nous |il y a|un |une |venez)|\bcet après-midi\b",
    r"\b(?:venons|vient|passons|passe|livrons|arrivons|allons) (?:jusque )?chez vous\b|\bà votre porte\b",
    r"\bqui ne \w+ (?:jamais|pas|plus|rien)\b|\bqui n['’]\w+ (?:jamais|pas|plus|rien)\b|\bne \w+ (?:jamais|plus rien)\b",
    r"\b(?:dort|dormez|dormir|respire\w*|vit|vivez|apprend\w*|digère\w*) (?:bien )?mieux\b|\b(?:est|sont) (?:à|pour) vous\b|\bvotre nom\b",
    r"\bqui (?:vient|arrive|passe) (?:tôt|tard|trop tard|le premier|avant|en premier)\b|\b(?:venez|viens) à (?:deux|plusieurs)\b",
    r"\bpresque (?:plus|tous|toutes|rien)\b|\bdéjà (?:partis?|parties?|plus|pris|prises?)\b",
)
_FUTURES: Mapping[str, re.Pattern[str]] = {
    "es": re.compile(r"\b\w+r(?:á|án|ás|emos|é|éis)\b", re.I),
    "fr": re.compile(r"\b\w*(?:[eiu]r|[dvu]r|rr)(?:ai|as|a|ons|ez|ont)\b", re.I),
}
_HARMLESS_FUTURES = word_set(
    """
    gustará encantará verás encontrarás sentirás será querrás apetecerá descubrirás sonreirás sabrás
    compraré miré queremos esperaremos veremos hablaremos
    trouverez verrez aimerez plaira plairont adorerez découvrirez sentirez sourirez sera entrez montrez rencontrez espérez
    respirez préparez ouvrez admirez vivra dira chantera souriez offrira
    queremos preparemos miremos
    """
)
_STATES: Mapping[str, re.Pattern[str]] = {
    "de": re.compile(
        r"\b(?:dein|deine|euer|eure|ihr|ihre) ((?-i:[A-ZÄÖÜ])\w+) (?:ist|sind|liegt|liegen|steht|stehen|wartet|warten|kommt)\b",
        re.I,
    ),
    "es": re.compile(
        r"\b(?:tu|tus|su|sus) (\w+)(?: \w+)? (?:ya )?(?:est[aá]n?|te esperan?|sigue|llegan?|vuelven?|sale)\b", re.I
    ),
    "fr": re.compile(r"\b(?:votre|vos|ton|ta|tes) (\w+)(?: \w+)? (?:est|sont|vous attend|attend|arrive|part)\b", re.I),
}
_HARMLESS_SUBJECTS = word_set(
    """
    garten balkon tag herz lächeln laune zuhause fenster küche lieblingsplatz lieblingsecke platz tisch hund katze meinung geschmack
    neugier stimmung abend morgen besuch fantasie seele nase
    sonrisa casa corazón jardín balcón ventana cocina curiosidad mirada rincón silla gato perro opinión alma visita taza
    sourire maison coeur cœur jardin balcon fenêtre cuisine curiosité regard place chat chien avis âme visite tasse fidélité matin histoire
    """
)
_WE_DO: Mapping[str, re.Pattern[str]] = {
    "es": re.compile(r"\b(?:te|os|le|les|lo|la|los|las) (\w+(?:amos|emos|imos))\b", re.I),
    "fr": re.compile(r"\bnous (?:vous |le |la |les |l['’])(\w+ons)\b", re.I),
}
_HARMLESS_DEEDS = word_set(
    """
    esperamos echamos extrañamos queremos deseamos invitamos contamos decimos saludamos recordamos vemos conocemos añoramos mandamos
    attendons souhaitons remercions espérons invitons aimons pensons disons saluons connaissons voyons embrassons
    """
)
_FORMS: Mapping[str, re.Pattern[str]] = {
    language: re.compile("|".join(f"(?:{form})" for form in forms), re.I)
    for language, forms in {
        "de": _GERMAN + _GERMAN_ORDINARY,
        "es": _SPANISH + _SPANISH_ORDINARY,
        "fr": _FRENCH + _FRENCH_ORDINARY,
    }.items()
}


def find_european(prose: Prose) -> Iterator[Finding]:
    """Sentences of these forms, in the language of the message."""
    language = prose.background.language or ""
    if language not in _FORMS:
        return
    for match in _FORMS[language].finditer(prose.text):
        yield prose.finding(*match.span())
    for patterns, harmless in (
        (_FUTURES, _HARMLESS_FUTURES),
        (_STATES, _HARMLESS_SUBJECTS),
        (_WE_DO, _HARMLESS_DEEDS),
    ):
        if pattern := patterns.get(language):
            for match in pattern.finditer(prose.text):
                if word_set(match[match.re.groups]).isdisjoint(harmless):
                    yield prose.finding(*match.span())
