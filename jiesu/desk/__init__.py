"""工作台: the shell, the queue, the case page that gathers every stage, the job table, the demo street."""
