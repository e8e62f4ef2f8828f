"""The report of a fleet: one HTML file about all jobs, to hand on."""
