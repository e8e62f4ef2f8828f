"""Job files: what is imported every night, where the key is, and with which settings."""

from importer.jobs.job_file import JobFile, find_jobs, load_job, told_of_mistakes

__all__ = [
    "JobFile",
    "find_jobs",
    "load_job",
    "told_of_mistakes",
]
