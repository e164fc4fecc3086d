"""Where people complain, as each language calls it; and the countries in which the same law is valid."""

from collections.abc import Mapping

from libs.contracts.content import ByLanguage, Country

AUTHORITIES: Mapping[Country, ByLanguage] = {
    "NO": {
        "nb": "Datatilsynet", "sv": "norska Datatilsynet", "da": "det norske Datatilsynet",
        "fi": "Norjan tietosuojaviranomainen (Datatilsynet)",
        "en": "the Norwegian Data Protection Authority (Datatilsynet)",
    },
    "SE": {
        "nb": "den svenske Integritetsskyddsmyndigheten (IMY)",
        "sv": "Integritetsskyddsmyndigheten (IMY)",
        "da": "den svenske Integritetsskyddsmyndigheten (IMY)",
        "fi": "Ruotsin tietosuojaviranomainen (Integritetsskyddsmyndigheten, IMY)",
        "en": "the Swedish Authority for Privacy Protection (IMY)",
    },
    "DK": {
        "nb": "det danske Datatilsynet", "sv": "danska Datatilsynet", "da": "Datatilsynet",
        "fi": "Tanskan tietosuojaviranomainen (Datatilsynet)",
        "en": "the Danish Data Protection Agency (Datatilsynet)",
    },
    "FI": {
        "nb": "det finske dataombudet (Tietosuojavaltuutetun toimisto)",
        "sv": "Dataombudsmannens byrå", "da": "den finske Tietosuojavaltuutetun toimisto",
        "fi": "Tietosuojavaltuutetun toimisto",
        "en": "the Finnish Office of the Data Protection Ombudsman (Tietosuojavaltuutetun toimisto)",
    },
}  # fmt: skip

ADDRESSES: Mapping[Country, str] = {
    "NO": "https://www.datatilsynet.no", "SE": "https://www.imy.se",
    "DK": "https://www.datatilsynet.dk", "FI": "https://tietosuoja.fi",
}  # fmt: skip

EEA = frozenset({
    "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IS", "IE",
    "IT", "LI", "LV", "LT", "LU", "MT", "NL", "NO", "PL", "PT", "RO", "SK", "SI", "ES", "SE",
})  # fmt: skip
"""Countries that data may be in without further safeguards."""
