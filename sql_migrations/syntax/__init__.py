"""What a SQL file says, read from its text alone: pieces, blocks, transaction units, what it creates and touches."""
