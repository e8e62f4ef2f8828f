"""Sends one message by email, and says in words why that failed."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import TYPE_CHECKING

from importer.core.shared import one_line

if TYPE_CHECKING:
    from importer.jobs.monitoring.monitoring_settings import EmailSettings

_SUBJECT = 200
_WORDS: Mapping[type[Exception], str] = {
    smtplib.SMTPAuthenticationError: "does not take the user and the password",
    smtplib.SMTPRecipientsRefused: "takes no mail for the addresses in `to`",
    smtplib.SMTPNotSupportedError: "does not offer STARTTLS, or no login",
    ssl.SSLError: "has no certificate that this computer trusts, or speaks no TLS here",
}


def send_email(settings: EmailSettings, text: str, *, seconds: float) -> str | None:
    """
    Send a text, whose first line is the subject. Returns None, or what went wrong.

    Each answer of the server may take so many `seconds`.
    """
    try:
        password = settings.read_password()
        with _connected(settings, seconds) as server:
            if settings.user is not None:
                server.login(settings.user, password or "")
            server.send_message(_message(settings, text))
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return f"{settings.host} {_why(error)}"
    return None


def _why(error: Exception) -> str:
    """Return what went wrong, without what the server has said: it could quote the message."""
    words = next((words for kind, words in _WORDS.items() if isinstance(error, kind)), None)
    if words is None and isinstance(error, smtplib.SMTPResponseException):
        return f"answered {error.smtp_code}"
    return words or f"cannot be reached ({type(error).__name__})"


def _connected(settings: EmailSettings, seconds: float) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if settings.security == "tls":
        return smtplib.SMTP_SSL(settings.host, settings.real_port, timeout=seconds, context=context)
    server = smtplib.SMTP(settings.host, settings.real_port, timeout=seconds)
    try:
        if settings.security == "starttls":
            server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server


def _message(settings: EmailSettings, text: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = one_line(text.partition("\n")[0])[:_SUBJECT]
    message["From"] = settings.sender
    message["To"] = ", ".join(settings.to)
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain=settings.sender.rpartition("@")[2] or None)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{text}\n")
    return message
