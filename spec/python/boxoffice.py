"""A small BoxOffice client: standard library only, one connection, blocking calls.

    office = BoxOffice('127.0.0.1', 7480)
    office.request('LogIn', name='ann', password='…', device='')
    office.request('Charge', amount=1000)['balance']

Requests are those of protocol.json, their fields keyword arguments, their answers dicts (wire.py says how values look).
A refusal raises `Refused`, the end of the connection `Closed`. What the server pushes meanwhile waits in `pushes`.
"""

import collections
import random
import socket
import ssl
import time

import wire

Push = collections.namedtuple('Push', 'kind name id value replayed')


class Refused(Exception):
    """The server's answer is no. `code` says why; `details` has the whole Refusal."""

    def __init__(self, details):
        super().__init__(f"{details['code']}: {details['message']}")
        self.code, self.details = details['code'], details


class Closed(Exception):
    """The connection is over. `reason` is that of goAway, or None without one; `refusal` the one with id 0, if any."""

    def __init__(self, reason, refusal=None):
        super().__init__(reason or 'the connection was closed')
        self.reason, self.refusal = reason, refusal


class BoxOffice:
    """A connection after its hello. `host` may be the path of a Unix socket.

    With `ca`, a PEM file of those who may have signed the server's certificate, it is encrypted.
    """

    def __init__(self, host, port=7480, session=None, deployment=None, instance=None, timeout=10, log=None, ca=None):
        self.schema = wire.Schema()
        self.timeout, self.log = timeout, log or (lambda *frame: None)
        self.pushes, self.answers = collections.deque(), {}
        self.number, self.buffer, self.refusal = 0, b'', None
        self.keepalive = self.schema.limits['keepaliveSeconds']
        self.sent_at = self.heard_at = time.monotonic()
        if host.startswith('/'):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(host)
        else:
            self.socket = socket.create_connection((host, port), timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if ca:
            tls = ssl.create_default_context(cafile=ca)
            tls.minimum_version = ssl.TLSVersion.TLSv1_3
            tls.set_alpn_protocols(['boxoffice/1'])
            self.socket = tls.wrap_socket(self.socket, server_hostname=host)
        hello = {'magic': self.schema.magic, 'major': self.schema.raw['major'], 'minor': self.schema.raw['minor'],
                 'features': 0, 'instance': random.getrandbits(64) if instance is None else instance,
                 'client': 'boxoffice-python/1.0'}
        if session:
            hello['session'] = session
        if deployment:
            hello['deployment'] = deployment
        self.welcome = None
        self.send('hello', hello)
        deadline = time.monotonic() + timeout
        while self.welcome is None:
            self.read_frame(deadline)
        self.keepalive = self.welcome['limits']['keepaliveSeconds']
        self.clock = self.welcome['now'] - time.monotonic_ns() // 1000

    # Asking

    def now(self):
        """The server's time: what welcome said, carried on by a clock that nobody sets."""
        return self.clock + time.monotonic_ns() // 1000

    def operation_key(self):
        """A UUIDv7 stamped with the server's time."""
        stamp = self.now() // 1000
        value = stamp << 80 | 7 << 76 | random.getrandbits(12) << 64 | 2 << 62 | random.getrandbits(62)
        return value.to_bytes(16, 'big')

    def request(self, name, /, **fields):
        """Asks and waits for the answer. What changes something gets a fresh operation key unless it is given one."""
        return self.answer(self.ask(name, **fields))

    def ask(self, name, /, **fields):
        """Asks, and returns the request's number at once."""
        item = self.schema.requests[name]
        if item['changes']:
            fields.setdefault('operation', self.operation_key())
        self.number += 1
        self.send('request', fields, item['opcode'], self.number)
        return self.number

    def answer(self, number):
        """The answer to a request that was asked. `replayed` then tells whether it is that of an earlier call."""
        deadline = time.monotonic() + self.timeout
        while number not in self.answers:
            self.read_frame(deadline)
        kind, value, self.replayed = self.answers.pop(number)
        if kind == 'error':
            raise Refused(value)
        return value

    def push(self, timeout=None):
        """The next push, waited for; None when none comes in time."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        try:
            while not self.pushes:
                self.read_frame(deadline)
        except TimeoutError:
            return None
        return self.pushes.popleft()

    def acknowledge(self, sequence):
        self.send('ack', ident=sequence)

    def close(self):
        self.socket.close()

    # Frames

    def send(self, kind, value=None, opcode=0, ident=0):
        structure = self.schema.body_type(kind, opcode)
        body = self.schema.encode(structure, value) if structure else b''
        self.log('C', kind, structure, opcode, ident, 0, value)
        self.send_bytes(wire.frame(self.schema, kind, body, opcode=opcode, ident=ident))

    def send_bytes(self, data):
        self.sent_at = time.monotonic()
        try:
            self.socket.sendall(data)
        except OSError:
            pass  # What the server said before it closed is still to be read; reading finds the end.

    def read_frame(self, deadline):
        """Takes one frame and puts it where it belongs."""
        limit = self.schema.limits['replyBytesMax']
        while (found := self.schema.parse(self.buffer, 'server', limit)) is None:
            self.fill(deadline)
        kind, flags, opcode, ident, body, taken = found
        self.buffer = self.buffer[taken:]
        if flags & wire.COMPRESSED:
            body = wire.inflate(body, limit)
        structure = kind and self.schema.body_type(kind, opcode)
        value = self.schema.decode_body(structure, body) if structure else None
        self.log('S', kind, structure, opcode, ident, flags, value)
        replayed = bool(flags & wire.REPLAYED)
        if kind == 'welcome':
            self.welcome = value
        elif kind in ('response', 'error') and ident:
            self.answers[ident] = kind, value, replayed
        elif kind == 'error':
            self.refusal = value
        elif kind in ('notice', 'update', 'gap', 'replayed'):
            item = self.schema.by_opcode.get(opcode)
            name = item and item.get('notice', item.get('update', item['name'][0].lower() + item['name'][1:]))
            self.pushes.append(Push(kind, name, ident, value, replayed))
        elif kind == 'ping':
            self.send('pong', ident=ident)
        elif kind == 'goAway':
            raise Closed(value['reason'], self.refusal)

    def fill(self, deadline):
        """Waits for more bytes, and keeps the connection alive meanwhile."""
        while True:
            now = time.monotonic()
            if now >= deadline:
                raise TimeoutError('no answer in time')
            if now >= self.heard_at + 1.5 * self.keepalive:
                raise Closed('silence')
            if now >= self.sent_at + self.keepalive:
                self.send('ping', ident=1)
            until = min(deadline, self.sent_at + self.keepalive, self.heard_at + 1.5 * self.keepalive)
            self.socket.settimeout(max(0.001, until - now))
            try:
                data = self.socket.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                data = b''
            if not data:
                raise Closed(None, self.refusal)
            self.heard_at = time.monotonic()
            self.buffer += data
            return
