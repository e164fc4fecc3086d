"""A shop's products, found by name, colour, size, brand and article number. Pure.

A hundred thousand products fit: their texts lie in one block of bytes, everything else in arrays.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from services.nlu.dialogue.state import Product
from services.nlu.reading.colours import colours
from services.nlu.shop.feedfile import Row, rows
from services.nlu.shop.goods import asked_as, link, price, shown_sizes, sizes_of, system_of, weights
from services.nlu.shop.retail import small_words
from services.nlu.shop.searching import Numbers, Scores, Words
from services.nlu.shop.wanted import Wanted, bare, codes_in, common_words

__all__ = ["ALIKE", "SURE", "Catalogue", "common_words", "parse"]

ALIKE = 0.5
"""A word of the question and one of a product belong together from this likeness."""

SURE = 0.85
"""The likeness that a mere guess needs: the visitor may not have asked for a product at all."""

NEAR_BEST, NEAR_ENOUGH = 0.9, 0.75
"""Products that fit much less well than the best one are not shown beside it; a little less well
will do where they have the colour and the size that were asked for."""

LEAST_SCORE = 0.5
"""One word of a description alone is no match, unless it names a thing or what it is made of."""

MOST = 20
_FIELDS = (
    "title", "price", "link", "color", "size", "brand", "id", "mpn", "gtin", "item_group_id",
)  # fmt: skip
_ARTICLES = ("id", "mpn", "gtin")
_SPLIT = "\x1f"


class Catalogue:
    """A merchant's products, ready to be searched; `bad` rows had no title or no price."""

    def __init__(self, source: Iterable[Row]) -> None:
        self.bad = 0
        self._texts, self._ends = bytearray(), array("q", [0])
        self._stock = array("b")
        self._groups, self._group_ids = array("i"), dict[str, int]()
        self._codes, self._code_of = array("q"), array("i")
        self._by_colour: dict[str, list[int]] = defaultdict(list)
        self._by_size: dict[str, list[int]] = defaultdict(list)
        self._words = Words(self._taken_in(source))
        self._freeze()

    def __len__(self) -> int:
        return len(self._stock)

    def search(self, text: str, common: frozenset[str], least: float) -> tuple[Product, ...]:
        """The products that `text` asks for, the likest first, those in stock before others."""
        exact = self._by_article(text)
        if exact:
            return tuple(self._product(number, ()) for number in exact[:MOST])
        wanted = Wanted(text, common)
        chosen, lacking = self._filtered(*self._fitting(wanted, least), wanted)
        return tuple(self._product(number, lacking) for number in self._one_of_each(chosen))

    def _taken_in(self, source: Iterable[Row]) -> Iterator[tuple[int, dict[str, float]]]:
        for row in source:
            if not row.get("title") or not row.get("price"):
                self.bad += 1
                continue
            number = len(self._stock)
            self._keep(number, row)
            yield number, weights(row)

    def _keep(self, number: int, row: Row) -> None:
        fields = {**row, "price": price(row), "link": link(row), "size": shown_sizes(row)}
        self._texts += _SPLIT.join(fields.get(name, "") for name in _FIELDS).encode()
        self._ends.append(len(self._texts))
        self._stock.append(row.get("availability", "").casefold().replace(" ", "_") == "in_stock")
        group = row.get("item_group_id") or row["title"].casefold()
        self._groups.append(self._group_ids.setdefault(group, len(self._group_ids)))
        for name in _ARTICLES:
            if name in row:
                self._codes.append(hash(bare(row[name])))
                self._code_of.append(number)
        for _, _, colour in colours(f"{row.get('color', '')} {row['title']}"):
            self._by_colour[colour].append(number)
        for part in sizes_of(row.get("size", "")):
            for one in asked_as(part, system_of(row)):
                self._by_size[one].append(number)

    def _freeze(self) -> None:
        self._group_ids.clear()
        order = np.argsort(np.array(self._codes, np.int64), kind="stable")
        self._sorted_codes = np.array(self._codes, np.int64)[order]
        self._sorted_products: Numbers = np.array(self._code_of, np.int32)[order]
        del self._codes, self._code_of
        self._in_stock: npt.NDArray[np.bool_] = np.array(self._stock, np.bool_)
        self._group: Numbers = np.array(self._groups, np.int32)
        del self._groups
        self._colour_rows = {
            name: np.array(found, np.int32) for name, found in self._by_colour.items()
        }
        self._size_rows = {name: np.array(found, np.int32) for name, found in self._by_size.items()}
        del self._by_colour, self._by_size

    def _fitting(self, wanted: Wanted, least: float) -> tuple[Numbers, Numbers]:
        """The products near the best and those near enough, in order."""
        words = wanted.words(self._words)
        if not words and least < SURE:
            of_colour = self._of_colour(wanted)
            return of_colour, of_colour
        total: Scores = np.zeros(len(self), np.float32)
        for word in words:
            total += self._words.score(word, len(self), least)
        top = float(total.max(initial=0.0))
        if top < LEAST_SCORE:
            none = np.zeros(0, np.int32)
            return none, none
        near = np.flatnonzero(total >= top * NEAR_ENOUGH).astype(np.int32)
        ordered = near[np.lexsort((near, ~self._in_stock[near], -total[near]))]
        return ordered[total[ordered] >= top * NEAR_BEST], ordered

    def _of_colour(self, wanted: Wanted) -> Numbers:
        found: set[int] = set()
        for colour in wanted.colours:
            found |= {int(number) for number in self._coloured(colour)}
        numbers = np.array(sorted(found), np.int32)
        return numbers[np.argsort(~self._in_stock[numbers], kind="stable")] if found else numbers

    def _coloured(self, colour: str) -> Numbers:
        """Products of a colour; "dark blue" means any blue where none is called dark."""
        exact = self._colour_rows.get(colour)
        if exact is not None:
            return exact
        base = colour.rpartition(" ")[2]
        shades = [
            found for name, found in self._colour_rows.items() if name.rpartition(" ")[2] == base
        ]
        return np.concatenate(shades) if shades else np.zeros(0, np.int32)

    def _filtered(
        self, best: Numbers, near: Numbers, wanted: Wanted
    ) -> tuple[Numbers, tuple[str, ...]]:
        """The near products that have what was asked for; or the best, and what they lack."""
        lacking: list[str] = []
        fitting = near
        for asked, having in (
            *((colour, self._coloured(colour)) for colour in wanted.colours),
            *((one, self._size_rows.get(one, np.zeros(0, np.int32))) for one in wanted.sizes),
        ):
            kept = fitting[np.isin(fitting, having)]
            if kept.size:
                fitting = kept
            else:
                lacking.append(asked)
        return best if fitting is near else fitting, tuple(lacking)

    def _one_of_each(self, numbers: Numbers) -> list[int]:
        """The first product of each group: its other sizes and colours are said with it."""
        _, first = np.unique(self._group[numbers], return_index=True)
        return [int(numbers[index]) for index in np.sort(first)[:MOST]]

    def _by_article(self, text: str) -> list[int]:
        """Products whose article number stands in the text as it is."""
        found: dict[int, None] = {}
        for code in codes_in(text):
            key = hash(code)
            start = int(np.searchsorted(self._sorted_codes, key))
            end = int(np.searchsorted(self._sorted_codes, key, "right"))
            for number in self._sorted_products[start:end].tolist():
                fields = self._fields(number)
                if code in {bare(fields[name]) for name in _ARTICLES}:
                    found[number] = None
        return list(found)

    def _fields(self, number: int) -> dict[str, str]:
        text = self._texts[self._ends[number] : self._ends[number + 1]].decode()
        return dict(zip(_FIELDS, text.split(_SPLIT), strict=True))

    def _product(self, number: int, lacks: tuple[str, ...]) -> Product:
        fields = self._fields(number)
        return Product(
            title=fields["title"],
            price=fields["price"],
            in_stock=bool(self._in_stock[number]),
            link=fields["link"] or None,
            article=fields["id"],
            brand=fields["brand"],
            colour=fields["color"],
            size=fields["size"],
            sizes=self._sizes_in_stock(number),
            lacks=lacks,
        )

    def _sizes_in_stock(self, number: int) -> tuple[str, ...]:
        """Every size of the same product that is in stock, in the order of the feed."""
        same = np.flatnonzero((self._group == self._group[number]) & self._in_stock)[:MOST]
        return tuple(
            dict.fromkeys(one for n in same for one in sizes_of(self._fields(int(n))["size"]))
        )


def parse(feed: bytes) -> Catalogue:
    """The products of a feed; a ValueError or a ParseError where it cannot be read."""
    small_words()  # read now, in the background, and not at the first question
    return Catalogue(rows(feed))
