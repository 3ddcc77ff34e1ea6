"""What letters look like, shown on this machine only, while an admin edits them.

gallery.py  what there is to see: kinds, samples, pages, faults, differences; looks again when a file was saved
dark.py     the dark mode of a page switched on or off, whatever the browser prefers
views.py    the pages of the gallery as HTML, from pages/
app.py      path -> answer: a pure table of routes, all of them for reading
server.py   the loopback server around it. Start here
static/     its style and its script

Nothing here writes: neither the configuration nor the ledger. Samples only, no letter of a real PS.
"""
