"""Run a command on a terminal of its own: stdin is what is typed there, stdout what is shown."""

from __future__ import annotations

import os
import pty
import selectors
import sys
import termios


def main(command: list[str]) -> int:
    """Run `command` to its end; its exit code, or 128 + n for signal n."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    # Without a size it has no columns, and nothing fits into a line.
    termios.tcsetwinsize(terminal, (24, 200))
    ready = selectors.DefaultSelector()
    ready.register(0, selectors.EVENT_READ)
    ready.register(terminal, selectors.EVENT_READ)
    while True:
        for key, _ in ready.select():
            try:
                data = os.read(key.fd, 65536)
            except OSError:
                # Linux says EIO when nobody has the other side open any more.
                data = b""
            if key.fd == terminal and not data:
                return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) % 256
            if key.fd == terminal:
                os.write(1, data)
            elif data:
                os.write(terminal, data)
            else:
                # Whoever typed has gone: the terminal hangs up.
                ready.unregister(0)
                os.close(terminal)
                return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) % 256


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
