"""Outer TLS for the prelude alone, without any I/O of its own (docs/relay.md, "Step down").

Standard library only, and readable by Python 3.6 (see identity.py).
"""

import ssl

from sitespan.comm.prelude import MAX_ANSWER_BYTES, Answer

_HEADER_BYTES = 5
_STEP_DOWN = 0x18
# RFC 8446 allows 2^14 + 256 in a record, RFC 5246 2^14 + 2048.
_MAX_RECORD_BYTES = 16384 + 2048


class StepDown:
    """One dial: feed it what it needs, send what it has, until `answer` is there.

    It asks for whole TLS records and not a byte more, so that what follows the relay's
    step-down record is left in the socket for the stream itself.

    Attributes
    ----------
    needs : int
        How many bytes, exactly, the next `feed` must have.
    answer : Answer or None
        Set when the connection is raw (101) or refused.
    """

    def __init__(self, context: ssl.SSLContext, server_name: str, prelude: bytes) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        self._prelude = prelude
        self._header = b""
        self._head = b""
        self._shaken = False
        self.needs = _HEADER_BYTES
        self.answer: Answer | None = None
        self._advance()

    def outgoing(self) -> bytes:
        """Return what is to be sent now; may be empty."""
        return self._outgoing.read()

    def feed(self, data: bytes) -> None:
        """Take the next `needs` bytes from the relay.

        Raises
        ------
        ssl.SSLError
            The relay's certificate or TLS is not what we trust.
        ConnectionError
            What came is not TLS, or not an answer of the relay.
        """
        if not self._header:
            size = int.from_bytes(data[3:], "big")
            if data[1] != 3 or not 0 < size <= _MAX_RECORD_BYTES:
                raise ConnectionError("The relay's port answered something that is not TLS.")
            self._header, self.needs = data, size
            return
        record, self._header, self.needs = self._header + data, b"", _HEADER_BYTES
        if record[0] == _STEP_DOWN:
            if b"\r\n\r\n" not in self._head:
                raise ConnectionError("The relay stepped down before it had answered.")
            self.answer = Answer.parse(self._head)
            return
        self._incoming.write(record)
        self._advance()

    def _advance(self) -> None:
        try:
            if not self._shaken:
                self._tls.do_handshake()
                self._shaken = True
                self._tls.write(self._prelude)
            while True:
                data = self._tls.read(MAX_ANSWER_BYTES)
                if not data:
                    raise ConnectionError("The relay ended the connection without an answer.")
                self._head += data
                if len(self._head) > MAX_ANSWER_BYTES:
                    raise ConnectionError("The relay's answer is too long.")
                if b"\r\n\r\n" in self._head:
                    answer = Answer.parse(self._head)
                    if answer.status != 101:
                        self.answer = answer
                        return
        except ssl.SSLWantReadError:
            return
