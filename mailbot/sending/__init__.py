"""Connections that send side by side: threads of this process, or processes of their own where much waits.

`pool.py` says what the pass that owns the ledger may ask of them; `threads.py` and `processes.py` are the two kinds,
`child.py` is the process of one connection, `fates.py` how it tells what became of a letter.
"""

from mailbot.sending.pool import Ended, Job, Pool, Withheld
from mailbot.sending.processes import Processes
from mailbot.sending.threads import Threads

__all__ = ["Ended", "Job", "Pool", "Processes", "Threads", "Withheld"]
