"""``python -m wakit.host``: what ``wakit.autostart`` starts."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from wakit.host.lifecycle import run
from wakit.hostfile import TcpOptions
from wakit.paths import Workspace


def main() -> int:
    """Serve one workspace until somebody asks to stop."""
    parser = argparse.ArgumentParser(prog="python -m wakit.host", description=main.__doc__)
    parser.add_argument("--workspace", type=Path, required=True, help="folder with auth_sessions/ and data/")
    parser.add_argument("--tcp", type=int, metavar="PORT", help="listen on 127.0.0.1 too; 0 takes any free port")
    parser.add_argument("--certfile", type=Path, help="certificate for TLS on the TCP port")
    parser.add_argument("--keyfile", type=Path, help="its private key, where it is in a file of its own")
    parser.add_argument("--ready-fd", type=int, help="file descriptor to tell the starter how it went")
    args = parser.parse_args()
    tcp = None if args.tcp is None else TcpOptions(port=args.tcp, certfile=args.certfile, keyfile=args.keyfile)
    return run(Workspace(args.workspace.absolute()), tcp=tcp, ready_fd=args.ready_fd)


if __name__ == "__main__":
    sys.exit(main())
