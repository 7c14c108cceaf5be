"""命令: the doors of the ``jiesu`` command. The thinking is in the stages' queries and actions."""
