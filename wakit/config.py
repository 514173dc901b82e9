"""
Settings: every number that somebody may want to change, with its environment variable.

Each field is read from ``WAKIT_<NAME>``; nothing else in wakit reads the
environment but ``paths`` (``WAKIT_HOME``) and this module.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

#: Generation of the API between host and client; a difference asks for a restart of the host.
PROTOCOL = 1
#: Types of messages that carry a file.
MEDIA_TYPES = ("image", "voice", "audio", "video", "document", "sticker")

# What the settings of pacing look like; what they mean is read in ``outbox.rules``.
_WARMUP = r"^(\d+:[1-9]\d*(,\d+:[1-9]\d*)*)?$"
_HOURS = r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$"
_WEEKDAYS = r"^((MON|TUE|WED|THU|FRI|SAT|SUN)(,(MON|TUE|WED|THU|FRI|SAT|SUN))*)?$"
_DATE = r"(\d{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_DATES = rf"^({_DATE}(,{_DATE})*)?$"


class Settings(BaseSettings):
    """What can be set from outside."""

    model_config = SettingsConfigDict(env_prefix="WAKIT_", frozen=True, extra="ignore")

    network: Path | None = Field(None, description="Descriptor of an emulated network; unset means WhatsApp itself.")
    lang: Literal["es", "en"] | None = Field(
        None, description="Language of sentences and widgets; unset means LANG's, then Spanish."
    )
    country: str | None = Field(None, description="ISO country to assume for numbers without a country code, e.g. CO.")
    timezone: str = Field("America/Bogota", description="Time zone of days and hours where an account has none of its own.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Level of the log files.")
    start_timeout: float = Field(20.0, gt=0, description="Seconds to wait for a host or a worker to start.")
    call_timeout: float = Field(
        90.0, gt=0, description="Seconds to wait for one call to WhatsApp; the library's own limit is 75."
    )
    stop_timeout: float = Field(5.0, gt=0, description="Seconds for a worker to end by itself before it is killed.")
    scan_timeout: float = Field(20.0, gt=0, description="Seconds after the scan until linking counts as stalled.")
    deaf_after: float = Field(
        600.0, gt=0, description="Seconds without any traffic after which a connected session is restarted."
    )
    retry_first: float = Field(1.0, gt=0, description="Seconds before the first restart of a worker.")
    retry_limit: float = Field(300.0, gt=0, description="Longest pause between two restarts.")
    idle_exit: float = Field(
        900.0, gt=0, description="Seconds without clients, linked accounts and schedules after which the host ends."
    )
    media: Literal["off", "on"] = Field(
        "off", description="Whether files of messages are fetched as they arrive; off fetches a file when somebody asks for it."
    )
    media_types: str = Field(
        "image,voice,audio,video,document,sticker", description="Types of messages whose files are fetched as they arrive."
    )
    media_limit: int = Field(32 * 2**20, gt=0, description="Most bytes of one file, whoever asks for it.")
    media_timeout: float = Field(300.0, gt=0, description="Seconds that one file may take.")
    media_days: float = Field(
        30.0, gt=0, description="Days for which the file of a message is fetched unasked; WhatsApp keeps files about so long."
    )
    drain_every: float = Field(0.2, gt=0, description="Seconds between two moves from the journals to DuckDB.")
    drain_batch: int = Field(1000, gt=0, description="Most events in one of these moves.")
    query_seconds: float = Field(60.0, gt=0, description="Seconds after which a query is stopped.")
    query_memory: str = Field("1GiB", description="Memory of the database with all its queries; more goes to disk meanwhile.")
    journal_flush: float = Field(0.05, gt=0, description="Seconds after which a journaled event also survives a power cut.")
    journal_rotate: int = Field(64 * 2**20, gt=0, description="Bytes after which a drained journal is compressed and kept.")
    webhook_hosts: str | None = Field(
        None, description="The only hosts that webhooks may go to, private ones included; unset means all public ones."
    )
    webhook_attempts: int = Field(8, gt=0, description="How often a receiver may refuse an event before it is given up on.")
    webhook_retry_first: float = Field(1.0, gt=0, description="Seconds before a webhook is tried again the first time.")
    webhook_retry_limit: float = Field(300.0, gt=0, description="Longest pause between two attempts of a webhook.")
    schedule_grace: float = Field(60.0, gt=0, description="Seconds that a scheduled run may begin late without being missed.")
    schedule_limit: float = Field(6 * 3600.0, gt=0, description="Seconds that a scheduled run may take before it is ended.")
    run_notify: str | None = Field(
        None,
        description="Whom a run that fails tells where --notify says nobody: chat:NUMBER, https://ADDRESS or command:PROGRAM.",
    )
    pacing_burst: int = Field(100, gt=0, description="Messages of any kind that may leave at once.")
    pacing_interval: float = Field(1.0, gt=0, description="Seconds after which, beyond these, another one may leave.")
    pacing_pause_min: float = Field(30.0, ge=0, description="Shortest pause between two automated messages, in seconds.")
    pacing_pause_max: float = Field(60.0, ge=0, description="Longest pause between two automated messages; each is drawn anew.")
    pacing_block: int = Field(20, gt=0, description="Automated messages after which a longer pause is made.")
    pacing_block_pause_min: float = Field(600.0, ge=0, description="Shortest of these longer pauses, in seconds.")
    pacing_block_pause_max: float = Field(1200.0, ge=0, description="Longest of these longer pauses.")
    pacing_per_hour: int = Field(60, gt=0, description="Most automated messages of an account in any hour.")
    pacing_per_day: int = Field(300, gt=0, description="Most automated messages of an account in any 24 hours.")
    pacing_warmup: str = Field(
        "3:20,7:40,14:80,30:150",
        pattern=_WARMUP,
        description="Budgets of new accounts: until 3 days after linking 20 automated messages in any 24 hours, and so on.",
    )
    pacing_cold: int = Field(
        0,
        ge=0,
        description="Most automated messages in any 24 hours to people who never wrote to the account; 0 sends them none.",
    )
    plan_lookups: int = Field(
        200,
        ge=0,
        description="Most strangers of an audience of whom WhatsApp is asked whether they have it; 0 asks about nobody.",
    )
    quiet_hours: str = Field(
        "21:00-08:00", pattern=_HOURS, description="When nothing automated is sent, by the recipient's clock; empty for never."
    )
    quiet_weekdays: str = Field(
        "SUN", pattern=_WEEKDAYS, description="Days of the week on which nothing automated is sent: SAT,SUN; empty for none."
    )
    quiet_holidays: Literal["off", "on"] = Field(
        "on", description="Whether nothing automated is sent on public holidays of the recipient's country."
    )
    quiet_dates: str | None = Field(
        None,
        pattern=_DATES,
        description="Further days on which nothing automated is sent: 2026-12-24,12-31; without a year each year.",
    )
    stop_restricted: float = Field(
        86400.0,
        gt=0,
        description="Seconds for which error 463 stops an account; the second time in a week until a person resumes.",
    )
    stop_rate_limited: float = Field(
        3600.0,
        gt=0,
        description="Seconds for which error 429 stops an account; the second time in a week until a person resumes.",
    )
    stop_delivered: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Share of the last automated messages that must be delivered, or the account stops; 0 never does.",
    )
    stop_delivered_of: int = Field(20, gt=0, description="How many of the last automated messages that share counts.")
    stop_delivered_after: float = Field(3600.0, gt=0, description="Seconds that a message has to be delivered until it counts.")
    opt_out_reply: bool = Field(True, description="Whether who opts out by message gets one confirmation.")
    opt_out_text: str | None = Field(None, description="What it says; unset means a sentence in the person's language.")
    opt_out_replies_per_chat: int = Field(2, gt=0, description="Most confirmations to one person in 24 hours.")
    opt_out_replies_per_hour: int = Field(60, gt=0, description="Most confirmations of an account in an hour.")
    opt_in_words: bool = Field(
        True, description="Whether ALTA, START or VOLTAR gives people back what they had agreed to before they opted out."
    )
    rate_limit: str = Field("60/minute", description="What a token may ask over TCP, unless it was made with a rate of its own.")

    @field_validator("media_types")
    @classmethod
    def _known_types(cls, value: str) -> str:
        unknown = sorted(set(value.split(",")) - set(MEDIA_TYPES))
        if unknown:
            msg = f"unknown types of messages with files: {', '.join(unknown)}. Known ones: {', '.join(MEDIA_TYPES)}."
            raise ValueError(msg)
        return value


@cache
def settings() -> Settings:
    """Return the settings of this process, read once."""
    return Settings()
