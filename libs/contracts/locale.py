"""Which of a merchant's languages fits a page's."""

from libs.contracts.content import Language


def language_of_locale(locale: str, spoken: tuple[Language, ...]) -> Language:
    """The language of a page, among those that the merchant speaks; its first one otherwise."""
    primary = locale.replace("_", "-").split("-")[0].lower()
    wanted = {"no": "nb", "nn": "nb"}.get(primary, primary)
    return next((language for language in spoken if language == wanted), spoken[0])
