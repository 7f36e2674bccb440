"""Adapt the registry's tornado 5.1.1 to what DIRAC 8 expects, in place and idempotently.

DIRAC runs on its own build of tornado 5.1.1 in which the TLS stream class is configurable, so
that tornado-m2crypto can put OpenSSL-by-M2Crypto under the web server (Python's ssl module does
not hand over the client's certificate chain, which a proxy certificate needs). That build is not
in the registry; the three hooks it adds are small and are made here:

  iostream   SSLIOStream becomes a tornado Configurable (so .configure(...) works)
  tcpserver  lets the stream class do its own wrapping of the accepted socket
  httputil   request.get_ssl_certificate[_chain]() ask the stream

plus one thing for Python >= 3.10: collections.MutableMapping moved to collections.abc.
"""

import pathlib
import sys
import tornado

MARK = "# sitespan: adapted for DIRAC"
root = pathlib.Path(tornado.__file__).parent


def edit(name, *pairs, tail=""):
    path = root / name
    text = path.read_text()
    if MARK in text:
        return
    for old, new in pairs:
        if text.count(old) < 1:
            sys.exit(f"{name}: nothing to replace for {old!r}: is this tornado 5.1.1?")
        text = text.replace(old, new, 1)
    path.write_text(text + f"\n\n{MARK}\n{tail}")


if tornado.version != "5.1.1":
    sys.exit(f"expected tornado 5.1.1, found {tornado.version}")

edit(
    "iostream.py",
    (
        "from tornado.util import errno_from_exception",
        "from tornado.util import Configurable, errno_from_exception",
    ),
    ("class SSLIOStream(IOStream):", "class SSLIOStream(IOStream, Configurable):"),
    (
        '    def __init__(self, *args, **kwargs):\n        """The ``ssl_options`` keyword',
        "    @classmethod\n    def configurable_base(cls):\n        return SSLIOStream\n\n"
        "    @classmethod\n    def configurable_default(cls):\n        return SSLIOStream\n\n"
        "    def __init__(self, *args, **kwargs):\n        pass  # Configurable calls initialize()\n\n"
        '    def initialize(self, *args, **kwargs):\n        """The ``ssl_options`` keyword',
    ),
)
edit(
    "tcpserver.py",
    tail="""def _rig_handle_connection(self, connection, address):
    try:
        kwargs = dict(max_buffer_size=self.max_buffer_size, read_chunk_size=self.read_chunk_size)
        if self.ssl_options is None:
            stream = IOStream(connection, **kwargs)
        else:
            # the configured stream class wraps the socket itself
            stream = SSLIOStream(connection, ssl_options=self.ssl_options, server_side=True,
                                 do_handshake_on_connect=False, create_context_on_init=True, **kwargs)
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


TCPServer._handle_connection = _rig_handle_connection
""",
)
edit(
    "httputil.py",
    ("import collections\n", "import collections.abc\n"),
    ("(collections.MutableMapping)", "(collections.abc.MutableMapping)"),
    tail="""HTTPServerRequest.get_ssl_certificate = lambda self, **kw: self.connection.stream.get_ssl_certificate(**kw)
HTTPServerRequest.get_ssl_certificate_chain = lambda self, **kw: self.connection.stream.get_ssl_certificate_chain(**kw)
""",
)
