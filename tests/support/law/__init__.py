"""
The law of reruns, written down a second time: what may be sent, and who must have a record.

`lists` has lists of people and mappings of them, `truth` what follows for a run from the records
there are, and `imports` runs the real decisions over such a list against a service that fails.
"""
