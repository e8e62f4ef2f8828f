"""What each answer of the endpoint means for the row and for the run, in one table."""

from __future__ import annotations

import email.utils
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any

from importer.errors import RefusedError
from importer.records import Origin, RowError

__all__ = ["MAX_BODY_BYTES", "Answer", "Meaning", "classify", "retry_after_seconds"]

MAX_BODY_BYTES = 64 * 1024
"""More than any answer of the contract holds; what is larger comes from something else."""

_TEXT_KEPT = 500


class Meaning(Enum):
    """What the sender does next."""

    CREATED = auto()
    REFUSED = auto()  # the row failed for good; the next row
    RETRY = auto()  # no clear answer: the same key again, then `unknown`
    THROTTLED = auto()  # the key's requests are used up: the gate closes
    SLOW_DOWN = auto()  # the CRM behind it is too busy: the pace halves
    STOP = auto()  # every row would get this


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    One request's answer, understood.

    `reached` is False where no byte came from any server. `unclear` is True where the request
    may have created the record although no answer says so.
    """

    meaning: Meaning
    error: RowError | None = None
    external_id: str | None = None
    record_url: str | None = None
    retry_after: float | None = None
    stop: RefusedError | None = None
    reached: bool = True
    unclear: bool = False


_GET_KEY = "under Settings > Integrations > API keys (/settings/integrations/api-keys)"

_STOP_BY_STATUS: Mapping[int, tuple[str, str]] = {
    401: (
        "the API key was refused (401): it is wrong, unknown or revoked",
        f"Set VOREL_API_KEY to a valid key; you get one {_GET_KEY}.",
    ),
    402: (
        "the service asks for payment (402)",
        "Check the plan of this Vorel account.",
    ),
    403: (
        "the API key may not do this (403): it lacks the scope crm:write",
        f"Make a key with the scope crm:write {_GET_KEY}.",
    ),
    404: (
        "there is no create-record endpoint at this address (404): wrong host or version",
        "Check --base-url (VOREL_BASE_URL); the default is https://app.vorel.ai.",
    ),
    405: (
        "this address does not take the request (405): wrong host or version",
        "Check --base-url (VOREL_BASE_URL).",
    ),
    407: (
        "the proxy on the way asks for a login (407)",
        "Set HTTPS_PROXY with the proxy's credentials, or go around it with NO_PROXY.",
    ),
    410: (
        "this version of the endpoint is gone (410)",
        "Update vorel-importer.",
    ),
    415: (
        "this address does not take JSON (415): wrong host or version",
        "Check --base-url (VOREL_BASE_URL).",
    ),
}

_STOP_BY_WORD: Mapping[str, tuple[str, str]] = {
    "no_crm_configured": (
        "this Vorel account has no CRM connected (no_crm_configured)",
        "Connect one under Settings > Integrations, then run the same command again.",
    ),
    "auth_failed": (
        "the CRM refused Vorel's login (auth_failed)",
        "Connect the CRM anew under Settings > Integrations, then run the same command again.",
    ),
}

_RETRIED = {408, 425}


def classify(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """
    Tell what an HTTP answer means, by the table in `docs/answers.md`.

    `headers` has lower-case names. A body longer than `MAX_BODY_BYTES` is no answer of this API.
    """
    if 200 <= status < 300:  # noqa: PLR2004
        return _success(status, body)
    code, message = _envelope(body)
    if 300 <= status < 400:  # noqa: PLR2004
        return _stop(
            f"the address redirects elsewhere ({status} to {headers.get('location', 'nowhere')})",
            "Set --base-url to the final address, if it is yours: the API key is never sent on.",
        )
    if status in _STOP_BY_STATUS:
        what, hint = _STOP_BY_STATUS[status]
        return _stop(f"{what}: {message}" if message else what, hint)
    if status == 429:  # noqa: PLR2004
        return Answer(
            meaning=Meaning.THROTTLED,
            error=_error(code or "rate_limited", message or "429", retryable=True),
            retry_after=retry_after_seconds(headers),
        )
    if status in _RETRIED or status >= 500:  # noqa: PLR2004
        return Answer(
            meaning=Meaning.RETRY,
            error=_error(
                code or "internal_error", f"HTTP {status}: {message or 'no reason'}", retryable=True
            ),
            retry_after=retry_after_seconds(headers),
            unclear=True,
        )
    code = code or ("conflict" if status == 409 else "bad_request")  # noqa: PLR2004
    return Answer(
        meaning=Meaning.REFUSED,
        error=_error(code, message or f"HTTP {status} without a reason", hint=_hint(code)),
    )


def _success(status: int, body: bytes) -> Answer:
    """Read the contract's two 200 forms; anything else may or may not have created a record."""
    content = _json(body)
    if not isinstance(content, dict):
        return _no_contract(f"HTTP {status} with {_describe(body)}")
    external_id, word = content.get("external_id"), content.get("error")
    if content.get("ok") is True and isinstance(external_id, str) and external_id:
        url = content.get("record_url")
        return Answer(
            meaning=Meaning.CREATED,
            external_id=external_id,
            record_url=url if isinstance(url, str) and url else None,
        )
    if content.get("ok") is False and isinstance(word, str) and word:
        detail = content.get("detail")
        return _soft_failure(word, detail if isinstance(detail, str) else None)
    return _no_contract(f"HTTP {status} with JSON of another form")


