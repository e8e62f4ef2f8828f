"""The report of an import: one HTML file to hand on, made from the results file and the files beside it."""
