"""Agents log in to the console."""

from pathlib import Path

from libs.kit.login import SESSION_HOURS, LogIns, read_passwords
from services.handoff.accounts import Agent, account_of, agent_of

__all__ = ["ACCOUNTS_FILE", "SESSION_HOURS", "Agents"]

ACCOUNTS_FILE = "agent-passwords.json"


class Agents(LogIns):
    """Who may use the console."""

    async def log_in(self, email: str, password: str) -> tuple[Agent, str]:
        """The agent and a new session's token; raises Refused (401, 429) and tells no more."""
        account, token = await self.open(email, password)
        return agent_of(account), token

    async def agent_of(self, token: str | None) -> Agent | None:
        """The agent whose session this token opens, or None."""
        account = await self.account_of(token)
        return agent_of(account) if account else None

    async def seed(self, path: Path) -> int:
        """Stores the agents of a password file, where there is one; how many it names."""
        passwords = read_passwords(path)
        for email, password in passwords.items():
            agent = demo_agent(email)
            await self.set_account(agent.agent_id, account_of(agent), password)
        return len(passwords)


def demo_agent(email: str) -> Agent:
    """The agent behind an address: kari@fjellbekk.example is Kari of the merchant fjellbekk."""
    name, _, domain = email.lower().partition("@")
    return Agent(email.lower(), name.title(), (domain.partition(".")[0],))
