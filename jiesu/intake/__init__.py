"""受理: arrivals kept word for word, the import of order files, 签收 and 退回.

Owns ``Batch`` (one file or hand-in) and ``Arrival`` (one row as it came). Announces
``intake.batch_queued`` and ``intake.batch_finished``.
"""
