"""What clients send, checked before a route sees it; anything that is not asked for is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from wakit.errors import InvalidInput
from wakit.ids import DEFAULT_ACCOUNT, Phone, phone_number
from wakit.model import Purpose, Terms
from wakit.outgoing import Said, Text

#: Most seconds that a call may ask the host to wait.
WAIT_LIMIT = 600.0
#: Priorities go from minus this to this.
PRIORITIES = 1000
Country = Annotated[str | None, Field(description="ISO country of phone numbers without a country code.")]


class Body(BaseModel):
    """The base of all: unknown fields are mistakes."""

    model_config = ConfigDict(extra="forbid")


class LinkBody(Body):
    """How to connect an account whose name is in the path."""

    network: Path | None = Field(None, description="Descriptor of an emulated network; unset means WhatsApp itself.")
    phone: str | None = Field(None, description="Link by a code that is typed on this phone.")
    country: str | None = Field(None, description="ISO country of a phone number without a country code.")

    def number(self, country: str | None) -> Phone | None:
        """Return the phone, read with the caller's country or else the host's."""
        return phone_number(self.phone, country=self.country or country) if self.phone else None


class PairBody(Body):
    """Which phone a code is typed on."""

    phone: str
    network: Path | None = None
    country: str | None = None


class LogoutBody(Body):
    """How to log out."""

    force: bool = Field(False, description="Remove the session here even if WhatsApp cannot be reached.")


class DecisionBody(Body):
    """Who decided."""

    by: str | None = Field(None, min_length=1, max_length=100, description="Who says so; unset means the token's name.")


class AccountBody(Body):
    """Which account."""

    account: str = DEFAULT_ACCOUNT


class ConnectBody(AccountBody, LinkBody):
    """The seed's connect."""


class SeedSendBody(AccountBody):
    """The seed's send."""

    to: str
    content: str


class SendBody(AccountBody):
    """One outgoing message."""

    to: str = Field(description="A phone number in any spelling, or the JID of a person or group.")
    content: Annotated[Said, Field(discriminator="kind")] | None = Field(None, description="What to say.")
    text: str | None = Field(None, description="Short for the content of a bare text.")
    wait: float | None = Field(None, ge=0, le=WAIT_LIMIT, description="Seconds to wait until WhatsApp has the message.")
    country: Country = None
    idempotency_key: str | None = Field(None, min_length=1, max_length=128)
    purpose: Purpose | None = Field(None, description="What an automated message is for; unset, a person writes.")
    priority: int = Field(0, ge=-PRIORITIES, le=PRIORITIES, description="Higher ones leave first.")
    not_before: AwareDatetime | None = Field(None, description="It waits in the queue until then.")
    not_after: AwareDatetime | None = Field(None, description="If it has not left by then, it is cancelled.")

    def terms(self) -> Terms:
        """Return when and as what it is to leave; to what campaign it belongs, only campaigns say."""
        return Terms(purpose=self.purpose, priority=self.priority, not_before=self.not_before, not_after=self.not_after)

    def said(self) -> Said:
        """Return what to say."""
        if (self.content is None) == (self.text is None):
            msg = 'Say either "content" or "text".'
            raise InvalidInput(msg)
        return self.content or Text(text=self.text or "")


class ReadBody(AccountBody):
    """Which messages were read."""

    chat: str
    sender: str
    message_ids: list[str] = Field(min_length=1, max_length=1000)


class QueryBody(Body):
    """One read-only SQL statement."""

    query: str = Field(min_length=1)
    params: list[Any] | dict[str, Any] | None = None
    seconds: float | None = Field(None, gt=0, description="Time limit, if it is to be shorter than the host's.")
