"""
One request as a value, and how its answer becomes what the caller wants.

Nothing here does I/O: the clients do a request in their own way, sync or async,
and hand the answer back. Errors come as problem documents and leave as the same
exception that the host raised.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import httpx

from wakit.config import settings
from wakit.errors import HostError, HostGone, HostNotResponding, LibraryMissing, WakitError, error_named
from wakit.hostfile import HostInfo
from wakit.model import Record

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

T = TypeVar("T")
R = TypeVar("R", bound=Record)

#: The host is addressed by its socket; the name in the address means nothing.
BASE_URL = "http://wakit"
ARROW = "application/vnd.apache.arrow.stream"
#: Rows of a table for which other threads are worth waking.
_SMALL = 10_000
#: Seconds for a verb that only asks the host itself.
QUICK = 15.0
#: Seconds that the host may take longer than it was told to wait.
MARGIN = 5.0


@dataclass(frozen=True, kw_only=True)
class Ask(Generic[T]):
    """One request to the host."""

    method: str
    path: str
    #: Makes the result of a successful answer.
    reads: Callable[[httpx.Response], T]
    json: dict[str, Any] | None = None
    #: The body where it is a file.
    file: bytes | None = None
    #: Must be done before this one.
    first: Ask[Any] | None = None
    params: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    #: Seconds for the answer.
    timeout: float = QUICK

    def request(self) -> dict[str, Any]:
        """Return the arguments of ``httpx``'s ``request``."""
        body: dict[str, Any] = {} if self.json is None else {"json": self.json}
        if self.file is not None:
            body = {"content": self.file}
        params = {name: value for name, value in self.params.items() if value is not None}
        return {
            "method": self.method,
            "url": self.path,
            "params": params,
            "headers": self.headers,
            "timeout": self.timeout,
            **body,
        }

    def read(self, response: httpx.Response) -> T:
        """Return the result, or raise what the host raised."""
        if not response.is_success:
            raise problem(response)
        return self.reads(response)


def get(path: str, reads: Callable[[httpx.Response], T], **params: Any) -> Ask[T]:
    """Ask for something."""
    return Ask(method="GET", path=path, reads=reads, params=params)


def post(
    path: str, reads: Callable[[httpx.Response], T], json: dict[str, Any] | None = None, *, timeout: float = QUICK
) -> Ask[T]:
    """Ask to do something."""
    return Ask(method="POST", path=path, reads=reads, json=json or {}, timeout=timeout)


def delete(path: str, reads: Callable[[httpx.Response], T]) -> Ask[T]:
    """Ask to take something away."""
    return Ask(method="DELETE", path=path, reads=reads)


def table(method: str, path: str, **request: Any) -> Ask[pd.DataFrame]:
    """Ask for rows as pandas has them."""
    return _rows(method, path, to_pandas, **request)


def arrow_table(method: str, path: str, **request: Any) -> Ask[pa.Table]:
    """Ask for rows as they travel."""
    return _rows(method, path, lambda rows: rows, **request)


def polars_frame(method: str, path: str, **request: Any) -> Ask[pl.DataFrame]:
    """
    Ask for rows as polars has them.

    Raises:
        LibraryMissing: There is no polars here.
    """
    try:
        import polars
    except ModuleNotFoundError as exc:
        msg = "polars is not installed where this notebook runs. Run: pip install polars"
        raise LibraryMissing(msg, library="polars") from exc
    return _rows(method, path, lambda rows: polars.DataFrame(polars.from_arrow(rows)), **request)


def _rows(method: str, path: str, makes: Callable[[pa.Table], T], **request: Any) -> Ask[T]:
    return Ask(method=method, path=path, reads=lambda answer: makes(_read(answer)), headers={"accept": ARROW}, **request)


def record(kind: type[R]) -> Callable[[httpx.Response], R]:
    """Return a reader of one record."""
    return lambda response: kind.from_json(response.json())


def records(kind: type[R]) -> Callable[[httpx.Response], list[R]]:
    """Return a reader of a list of records."""
    return lambda response: [kind.from_json(item) for item in response.json()]


def patient() -> float:
    """Return the seconds for a request behind which the host asks WhatsApp."""
    return settings().call_timeout + MARGIN


def nothing(_: httpx.Response) -> None:
    """Read an answer that says no more than that it went well."""


def _read(response: httpx.Response) -> pa.Table:
    import pyarrow as pa  # only for those who ask for rows

    source = pa.BufferReader(response.content)
    with pa.ipc.open_stream(source) as reader:
        rows = reader.read_all()
    told = source.read()
    if told:  # the query failed when its first rows were out already
        raise problem(httpx.Response(500, content=told))
    return rows


def to_pandas(rows: pa.Table) -> pd.DataFrame:
    """Return rows as pandas has them; instants keep their zone."""
    # its threads take longer to start than a small table takes
    frame: pd.DataFrame = rows.to_pandas(use_threads=rows.num_rows > _SMALL)
    return frame


def problem(response: httpx.Response) -> WakitError:
    """Return the exception that a problem document stands for."""
    try:
        told = response.json()
        error = error_named(str(told["code"]))(str(told["detail"]))
        error.data = dict(told["data"])
    except (ValueError, KeyError, TypeError):
        return HostError(f"The host answered {response.status_code} without saying why. Run: wakit host logs")
    return error


@contextlib.contextmanager
def answered_by(info: HostInfo) -> Iterator[None]:
    """Raise what the transport says of a host without an answer as wakit's errors."""
    try:
        yield
    except httpx.TimeoutException as exc:
        msg = f"The host (pid {info.pid}) did not answer in time. Run: wakit host restart"
        raise HostNotResponding(msg, pid=info.pid) from exc
    except httpx.TransportError as exc:
        msg = f"The host (pid {info.pid}) went away during the call; nobody can tell whether it was carried out. {_AGAIN}"
        raise HostGone(msg, pid=info.pid) from exc


_AGAIN = "Call again: the host is started on demand."
