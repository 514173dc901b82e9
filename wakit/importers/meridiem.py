"""
Words for the halves and parts of a day, in all languages of WhatsApp.

They are CLDR's, spelled without spaces, dots and invisible marks, because those
differ between versions of the same phone (``p. m.``, ``p.m.``, ``pm``, with four
kinds of space). Each stands for the hours it covers: "in the evening" is no
half of a day, but of 9 and 21 only one lies in it.
"""

from __future__ import annotations

import re

_AM = """
am a ap damanhã de dop dopoldne eparadites fh fm förmiddag gh manhã mat matin paradite pd pg priekšp priekšpusdiena
priekšpusdienā priešpiet prijepodne rn sa to vm vorm öö πμ ам апоўначы дп преподне претпл пријеподне проб таңкы то тң
үө تد ص صباحًا صباحا غم قبلازظهر قظ पूर्वाह्न ਪੂਦੁ පෙව ก่อนเที่ยง ກ່ອນທ່ຽງ နံနက် ጥዋት 上午 午前 오전 לפנה״צ לפנהצ
"""
_PM = """
pm p ch datarde du eftermiddag eh em epasdites gd in ip md nachm nm odp pasdite pop popiet popodne popoldne ptg pēcp
pēcpusd pēcpusdiena pēcpusdienā soir tarde tk ös μμ апоўдні пм попл поподне послијеподне пп слоб тк түштөнкийинки үх
بظ بعدازظهر تك غو م مساءً مساء अपराह्न ਬਾਦੁ පව หลังเที่ยง ຫຼັງທ່ຽງ ညနေ ከሰዓት 下午 午後 오후 אחה״צ אחהצ
"""
_PARTS = {
    (0, 6): "delamadrugada madrugada 凌晨 새벽",
    (4, 12): "inthemorning delamañana 清晨 早上 아침",
    (11, 15): "noon mediodía delmediodía m 中午 정오",
    (12, 19): "intheafternoon delatarde",
    (17, 24): "intheevening delanoche 傍晚 晚上 저녁 밤",
    (21, 30): "atnight 半夜 深夜",
    (24, 25): "midnight 午夜",
}
#: Marker → the hours it covers, from and before; past 24 it goes on after midnight.
HOURS: dict[str, tuple[int, int]] = (
    dict.fromkeys(_AM.split(), (0, 12))
    | dict.fromkeys(_PM.split(), (12, 24))
    | {word: hours for hours, words in _PARTS.items() for word in words.split()}
)
_SILENT = re.compile(r"[\s.\u00a0\u202f\u2009\u200b-\u200f\u061c\u202a-\u202e\u2066-\u2069’'`·]")


def plain(marker: str) -> str:
    """Return a marker as the table spells it."""
    return _SILENT.sub("", marker.casefold())


def is_marker(text: str) -> bool:
    """Return whether *text* says which half or part of the day is meant."""
    return plain(text) in HOURS


def hour_of(hour: int, marker: str) -> int | None:
    """Return the hour of the day that is meant by a clock's *hour* and a marker; ``None`` if it cannot be."""
    hours = HOURS.get(plain(marker))
    if hours is None or not 0 <= hour <= 23:
        return None
    if hour > 12:
        return hour
    first, before = hours
    fitting = (candidate for candidate in (hour % 12, hour % 12 + 12, hour % 12 + 24) if first <= candidate < before)
    found = next(fitting, hour % 12 if before <= 12 else hour % 12 + 12)
    return found % 24
