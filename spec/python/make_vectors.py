"""Writes spec/vectors/*.txt from protocol.json. Deterministic: running it again changes nothing.

    python3 spec/python/make_vectors.py [DIRECTORY]

The vectors are made by this codec and checked by the Swift one (Tests/ProtocolTests), which shares no code with it.
What a vector says about broken bytes is written down below beside the bytes, and asserted here too.
"""

import hashlib
import pathlib
import sys

import draw
import malformed
import vectors
import wire

TEXTS = {
    'client': 'boxoffice-example/1.0', 'server': 'boxofficed/1.0', 'name': '김하늘', 'title': '봄밤 콘서트 🎻',
    'description': 'Strings, wood and air.', 'hall': 'Arena', 'zone': 'A', 'row': '12', 'number': '7',
    'label': 'A-12-7', 'guid': 'a-12-7', 'category': 'Stalls', 'timeZone': 'Asia/Seoul', 'debit': 'topup',
    'credit': 'member:7', 'device': 'Telefon', 'path': 'zones[0].rows[3].seats[1].category',
    'message': 'Held or sold.', 'password': 'correct horse', 'oldPassword': 'correct horse',
    'newPassword': 'battery staple', 'artists': 'Ólafur', 'reason': 'Zu viele Konten.',
    'from': '100', 'to': '200', 'by': 'ann', 'member': 'bob', 'labels': 'A-12-7', 'categories': 'Stalls',
}


class Sampler:
    """Makes a value for any type. Values differ from field to field, so that two fields swapped would show."""

    def __init__(self, schema):
        self.schema, self.count = schema, 0

    def number(self, bits, signed=False):
        # Every fourth is large, so that byte order and sign are seen.
        value = self.count if self.count % 4 else (1 << bits) - 1 - self.count
        return value - (1 << bits) if signed and value >> (bits - 1) else value

    def value(self, kind, name, full):
        self.count += 1
        schema = self.schema
        if kind in schema.scalars:
            if kind == 'Instant':
                return 1_790_000_000_000_000 + self.count
            if kind == 'OperationKey':
                return malformed.KEY[:-1] + bytes([self.count % 256])
            return self.value(schema.scalars[kind], name, full)
        if kind in wire.FIXED:
            return self.number(int(kind[1:]), kind[0] == 'i')
        if kind == 'bool':
            return self.count % 2 == 0
        if kind in ('string', 'secret'):
            return TEXTS[name] if full else ''
        if kind == 'bytes':
            return bytes(range(self.count % 7 + 1)) if full else b''
        if kind.startswith('bytes'):
            return bytes((self.count + index) % 256 for index in range(int(kind[5:])))
        if kind.startswith('['):
            return [self.value(kind[1:-1], name, full) for _ in range(2)] if full else []
        if kind in schema.enumerations:
            names = list(schema.enumerations[kind])
            return names[self.count % len(names)]
        return self.structure(schema.structures[kind], full)

    def structure(self, item, full):
        fields = item['fields'] + (item.get('tagged', []) if full else [])
        value = {field['name']: self.value(field['type'], field['name'], full) for field in fields}
        if 'magic' in value:
            value |= {'magic': self.schema.magic, 'major': self.schema.raw['major']}
        return value


def body_vectors(schema, sampler, label, kind, sender, structure, opcode=0, ident=0, flags=0):
    """A full value; and the least one, where that is another."""
    result = []
    for full in (True, False):
        body = schema.encode(structure, sampler.structure(schema.structures[structure], full))
        if full or wire.HEADER_BYTES + len(body) < len(result[0][1]):
            name = label if full else f'{label}-least'
            result.append((name, wire.frame(schema, kind, body, flags, opcode, ident), sender))
    return result


