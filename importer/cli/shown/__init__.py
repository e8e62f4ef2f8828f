"""What people see of an import: its progress, its summary, its problems, and what to do next."""
