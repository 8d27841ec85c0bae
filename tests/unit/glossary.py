"""The project's words in each language (beginning of the word, as inflections differ), and where the term may be left out.

A translation of a text that holds the English term must hold the word; a pronoun is a fault here only where people could take it for another thing.
"""

from __future__ import annotations

import re

TERMS: dict[str, tuple[str, dict[str, str]]] = {
    "key question": (
        r"\bkey questions?\b",
        {
            "de": "Schlüsselfrage", "fr": "questions? clés?", "tr": "anahtar soru", "ru": "ключев\\w+ вопрос", "uk": "ключов\\w+ (?:запитанн|питанн)",
            "ar": "السؤال الرئيس|سؤال\\w* رئيس|سؤالكم الرئيس|الرئيسي", "fa": "پرسش\\W*(?:های)?\\W*کلیدی|کلیدی",
        },
    ),
    "waiting list": (
        r"\bwaiting list\b",
        {
            "de": "Warteliste", "fr": "liste d.attente", "tr": "bekleme listesi", "ru": "лист\\w* ожидания", "uk": "списк\\w* очікування|список очікування",
            "ar": "قائمة الانتظار|قائمة انتظار", "fa": "فهرست انتظار",
        },
    ),
    "undertaking": (
        r"\bundertaking\b",
        {
            "de": "Verschwiegenheit|Versprechen|Erklärung|Zustimmung", "fr": "engagement", "tr": "taahh", "ru": "обязательств", "uk": "зобов.язан",
            "ar": "تعهد", "fa": "تعهد",
        },
    ),
    "group": (
        r"\bgroups?\b",
        {"de": "Gruppe|zusammen", "fr": "groupe", "tr": "grup|grub", "ru": "групп", "uk": "груп", "ar": "مجموع", "fa": "گروه"},
    ),
    "moderator": (
        r"\bmoderators?\b",
        {
            "de": "[Mm]oder(?:ation|ier|ator)", "fr": "anima", "tr": "kolaylaştır", "ru": "модер", "uk": "модер", "ar": "يسّر|يسر|ميس|تيسير",
            "fa": "تسهیل",
        },
    ),
    "note-taker": (
        r"\bnote-takers?\b",
        {"de": "Sekretär|Protokoll|schreib", "fr": "secrétaire", "tr": "not tut", "ru": "секретар", "uk": "секретар", "ar": "كاتب|تدوين", "fa": "یادداشت"},
    ),
    "reminder": (
        r"\breminders?\b",
        {"de": "[Ee]rinner", "fr": "rappel", "tr": "hatırlat", "ru": "напомина|напомн", "uk": "нагадува|нагада", "ar": "تذكير|ذكّر|تذكر", "fa": "یادآور"},
    ),
    "certificate": (
        r"\bcertificates?\b",
        {
            "de": "[Bb]escheinigung|Zertifikat", "fr": "attestation", "tr": "belge", "ru": "справк", "uk": "довідк", "ar": "شهاد", "fa": "گواهی",
        },
    ),
    "session": (
        r"\bsessions?\b",
        {
            "de": "Sitzung|Treffen|Termin", "fr": "séance", "tr": "oturum", "ru": "встреч", "uk": "зустріч", "ar": "جلس", "fa": "جلسه",
        },
    ),
    "case": (
        r"\bcases?\b",
        {"de": "[Ff]all|[Ff]älle|Anliegen", "fr": "situation|personne qui présente", "tr": "vaka", "ru": "случа", "uk": "випад", "ar": "حال", "fa": "مورد"},
    ),
    "camera": (r"\bcamera\b", {"de": "Kamera", "fr": "caméra", "tr": "[Kk]amera", "ru": "камер", "uk": "камер", "ar": "كاميرا", "fa": "دوربین"}),
    "microphone": (
        r"\bmicrophone\b",
        {"de": "Mikrofon", "fr": "micro", "tr": "mikrofon", "ru": "микрофон", "uk": "мікрофон", "ar": "ميكروفون", "fa": "میکروفون|میکروفن"},
    ),
    "volunteer": (
        r"\bvolunteers?\b",
        {"de": "Ehrenamt|ehrenamt|Freiwillig", "fr": "bénévol", "tr": "gönüll", "ru": "волонт", "uk": "волонт", "ar": "متطوع|تطوع", "fa": "داوطلب"},
    ),
}
EXCEPTIONS = {
    ("de", "group", "Group sessions"): "the tab of the desk; there is no other kind of session",
    ("de", "group", "See the group sessions"): "leads to that tab",
    ("de", "session", "The coordination may read my text before the session"): "vorab",
    ("de", "group", "One case takes about %(minutes)s minutes. It goes through %(count)s phases. The moderator leads the group."): "leads the talk",
    ("de", "volunteer", "This block stands outside of a course. Volunteers can only take part inside a course."): "impersonal",
    ("de", "group", "%(n)s person is registered. The plugin proposes groups. You look at them, change what you like, and publish. Before that nobody is told."): "the proposal",
    ("ru", "moderator", "Take over as moderator"): "ведение is what a moderator does",
    **{
        (language, "case", text): "an example is told, not brought"
        for language in ("ru", "uk")
        for text in ("Chosen: a sample case", "Practise with a sample case", "Sample case", "Take the sample case")
    },
}
"""(language, term, text) -> why the word is not there."""
FAMILIAR = {
    "de": r"\b(?:du|dich|dir|dein\w*|euch|euer\w*)\b",
    "fr": r"\b(?:tu|toi|ton|tes)\b|\bt['’]",
    "ru": r"\b(?:ты|тебя|тебе|твой|твоя|твои|твоё|(?-i:вы|вас|вам|вами|ваш\w*))\b",
    "uk": r"\b(?:ти|тебе|тобі|твій|твоя|твої|твоє|(?-i:ви|вас|вам|вами|ваш\w*))\b",
    "tr": r"\b(?:sen|sana|seni|senin)\b",
    "fa": r"\b(?:تو|تورا)\b",
    "ar": r"\bأنتَ?\b(?!م)|\bلكَ\b|\b(?:فضلك|يمكنك|لديك|عليك|بك|صفحتك|تسجيلك|مشاركتك|مجموعتك|مواعيدك|موعدك|تقدمك|أحسنت|أرني)\b",
}
"""Words of familiar address; everybody is addressed formally: in Russian and Ukrainian with a capital, in Arabic in the plural."""


def misses(language: str, msgid: str, translation: str) -> list[str]:
    """Terms of the source whose word is not in the translation."""
    plain = re.sub(r"%\(\w+\)s", "", msgid)
    return [
        term
        for term, (english, words) in TERMS.items()
        if re.search(english, plain, re.IGNORECASE) and (language, term, msgid) not in EXCEPTIONS and not re.search(words[language], translation, re.IGNORECASE)
    ]


def familiar(language: str, translation: str) -> list[str]:
    """Words of familiar address in a translation."""
    return re.findall(FAMILIAR[language], translation, re.IGNORECASE)
