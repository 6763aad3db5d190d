"""Records spec/traces/*.txt from a running server, as a client (format: spec/traces/README.md).

    python3 spec/python/record_trace.py HOST PORT [FOLDER]

The server needs the demo catalogue and a short hold time: the recorder waits until a hold ends.
"""

import json
import os
import pathlib
import sys
import time

import boxoffice
import buy
import wire

ITEMS_MAX, BYTES_MAX = 3, 64
VOLATILE_FIELDS = {'instance', 'remainingMilliseconds', 'server', 'uptimeSeconds', 'name', 'client'}
VERSION_FIELDS = {'version', 'fromVersion', 'toVersion'}


class Trace:
    """Lines of one file, and what was seen so far of the values that are masked."""

    def __init__(self, title):
        self.lines, self.seen, self.current = [f'# {title}'], {}, None
        self.schema = wire.Schema()

    def say(self, text):
        self.lines += ['', f'# {text}']

    def on(self, name):
        """Whose lines follow."""
        if self.current != name:
            self.lines.append(f'== {name}')
            self.current = name

    def recorder(self, name):
        def log(side, kind, structure, opcode, ident, flags, value):
            self.on(name)
            words = [side, kind or 'unknown']
            if opcode:
                words.append(str(opcode))
            if ident:
                words.append('#<version>' if kind == 'update' else f'#{ident}')
            words += [flag for bit, flag in ((1, 'compressed'), (2, 'replayed')) if flags & bit]
            if structure:
                words += [structure, json.dumps(self.masked(structure, value), ensure_ascii=False)]
            self.lines.append(' '.join(words))
        return log

    def masked(self, kind, value, field=''):
        if kind.startswith('['):
            items = [self.masked(kind[1:-1], item) for item in value[:ITEMS_MAX]]
            return items + [f'… {len(value) - ITEMS_MAX} more'] if len(value) > ITEMS_MAX else items
        if kind in self.schema.structures:
            item = self.schema.structures[kind]
            return {part['name']: self.masked(part['type'], value[part['name']], part['name'])
                    for part in item['fields'] + item.get('tagged', []) if part['name'] in value}
        if kind == 'secret':
            return '<secret>'
        if kind == 'Instant':
            return {-(1 << 63): '<always>', (1 << 63) - 1: '<never>'}.get(value, '<Instant>')
        if kind in ('Points', 'SeatIndex'):
            return value
        if kind in self.schema.scalars:
            return self.numbered(kind, value)
        if field in VERSION_FIELDS:
            return self.numbered('version', value)
        if field in VOLATILE_FIELDS:
            return self.numbered(field, value) if field == 'name' else f'<{field}>'
        if isinstance(value, bytes):
            return value.hex() if len(value) <= BYTES_MAX else f'… {len(value)} bytes'
        if isinstance(value, str) and value.startswith('member:'):
            return self.numbered('MemberID', int(value[7:]))
        return value

    def numbered(self, kind, value):
        known = self.seen.setdefault(kind, {})
        if not value and kind.endswith('ID'):
            return value
        return f'<{kind} {known.setdefault(value, len(known) + 1)}>'

    def connect(self, host, port, name, **hello):
        return boxoffice.BoxOffice(host, port, log=self.recorder(name), **hello)

    def refused(self, office, code, request, **fields):
        try:
            office.request(request, **fields)
        except boxoffice.Refused as refusal:
            assert refusal.code == code, f'{refusal.code} instead of {code}'
            return
        raise AssertionError(f'not refused with {code}')

    def pushes(self, office, *names):
        """Waits until all these pushes have come, whatever comes between."""
        missing = list(names)
        while missing:
            push = office.push(timeout=30)
            assert push, f'no {missing}'
            if (push.name or push.kind) in missing:
                missing.remove(push.name or push.kind)

    def closed(self, office):
        """Reads until the end of the stream."""
        while True:
            try:
                office.read_frame(time.monotonic() + 15)
            except boxoffice.Closed as closed:
                if closed.reason is None:
                    self.lines.append('S closed')
                    return

    def write(self, folder, name):
        (folder / f'{name}.txt').write_text('\n'.join(self.lines) + '\n', encoding='utf-8')


def member(trace, office):
    name, password = f'trace{os.urandom(6).hex()}', os.urandom(12).hex()
    office.request('SignUp', name=name, password=password)
    return name, office.request('LogIn', name=name, password=password, device='')


def free_seats(office, performance, count):
    statuses = buy.statuses(office.request('GetSeatMap', performance=performance))
    return [seat for seat, status in enumerate(statuses) if status == 0][:count]