def files(schema):
    sampler = Sampler(schema)
    raw = schema.raw
    handshake = (body_vectors(schema, sampler, 'hello', 'hello', 'client', 'Hello')
                 + body_vectors(schema, sampler, 'welcome', 'welcome', 'server', 'Welcome')
                 + body_vectors(schema, sampler, 'goAway', 'goAway', 'server', 'GoAway', ident=41))
    for reason in schema.enumerations['GoAwayReason']:
        body = schema.encode('GoAway', {'reason': reason, 'retryAfterMilliseconds': 250, 'message': reason})
        handshake.append((f'goAway-{reason}', wire.frame(schema, 'goAway', body, ident=3), 'server'))

    refusals = body_vectors(schema, sampler, 'refusal', 'error', 'server', 'Refusal', opcode=320, ident=9)
    for code in raw['codes']:
        body = schema.encode('Refusal', {
            'code': code['name'], 'outcome': code['outcome'], 'retry': code['retry'],
            'retryAfterMilliseconds': 500 if code['retry'] == 'afterDelay' else 0, 'message': code['doc']})
        ident = 0 if code['name'] in ('protocolViolation', 'unsupportedVersion') else 9
        refusals.append((f"refusal-{code['name']}", wire.frame(schema, 'error', body, ident=ident), 'server'))

    requests, responses = [], []
    for number, item in enumerate(raw['requests'], start=1):
        requests += body_vectors(schema, sampler, item['name'], 'request', 'client', item['name'], item['opcode'],
                                 number)
        responses += body_vectors(schema, sampler, f"{item['name']}-{item['response']}", 'response', 'server',
                                  item['response'], item['opcode'], number,
                                  wire.REPLAYED if item['changes'] else 0)
    notices = [vector for number, item in enumerate(raw['notices'], start=1)
               for vector in body_vectors(schema, sampler, item['name'], 'notice', 'server', item['name'],
                                          item['opcode'], number, wire.REPLAYED if number % 2 else 0)]
    updates = [vector for item in raw['updates']
               for vector in body_vectors(schema, sampler, item['name'], 'update', 'server', item['name'],
                                          item['opcode'], 77)]
    bare = []
    for kind in raw['kinds']:
        if kind['name'] in wire.BARE_KINDS:
            for sender in ('client', 'server') if kind['from'] == 'both' else (kind['from'],):
                ident = 1 << 63 | kind['value']
                bare.append((f"{kind['name']}-{sender}", wire.frame(schema, kind['name'], ident=ident), sender))
    return {
        'handshake': ('hello, welcome and goAway', handshake),
        'refusals': ('The frame error: a full one, and each code', refusals),
        'requests': ('Every request', requests),
        'responses': ('The answer to every request', responses),
        'notices': ('Every notice', notices),
        'updates': ('Every update', updates),
        'bare': ('Frames without a body', bare),
        'compressed': ('Answers with a compressed body', malformed.compressed(schema)),
        'tolerated': ('What a receiver must put up with: unknown odd tags, enumeration values and kinds',
                      malformed.tolerated(schema)),
        'malformed': ('What a receiver must refuse, and how', malformed.malformed(schema)),
    }


def draw_paragraphs():
    """Draws: the whole order while it is short, else its digest and some of it."""
    seeds = {'zeros': bytes(32), 'rising': bytes(range(32)), 'hashed': hashlib.sha256(b'boxoffice').digest()}
    for label, seed in seeds.items():
        for tickets in (0, 1, 2, 3, 10, 1000) + ((70_000,) if label == 'hashed' else ()):
            ranks = draw.ranks(seed, tickets)
            assert sorted(ranks) == list(range(tickets))
            yield '\n'.join(
                [f'name {label}-{tickets}', f'seed {seed.hex()}', f'commitment {draw.commitment(seed).hex()}',
                 f'tickets {tickets}'] + [line.rstrip() for line in draw_lines(ranks)]) + '\n'


def draw_lines(ranks):
    if len(ranks) <= 10:
        return [f"order {' '.join(map(str, ranks))}"]
    some = (0, 1, 2, len(ranks) // 2, len(ranks) - 2, len(ranks) - 1)
    return [f"digest {hashlib.sha256(b''.join(rank.to_bytes(8, 'big') for rank in ranks)).hexdigest()}",
            f"ranks {' '.join(f'{ticket}:{ranks[ticket]}' for ticket in some)}"]


def main():
    schema = wire.Schema()
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent / 'vectors'
    folder.mkdir(parents=True, exist_ok=True)
    for name, (title, items) in files(schema).items():
        out = f'# {title}. Written by spec/python/make_vectors.py; format: README.md.\n'
        for item in items:
            label, data, sender, *rest = item
            expected, cap = (rest + [None, None])[:2]
            found = vectors.outcome(schema, data, sender, cap)
            if expected is not None:
                key, _, value = expected.partition(' ')
                assert key in found and (not value or found[key] == value), f'{name}/{label}: {expected}, got {found}'
            out += '\n' + vectors.paragraph(schema, label, data, sender, cap)
        (folder / f'{name}.txt').write_text(out, encoding='utf-8')
    out = '# Draws of a waiting room\'s order. Written by spec/python/make_vectors.py; format: README.md.\n'
    (folder / 'draw.txt').write_text(out + ''.join(f'\n{item}' for item in draw_paragraphs()), encoding='utf-8')


main()
