"""Stage, runner, workspace, tables, blobs, journal, engine, errors. Knows no manga."""
