"""
Links: which sites people send each other, by the domain that somebody registered.

``www.cafe.com.co`` and ``pedidos.cafe.com.co`` are one site, and ``blogspot.com`` is one too: the public suffix list
(publicsuffix.org, the copy that ``publicsuffixlist`` brings) says where a domain ends. An address without a name is itself.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

import pandas as pd
from ibis.expr.types import Table

from wakit.analytics.texts import by_side, found

#: What WhatsApp underlines: an address with its scheme or www, or a bare name that a path follows.
_LINK = r"(?:[hH][tT][tT][pP][sS]?://|\b[wW][wW][wW]\.)[^\s/?#<>\"]+|\b[\pL\pN][\pL\pN.-]*\.\pL{2,}/"
_HOST = re.compile(r"(?:https?://)?(?:[^@]*@)?(?P<host>\[[^\]]*\]|[^:/]+)", re.IGNORECASE)
#: What a sentence puts behind a link.
_BEHIND = ".,;!)*_~'’”»"


def hosts(texts: Table) -> Table:
    """Return the hosts that were linked to, each as it was written: how often it was ``received`` and ``sent``."""
    # few messages have any of these, and to look for a few characters takes a tenth of what the pattern takes
    linked = texts.filter(texts.text.contains("/") | texts.text.contains("ww.") | texts.text.contains("WW."))
    return by_side(linked.select("from_me", host=found(linked.text, _LINK).unnest()), "host")


def domains(hosts: pd.DataFrame, *, top: int) -> pd.DataFrame:
    """
    Return the *top* domains, most linked first.

    Its columns: ``domain``; ``links``, those ``received`` and ``sent``, and its ``share`` of all links.
    """
    from publicsuffixlist import PublicSuffixList  # its list takes 0.2 s to read

    known = PublicSuffixList(only_icann=True, accept_unknown=False)
    named = hosts.assign(domain=[domain(str(host), known.privatesuffix) for host in hosts.host]).dropna(subset=["domain"])
    counted = named.groupby("domain", as_index=False)[["received", "sent"]].sum()
    counted.insert(1, "links", counted.received + counted.sent)
    shared = counted.assign(share=counted.links / counted.links.sum())
    return shared.sort_values(["links", "domain"], ascending=[False, True], ignore_index=True).head(top)


def domain(link: str, registered: Callable[[str], str | None]) -> str | None:
    """
    Return the domain of the beginning of a link, or the address; nothing where no such domain can be.

    Args:
        link: A scheme and a host, or either alone.
        registered: Returns what somebody registered of a host.
    """
    match = _HOST.match(link.rstrip(_BEHIND + "/"))
    if match is None:
        return None
    host = match["host"].rstrip(_BEHIND).lower()
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return registered(host)
