"""Settings of analytics."""

from pydantic import Field

from libs.kit.settings import CommonSettings


class AnalyticsSettings(CommonSettings):
    """Read from the environment by analytics."""

    analytics_public_port: int = Field(
        default=8092, description="Port of the statistics page and its interface."
    )
    analytics_internal_port: int = Field(
        default=8205, description="Port of analytics' health routes."
    )
