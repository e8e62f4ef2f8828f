"""What people read: names of fields, of problems and of states."""
