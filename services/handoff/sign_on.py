"""Agents log in by their company's provider, where one is set."""

from libs.kit.errors import ConfigurationError
from libs.kit.mongo import Client as StoreClient
from libs.kit.oidc import Client, Provider
from libs.kit.service import Service
from libs.kit.single_sign_on import BegunLogIns, SingleSignOn
from services.handoff.doorway import Doorway
from services.handoff.settings import HandoffSettings

SECRET_FILE = "oidc-client.secret"  # noqa: S105 - a file's name


def add_sign_on(
    service: Service, doorway: Doorway, client: StoreClient, settings: HandoffSettings
) -> None:
    """Adds the provider's addresses to the doorway; nothing without an issuer.

    Called before the console's routes are taken; raises ConfigurationError for half a setting.
    """
    if not settings.oidc_issuer:
        return
    begun, provider = BegunLogIns(client, "handoff"), Provider(_client(settings))
    doorway.provider_name, doorway.only_by_provider = settings.oidc_name, settings.oidc_only
    doorway.further += SingleSignOn(doorway, provider, begun).routes()
    service.prepare.append(begun.prepare)
    service.finish.append(provider.close)


def _client(settings: HandoffSettings) -> Client:
    if not settings.oidc_client_id:
        raise ConfigurationError(
            "PRAT_OIDC_ISSUER is set and PRAT_OIDC_CLIENT_ID is not.",
            "register the console with the provider and give the id that it got there.",
        )
    has_secret = (settings.secrets_dir / SECRET_FILE).exists()
    return Client(
        settings.oidc_issuer, settings.oidc_client_id,
        f"{settings.console_origin()}/api/oidc/callback",
        settings.secret(SECRET_FILE) if has_secret else "",
    )  # fmt: skip
