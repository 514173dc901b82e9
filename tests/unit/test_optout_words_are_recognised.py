"""F27: who says in their own words that they want no more messages is understood, and nobody else is."""

from __future__ import annotations

import time

import pytest

from wakit.outbox.optout import LONGEST, Way, Wish, wish

ES, EN, PT = "es", "en", "pt"

OUT = [
    *(
        (text, ES)
        for text in ("BAJA", "baja", "Baja.", "  baja!! ", "¡BAJA!", "bájà", "BAJAAAA", "B A J A", "b.a.j.a", "ＢＡＪＡ", "𝐁𝐀𝐉𝐀")
    ),
    *(
        (text, ES)
        for text in ("vaja", "bja", "abja", "bajaa", "baaja", "baja por favor", "Baja porfa 🙏", "hola, baja", "BAJA BAJA BAJA")
    ),
    *(
        (text, ES)
        for text in ("ALTO", "alto!", "altto", "quiero darme de baja", "darme de baja", "Denme de baja por favor", "de baja")
    ),
    *((text, ES) for text in ("denme de baja de la lista", "dar de baja", "¿Cómo me doy de baja?", "salir", "Salir de la lista")),
    *(
        (text, ES)
        for text in ("No quiero más mensajes", "no quiero mas mensajes", "NO QUIERO MÁS MENSAJES!!!", "no qiero mas mensages")
    ),
    *((text, ES) for text in ("ya no quiero recibir publicidad", "No deseo recibir más promociones, gracias", "no quiero nada")),
    *((text, ES) for text in ("No me escriban más", "no me manden mas mensajes", "ya no me envíen nada", "Dejen de molestar")),
    *(
        (text, ES)
        for text in ("dejen de escribirme por favor", "Por favor quítenme de su lista", "eliminenme de la lista", "no más")
    ),
    *((text, ES) for text in ("no más publicidad", "basta de mensajes", "Cancelar la suscripción", "desuscribirme")),
    *((text, ES) for text in ("alto a los mensajes", "Buenas tardes, no quiero recibir más mensajes de ustedes. Gracias.")),
    *(
        (text, EN)
        for text in ("unsubscribe", "Unsuscribe", "UNSUBSCRIBE please", "cancel", "quit", "END", "opt out", "opt-out", "optout")
    ),
    *((text, EN) for text in ("stop texting me", "Please don't text me again", "stop sending me messages", "no more messages")),
    *((text, EN) for text in ("take me off your list", "Remove my number from this list", "I don't want any more messages")),
    *(
        (text, EN)
        for text in ("I do not want to receive your messages", "please unsubscribe me", "i want to opt out", "STOP ALL")
    ),
    *(
        (text, PT)
        for text in (
            "SAIR",
            "sair",
            "Sair, por favor",
            "quero sair",
            "pare",
            "descadastrar",
            "descadastar",
            "quero sair da lista",
        )
    ),
    *(
        (text, PT)
        for text in ("não quero mais mensagens", "Nao quero mais receber mensagens", "não me mande mais mensagens", "remover")
    ),
    *(
        (text, PT)
        for text in ("parem de me mandar mensagens", "me tire da lista", "Não quero receber propaganda", "pare de enviar")
    ),
    *(
        (text, None)
        for text in ("STOP", "stop", "Stop!", "STOPP", "sotp", "stpo", "stop.", "🛑 stop", "stop please", "STOP\n", "stóp")
    ),
    *(
        (text, None)
        for text in ("CANCELAR", "cancelar", "canselar", "cancelr", "Cancelar por favor", "PARAR", "parar!", "pararr")
    ),
    ('"BAJA"', ES),
    ("«baja»", ES),
    ("s\u200btop", None),
]

