"""What each answer of the endpoint means for the row and for the run, in one table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from importer.core.errors import RefusedError
from importer.core.locale.message import Message, foreign, with_answer
from importer.core.records import Origin, RowError
from importer.core.shared import JsonValue
from importer.sender.answer import Answer, Meaning
from importer.sender.vorel.answer_headers import retry_after_seconds, until_reset_seconds
from importer.sender.vorel.server_texts import single, tidy

MAX_BODY_BYTES = 64 * 1024
"""No answer of the contract is larger; a larger body comes from something else."""


_GET_KEY = Message("under Settings > Integrations > API keys (/settings/integrations/api-keys)")

_STOP_BY_STATUS: Mapping[int, tuple[Message, Message]] = {
    401: (
        Message("the API key was refused (401): it is wrong, unknown or revoked"),
        Message("Set VOREL_API_KEY to a valid key; you get one %(place)s.", place=_GET_KEY),
    ),
    402: (
        Message("the service asks for payment (402)"),
        Message("Check the plan of this Vorel account."),
    ),
    403: (
        Message("the API key may not do this (403): it lacks the scope crm:write"),
        Message("Make a key with the scope crm:write %(place)s.", place=_GET_KEY),
    ),
    404: (
        Message("there is no create-record endpoint at this address (404): wrong host or version"),
        Message("Check --base-url (VOREL_BASE_URL); the default is https://app.vorel.ai."),
    ),
    405: (
        Message("this address does not take the request (405): wrong host or version"),
        Message("Check --base-url (VOREL_BASE_URL)."),
    ),
    407: (
        Message("the proxy on the way asks for a login (407)"),
        Message("Set HTTPS_PROXY with the proxy's credentials, or go around it with NO_PROXY."),
    ),
    410: (
        Message("this version of the endpoint is gone (410)"),
        Message("Update vorel-importer."),
    ),
    415: (
        Message("this address does not take JSON (415): wrong host or version"),
        Message("Check --base-url (VOREL_BASE_URL)."),
    ),
}

KEY_REFUSALS = frozenset(_STOP_BY_STATUS[status][0].code for status in (401, 403))
"""The codes of stops after which another key is needed."""

_STOP_BY_WORD: Mapping[str, tuple[Message, Message]] = {
    "no_crm_configured": (
        Message("this Vorel account has no CRM connected (no_crm_configured)"),
        Message("Connect one under Settings > Integrations, then run the same command again."),
    ),
    "auth_failed": (
        Message("the CRM refused Vorel's login (auth_failed)"),
        Message(
            "Connect the CRM anew under Settings > Integrations, then run the same command again."
        ),
    ),
}

_RETRIED = {408, 425}
_AWAY = {502, 503, 504}

_CORRECT = Message("Correct the row in the failed file and import that file.")
_CONFLICT = Message("A record with this key and other content exists; look it up in the CRM.")
_CRM_WORD = Message(
    "This is the CRM's own word: correct the row in the failed file and import that file, or, "
    "where the row is right, run the same command again."
)


def classify(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """
    Return what an HTTP answer means, by the table in `docs/answers.md`.

    `headers` has lower-case names. A body longer than `MAX_BODY_BYTES` is not an answer of this
    API. The result quotes the server unchanged; `cleaned` makes it safe to keep.
    """
    if 200 <= status < 300:
        return _success(status, headers, body)
    code, message = _envelope(body)
    if 300 <= status < 400:
        where = headers.get("location")
        return _stop(
            Message("the address redirects elsewhere (%(number)s)", number=status),
            Message(
                "Set --base-url to the final address, if it is yours: the API key is never sent on."
            ),
            Message("to %(path)s", path=where) if where else None,
        )
    if status in _STOP_BY_STATUS:
        what, hint = _STOP_BY_STATUS[status]
        return _stop(what, hint, message or _not_the_api(body))
    if status == 429:
        return _throttled(headers, code, message)
    if status in _RETRIED or status >= 500:
        return Answer(
            meaning=Meaning.RETRY,
            error=_error(
                code or "internal_error",
                Message(
                    "HTTP %(number)s: %(text)s",
                    number=status,
                    text=message or Message("no reason"),
                ),
                retryable=True,
            ),
            retry_after=retry_after_seconds(headers),
            unclear=True,
            server_failed=status >= 500 and status not in _AWAY,
        )
    conflict = status == 409 or code == "conflict"
    code = code or ("conflict" if conflict else "bad_request")
    return Answer(
        meaning=Meaning.REFUSED,
        error=_error(
            code,
            foreign(message)
            if message
            else Message("HTTP %(number)s without a reason", number=status),
            hint=_CONFLICT if conflict else _CORRECT,
        ),
        conflict=conflict,
    )


def _throttled(headers: Mapping[str, str], code: str | None, message: str | None) -> Answer:
    wait = retry_after_seconds(headers)
    return Answer(
        meaning=Meaning.THROTTLED,
        error=_error(
            code or "rate_limited",
            foreign(message)
            if message
            else Message("the key's requests for this minute are used up (429)"),
            retryable=True,
        ),
        retry_after=wait if wait is not None else until_reset_seconds(headers),
    )


def cleaned(answer: Answer, secret: str) -> Answer:
    """Return an answer without the API key and without what no file or terminal should hold."""
    error, stop = answer.error, answer.stop
    if error is not None:
        message = error.message.map_texts(lambda text: tidy(text, secret))
        error = replace(error, code=tidy(error.code, secret), message=message)
    if stop is not None:
        stop = RefusedError(stop.message.map_texts(lambda text: tidy(text, secret)), hint=stop.hint)
    return replace(
        answer,
        error=error,
        stop=stop,
        external_id=answer.external_id and single(answer.external_id, secret),
        record_url=answer.record_url and single(answer.record_url, secret),
    )


def _success(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """Read the two forms of a 200 answer; after any other body, the record may exist or not."""
    content = _json(body)
    if not isinstance(content, dict):
        return _no_contract(
            Message("HTTP %(number)s with %(what)s", number=status, what=_describe(body))
        )
    external_id, word = content.get("external_id"), content.get("error")
    if content.get("ok") is True and isinstance(external_id, str) and external_id:
        return Answer(
            meaning=Meaning.CREATED,
            external_id=external_id,
            record_url=_web_address(content.get("record_url")),
        )
    if content.get("ok") is False and isinstance(word, str) and word:
        wait = retry_after_seconds(headers)
        return _soft_failure(word, _detail(content.get("detail")), wait)
    return _no_contract(Message("HTTP %(number)s with JSON of another form", number=status))


def _web_address(url: JsonValue) -> str | None:
    """Return an http(s) address, or None for any other, since a report links to it."""
    if isinstance(url, str) and url.lower().startswith(("https://", "http://")):
        return url
    return None


def _detail(detail: JsonValue) -> str | None:
    """Return the explanation of the CRM: a text by the contract, but some CRMs may send JSON."""
    if isinstance(detail, str):
        return detail or None
    return None if not detail else json.dumps(detail, ensure_ascii=False)


def _soft_failure(word: str, detail: str | None, wait: float | None) -> Answer:
    if word in _STOP_BY_WORD:
        what, hint = _STOP_BY_WORD[word]
        stop = _refusal(what, hint, detail)
        error = RowError(
            code=word, origin=Origin.CRM, message=stop.message, hint=hint, retryable=True
        )
        return Answer(meaning=Meaning.STOP, error=error, stop=stop, is_transient=True)
    busy = word == "rate_limited"
    error = RowError(
        code=word,
        origin=Origin.CRM,
        message=foreign(detail)
        if detail
        else Message("the CRM refused the record (%(text)s)", text=word),
        hint=_CORRECT if word == "validation_error" else _CRM_WORD,
        retryable=busy,
    )
    if busy:
        return Answer(meaning=Meaning.SLOW_DOWN, error=error, retry_after=wait, is_transient=True)
    return Answer(meaning=Meaning.REFUSED, error=error)


def _no_contract(what: Message) -> Answer:
    error = RowError(
        code="invalid_response",
        origin=Origin.TRANSPORT,
        message=Message("not an answer of this API: %(what)s", what=what),
        hint=Message(
            "Something on the way (a proxy, a login page) may have answered; run again later."
        ),
        retryable=True,
    )
    return Answer(meaning=Meaning.RETRY, error=error, unclear=True)


def _stop(what: Message, hint: Message, text: str | None) -> Answer:
    """Stop the run for `what`; `text` is what the server says of it."""
    return Answer(meaning=Meaning.STOP, stop=_refusal(what, hint, text))


def _refusal(what: Message, hint: Message, text: str | None) -> RefusedError:
    return RefusedError(with_answer(what, text) if text else what, hint=hint)


def _error(
    code: str, message: Message, *, hint: Message | None = None, retryable: bool = False
) -> RowError:
    return RowError(code=code, origin=Origin.API, message=message, hint=hint, retryable=retryable)


def _json(body: bytes) -> JsonValue:
    if len(body) > MAX_BODY_BYTES:
        return None
    try:
        content: JsonValue = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return content


def _envelope(body: bytes) -> tuple[str | None, str | None]:
    """Return code and message of an error answer; each is None if it is missing."""
    content = _json(body)
    error = content.get("error") if isinstance(content, dict) else None
    if not isinstance(error, dict):
        return None, None
    code, message = error.get("code"), error.get("message")
    return (
        code if isinstance(code, str) and code else None,
        message if isinstance(message, str) and message else None,
    )


def _not_the_api(body: bytes) -> Message | None:
    """Return a note if the answer is not from the API, so that nobody suspects the key."""
    if _json(body) is None and body.strip():
        return Message(
            "it came with %(what)s, so a proxy or firewall may have answered",
            what=_describe(body),
        )
    return None


def _describe(body: bytes) -> Message:
    if len(body) > MAX_BODY_BYTES:
        return Message("more than %(count)s KiB", count=MAX_BODY_BYTES // 1024)
    if not body:
        return Message("an empty body")
    if body.lstrip()[:1] == b"<":
        return Message("a web page")
    return Message("a body that is not a JSON object")
