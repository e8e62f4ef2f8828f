"""Reports how an unattended run has ended, to other programs and to people."""
