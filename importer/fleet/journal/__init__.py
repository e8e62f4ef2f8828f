"""The journals of jobs: blocks of lines in the database, and copies to read them from."""
