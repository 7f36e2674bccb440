"""Run ipykernel as ``ipykernel_launcher`` does, with an output channel that drops nothing."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the kernel of the connection file in the arguments, until it is shut down."""
    # ``-m`` puts the working folder first, where a file of the user's would hide a module that the
    # kernel itself needs. IPython adds it again for the cells.
    del sys.path[0]
    from ipykernel.kernelapp import IPKernelApp

    class App(IPKernelApp):
        def init_iopub(self, context: object) -> None:
            # zmq drops what is beyond 1,000 messages not yet sent: on a busy computer a loop that
            # displays lost some. This sets the default of the sockets that are made from now on.
            context.sndhwm = 0  # type: ignore[attr-defined]
            super().init_iopub(context)

    App.launch_instance()


if __name__ == "__main__":
    main()
