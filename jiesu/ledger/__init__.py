"""台账: ledgers as sheets over the record of events, on screen and as xlsx."""
