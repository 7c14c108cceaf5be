"""The audio path: what a recording is, where in it somebody speaks, how it looks, what is said.

``reading`` and all it needs run in a child process (``child``): the decoder is a large piece of C that reads
what strangers send. Knows nothing of Django; ``hearing`` is the adapter to the engines of speech.
"""
