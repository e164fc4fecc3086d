"""`prat nlu shell`: type what a visitor would, and see what the bot makes of it."""

import json
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import typer
from rich.markup import escape

from deploy.cli.nlu_lines import bar
from deploy.cli.nlu_source import (
    DEMO,
    Folder,
    Light,
    MerchantId,
    PackName,
    all_reported,
    chosen_pack,
    chosen_packs,
    learner,
    notes,
)
from deploy.cli.output import AsJson, screen
from libs.kit.clock import utc_now

if TYPE_CHECKING:
    from libs.contracts.content import PackPublished
    from services.nlu.evaluation.learning import Learner
    from services.nlu.evaluation.rehearsal import Rehearsal, Step

HELP = """\
/merchant [ID]   talk to another merchant of the folder; without ID: which there are
/lang CODE       the page's language from now on: nb, sv, da, fi or en
/shop ANSWER     what the shop's own system answers: sent, delivered, …, unknown or away
/reset           a new conversation
/quit            leave (or Ctrl-D)"""


def shell(
    folder: Folder = None,
    pack: PackName = None,
    merchant: MerchantId = None,
    light: Light = False,
    as_json: AsJson = False,
) -> None:
    """Talk to the bot without a running house, and see what it understands.

    Language, likeliest topics, decision, entities, masked text and the real
    reply. Nothing is stored or sent; what would be asked of the shop is shown,
    and its answer pretended. Without FOLDER it is the demo merchants. A pipe
    works, too: a message a line, and with --json an object a line.

    Example: prat nlu shell shops/fjellbekk

    Exit code: 0, or 1 when the content has problems.
    """
    with all_reported(as_json=as_json):
        talk = Talk(chosen_packs(folder, pack, DEMO), light=light, as_json=as_json)
        talk.meet(merchant)
        talk.run()


@dataclass
class Talk:
    """A sitting at the terminal."""

    packs: list["PackPublished"]
    light: bool = False
    as_json: bool = False
    _teacher: "Learner | None" = None
    _now: "Rehearsal | None" = field(default=None, init=False)

    @property
    def current(self) -> "Rehearsal":
        """The conversation that goes on."""
        assert self._now is not None
        return self._now

    def meet(self, merchant_id: str | None) -> None:
        """A new conversation with a merchant's bot."""
        from services.nlu.evaluation.rehearsal import Rehearsal

        pack = chosen_pack(self.packs, merchant_id)
        with notes().status(f"Learning {pack.merchant_id} …"):
            self._teacher = self._teacher or learner(light=self.light)
            brain = self._teacher.learn(pack).brain
        self._now = Rehearsal(brain, utc_now)
        if not self.as_json:
            screen().print(
                f"[bold]{escape(pack.merchant.name)}[/] ({pack.merchant_id}); /help, /quit"
            )

    def run(self) -> None:
        """Reads lines until there are no more."""
        if sys.stdin.isatty():
            import readline  # noqa: F401 - arrow keys bring earlier lines back, in memory only
        while (line := _read()) is not None:
            if line.startswith("/"):
                if not self.command(*line[1:].split(maxsplit=1)):
                    return
            elif line:
                self._show(line, self.current.say(line))

    def command(self, name: str = "", value: str = "") -> bool:
        """Does what a line with a slash says; False to leave."""
        match name:
            case "quit" | "q" | "exit":
                return False
            case "reset":
                self._now = self.current.anew()
            case "lang":
                self._speak(value)
            case "shop":
                self._pretend(value)
            case "merchant" if value:
                self._change(value)
            case "merchant":
                typer.echo(" ".join(pack.merchant_id for pack in self.packs))
            case _:
                typer.echo(HELP)
        return True

    def _speak(self, language: str) -> None:
        languages = self.current.brain.pack.merchant.languages
        if language in languages:
            self.current.locale = language
        else:
            typer.echo(f"This merchant speaks {', '.join(languages)}.")

    def _pretend(self, answer: str) -> None:
        from services.nlu.evaluation.rehearsal import SHOP_ANSWERS

        if answer in SHOP_ANSWERS:
            self.current.shop = answer
        else:
            typer.echo(f"The shop can answer {', '.join(SHOP_ANSWERS)}.")

    def _change(self, merchant_id: str) -> None:
        names = [pack.merchant_id for pack in self.packs]
        if merchant_id in names:
            self.meet(merchant_id)
        else:
            typer.echo(f"There are {', '.join(names)}.")

    def _show(self, line: str, step: "Step") -> None:
        if self.as_json:
            from services.nlu.evaluation.rehearsal import as_row

            typer.echo(json.dumps(as_row(line, step), ensure_ascii=False))
        else:
            for text in step_lines(step):
                screen().print(text)


def step_lines(step: "Step") -> list[str]:
    """What is shown of one message: first how it was understood, then the reply."""
    from services.nlu.evaluation.checks import decision

    heard, body = step.heard, step.turn.body
    lines = [f"  [dim]language[/]  {heard.language}"]
    lines += [
        f"  [dim]{'likeliest' if number == 0 else '':<9}[/] {bar(one.confidence)} "
        f"{one.confidence:.2f} {one.topic}"
        for number, one in enumerate(heard.candidates)
    ]
    lines.append(f"  [dim]decision[/]  [bold]{escape(decision(heard))}[/]")
    for one in heard.entities.found:
        lines.append(f"  [dim]found[/]     {one.type} {escape(one.value)} ({one.start}-{one.end})")
    lines.append(f"  [dim]masked[/]    {escape(step.masked)}")
    if step.asked:
        lines.append(f"  [dim]asks shop[/] {escape(step.asked)}")
    lines.append(f"[green]{escape(body.text)}[/]")
    for card in body.cards:
        lines.append(f"  ┌ {escape(card.title)}")
        lines += [f"  │ {escape(text)}" for text in card.lines]
    if body.buttons:
        lines.append("  " + " ".join(escape(f"[{button.text}]") for button in body.buttons))
    if step.turn.offer:
        offer = step.turn.offer
        lines.append(f"  [dim]offers a person: form {offer.topic} ({offer.reason})[/]")
    return lines


def _read() -> str | None:
    """The next line; None at the end, and on Ctrl-C."""
    try:
        return input("> " if sys.stdin.isatty() else "").strip()
    except (EOFError, KeyboardInterrupt):
        return None