NOT_OUT = [
    "",
    "   ",
    "👍",
    "123",
    "quiero cancelar mi pedido de ayer",
    "Quiero cancelar el pedido",
    "cancelar pedido",
    "por favor cancelar la cita del lunes",
    "¿puedo cancelar?",
    "hay una baja de precios",
    "la marea baja a las 5",
    "quiero dar de baja mi línea de celular",
    "dar de baja el servicio de internet",
    "planta baja",
    "baja el precio por favor, está muy caro",
    "alto ahí, ya llegó el pedido",
    "es muy alto",
    "alta",
    "caja",
    "bajo",
    "para",
    "para mañana",
    "sale",
    "algo",
    "auto",
    "shop",
    "step",
    "top",
    "stop by tomorrow",
    "non-stop",
    "the bus stop is far away",
    "I can't stop laughing",
    "sair de casa",
    "vou sair agora",
    "said",
    "no quiero darme de baja",
    "No me den de baja por favor",
    "todavía no quiero darme de baja",
    "¿Qué pasa si escribo BAJA?",
    "si quiero darme de baja les aviso",
    "no quiero más arroz, gracias",
    "no quiero más",
    "no quiero",
    "no gracias",
    "No, mañana no",
    "no más, eso es todo, gracias",
    "no me escriban a este número, mejor al otro",
    "no me manden el pedido hoy",
    "quiero más mensajes",
    "recibí sus mensajes",
    "me llegaron los mensajes",
    "¿me dejas de regalo una bolsa?",
    "don't unsubscribe me",
    "end of the month",
    "quito",
    "please cancel my order",
    "não quero mais pizza",
    "quero cancelar meu pedido",
    "pode parar na esquina?",
    'Dice "BAJA"',
    'Mi hermana escribió "no quiero más mensajes"',
    "«Responda BAJA para no recibir más» ¿qué es eso?",
    "> BAJA\nhola, ¿siguen abiertos?",
    "el texto decía “STOP”",
    "https://tienda.example/baja",
    "baja " * 100,
    "ok",
    "si",
    "Responda BAJA para no recibir más publicidad",
]


@pytest.mark.parametrize(("text", "language"), OUT)
def test_F27_who_wants_out_is_understood(text: str, language: str | None) -> None:
    """Each of these asks for no more messages, in this language."""
    assert wish(text) == Wish(Way.OUT, language)


@pytest.mark.parametrize("text", NOT_OUT)
def test_F27_other_sentences_with_the_same_words_are_left_alone(text: str) -> None:
    """None of these asks for no more messages."""
    found = wish(text)
    assert found is None or found.way is Way.IN


@pytest.mark.parametrize("text", ["ALTA", "alta por favor", "quiero darme de alta", "START", "start!", "Voltar", "opt in"])
def test_F27_who_wants_back_says_it_in_so_many_words(text: str) -> None:
    """These ask for messages again."""
    found = wish(text)
    assert found is not None
    assert found.way is Way.IN


@pytest.mark.parametrize("text", ["altaa", "strat", "atla", "alta costura", "start the car", "no quiero darme de alta"])
def test_F27_nobody_comes_back_by_a_typing_error(text: str) -> None:
    """The way in forgives nothing."""
    found = wish(text)
    assert found is None or found.way is Way.OUT


def test_F13_hostile_texts_are_read_in_no_time() -> None:
    """Half characters, marks without end, right-to-left overrides and long texts cost nothing and mean nothing."""
    hostile = [
        "\ud800",
        "\x00",
        "\u202eAJAB",
        "'" * 5000,
        '"' * 5001,
        "no " * 2000,
        "a" * 100_000,
        "«" * 3000,
        "quiero " * 30,
        ">" * 9000,
    ]
    began = time.perf_counter()
    assert [wish(text) for text in hostile] == [None] * len(hostile)
    assert time.perf_counter() - began < 2.0


def test_a_text_longer_than_a_wish_is_a_story() -> None:
    """Beyond the longest wish nothing counts."""
    assert wish("no quiero más mensajes") is not None
    assert wish(f"no quiero más mensajes {'y otra cosa ' * 40}") is None
    assert LONGEST < 500
