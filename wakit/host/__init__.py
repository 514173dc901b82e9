"""
The one process per workspace that owns the database and the WhatsApp sessions.

WhatsApp allows one live connection per linked device and DuckDB one writer per
file, while an analyst has three kernels open and cron starts a fourth. So neither
lives in a kernel: all of them speak HTTP to this process over a Unix socket.
"""
