"""The words for the verdict about a row, and for its reason."""

from __future__ import annotations

from enum import StrEnum


class Say(StrEnum):
    """
    The verdict about a row.

    - `NEW`: it is sent, with a key that no request has had.
    - `AGAIN`: it is sent once more, with its key, or the next one if that was clearly refused.
    - `BEFORE`: it has its record already, and nothing is to be done.
    - `INVALID`: the reader or the mapper refuses it.

    The others are not sent either: the `Status` of the same name says what they are.
    """

    NEW = "new"
    AGAIN = "again"
    BEFORE = "before"
    DUPLICATE = "duplicate"
    CHANGED = "changed"
    POSSIBLE_DUPLICATE = "possible_duplicate"
    UNKNOWN = "unknown"
    FAILED = "failed"
    INVALID = "invalid"


class Reason(StrEnum):
    """
    The reason of a verdict.

    Of a row that is new, or that is sent again:

    - `NOTHING_TIES`: nothing on record may be it.
    - `BESIDE_ANOTHER`: it has the name and a detail of a person whose own row is in the list, or
      the first name and two details.
    - `DECIDED_NEW`: a person has said that it is nobody on record.
    - `FAILED_BEFORE`: the service has refused it before. Such rows are sent last.

    Of a row that is, or may be, that of a record, or the same as another row:

    - `SENT_ALIKE`: what is sent means the same as what the record was made of.
    - `REPORTED`: this version was reported, or a person has dealt with it.
    - `SAME_PERSON`: it is certainly that person or thing, with other values.
    - `ROW_CORRECTED`: somebody has corrected the row of the record in a derived file.
    - `CORRECTED_BEFORE`: it is refused, and the record was made of its correction.
    - `MADE_ELSEWHERE`: the record is that of another import in the same folder.
    - `EQUAL`: it is equal to that row, or is sent with the same values and a detail.
    - `EQUAL_AS_SENT`: it is sent with the same values, and differs in unmapped columns.
    - `IDENTITY_CONTRADICTS`: it has the same identity, and another name.
    - `MAY_BE`: there is a tie, and it is only a maybe.

    Of a row with a request that may have made its record, since no clear answer came:

    - `OWN_REQUEST`: the request was made for this row.
    - `UNCLEAR_REQUEST`: the request may have been for this row.
    - `REJECTED_IN_DOUBT`: the row was sent, and is rejected now.

    Of a row that the run leaves out:

    - `REJECTED`: the reader or the mapper rejects it.
    - `NOT_RETRIED`: the service has refused it, and such rows are not sent again (`Policy.retry`).
    """

    NOTHING_TIES = "nothing_ties"
    BESIDE_ANOTHER = "beside_another"
    REJECTED = "rejected"
    OWN_REQUEST = "own_request"
    FAILED_BEFORE = "failed_before"
    DECIDED_NEW = "decided_new"
    SENT_ALIKE = "sent_alike"
    REPORTED = "reported"
    EQUAL = "equal"
    SAME_PERSON = "same_person"
    ROW_CORRECTED = "row_corrected"
    MAY_BE = "may_be"
    EQUAL_AS_SENT = "equal_as_sent"
    IDENTITY_CONTRADICTS = "identity_contradicts"
    UNCLEAR_REQUEST = "unclear_request"
    NOT_RETRIED = "not_retried"
    MADE_ELSEWHERE = "made_elsewhere"
    REJECTED_IN_DOUBT = "rejected_in_doubt"
    CORRECTED_BEFORE = "corrected_before"
