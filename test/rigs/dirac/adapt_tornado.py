"""Adapt the registry's tornado 5.1.1 to what DIRAC 8 expects, in place; twice is as once.

DIRAC runs on a build of tornado 5.1.1 of its own, which is not in the registry: its TLS stream can
be exchanged, so that tornado-m2crypto puts M2Crypto's under the web server. (Python's ``ssl`` does
not hand over the client's chain, which a proxy certificate needs.) The hooks that it adds:

=========  ====================================================================================
iostream   ``SSLIOStream`` becomes a tornado ``Configurable``
tcpserver  the stream wraps the accepted socket itself
httputil   a request asks its stream for the client's certificates; and ``MutableMapping`` is
           found where Python 3.10 and later have it
=========  ====================================================================================
"""

import sys
from pathlib import Path

import tornado

MARK = "# sitespan: adapted for DIRAC"

CONFIGURABLE = '''\
    @classmethod
    def configurable_base(cls):
        return SSLIOStream

    @classmethod
    def configurable_default(cls):
        return SSLIOStream

    def __init__(self, *args, **kwargs):
        pass  # Configurable calls initialize()

    def initialize(self, *args, **kwargs):
        """The ``ssl_options`` keyword'''

HANDLE_CONNECTION = """\
def _handle_connection(self, connection, address):
    try:
        kwargs = dict(max_buffer_size=self.max_buffer_size, read_chunk_size=self.read_chunk_size)
        if self.ssl_options is None:
            stream = IOStream(connection, **kwargs)
        else:
            kwargs.update(server_side=True, do_handshake_on_connect=False)
            kwargs.update(ssl_options=self.ssl_options, create_context_on_init=True)
            stream = SSLIOStream(connection, **kwargs)
        future = self.handle_stream(stream, address)
        if future is not None:
            IOLoop.current().add_future(gen.convert_yielded(future), lambda f: f.result())
    except socket.error as err:
        if errno_from_exception(err) in (errno.ECONNABORTED, errno.EINVAL):
            connection.close()
        else:
            raise
    except Exception:
        app_log.error("Error in connection callback", exc_info=True)


TCPServer._handle_connection = _handle_connection
"""

CERTIFICATES = """\
def _certificate(self, **kwargs):
    return self.connection.stream.get_ssl_certificate(**kwargs)


def _certificate_chain(self, **kwargs):
    return self.connection.stream.get_ssl_certificate_chain(**kwargs)


HTTPServerRequest.get_ssl_certificate = _certificate
HTTPServerRequest.get_ssl_certificate_chain = _certificate_chain
"""


def edit(path: Path, *replacements: tuple[str, str], more: str = "") -> None:
    """Replace the first occurrence of each text in a module, and append to it."""
    text = path.read_text()
    if MARK in text:
        return
    for old, new in replacements:
        if old not in text:
            sys.exit(f"{path} has no {old!r}: is this tornado 5.1.1?")
        text = text.replace(old, new, 1)
    path.write_text(f"{text}\n\n{MARK}\n{more}")


def main() -> None:
    """Adapt the tornado of the interpreter that runs this."""
    if tornado.version != "5.1.1":
        sys.exit(f"expected tornado 5.1.1, found {tornado.version}")
    package = Path(tornado.__file__).parent
    edit(
        package / "iostream.py",
        ("from tornado.util import errno", "from tornado.util import Configurable, errno"),
        ("class SSLIOStream(IOStream):", "class SSLIOStream(IOStream, Configurable):"),
        (
            '    def __init__(self, *args, **kwargs):\n        """The ``ssl_options`` keyword',
            CONFIGURABLE,
        ),
    )
    edit(package / "tcpserver.py", more=HANDLE_CONNECTION)
    edit(
        package / "httputil.py",
        ("import collections\n", "import collections.abc\n"),
        ("(collections.MutableMapping)", "(collections.abc.MutableMapping)"),
        more=CERTIFICATES,
    )


if __name__ == "__main__":
    main()
