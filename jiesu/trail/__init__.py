"""留痕: who did what, when and from where, beside the record of cases. Only ever added.

Every change, every read of a case page, reveal, search, listen, download, export and log-in leaves one
entry by ``actions.leave``, in the transaction of what it tells of. It knows members and cases by their
numbers only, so that every room below may leave something here.
"""