def sign_up_to_paid(host, port):
    trace = Trace('From a guest to a paid seat.')
    trace.say('The first frame is hello; a guest may look around.')
    office = trace.connect(host, port, 'ann')
    concert, date = buy.choose(office, None)
    trace.say('What reserves anything asks for login.')
    trace.refused(office, 'loginRequired', 'JoinQueue', concert=concert['concert'])
    trace.say('A member is made, and logs in.')
    member(trace, office)
    office.request('SubscribeNotices')
    trace.pushes(office, 'replayed')
    trace.say('Points are bought. The same key again gives the first answer; with another amount it is refused.')
    key, price = office.operation_key(), 2 * max(category['price'] for category in date['categories'])
    office.request('Charge', operation=key, amount=price)
    trace.pushes(office, 'charged')
    office.request('Charge', operation=key, amount=price)
    trace.refused(office, 'operationReused', 'Charge', operation=key, amount=price + 1)
    trace.say('Holding needs an active token. There is space in the room, so joining gives one.')
    seats = free_seats(office, date['performance'], 2)
    trace.refused(office, 'queueRequired', 'Hold', performance=date['performance'], seats=seats)
    office.request('JoinQueue', concert=concert['concert'])
    trace.pushes(office, 'admitted')
    trace.say('Whoever joins may check the order. This room was open all along: it drew when the first one came.')
    office.request('GetDraw', concert=concert['concert'])
    trace.say('All seats or none: one that the hall does not have, and the same one twice.')
    trace.refused(office, 'unknownSeat', 'Hold', performance=date['performance'], seats=[seats[0], 4_000_000_000])
    trace.refused(office, 'badRequest', 'Hold', performance=date['performance'], seats=[seats[0], seats[0]])
    trace.say('A hold; whoever asks for one of its seats now is told which is in the way.')
    held = office.request('Hold', performance=date['performance'], seats=seats)
    trace.pushes(office, 'held')
    trace.refused(office, 'seatTaken', 'Hold', performance=date['performance'], seats=seats[:1])
    trace.say("Somebody else's reservation is unknown.")
    other = trace.connect(host, port, 'bob')
    member(trace, other)
    trace.refused(other, 'unknownReservation', 'Pay', reservation=held['reservation']['reservation'])
    other.close()
    trace.say('Paid: the receipt comes as the answer and as a notice, and the token is completed.')
    office.request('Pay', reservation=held['reservation']['reservation'])
    trace.pushes(office, 'paid')
    trace.refused(office, 'notHeld', 'Pay', reservation=held['reservation']['reservation'])
    office.request('GetPlace', concert=concert['concert'])
    office.acknowledge(4)
    office.request('GetLedger', before=0, limit=10)
    office.request('LogOut')
    office.close()
    return trace


def away_and_back(host, port):
    trace = Trace('A hold ends while its holder is away; what was missed is told on return.')
    office = trace.connect(host, port, 'ann')
    concert, date = buy.choose(office, None)
    _, login = member(trace, office)
    office.request('SubscribeNotices')
    office.request('JoinQueue', concert=concert['concert'])
    seats = free_seats(office, date['performance'], 1)
    held = office.request('Hold', performance=date['performance'], seats=seats)
    trace.pushes(office, 'admitted', 'held')
    trace.say('The first notice is acknowledged, the second is not. The connection is lost.')
    office.acknowledge(1)
    office.close()
    trace.say('Somebody looks at the seats meanwhile and sees them become free at the deadline.')
    other = trace.connect(host, port, 'bob')
    other.request('WatchSeats', performance=date['performance'])
    deadline = time.monotonic() + held['remainingMilliseconds'] / 1000 + 5
    while seats[0] not in [change['seat'] for push in [other.push(timeout=1)] if push and push.name == 'seats'
                           for change in push.value['changes']]:
        assert time.monotonic() < deadline, 'the hold does not end'
    other.close()
    trace.say('The session is resumed: what was not acknowledged comes again, then what was missed, then `replayed`.')
    office = trace.connect(host, port, 'ann again', session=login['session'],
                           deployment=office.welcome['deployment'])
    office.request('SubscribeNotices')
    trace.pushes(office, 'replayed')
    trace.say('Paying is too late; the place is kept.')
    trace.refused(office, 'holdExpired', 'Pay', reservation=held['reservation']['reservation'])
    office.request('GetPlace', concert=concert['concert'])
    office.acknowledge(4)
    office.close()
    trace.say('With a session token that is not good the connection is a guest\'s.')
    trace.connect(host, port, 'nobody', session=bytes(32)).close()
    return trace


