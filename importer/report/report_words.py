"""The words of a report, in its language: for codes, changes and states that others only name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

from importer.core.clock import instant
from importer.core.locale.language import N_, Language
from importer.core.locale.message import Message
from importer.core.locale.titles import field_title, object_title
from importer.core.shared import HIDDEN, LONE_SURROGATE, shortened

_STATUSES: Mapping[str, str] = {
    "created": N_("created"),
    "duplicate": N_("the same as an earlier row"),
    "invalid": N_("not sent: something in the row is wrong"),
    "failed": N_("refused by the CRM"),
    "unknown": N_("no clear answer: may be in the CRM"),
    "changed": N_("with a record that may need an update"),
    "possible_duplicate": N_("may have a record already: not decided yet"),
    "dealt_with": N_("changed, dealt with"),
    "left": N_("without an outcome yet"),
}
_TITLES: Mapping[tuple[str, str], str] = {
    ("invalid_value", "phone"): N_("%(field)s: not phone numbers"),
    ("invalid_value", "email"): N_("%(field)s: not email addresses"),
    ("invalid_value", "date"): N_("%(field)s: dates that cannot be read"),
    ("invalid_value", "datetime"): N_("%(field)s: times that cannot be read"),
    ("invalid_value", "decimal"): N_("%(field)s: not numbers"),
    ("invalid_value", "integer"): N_("%(field)s: not whole numbers"),
    ("invalid_value", "money"): N_("%(field)s: not amounts"),
    ("invalid_value", "url"): N_("%(field)s: not web addresses"),
    ("invalid_value", "enum"): N_("%(field)s: words it does not take"),
    ("invalid_value", ""): N_("%(field)s: values it does not take"),
    ("missing_required", ""): N_("%(field)s is missing"),
    ("missing_required", "no field"): N_("Nothing identifies the person or thing"),
    ("malformed_row", ""): N_("Rows that do not fit the header"),
    ("row_too_large", ""): N_("Rows that are too long"),
    ("encoding_error", ""): N_("Rows with characters that cannot be read"),
    ("no_fields", ""): N_("Empty rows"),
    ("left_out", ""): N_("%(field)s: left out, since it cannot be read"),
    ("kept", ""): N_("%(field)s: sent as written, since it cannot be read"),
    ("changed", ""): N_("Rows with a record that may need an update"),
    ("possible_duplicate", ""): N_("Rows that may have a record already"),
    ("first_not_created", ""): N_("The same as a row that has no record"),
    ("unauthorized", ""): N_("The key was refused"),
    ("validation_error", ""): N_("The CRM refused %(field)s"),
    ("validation_error", "no field"): N_("The CRM refused the record"),
    ("timeout", ""): N_("No answer came"),
    ("connection_error", ""): N_("No connection"),
    ("invalid_response", ""): N_("An answer that is not the service's"),
    ("bad_request", ""): N_("The service refused the request"),
    ("conflict", ""): N_("An earlier request had other content: the record may exist"),
    ("rate_limited", ""): N_("The service was too busy"),
    ("internal_error", ""): N_("The service failed"),
    ("unclear", ""): N_("An earlier request had no clear answer"),
    ("not_there", ""): N_("Looked up in the CRM: it is not there, and is sent again"),
}
_CHANGES: Mapping[str, str] = {
    "normalised": N_("written in the standard form"),
    "mapped by values": N_("replaced by the word the mapping gives"),
    "first of several taken": N_("the first of several taken"),
    "extension left out": N_("extension left out"),
    "cut": N_("cut to the longest that is allowed"),
    "hidden characters removed": N_("hidden characters removed"),
    "characters of windows-1252 restored": N_("characters of windows-1252 restored"),
    "changed by replace": N_("changed by a replacement of the mapping"),
    "minutes added to another time": N_("worked out from another time"),
    "left out, since it cannot be sent": N_("left out, since it cannot be sent"),
    "left out, since a spreadsheet has cut it": N_("left out, since a spreadsheet has cut it"),
    "sent as written, though it cannot be read": N_("sent as written, though it cannot be read"),
}
_SETTINGS: Mapping[str, str] = {
    "object": N_("Object"),
    "base_url": N_("Service"),
    "mapping": N_("Mapping"),
    "version": N_("Version of the importer"),
    "host": N_("Computer"),
    "sources": N_("Lists"),
    "called": N_("Lists"),
    "results": N_("Results file"),
    "corrections": N_("Corrected rows"),
    "rate": N_("Requests a minute"),
    "max_errors": N_("Rows that may be refused"),
    "limit": N_("Rows that are sent at most"),
}


class Words:
    """The texts that a template needs beside its own, for one language and time zone."""

    def __init__(self, language: Language, zone: tzinfo | None = None) -> None:
        self.language = language
        self._zone = zone

    def status(self, name: str) -> str:
        """Return what a status means."""
        return self._known(_STATUSES, name)

    def problem(self, code: str, field: str | None, kind: str = "") -> str:
        """Return what an error with this code means, of a field of this kind if it is of one."""
        found = _TITLES.get((code, kind if field else "no field")) or _TITLES.get((code, ""))
        title = self.language.gettext(found or N_("Refused by the CRM or the service: %(code)s"))
        return title % {"field": self.field(shown(field, 60)) if field else "", "code": shown(code)}

    def field(self, name: str) -> str:
        """Return what a field is called."""
        return field_title(name, self.language)

    def object(self, name: str) -> str:
        """Return what the records of an object are called."""
        return object_title(name, self.language)

    def line(self, number: int) -> str:
        """Return the line of a row of which nothing else may be said."""
        return self.language.gettext("line %(number)s") % {"number": self.language.number(number)}

    def said(self, message: Message | None) -> str:
        """
        Return a message in this language, or "" if it is not in it.

        Flags and commands are in English alone, as on the command line.
        """
        if message is None or self.language.code == "en":
            return message or ""
        found = message.plain()
        return found.words(self.language) if found.is_in(self.language) else ""

    def change(self, name: str) -> str:
        """Return what was done to a value."""
        return self._known(_CHANGES, name)

    def setting(self, name: str) -> str:
        """Return the name of a setting."""
        return self._known(_SETTINGS, name)

    def _known(self, table: Mapping[str, str], name: str) -> str:
        return self.language.gettext(table[name]) if name in table else name

    def moment(self, at: datetime | str | None) -> str:
        """Return a time, or that of a text in a file, in the zone of this computer."""
        at = instant(at) if isinstance(at, str) else at
        return "" if at is None else self.language.moment(at.astimezone(self._zone))

    def date(self, at: datetime) -> str:
        """Return the day of a time in the zone of this computer."""
        return self.language.date(at.astimezone(self._zone))

    def zone(self, at: datetime | None) -> str:
        """Return the zone of this computer, such as `UTC+04:00`."""
        if at is None:
            return "UTC"
        text = at.astimezone(self._zone).strftime("%z")
        return f"UTC{text[:3]}:{text[3:5]}" if text.strip("+-0") else "UTC"

    def duration(self, seconds: float) -> str:
        """Return how long something takes: in seconds, minutes or hours."""
        minutes, ngettext = round(seconds / 60), self.language.ngettext
        count: float
        if seconds < 90:
            count = max(round(seconds), int(seconds > 0))
            text = ngettext("%(number)s second", "%(number)s seconds", int(count))
        elif minutes < 120:
            count = minutes
            text = ngettext("%(number)s minute", "%(number)s minutes", minutes)
        else:
            count = round(minutes / 60, 1)
            text = ngettext("%(number)s hour", "%(number)s hours", int(count))
        return text % {"number": self.language.number(count, int(count % 1 > 0))}


def shown(text: object, longest: int = 160) -> str:
    """Return a text from the list or the service: cut, and with no character that hides others."""
    clean = LONE_SURROGATE.sub("\ufffd", HIDDEN.sub("\ufffd", str(text)))
    return shortened(clean, longest)
