"""Many API keys on many machines: journals and leases in PostgreSQL (extra `fleet`)."""
