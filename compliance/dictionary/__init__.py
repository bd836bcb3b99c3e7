"""What the database holds, table by table, for the people who keep it: read from the catalogue and from the models."""
