"""Settings of analytics."""

from hashlib import blake2b
from pathlib import Path

from pydantic import Field

from libs.contracts.sealed import Purpose
from libs.kit.settings import CommonSettings
from services.analytics.files import Format
from services.analytics.inbox.sampling import Sampling


class AnalyticsSettings(CommonSettings):
    """Read from the environment by analytics."""

    analytics_public_port: int = Field(
        default=8092, description="Port of the statistics page and its interface."
    )
    analytics_internal_port: int = Field(
        default=8205, description="Port of analytics' health routes."
    )

    analytics_inbox_share: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="Share of the conversations whose unanswered questions are kept, masked, for the "
        "improvement inbox; 0 keeps none.",
    )
    analytics_inbox_confidence: float = Field(
        default=0.6,
        ge=0,
        le=1,
        description="An answer that the bot was less sure of counts as unanswered for the inbox.",
    )
    analytics_plots_folder: Path = Field(
        default=Path(".prat/plots"),
        description="Folder with uPlot as `prat init` fetches it; without it the statistics page shows "
        "tables for lines.",
    )
    analytics_audit_days: int = Field(
        default=400,
        ge=30,
        description="How long it is kept who looked into the improvement inbox.",
    )
    analytics_daily_folder: Path | None = Field(
        default=None,
        description="Folder for a file of each shop's figures of each day that is over; none without.",
    )
    analytics_daily_format: Format = Field(
        default=Format.CSV,
        description="csv, or parquet where the extra `parquet` is installed.",
    )
    analytics_daily_days: int = Field(
        default=35,
        ge=1,
        le=400,
        description="How many days the daily files are kept; so long after a stop they are caught up.",
    )
    authoring_url: str = Field(
        default="",
        description="Address of the authoring page as browsers see it; the inbox leads there. Empty: "
        "phrases are copied by hand.",
    )

    def marks_key(self) -> bytes:
        """What the marks of conversations are hashed with: without it they lead to nobody."""
        return blake2b(b"marks", key=self.keks(Purpose.DIALOGUE)[Purpose.DIALOGUE]).digest()

    def sampling(self) -> Sampling:
        """Which questions are kept for the improvement inbox."""
        return Sampling(
            self.marks_key(), self.analytics_inbox_share, self.analytics_inbox_confidence
        )