def _soft_failure(word: str, detail: str | None) -> Answer:
    if word in _STOP_BY_WORD:
        what, hint = _STOP_BY_WORD[word]
        return _stop(f"{what}: {_cut(detail)}" if detail else what, hint)
    error = RowError(
        code=word,
        origin=Origin.CRM,
        message=_cut(detail) if detail else f"the CRM refused the record ({word})",
        hint="Correct the row in the failed file and import that file.",
        retryable=word == "rate_limited",
    )
    meaning = Meaning.SLOW_DOWN if word == "rate_limited" else Meaning.REFUSED
    return Answer(meaning=meaning, error=error)


def _no_contract(what: str) -> Answer:
    error = RowError(
        code="invalid_response",
        origin=Origin.TRANSPORT,
        message=f"no answer of this API: {what}",
        hint="Something on the way (a proxy, a login page) may have answered; run again later.",
        retryable=True,
    )
    return Answer(meaning=Meaning.RETRY, error=error, unclear=True)


def _stop(what: str, hint: str) -> Answer:
    return Answer(meaning=Meaning.STOP, stop=RefusedError(what, hint=hint))


def _error(
    code: str, message: str, *, hint: str | None = None, retryable: bool = False
) -> RowError:
    return RowError(code=code, origin=Origin.API, message=message, hint=hint, retryable=retryable)


def _hint(code: str) -> str:
    if code == "conflict":
        return "A record with this key and other content exists; look it up in the CRM."
    return "Correct the row in the failed file and import that file."


def _json(body: bytes) -> Any:
    if len(body) > MAX_BODY_BYTES:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _envelope(body: bytes) -> tuple[str | None, str | None]:
    """Return code and message of the contract's error envelope, as far as they are there."""
    content = _json(body)
    error = content.get("error") if isinstance(content, dict) else None
    if not isinstance(error, dict):
        return None, None
    code, message = error.get("code"), error.get("message")
    return (
        code if isinstance(code, str) and code else None,
        _cut(message) if isinstance(message, str) and message else None,
    )


def _describe(body: bytes) -> str:
    if len(body) > MAX_BODY_BYTES:
        return f"more than {MAX_BODY_BYTES // 1024} KiB"
    if not body:
        return "an empty body"
    return "a web page" if body.lstrip()[:1] == b"<" else "a body that is no JSON object"


def _cut(text: str) -> str:
    return text if len(text) <= _TEXT_KEPT else text[:_TEXT_KEPT] + "..."


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """
    Return the seconds to wait that an answer asks for, or None where it does not.

    `Retry-After` may be a number or an HTTP date (RFC 9110, 10.2.3); a date counts from the
    answer's own `Date`, since the two clocks need not agree. Without it `X-RateLimit-Reset`
    counts the same way where it is epoch seconds; a small number is a delta.
    """
    text = headers.get("retry-after", "").strip()
    try:
        wait = float(text)
    except ValueError:
        until = _http_date(text)
        if until is None:
            return _until_reset(headers)
        wait = (until - _server_now(headers)).total_seconds()
    return wait if 0 <= wait < float("inf") else None


def _until_reset(headers: Mapping[str, str]) -> float | None:
    try:
        reset = float(headers.get("x-ratelimit-reset", ""))
    except ValueError:
        return None
    if reset > 1e9:  # noqa: PLR2004 - an instant: no delta is thirty years
        reset -= _server_now(headers).timestamp()
    return reset if 0 <= reset <= 120 else None  # noqa: PLR2004 - two windows


def _server_now(headers: Mapping[str, str]) -> datetime:
    return _http_date(headers.get("date", "")) or datetime.now(UTC)


def _http_date(text: str) -> datetime | None:
    try:
        parsed = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
