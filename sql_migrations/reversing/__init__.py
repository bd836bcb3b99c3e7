"""The derived way back of a SQL file: what undoes it, from its text and from what the history proves."""
