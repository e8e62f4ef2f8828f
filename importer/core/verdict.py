"""Says in one sentence whether everybody on a list is in the CRM, with what and without what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import ClassVar, Literal, Self

from importer.core.locale.language import N_, Language, language
from importer.core.locale.message import Message, of_parts, with_parts
from importer.core.locale.titles import field_title
from importer.core.objects import object_facts
from importer.core.paths import walk_leaves
from importer.core.shared import JsonValue, fitting, shortened

PART_WORDS: Mapping[str, str] = {
    "name": N_("a name"),
    "address": N_("an email"),
    "phone": N_("a phone"),
    "title": N_("a title"),
    "amount": N_("an amount"),
    "stage": N_("a stage"),
    "customer": N_("a customer"),
    "subject": N_("a subject"),
    "description": N_("a description"),
}
"""What the parts of records are called."""
_THEIR: Mapping[str, str] = {
    "name": N_("their name"),
    "email": N_("their email"),
    "contact_email": N_("their email"),
    "customer_email": N_("their email"),
    "phone": N_("their phone"),
    "mobile_phone": N_("their mobile phone"),
    "contact_phone": N_("their phone"),
    "customer_phone": N_("their phone"),
}
ONLY_A_NAME = ("name",)
"""The parts of a record that has a name alone."""
_COLUMNS_NAMED = 3
_LACKS_NAMED = 3
_LINES_NAMED = 5
_LONGEST_NAME = 60
LINES_KEPT = 20
"""How many lines are named of rows whose records lack a field."""

Code = Literal["empty", "nothing", "complete", "lacking", "changed", "partial"]


def parts_of(object_: str, fields: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """
    Return the parts that a record has.

    >>> parts_of("contact", {"first_name": "Ann", "email": "ann@example.com"})
    ('name', 'address')
    """
    parts = object_facts(object_).parts
    return tuple(part for part, names in parts.items() if any(name in fields for name in names))


def has_one_value(values: Mapping[str, JsonValue]) -> bool:
    """
    Return whether a row has a single value, as the title of a section has.

    >>> has_one_value({"Name": "Downtown branch", "Phone": ""})
    True
    """
    found = (value for _, value in walk_leaves(values) if value is not None)
    return sum(bool(str(value).strip()) for value in found) == 1


class PartCounts:
    """
    Counts what the records of an object have. `of` is the number of records counted.

    So many of them are `alone`: their row has nothing but a name. `alone_lines` are the first ones.
    """

    def __init__(self, object_: str) -> None:
        self.of = self.alone = 0
        self.alone_lines: list[int] = []
        self.has = dict.fromkeys(object_facts(object_).parts, 0)

    def add(self, parts: Sequence[str]) -> None:
        """Count one record with these parts."""
        self.of += 1
        for part in parts:
            self.has[part] += 1

    def add_several(self, records: int, has: Mapping[str, int]) -> None:
        """Count so many records, of which each part is in as many as `has` says."""
        self.of += records
        for part, count in has.items():
            self.has[part] = self.has.get(part, 0) + count

    def add_alone(self, count: int, lines: Sequence[int]) -> None:
        """Count records whose rows have nothing but a name; `lines` are those of the first."""
        self.alone += count
        self.alone_lines += lines[: LINES_KEPT - len(self.alone_lines)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """
    How many records a field is lacking in, since its value could not be read.

    It was "left_out", or "kept": sent as it is written. `lines` are the first lines.
    """

    field: str
    what: Literal["left_out", "kept"]
    count: int
    lines: tuple[int, ...] = ()


class LackCounts:
    """Counts the fields that records are lacking in, with the first lines of each."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, Literal["left_out", "kept"]]] = Counter()
        self._lines: dict[tuple[str, str], list[int]] = {}

    def add(self, left_out: Sequence[str], kept: Sequence[str], line: int) -> None:
        """Count one record, whose row begins on this line."""
        for name in left_out:
            self.add_several(name, "left_out", 1, [line])
        for name in kept:
            self.add_several(name, "kept", 1, [line])

    def add_several(
        self, name: str, what: Literal["left_out", "kept"], count: int, lines: Sequence[int] = ()
    ) -> None:
        """Count several records that lack one field; `lines` are those of the first."""
        self._counts[name, what] += count
        kept = self._lines.setdefault((name, what), [])
        kept += lines[: LINES_KEPT - len(kept)]

    def result(self) -> tuple[Lack, ...]:
        """Return what was counted, the most frequent first."""
        return tuple(
            Lack(field=name, what=what, count=count, lines=tuple(self._lines[name, what]))
            for (name, what), count in self._counts.most_common()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """
    What becomes of a list, as far as one sentence says it; `words` says it.

    `records` of its rows have a record; so many of these have `changed` since it was made, and
    nobody has dealt with that. Another import has made the records of `elsewhere` of these. In what
    is only `planned`, `to_send` more would be sent. `copies` are rows in which everything is the
    same as in another one, and `differing` those that become one record with another row though
    they differ, most often in `differ_in`. Of the others, `shared` have the record of another row,
    such as a changed row beside the old one. `person` rows need a person, `left` rows have no
    outcome yet: `unclear` of them were sent, and it is not known whether they have a record. What
    the records `has` is known of `counted` of them: those that would be sent, or were sent. `lacks`
    is what was left out of them or sent unread. The rows of `alone` of those that this run sends
    have one cell, a name, as a title among the rows would; `alone_lines` are the first. So many
    possible duplicates of earlier lists are `undecided`. A list that changed while it was read, or
    cannot be read to its end, is not known to be `whole`. `why` says why nothing was sent. No value
    of a list is in it.

        >>> Verdict(object="contact", records=12, counted=12, has={"name": 12}).words()
        'All 12 people are in the CRM: all with a name.'
    """

    also_printed: ClassVar = ("text", "code")

    object: str
    records: int = 0
    changed: int = 0
    to_send: int = 0
    planned: bool = False
    copies: int = 0
    differing: int = 0
    differ_in: tuple[str, ...] = ()
    shared: int = 0
    person: int = 0
    left: int = 0
    counted: int = 0
    has: Mapping[str, int] = field(default_factory=dict)
    lacks: tuple[Lack, ...] = ()
    alone: int = 0
    alone_lines: tuple[int, ...] = ()
    undecided: int = 0
    unclear: int = 0
    elsewhere: int = 0
    whole: bool = True
    why: Message | None = None

    @property
    def total(self) -> int:
        """How many people, deals or others are on the list: its rows without copies."""
        return self.records + self.to_send + self.differing + self.person + self.left

    @property
    def code(self) -> Code:
        """
        The verdict in a word.

        It is `complete` if everybody on the list has a record or can be sent; `changed` if records
        need an update as well, or else `lacking` if something was left out or sent unread.
        """
        if self.why is not None:
            return "nothing"
        if not self.total:
            return "empty"
        if self.records + self.to_send < self.total or not self.whole:
            return "partial"
        if self.changed:
            return "changed"
        return "lacking" if self.lacks else "complete"

    @property
    def text(self) -> str:
        """The verdict in English."""
        return self.words()

    @property
    def is_good(self) -> bool:
        """Whether nothing is left to say."""
        return self.code == "complete" and not self.undecided

    def lacks_all_of(self) -> tuple[str, ...]:
        """
        Return the parts that no record has, if records without them are hardly worth sending.

        Records need one of them (`ObjectFacts.needed`): people a name, cases subject or
        description.
        """
        parts = tuple(object_facts(self.object).needed)
        return parts if self.counted and not any(self.has.get(part) for part in parts) else ()

    def with_parts_of(self, earlier: Verdict | None) -> Verdict:
        """
        Return the verdict with what the records have that an earlier verdict of the list counted.

        That is known only if those and the ones counted here are all records: nobody has left.
        """
        is_open = self.planned and self.to_send
        if earlier is None or is_open or earlier.counted != earlier.records:
            return self
        if earlier.counted + self.counted != self.records:
            return self
        parts = PartCounts(self.object)
        for one in (earlier, self):
            parts.add_several(one.counted, one.has)
        return replace(self, counted=parts.of, has=dict(parts.has))

    def to_json(self) -> dict[str, JsonValue]:
        """Return the code and the parameters as JSON values."""
        return with_parts({"code": self.code, **asdict(self)})

    @classmethod
    def from_json(cls, form: JsonValue) -> Self | None:
        """Return the verdict for a form that `to_json` returned; None for anything else."""
        if not isinstance(form, Mapping) or not isinstance(form.get("object"), str):
            return None
        return fitting({**form, **of_parts(form, "why")}, cls)

    def words(self, speaks: Language | None = None) -> str:
        """Return the verdict in a language; without one, in English."""
        return _VerdictWords(self, speaks or language("en")).whole()


class _VerdictWords:
    def __init__(self, verdict: Verdict, speaks: Language) -> None:
        self._verdict = verdict
        self._language = speaks
        self._ = speaks.gettext
        self._comma, self._semicolon = speaks.gettext(", "), speaks.gettext("; ")

    def whole(self) -> str:
        found = self._verdict
        if found.code == "empty":
            return self._("The list has no rows.")
        is_counted = found.why is None or found.records > 0
        sentences = [self._first()] if is_counted else []
        if is_counted or found.unclear:
            sentences += self._others()
        if found.why is not None:
            sentences.insert(0, self._nothing(found.why))
        return " ".join(f"{one}." for one in sentences)

    def _nothing(self, why: str) -> str:
        text = N_("Nothing was sent: %(why)s")
        if self._verdict.planned:
            text = N_("Nothing would be sent: %(why)s")
        elif not self._verdict.whole:
            text = N_("Not known yet: %(why)s")
        elif self._verdict.unclear:
            text = N_("Stopped: %(why)s")
        text = self._(text)
        return text % {"why": Message.of(why).words(self._language).rstrip(".")}

    def _number(self, count: int) -> str:
        return self._language.number(count)

    def _what(self, count: int) -> str:
        one, more = object_facts(self._verdict.object).counted
        text = self._language.ngettext(one, more, count)
        return text % {"number": self._number(count)}

    def ngettext(self, one: str, more: str, count: int, **others: str) -> str:
        """Return the form of a text that goes with a number, with the number in it."""
        text = self._language.ngettext(one, more, count)
        return text % {"number": self._number(count), **others}

    def _first(self) -> str:
        """Return whether everybody is there, with what, and without what."""
        found = self._verdict
        is_open = found.planned and found.to_send > 0
        is_about_all = found.counted == (found.to_send if is_open else found.records)
        parts = self._comma.join(self._parts()) if found.counted else ""
        lead = self._lead()
        if parts and is_about_all and not (is_open and found.records):
            lead = self._("%(lead)s: %(parts)s") % {"lead": lead, "parts": parts}
        elif parts:
            of = self._("the %(number)s to send") if is_open else self._("the %(number)s sent last")
            lead += f"{self._semicolon}{of % {'number': self._number(found.counted)}}: {parts}"
        return self._semicolon.join([lead, *self._lacks(), *self._changed()])

    def _lead(self) -> str:
        found, what = self._verdict, self._what(self._verdict.total)
        _, ngettext = self._, self._language.ngettext
        given = {"what": what, "have": self._number(found.records)}
        if not found.to_send and (found.records or not found.planned):
            if found.records == found.total and not found.whole:
                text = ngettext(
                    "%(what)s that was read is in the CRM, and the list may have more",
                    "All %(what)s that were read are in the CRM, and the list may have more",
                    found.total,
                )
            elif found.records == found.total:
                text = ngettext(
                    "%(what)s is in the CRM", "All %(what)s are in the CRM", found.total
                )
            elif found.records:
                text = ngettext(
                    "%(have)s of %(what)s is in the CRM",
                    "%(have)s of %(what)s are in the CRM",
                    found.records,
                )
            else:
                text = _("None of %(what)s is known to be in the CRM")
            return text % given
        given["number"] = self._number(found.to_send)
        if not found.to_send:
            text = _("None of %(what)s can be sent")
        elif found.records:
            text = ngettext(
                "%(number)s of %(what)s can be sent, and %(have)s is in the CRM already",
                "%(number)s of %(what)s can be sent, and %(have)s are in the CRM already",
                found.records,
            )
        elif found.to_send == found.total:
            text = ngettext("%(what)s can be sent", "All %(what)s can be sent", found.total)
        else:
            text = _("%(number)s of %(what)s can be sent")
        return text % given

    def _parts(self) -> Iterator[str]:
        found = self._verdict
        for part, count in sorted(found.has.items(), key=lambda one: -one[1]):
            given = {"part": self._(PART_WORDS.get(part, part)), "number": self._number(count)}
            if found.counted == 1:
                text = self._("with %(part)s") if count else self._("without %(part)s")
            elif count == found.counted:
                text = self._("all with %(part)s")
            else:
                text = self._("%(number)s with %(part)s") if count else self._("none with %(part)s")
            yield text % given

    def _lacks(self) -> Iterator[str]:
        lacks = self._verdict.lacks
        for lack in lacks[:_LACKS_NAMED]:
            name = self._field(lack.field)
            known = _THEIR.get(lack.field)
            their = self._(known) if known else self._("their %(field)s") % {"field": name}
            yield self._lack(lack, their)
        if more := lacks[_LACKS_NAMED:]:
            yield self.ngettext(
                "and %(number)s field more", "and %(number)s fields more", len(more)
            )

    def _field(self, name: str) -> str:
        if self._language.code != "en":
            return field_title(name, self._language)
        return name.rpartition(".")[2].replace("_", " ")

    def _lack(self, lack: Lack, their: str) -> str:
        if self._verdict.planned and lack.what == "left_out":
            return self.ngettext(
                "%(number)s goes without %(their)s, which cannot be read",
                "%(number)s go without %(their)s, which cannot be read",
                lack.count,
                their=their,
            )
        if self._verdict.planned:
            return self.ngettext(
                "%(number)s goes with %(their)s as written, since it cannot be read",
                "%(number)s go with %(their)s as written, since it cannot be read",
                lack.count,
                their=their,
            )
        if lack.what == "left_out":
            return self.ngettext(
                "%(number)s was sent without %(their)s, which could not be read",
                "%(number)s were sent without %(their)s, which could not be read",
                lack.count,
                their=their,
            )
        return self.ngettext(
            "%(number)s was sent with %(their)s as written, since it could not be read",
            "%(number)s were sent with %(their)s as written, since it could not be read",
            lack.count,
            their=their,
        )

    def _changed(self) -> Iterator[str]:
        if count := self._verdict.changed - self._verdict.elsewhere:
            yield self.ngettext(
                "%(number)s has changed since it was sent, so its record needs an update",
                "%(number)s have changed since they were sent, so their records need an update",
                count,
            )
        if count := self._verdict.elsewhere:
            yield self.ngettext(
                "%(number)s has a record that another import has created, and that may need an "
                "update",
                "%(number)s have records that another import has created, and that may need an "
                "update",
                count,
            )

    def _others(self) -> Iterator[str]:
        found = self._verdict
        if found.differing and found.records + found.to_send:
            yield self._differing()
        if found.shared:
            yield self.ngettext(
                "%(number)s row more belongs to one of these records",
                "%(number)s rows more belong to one of these records",
                found.shared,
            )
        if found.copies:
            yield self.ngettext(
                "%(number)s row is a copy of another one",
                "%(number)s rows are copies of others",
                found.copies,
            )
        if 0 < 2 * found.alone <= found.counted:
            lines = [*map(self._number, found.alone_lines[:_LINES_NAMED])]
            yield self.ngettext(
                "%(number)s row has nothing but a name, so check that it is a person (line "
                "%(lines)s)",
                "%(number)s rows have nothing but a name, so check that they are people (line "
                "%(lines)s)",
                found.alone,
                lines=self._comma.join([*lines, "…"] if found.alone > len(lines) else lines),
            )
        if found.person:
            yield self.ngettext(
                "%(number)s row needs a person", "%(number)s rows need a person", found.person
            )
        if never := found.left - found.unclear:
            yield self.ngettext(
                "%(number)s row is not sent yet", "%(number)s rows are not sent yet", never
            )
        if found.unclear:
            yield self.ngettext(
                "%(number)s row was sent and has no answer on record, so it is not known whether "
                "it has a record: the next run asks again while the service remembers it",
                "%(number)s rows were sent and have no answer on record, so it is not known "
                "whether they have records: the next run asks again while the service remembers "
                "them",
                found.unclear,
            )
        if found.undecided:
            yield self.ngettext(
                "%(number)s possible duplicate of an earlier list is not decided yet",
                "%(number)s possible duplicates of earlier lists are not decided yet",
                found.undecided,
            )

    def _differing(self) -> str:
        found = self._verdict
        records = found.records + found.to_send
        given = {
            "rows": self._number(records + found.differing),
            "records": self._number(records),
            "columns": self._comma.join(
                shortened(one, _LONGEST_NAME) for one in found.differ_in[:_COLUMNS_NAMED]
            ),
        }
        ngettext = self._language.ngettext
        if not found.differ_in:
            text = ngettext(
                "%(rows)s rows become %(records)s record",
                "%(rows)s rows become %(records)s records",
                records,
            )
        elif len(found.differ_in) > _COLUMNS_NAMED:
            text = ngettext(
                "%(rows)s rows become %(records)s record: they differ in %(columns)s and others",
                "%(rows)s rows become %(records)s records: they differ in %(columns)s and others",
                records,
            )
        else:
            text = ngettext(
                "%(rows)s rows become %(records)s record: they differ only in %(columns)s",
                "%(rows)s rows become %(records)s records: they differ only in %(columns)s",
                records,
            )
        return text % given