class Raw(boxoffice.BoxOffice):
    """A connection that says no hello of its own."""

    def __init__(self, trace, host, port, name):
        self.trace, self.name = trace, name
        self.hello_sent = False
        super().__init__(host, port, timeout=10, log=trace.recorder(name))

    def send(self, kind, value=None, opcode=0, ident=0):
        if kind == 'hello' and not self.hello_sent:
            self.hello_sent, self.welcome = True, {'limits': {'keepaliveSeconds': 30}, 'now': 0}
            return
        super().send(kind, value, opcode, ident)

    def bytes(self, data):
        self.trace.on(self.name)
        digits = data.hex() if len(data) <= BYTES_MAX else f'{data[:BYTES_MAX].hex()} … {len(data)} bytes'
        self.trace.lines.append(f'C bytes {digits}')
        self.send_bytes(data)


def violations(host, port):
    trace = Trace('What a connection survives, and what it does not.')
    schema = trace.schema
    trace.say('Refused, and the connection lives on: an unknown opcode, a body that does not decode, an unknown even tag.')
    office = trace.connect(host, port, 'survivor')
    for number, (opcode, body) in enumerate(((9999, b'\0'), (320, b'\1\2\3'), (288, bytes(8) + b'\0\x0a\1\2\0')), 1):
        data = wire.frame(schema, 'request', body, opcode=opcode, ident=number)
        trace.lines.append(f'C bytes {data.hex()}')
        office.send_bytes(data)
        try:
            office.answer(number)
        except boxoffice.Refused:
            pass
    office.number = 3
    trace.say('An unknown odd tag is passed over, a kind below 0x80 is skipped, a cancel of nothing is ignored.')
    for data in (wire.frame(schema, 'request', bytes(8) + b'\0\x0a\1\3\0', opcode=288, ident=4),
                 wire.frame(schema, 0x7F, b'later')):
        trace.lines.append(f'C bytes {data.hex()}')
        office.send_bytes(data)
    office.answer(4)
    office.number = 4
    office.send('cancel', ident=77)
    office.request('GetConcerts', after=0, limit=1)
    trace.say('A request number that does not rise ends it.')
    office.send('request', {'after': 0, 'limit': 1}, 288, 5)
    trace.closed(office)

    good = {'magic': schema.magic, 'major': 1, 'minor': 0, 'features': 0, 'instance': 1, 'client': 'recorder'}

    def hello(**changes):
        return wire.frame(schema, 'hello', schema.encode('Hello', good | changes))

    for name, data in [
        ('request before hello', wire.frame(schema, 'request', b'\0', opcode=259, ident=1)),
        ('second hello', hello() + hello()),
        ('wrong magic', hello(magic=0x47455420)),
        ('wrong major', hello(major=9)),
        ('wrong deployment', hello(deployment=bytes(16))),
        ('hello cut', wire.frame(schema, 'hello', schema.encode('Hello', good)[:20])),
        ('request number 0', hello() + wire.frame(schema, 'request', b'\0', opcode=259)),
        ('too long before login', hello() + b'\0\0\4\1' + wire.frame(schema, 'request', opcode=259, ident=1)[4:]),
        ('unknown flag', hello() + wire.frame(schema, 'ping', flags=4)),
        ('compressed', hello() + wire.frame(schema, 'request', wire.compress(b'\0'), 1, 259, 1)),
        ("the server's kind", hello() + wire.frame(schema, 'welcome', b'\0')),
        ('kind 0x80', hello() + wire.frame(schema, 0x80)),
        ('a body on a ping', hello() + wire.frame(schema, 'ping', b'\0')),
    ]:
        trace.say(name[0].upper() + name[1:] + '.')
        raw = Raw(trace, host, port, name)
        raw.bytes(data)
        trace.closed(raw)
        raw.close()

    trace.say('An ack beyond what was sent.')
    office = trace.connect(host, port, 'ack')
    member(trace, office)
    office.request('SubscribeNotices')
    office.acknowledge(1000)
    trace.closed(office)
    return trace


def main(host, port, folder=None):
    folder = pathlib.Path(folder) if folder else pathlib.Path(__file__).resolve().parent.parent / 'traces'
    for name, record in (('sign-up-to-paid', sign_up_to_paid), ('away-and-back', away_and_back),
                         ('violations', violations)):
        record(host, port).write(folder, name)
        print(f'{folder / name}.txt')


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:4])
