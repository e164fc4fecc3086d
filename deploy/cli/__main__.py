"""`python -m deploy.cli`: the same as `prat`."""

from deploy.cli.main import app

app(prog_name="prat")
