"""Where a YAML text must be replaced so that it says other values: the least there is to change."""

import json
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from services.nlu.content.yamltext import TALL, flow_of, item_lines, pair_lines, scalar

Node = Any
"""A node of the reader's tree: the library does not say which of its kinds has which attributes."""

Span = tuple[int, int]


class Splices:
    """Replacements in a text, found by walking its nodes beside the old and the new values."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: list[tuple[int, int, str]] = []

    def applied(self) -> str:
        """The text with every replacement made."""
        text = self._text
        order = sorted(range(len(self._found)), key=lambda n: (*self._found[n][:2], n))
        for number in reversed(order):
            start, end, new = self._found[number]
            text = text[:start] + new + text[end:]
        return text

    def mapping(
        self, node: Node, old: Mapping[str, Any], new: Mapping[str, Any], *, tall: bool = False
    ) -> None:
        """Notes what makes a mapping's text say `new`."""
        pairs = [(key, value, str(key.value)) for key, value in node.value]
        gone = [number for number, (_, _, name) in enumerate(pairs) if name not in new]
        spans = [self._span(node, key, value) for key, value, _ in pairs]
        for key, value, name in pairs:
            inner = tall or name == TALL
            if name in new and not self._inside(value, old[name], new[name], tall=inner):
                self._pair(node, key, value, new[name], tall=inner)
        self._remove(node, spans, gone)
        fresh = {name: value for name, value in new.items() if name not in old}
        self._add_pairs(node, spans, fresh, tall=tall)

    def _pair(self, parent: Node, key: Node, value: Node, new: Any, *, tall: bool) -> None:
        if parent.flow_style:
            self._splice(value.start_mark.index, value.end_mark.index, flow_of(new))
            return
        start, end = key.start_mark.index, self._line_end(_leaf_end(value, self._text))
        lines = pair_lines(str(key.value), new, tall=tall)
        self._splice(start, end, _block(lines, key.start_mark.column))

    def _inside(self, node: Node, old: Any, new: Any, *, tall: bool = False) -> bool:
        """Whether the change can be made within the value; False: it must be written anew."""
        match node, new:
            case _ if type(old) is type(new) and old == new:
                return True
            case ScalarNode(), _ if not isinstance(new, dict | list):
                return self._scalar(node, new)
            case MappingNode(), dict() if old and new and not self._loses_its_dash(node, new):
                self.mapping(node, old, new, tall=tall)
                return True
            case SequenceNode(), list() if old and new:
                self._sequence(node, old, new)
                return True
        return False

    def _loses_its_dash(self, node: Node, new: Mapping[str, Any]) -> bool:
        """Whether the first pair, which stands on the line of its item's dash, is to go."""
        first = node.value[0][0]
        begin = self._text.rfind("\n", 0, first.start_mark.index) + 1
        has_dash = bool(self._text[begin : first.start_mark.index].strip())
        return has_dash and not node.flow_style and str(first.value) not in new

    def _scalar(self, node: ScalarNode, new: Any) -> bool:
        start, end = node.start_mark.index, node.end_mark.index
        if start == end or node.style in ("|", ">"):
            return False
        self._splice(start, end, scalar(new, node.style, flow=True))
        return True

    def _sequence(self, node: SequenceNode, old: Sequence[Any], new: Sequence[Any]) -> None:
        spans = [self._span(node, item, item) for item in node.value]
        gone: list[int] = []
        names = ([_name(one) for one in old], [_name(one) for one in new])
        matcher = SequenceMatcher(None, *names, autojunk=False)
        for _, i, i_end, j, j_end in matcher.get_opcodes():
            both = min(i_end - i, j_end - j)
            for step in range(both):
                self._item(node, node.value[i + step], old[i + step], new[j + step])
            gone.extend(range(i + both, i_end))
            self._add_items(node, spans, i + both, new[j + both : j_end])
        self._remove(node, spans, gone)

    def _item(self, parent: Node, item: Node, old: Any, new: Any) -> None:
        if self._inside(item, old, new):
            return
        start, column = item.start_mark.index, item.start_mark.column - 2
        if parent.flow_style:
            self._splice(start, item.end_mark.index, flow_of(new))
        else:
            lines = _block(item_lines(new), column)[2:]
            self._splice(start, self._line_end(_leaf_end(item, self._text)), lines)

    def _span(self, parent: Node, first: Node, last: Node) -> Span:
        """Where a child stands: its text in a flow, its whole lines in a block."""
        if parent.flow_style:
            return first.start_mark.index, last.end_mark.index
        start = self._text.rfind("\n", 0, first.start_mark.index) + 1
        end = self._line_end(_leaf_end(last, self._text))
        return start, min(end + 1, len(self._text))

    def _remove(self, node: Node, spans: list[Span], gone: list[int]) -> None:
        for number in gone:
            start, end = spans[number]
            kept_before = any(other not in gone for other in range(number))
            if node.flow_style and kept_before:
                start = spans[number - 1][1]
            elif node.flow_style and number + 1 < len(spans):
                end = spans[number + 1][0]
            self._splice(start, end, "")

    def _add_pairs(
        self, node: Node, spans: list[Span], fresh: dict[str, Any], *, tall: bool
    ) -> None:
        if node.flow_style:
            texts = [f"{scalar(name, flow=True)}: {flow_of(one)}" for name, one in fresh.items()]
            self._add_to_flow(node, spans, len(spans), texts)
            return
        column = node.value[0][0].start_mark.column
        for name, value in fresh.items():
            lines = _block(pair_lines(name, value, tall=tall), column)
            self._add_lines(spans[-1][1], lines, column)

    def _add_items(self, node: Node, spans: list[Span], after: int, values: Sequence[Any]) -> None:
        if node.flow_style:
            self._add_to_flow(node, spans, after, [flow_of(value) for value in values])
            return
        column = node.value[0].start_mark.column - 2
        place = spans[after - 1][1] if after else spans[0][0]
        for value in values:
            self._add_lines(place, _block(item_lines(value), column), column)

    def _add_to_flow(self, node: Node, spans: list[Span], after: int, texts: list[str]) -> None:
        joined = ", ".join(texts)
        if not texts:
            return
        if not spans:
            self._splice(node.start_mark.index + 1, node.start_mark.index + 1, joined)
        elif after:
            self._splice(spans[after - 1][1], spans[after - 1][1], f", {joined}")
        else:
            self._splice(spans[0][0], spans[0][0], f"{joined}, ")

    def _add_lines(self, place: int, lines: str, column: int) -> None:
        at_a_line = place == 0 or self._text[place - 1] == "\n"
        indented = " " * column + lines
        self._splice(place, place, f"{indented}\n" if at_a_line else f"\n{indented}")

    def _splice(self, start: int, end: int, new: str) -> None:
        self._found.append((start, end, new))

    def _line_end(self, place: int) -> int:
        end = self._text.find("\n", place)
        return len(self._text) if end < 0 else end


def _block(lines: list[str], column: int) -> str:
    return ("\n" + " " * column).join(lines)


def _name(value: Any) -> str:
    """What makes an item of a list the same one after a change."""
    named = isinstance(value, dict) and "key" in value
    return str(value["key"]) if named else json.dumps(value, default=str)


def _leaf_end(node: Node, text: str) -> int:
    """Where the last character of a value is; a block's own mark is where the next one begins."""
    if isinstance(node, ScalarNode):
        end = int(node.end_mark.index)
        start = int(node.start_mark.index)
        return start + len(text[start:end].rstrip()) if node.style in ("|", ">") else end
    if node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _leaf_end(last[1] if isinstance(node, MappingNode) else last, text)
