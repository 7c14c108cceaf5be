"""台账: ledgers as sheets over the record of events, on screen and as xlsx.

A ledger is data (``sheets``): its columns, and where each is read. The page and the file show the same
rows. An export is right-filtered, of the filter in force, and leaves a trace (``Export``); a long one
is written by the worker, announced as ``ledger.export_queued``.
"""
