"""How well the bot understands: tests, comparisons, figures and replays."""
