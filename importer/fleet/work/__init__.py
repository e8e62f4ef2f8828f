"""What is to be done, and what does it: orders, the queue, workers, and the runs of jobs."""
