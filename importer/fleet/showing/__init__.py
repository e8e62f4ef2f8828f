"""What a fleet is doing: the figures of running jobs, and the state of each job."""
