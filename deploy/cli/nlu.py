"""`prat nlu`: teach the bot, test it, talk to it, measure it; nothing here touches a running house."""

import typer

from deploy.cli import nlu_check, nlu_compare, nlu_evaluate, nlu_shell, nlu_teach

app = typer.Typer(
    no_args_is_help=True,
    help="Teach the bot, test it, talk to it, measure it.",
)
app.command("train")(nlu_teach.train)
app.command("test")(nlu_check.check_tests)
app.command("shell")(nlu_shell.shell)
app.command("evaluate")(nlu_evaluate.evaluate)
app.command("validate")(nlu_teach.validate)
app.command("diff")(nlu_compare.diff)
app.command("replay")(nlu_compare.replay)
