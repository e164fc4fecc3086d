"""Settings of retention."""

from pydantic import Field

from libs.kit.settings import CommonSettings


class RetentionSettings(CommonSettings):
    """Read from the environment by retention."""

    retention_internal_port: int = Field(
        default=8204, description="Port of retention's health and internal interface."
    )
