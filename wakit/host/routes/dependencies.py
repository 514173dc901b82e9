"""
What routes are given: the host's services, and values that are checked in one place.

They are coroutines although nothing is awaited: FastAPI runs plain functions in a thread, which
costs each request more than the function does.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header
from starlette.requests import HTTPConnection

from wakit.host.services import Services
from wakit.host.tokens import Access
from wakit.ids import DEFAULT_ACCOUNT, account_id


async def _services(connection: HTTPConnection) -> Services:
    services: Services = connection.app.state.services
    return services


async def _account(account: str) -> str:
    return account_id(account)


async def _account_filter(account: str | None = None) -> str | None:
    return account_id(account) if account else None


async def _account_or_default(account: str = DEFAULT_ACCOUNT) -> str:
    return account_id(account)


async def _asker(connection: HTTPConnection) -> str:
    access: Access = connection.state.access
    return access.name


Host = Annotated[Services, Depends(_services)]
#: The account in the path.
Account = Annotated[str, Depends(_account)]
#: ``?account=``; absent means all.
AccountFilter = Annotated[str | None, Depends(_account_filter)]
#: ``?account=``; absent means the default one.
AccountQuery = Annotated[str, Depends(_account_or_default)]
#: The name of the token that came with the request.
Asker = Annotated[str, Depends(_asker)]
#: ``Idempotency-Key``; the same key never sends twice.
IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=128)]
