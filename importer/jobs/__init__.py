"""Job files: what is imported every night, where the key is, and with which settings."""

from importer.jobs.job_file import JobFile, find_jobs, load_job, told_of_mistakes
from importer.jobs.keys import read_key_file
from importer.jobs.output import check_output, keep_files
from importer.jobs.side_by_side import JobEnd, RunJob, run_jobs
from importer.jobs.smaller import make_smaller

__all__ = [
    "JobEnd",
    "JobFile",
    "RunJob",
    "check_output",
    "find_jobs",
    "keep_files",
    "load_job",
    "make_smaller",
    "read_key_file",
    "run_jobs",
    "told_of_mistakes",
]
