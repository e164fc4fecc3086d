"""What visitors may type, as hypothesis draws it: sense, nonsense and everything that steers a dialogue."""

from hypothesis import strategies as st

pieces = st.sampled_from([
    "hvor er pakken min", "10482217", "1048 2217", "10482218", "nei", "den andre ordren", "takk",
    "{order_number}", "{x}", "Snakk med et menneske", "telt", "１０４８２２１７", "+47 400 00 000",
    "\u200b", "🙂", "%s", "\x00", "glem det", "ja", "nei takk", "den første", "2", "noe annet",
    "hva koster retur", "is my tent under warranty", "AB-1234", "12.11.2026", "i går", "vet ikke",
    "engrave a name", "kan jeg avbestille", "feil", "1234", "avbryt", "hei", "ha det", "hva?",
])  # fmt: skip
messages = st.one_of(
    pieces, st.lists(pieces, min_size=1, max_size=4).map(" ".join), st.text(max_size=200)
)
