"""Sentences of the importer, which are in English, and which the page says in its language."""

from __future__ import annotations

from collections.abc import Sequence

from importer.core.locale.language import N_

__all__ = ["KINDS", "LOOKS", "OTHER_KIND", "OTHER_REASON", "REASONS", "SENTENCES"]

SENTENCES: Sequence[str] = (
    N_("the field's own name"),
    N_("a known header of the field"),
    N_("a header you gave the field"),
    N_("chosen by you"),
    N_("left out by you"),
    N_("no field has this meaning"),
    N_("the header has no meaning"),
    N_("the values look like %(looks)s"),
    N_("its words mean %(meanings)s"),
    N_("misspelt, but its words mean %(meanings)s"),
    N_("no field is known for %(words)s"),
    N_("one of the importer's own columns"),
    N_("it is about another person than the row's"),
    N_("the header means %(secret)s: not sent unless you map it"),
    N_("the values are %(secret)s: not sent unless you map it"),
    N_("its texts contain %(secret)s: not sent unless you map it"),
    N_("the header means %(field)s, but the values look like %(looks)s"),
    N_("the header does not say so, but the values look like %(looks)s"),
    N_("second choice for %(field)s, used where %(column)s is empty"),
    N_("another address: %(column)s is %(field)s already, and two must not be mixed"),
    N_("%(column)s fits %(field)s better"),
    N_("its values are no forms of address, so they are job titles"),
    N_("its values are forms of address"),
    N_("each row has another code there"),
    N_("no column is called a name, and this one is the fullest of different words"),
    N_("no column is called the amount, and its values are numbers"),
    N_("no column is called the stage, and it has few different words"),
    N_("the lead's own name: the person has a first and a last name"),
    N_("%(field)s: %(value)s (column %(column)s) is not a phone number."),
    N_("%(field)s: %(value)s (column %(column)s) is not a phone number: it has letters."),
    N_("%(field)s: %(value)s (column %(column)s) is not an email address: %(why)s."),
    N_("%(field)s: %(value)s (column %(column)s) holds more than one address."),
    N_("%(field)s: %(value)s (column %(column)s) is not a date in the form %(form)s."),
    N_("%(field)s: %(value)s (column %(column)s) is not a day or time that exists."),
    N_("%(field)s: %(value)s (column %(column)s) is not a time in the form %(form)s."),
    N_("%(field)s: %(value)s (column %(column)s) does not say its offset."),
    N_("%(field)s: %(value)s (column %(column)s) is not a number."),
    N_("%(field)s: %(value)s (column %(column)s) may be thousands or a fraction."),
    N_("%(field)s: %(value)s (column %(column)s) was rounded by a spreadsheet."),
    N_("%(field)s: %(value)s (column %(column)s) is not a web address."),
    N_("%(field)s: %(value)s (column %(column)s) %(reason)s."),
    N_("%(field)s: every %(object)s needs it, and there is no value (column %(column)s)."),
    N_("Every %(object)s needs at least one of %(fields)s, and the row has none."),
    N_("The row is empty: no mapped column has a value."),
    N_("No column with a line of its own has a value in this row, only those that rest sends."),
    N_("%(expected)s cells expected, as in the header, and %(found)s found"),
    N_("Columns that are not mapped and not sent: %(columns)s."),
    N_("%(name)s: no such file"),
    N_("no file was chosen, or it is empty"),
    N_("Choose the list, then press."),
    N_("Choose the file, then press."),
    N_("no path was given"),
    N_("Write where the list is."),
    N_("%(name)s is not a whole path"),
    N_("Begin it with the drive or folder."),
    N_("Check the path."),
    N_("Check the path, and whether the export has run."),
    N_("nothing was chosen"),
    N_("Choose or write a value beside the button."),
    N_("Write its name, or its code."),
    N_("%(value)s: no phone numbers of this country are known"),
    N_("the form is too long"),
    N_("the form cannot be read"),
    N_("the upload cannot be read"),
    N_("the upload was cut off"),
    N_("Upload the file again."),
    N_("%(name)s has no columns to map."),
    N_("Check that it is the right file."),
    N_("%(name)s is damaged (%(text)s): none of it is read"),
    N_("Download the list, or pack it, again."),
    N_("%(name)s is %(kind)s, not CSV or JSON"),
    N_("%(name)s is %(kind)s, whatever its name says, not CSV or JSON"),
    N_("Export the list as CSV from where it came from."),
    N_(
        "Open it: if it has a table, save that as CSV (UTF-8); if it tells of an error, export the "
        "list again."
    ),
    N_("Save it as CSV (UTF-8) first."),
    N_("Unpack it first."),
    N_("Export the list again."),
    N_("Choose the list itself."),
    N_("Export its table as CSV."),
    N_("Export the table itself as CSV."),
    N_("Export it as CSV, or convert it first."),
    N_("%(name)s is empty"),
    N_("State the encoding: %(text)s"),
    N_(
        "%(name)s cannot be read as a spreadsheet (%(text)s): it is damaged, has a password, or is "
        "another kind of Office file"
    ),
    N_(
        "%(name)s, line %(line)s: not UTF-8, like %(count)s lines with non-ASCII letters, and the "
        "encoding cannot be guessed with certainty"
    ),
    N_("the same record as row %(row)s, which %(ending)s"),
    N_("A record with this key and other content exists; look it up in the CRM."),
    N_("%(name)s is too large to be read as a spreadsheet: it unpacks to more than %(size)s MiB"),
    N_(
        "%(name)s is too large to be read as a spreadsheet: a sheet has an area of more than "
        "%(cells)s cells"
    ),
    N_(
        "%(name)s is too large to be read as a spreadsheet: its cells have more than %(size)s MiB "
        "of text"
    ),
    N_("Save it as CSV (UTF-8): a CSV file may be of any size."),
    N_("a sheet cannot hold %(what)s"),
    N_("more than %(most)s rows"),
    N_("more than %(most)s columns"),
    N_("a value of more than %(most)s characters"),
    N_("Take the CSV file."),
    N_(
        "%(results)s is the results file of an import that has created %(created)s of the "
        "%(rows)s rows of %(name)s"
    ),
    N_("continue %(results)s"),
    N_("create all rows once more"),
    N_("they are the same: create one record of them"),
    N_("they are different: create each of them"),
    N_("it is the same import: continue it"),
    N_("it is another import: set the old results file aside"),
    N_("api_key: the key has characters that no API key has (spaces, line ends, …)"),
    N_("it names a place, but not what is there"),
    N_("part of the whole name"),
    N_("part of the street"),
    N_("the only name"),
    N_("its values are objects written as text, with several values each"),
    N_("its values say only yes or no, and %(field)s has other words"),
    N_("unknown words (%(words)s), but the values look like %(looks)s"),
    N_("the header does not say so, but the values are numbers of mobile phones"),
    N_("the header does not say so, but the values look like names of people"),
    N_("a list without a header, and its values look like names"),
    N_("a place beside a mobile number: another phone number"),
    N_("how long it takes; where no column is the end, that is worked out from it"),
    N_("a %(object)s has no field for a person's name"),
    N_("there is no first name beside it, so it may be the last of anything"),
    N_("the number of a house, without one street that it belongs to"),
    N_("a form of address, not a job title"),
    N_("another column is the status"),
    N_("another column is the stage"),
    N_("it means state or status, and is beside an address"),
    N_("a code beside an address"),
    N_("many of its values are web addresses, and %(field)s is none"),
    N_("all its values are the same, so it is no id"),
    N_("most of its texts are longer than %(field)s takes"),
    N_("its values hold those of %(column)s: whole names"),
    N_("its values are names of companies, beside another column of names"),
    N_("it has no values for %(field)s, and another column has"),
    N_("part of the whole name in %(column)s"),
    N_("worked out from the start"),
    N_("the currency next to each amount"),
    N_('the time zone of these times, such as timezone = "Asia/Dubai" (--timezone)'),
    N_("which of %(words)s stands for %(value)s in %(column)s"),
    N_("many values are not plain numbers"),
    N_('its marks may separate thousands or decimals: state decimal_mark = "." or ","'),
    N_("%(count)s of its %(rows)s values cannot be sent"),
    N_("its date format: it was not recognised; state formats"),
    N_("its date format: some have the day first, others the month; state formats"),
    N_("day and month cannot be told apart: %(formats)s (--day-first or --month-first)"),
    N_("no column says when it ends: %(count)s minutes after its start are assumed"),
    N_(
        "numbers without a country code are not placed: state where they are from with "
        "--region, as in --region AE"
    ),
    N_(
        "numbers without a country code are taken for those of %(country)s: the numbers "
        "that have a country code are of it"
    ),
    N_(
        "numbers without a country code are taken for those of %(country)s: the list's "
        "countries say so"
    ),
    N_("%(count)s texts are longer than the %(most)s characters it takes: they are cut"),
    N_("companies without a person (%(count)s) are sent under the company's name"),
    N_("delimiter %(sign)s (%(share)s of %(count)s lines agree)"),
    N_("quote %(sign)s"),
    N_("escape %(sign)s"),
    N_("spaces behind the delimiter are ignored"),
    N_("header on line %(line)s (%(count)s rows)"),
    N_("header on line %(line)s"),
    N_("no header: the first line is a row, and the columns are numbered"),
    N_("the header has %(count)s rows; use --header-rows 1 if it has one"),
    N_(
        "the first line is read as the header, though it has values in it; use "
        "--no-header if it is a row"
    ),
    N_(
        "read as %(name)s (likely): e.g. “%(value)s”; if that is wrong, state the "
        "encoding with --encoding"
    ),
    N_("read as %(name)s, without a byte order mark; if that is wrong, use --encoding"),
    N_("%(count)s lines above the rows are skipped"),
    N_("column %(number)s (%(value)s) is named %(name)s here"),
    N_("%(count)s empty names in the header are ignored: the rows have %(cells)s cells"),
    N_("no row has a cell for %(value)s of the header"),
    N_("the header has another delimiter or quote than the rows"),
    N_("line %(line)s is skipped as a footer: %(value)s"),
    N_("%(what)s (line %(line)s, ...: %(count)s in all)"),
    N_("%(what)s (line %(line)s)"),
    N_("a row of empty cells: skipped"),
    N_("the header is repeated in the file: skipped"),
    N_("a report's own notice, not a row: skipped"),
    N_("another table begins here: its rows are refused"),
    N_("a row of column names is among the rows: refused"),
    N_("row repaired: %(what)s"),
    N_("empty cells at its end were left out"),
    N_("cells at its end are missing"),
    N_("cells behind the last column are left out"),
    N_("a delimiter in a cell was not quoted"),
    N_("it has empty cells too many"),
    N_("a quote inside a quoted cell was not doubled"),
    N_("there was a space after each delimiter"),
    N_("there were spaces between its quotes and delimiters"),
    N_("its cells are in %(sign)s quotes"),
    N_("its delimiter is %(sign)s"),
    N_("the rows are the list %(path)s in one JSON object"),
    N_("if the object is one row, use --format json"),
    N_(
        "%(count)s number was cut by a spreadsheet and cannot be sent: give the column the "
        "format Text, and export it again"
    ),
    N_(
        "%(count)s numbers were cut by a spreadsheet and cannot be sent: give the column the "
        "format Text, and export it again"
    ),
    N_("which time zone %(name)s is here: state timezone in its line"),
    N_("its values repeat those of %(column)s"),
    N_("its links have the ids of %(column)s: they lead to the record"),
    N_("the second line of an address whose first line, %(column)s, is a name"),
    N_("only the sheet %(name)s is read, not %(others)s: choose with --sheet"),
    N_("skipped, not list files: %(names)s"),
    N_("the JSON array is never closed: the file may have been cut off"),
    N_("Keys that are not mapped and not sent: %(columns)s."),
    N_("No row has %(columns)s, which the mapping reads."),
    N_("a quote that opens in this row is never closed"),
    N_("a quoted cell has text behind its closing quote"),
    N_("a quote opens in this row and is not closed in it; the next lines are rows"),
    N_(
        "a quote opens in line %(line)s and closes in line %(last)s, and each of these "
        "lines is a row by itself"
    ),
    N_("it has column names instead of values: it may be the header of another table"),
    N_("it belongs to another table, which begins in line %(line)s"),
    N_(
        "the record that begins here is larger than %(count)s characters, or a quote in "
        "it is never closed"
    ),
    N_("a byte (%(value)s) that is not in this encoding, at character %(number)s of the row"),
    N_("not a JSON object: %(why)s"),
    N_("the API key was refused (401): it is wrong, unknown or revoked"),
    N_("the service asks for payment (402)"),
    N_("the API key may not do this (403): it lacks the scope crm:write"),
    N_("there is no create-record endpoint at this address (404): wrong host or version"),
    N_("this Vorel account has no CRM connected (no_crm_configured)"),
    N_("the CRM refused Vorel's login (auth_failed)"),
    N_("Connect one under Settings > Integrations, then run the same command again."),
    N_("Connect the CRM anew under Settings > Integrations, then run the same command again."),
    N_("%(count)s of %(rows)s rows were refused"),
    N_("the program was ended"),
    N_("the database cannot be reached"),
    N_("the database cannot be reached (%(text)s)"),
    N_("the database does not answer"),
    N_("the connection to the database has broken"),
    N_("the database cannot be asked: %(text)s"),
    N_("the database has no tables of this version"),
    N_("Run: %(command)s"),
    N_("this role of the database may not use all tables of the fleet"),
    N_("Run as the owner of the database: %(command)s"),
    N_(
        "Give --database or VOREL_FLEET_DATABASE an address like postgresql://user@host/database; "
        "the password is best in ~/.pgpass or PGPASSWORD."
    ),
    N_("this should not have happened, please report it: %(name)s"),
    N_("the list is right: take it as it is"),
    N_("%(name)s differs too much from the last list (%(date)s)"),
    N_("it has no rows; the last one had %(before)s"),
    N_(
        "it has %(rows)s rows; the last one had %(before)s (%(share)s fewer; --max-shrink "
        "allows %(most)s)"
    ),
    N_(
        "at least %(new)s of its %(rows)s rows look new; %(allowed)s would be expected at "
        "most (--max-new allows more): have ids, names or formats changed?"
    ),
    N_(
        "%(new)s of its %(rows)s rows look new; %(allowed)s would be expected at most (--max-"
        "new allows more): have ids, names or formats changed?"
    ),
    N_("it is encoded in %(now)s; the last one was in %(before)s"),
    N_("its delimiter is %(now)s; that of the last one was %(before)s"),
    N_("column %(column)s is filled in %(share)s of its rows; in the last one in %(before)s"),
    N_("column %(column)s mostly holds %(looks)s; in the last one it held %(looked)s"),
)
"""What the importer says of columns and values; each gap holds a value of the list or a word."""
REASONS: Sequence[str] = (
    N_("is not a phone number"),
    N_("holds more than one number"),
    N_("has an extension, which E.164 has no place for"),
    N_("may be more than one number, or have an extension"),
    N_("has no host such as example.com"),
    N_("has a host that cannot exist"),
    N_("holds a user's name, or is an email address"),
    N_("is not an address that begins http:// or https://"),
    N_("has no time of day"),
    N_("is more than a date"),
    N_("is of another calendar than the Gregorian one, or of a mistyped year"),
    N_("is not a whole number"),
    N_("has too many digits for a number"),
    N_("is not a number that a CRM takes"),
    N_("is not a text"),
    N_("is not a value JSON can hold"),
    N_("is not a date in a text"),
    N_("is from before time zones were a whole number of minutes from UTC"),
    N_("comes twice that day: the clocks change"),
    N_("does not exist that day: the clocks change"),
    N_("holds half of a character"),
    N_("may be several %(kinds)s"),
    N_("may be %(names)s"),
    N_("is not an amount of money"),
    N_("is not an amount of money: %(value)s is not a known currency"),
    N_("is not in %(currency)s"),
    N_("does not name a known currency"),
    N_("names a currency"),
    N_("is negative twice"),
    N_("has more than one comma"),
    N_("has no comma between family and given name"),
    N_("is neither yes nor no"),
    N_("is not a known country"),
    N_("is not a UUID, as 123e4567-e89b-12d3-a456-426614174000"),
    N_("is not among the mapping's values (%(names)s)"),
    N_("has %(count)s characters, and at most %(most)s are taken"),
    N_("is not a number of minutes"),
    N_("is not a whole number of minutes"),
    N_("is not longer than nothing"),
    N_("is longer than a year"),
    N_("cannot be added to a start that cannot be read"),
    N_("is not after %(column)s, which is %(value)s"),
    N_("is too short%(place)s"),
    N_("is too long%(place)s"),
    N_("is not a valid number%(place)s"),
    N_("is not a valid number"),
    N_("is too short"),
    N_("is too long"),
    N_("is not one of %(names)s"),
    N_("its brackets do not match"),
    N_("it is never closed"),
    N_("it has no @"),
)
"""Why a value cannot be sent: the end of a sentence."""
OTHER_REASON = N_("is not in a form that is taken")
"""Any other reason, such as one of a library, in languages that it has no words in."""
LOOKS: Sequence[str] = (
    N_("email addresses"),
    N_("web addresses"),
    N_("UUIDs"),
    N_("dates"),
    N_("times of day"),
    N_("phone numbers"),
    N_("numbers"),
    N_("other text"),
    N_("letters with digits"),
    N_("words"),
    N_("signs"),
    N_("objects or lists"),
    N_("nothing"),
)
"""What values may look like."""
KINDS: Sequence[str] = (
    N_("a PDF"),
    N_("a picture"),
    N_("a web page or XML"),
    N_("a rar archive"),
    N_("a 7z archive"),
    N_("a tar archive"),
    N_("compressed"),
    N_("a SQLite database"),
    N_("an Access database"),
    N_("a list of vCards"),
    N_("SQL statements"),
)
"""What a file may be that is no list."""
OTHER_KIND = N_("another kind of file")
