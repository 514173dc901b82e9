"""
A campaign played through beforehand: the real queue with its gates, on a clock that is moved, among emulated phones.

It runs in a process and a folder of its own (``python -m wakit.rehearsal``), which get the plan and a copy of the account's
pace on standard input and nothing else: there is no way from here to the workspace, to its queue or to WhatsApp.
"""
