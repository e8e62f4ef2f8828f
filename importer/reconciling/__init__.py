"""
Compares an import with an export of the CRM, to settle requests without a clear answer.

Nothing is sent. An open request is one that got no clear answer: it may have made a record.
"""
