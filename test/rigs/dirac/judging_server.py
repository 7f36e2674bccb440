"""An HTTPS server that judges its client's certificate as DIRAC's does, by OpenSSL, and says in an alert what is wrong.

Node as a server takes every certificate and lets its program judge, so nothing is refused in the handshake.
"""

from __future__ import annotations

import argparse
import ssl
import sys
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Answers whoever has shown a certificate."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        """Say yes to all, with the time of the server's clock."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        known = bool(self.connection.getpeercert())
        body = b'{"OK": true, "Value": "taken"}' if known else b"<html></html>"
        self.send_response_only(200 if known else 401)
        self.send_header("Date", formatdate(time.time() + offset, usegmt=True))
        self.send_header("Content-Type", "application/json" if known else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_HEAD = answer

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Each handshake in a thread of its own; what fails there is the client's to tell."""

    daemon_threads = True

    def finish_request(self, request: ssl.SSLSocket, client: object) -> None:
        """Shake hands, then answer."""
        with context.wrap_socket(request, server_side=True) as secure:
            self.RequestHandlerClass(secure, client, self)

    def handle_error(self, *_: object) -> None:
        """Nothing: refusals are what it is for."""


parser = argparse.ArgumentParser()
parser.add_argument("--cert", required=True)
parser.add_argument("--key", required=True)
parser.add_argument("--authorities", required=True)
parser.add_argument("--no-proxies", action="store_true")
parser.add_argument("--clock", type=float, default=0, help="seconds that its clock is ahead")
given = parser.parse_args()
offset = given.clock

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(given.cert, given.key)
context.load_verify_locations(capath=given.authorities)
context.verify_mode = ssl.CERT_OPTIONAL
context.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN
if not given.no_proxies:
    context.verify_flags |= ssl.VERIFY_ALLOW_PROXY_CERTS

server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
sys.stdin.close()
server.serve_forever()
