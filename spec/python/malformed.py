"""Bytes that are broken, or strange but to be put up with, each with what a receiver makes of it.

A vector here is (name, bytes, sender, expected line, cap). What a fuzzer finds is added at the end and stays.
"""

import struct
import zlib

import wire

KEY = bytes.fromhex('019a0b1c2d3e7f00800102030405060f')
HOLD = KEY + struct.pack('>Q', 5) + b'\x02' + struct.pack('>II', 11, 12) + b'\x00'


def request(schema, name, body, ident=1):
    return wire.frame(schema, 'request', body, opcode=schema.requests[name]['opcode'], ident=ident)


def response(schema, name, body, flags=0):
    return wire.frame(schema, 'response', body, flags, schema.requests[name]['opcode'], 1)


def compressed(schema):
    seats = 20_000
    statuses = bytes((index * index // 7) % 251 & 0x55 for index in range(seats // 4))
    body = schema.encode('SeatMap', {'performance': 1, 'version': 1042, 'seats': seats, 'statuses': statuses})
    prices = [{'category': f'Category {index}', 'price': index * 1000, 'seats': 100, 'available': index}
              for index in range(60)]
    value = {'performance': 3, 'concert': 2, 'plan': 1, 'hall': '아레나', 'hallDigest': bytes(range(32)),
             'startsAt': 1_790_000_000_000_000, 'timeZone': 'Asia/Seoul', 'saleOpensAt': -(1 << 63),
             'saleClosesAt': 1_789_990_000_000_000, 'available': 1770, 'categories': prices}
    dates = schema.encode('PerformanceList', {'performances': [value], 'now': 1_780_000_000_000_000})
    return [(f'{name}-compressed', response(schema, name, wire.compress(data), wire.COMPRESSED), 'server', 'value')
            for name, data in (('GetSeatMap', body), ('WatchSeats', body), ('GetPerformances', dates))]


def tolerated(schema):
    release = KEY + struct.pack('>Q', 9)
    room = KEY + struct.pack('>Q', 2)
    account = struct.pack('>Q', 7) + b'\x03ann\x00'
    place = schema.encode('Place', {
        'concert': 2, 'token': 8, 'ticket': 7, 'status': 'unknown(99)', 'position': 0, 'ahead': 0, 'waiting': 0,
        'reason': 'unknown(200)', 'now': 1})
    refusal = schema.encode('Refusal', {'code': 'unknown(60000)', 'outcome': 'unknown(9)', 'retry': 'unknown(9)',
                                        'retryAfterMilliseconds': 0, 'message': 'from the future'})
    return [
        ('unknown-odd-tag', request(schema, 'Release', release + b'\x01\x03\x02\xAB\xCD'), 'client', 'value'),
        ('unknown-odd-tag-empty', request(schema, 'Release', release + b'\x01\x03\x00'), 'client', 'value'),
        ('unknown-odd-tag-two-bytes', request(schema, 'Release', release + b'\x01\xFF\x01\x01\x00'), 'client', 'value'),
        ('unknown-odd-tags-between-known', request(
            schema, 'SetRoom', room + b'\x04' + b'\x02\x01\x01' + b'\x03\x01\x00' + b'\x04\x04\x00\x00\x00\x64'
            + b'\x05\x00'), 'client', 'value'),
        ('unknown-odd-tag-in-response', response(schema, 'WhoAmI', account + b'\x01\x01\x01\x2A'), 'server', 'value'),
        ('unknown-enumeration-values', response(schema, 'GetPlace', place), 'server', 'value'),
        ('unknown-code', wire.frame(schema, 'error', refusal, ident=1), 'server', 'value'),
        ('instants-at-the-ends', response(schema, 'Charge', struct.pack('>Qqqq', 1, (1 << 63) - 1, -(1 << 63), -1)
                                          + b'\x00'), 'server', 'value'),
        ('string-with-every-length-of-utf8', request(
            schema, 'LogIn', schema.encode('LogIn', {'name': 'aé서🎻\u0000"\\', 'password': '\u007f\u2028\ufeff',
                                                     'device': '\n\t\r\b\f\u001b'})), 'client', 'value'),
        ('string-of-128-bytes', request(schema, 'LogIn', schema.encode('LogIn', {
            'name': 'x' * 128, 'password': '', 'device': ''})), 'client', 'value'),
        ('kind-0', wire.frame(schema, 0, b'zero'), 'client', 'skip'),
        ('kind-15', wire.frame(schema, 15, b'', opcode=9, ident=9), 'client', 'skip'),
        ('kind-127', wire.frame(schema, 0x7F, b'later'), 'client', 'skip'),
        ('kind-127-from-server', wire.frame(schema, 0x7F, b'later'), 'server', 'skip'),
        ('kind-127-from-server-compressed', wire.frame(schema, 0x7F, b'?', wire.COMPRESSED), 'server', 'skip'),
        ('body-of-the-cap', wire.frame(schema, 0x7F, bytes(64)), 'client', 'skip', 64),
        ('notice-of-an-unknown-opcode', wire.frame(schema, 'notice', b'\x00', opcode=1279, ident=4), 'server',
         'unsupported'),
        ('update-of-an-unknown-opcode', wire.frame(schema, 'update', b'\x00', opcode=1535, ident=4), 'server',
         'unsupported'),
    ]


def malformed(schema):
    return frames(schema) + cuts(schema) + bodies(schema) + streams(schema)


def frames(schema):
    ping = wire.frame(schema, 'ping', ident=1)
    header = wire.frame(schema, 'request', HOLD, opcode=320, ident=1)
    limits = schema.limits
    huge = bytearray(wire.frame(schema, 0xFF, flags=0xFF))
    huge[0:4] = b'\xFF\xFF\xFF\xFF'

    def claims(size, kind='request'):
        return struct.pack('>I', size) + wire.frame(schema, kind)[4:]

    vectors = [
        ('no-bytes', b'', 'client', 'incomplete 16'),
        ('header-cut', ping[:15], 'client', 'incomplete 16'),
        ('body-missing', header[:16], 'client', f'incomplete {len(header)}'),
        ('body-cut', header[:-1], 'client', f'incomplete {len(header)}'),
        ('length-4-gib', claims(0xFFFFFFFF), 'client', 'violation tooLong'),
        ('length-over-cap', claims(limits['frameBytesMax'] + 1), 'client', 'violation tooLong'),
        ('length-over-cap-before-login', claims(limits['frameBytesMaxBeforeLogin'] + 1, 'hello'), 'client',
         'violation tooLong', limits['frameBytesMaxBeforeLogin']),
        ('length-of-the-cap-before-login', claims(limits['frameBytesMaxBeforeLogin'], 'hello'), 'client',
         f"incomplete {16 + limits['frameBytesMaxBeforeLogin']}", limits['frameBytesMaxBeforeLogin']),
        ('length-over-cap-from-server', claims(limits['replyBytesMax'] + 1, 'response'), 'server',
         'violation tooLong'),
        ('length-over-cap-of-a-kind-to-skip', claims(limits['frameBytesMax'] + 1, 0x7F), 'client',
         'violation tooLong'),
        ('cap-comes-before-all-else', bytes(huge), 'client', 'violation tooLong'),
        ('kind-128', wire.frame(schema, 0x80), 'client', 'violation unknownKind'),
        ('kind-255', wire.frame(schema, 0xFF, b'x'), 'client', 'violation unknownKind'),
        ('kind-128-from-server', wire.frame(schema, 0x80), 'server', 'violation unknownKind'),
        ('flag-4', wire.frame(schema, 'ping', flags=4), 'client', 'violation unknownFlags'),
        ('flag-128', wire.frame(schema, 'ping', flags=128), 'client', 'violation unknownFlags'),
        ('flag-4-from-server', wire.frame(schema, 'ping', flags=4), 'server', 'violation unknownFlags'),
        ('flag-4-on-a-kind-to-skip', wire.frame(schema, 0x7F, flags=4), 'client', 'violation unknownFlags'),
        ('client-compresses', wire.frame(schema, 'request', wire.compress(HOLD), wire.COMPRESSED, 320, 1), 'client',
         'violation unknownFlags'),
        ('client-replays', wire.frame(schema, 'request', HOLD, wire.REPLAYED, 320, 1), 'client',
         'violation unknownFlags'),
        ('violation-before-the-body-came', wire.frame(schema, 'welcome', bytes(100))[:16], 'client',
         'violation wrongDirection'),
    ]
    for kind in schema.raw['kinds']:
        for sender in ('client', 'server'):
            if kind['from'] not in (sender, 'both'):
                vectors.append((f"{kind['name']}-from-{sender}", wire.frame(schema, kind['name']), sender,
                                'violation wrongDirection'))
        if kind['name'] in wire.BARE_KINDS:
            sender = 'client' if kind['from'] == 'both' else kind['from']
            vectors.append((f"{kind['name']}-with-a-body", wire.frame(schema, kind['name'], b'\x00'), sender,
                            'violation unexpectedBody'))
    return vectors


def cuts(schema):
    """Whole frames whose bodies end early, at every byte."""
    hello = schema.encode('Hello', {'magic': schema.magic, 'major': 1, 'minor': 0, 'features': 0, 'instance': 1,
                                    'client': 'é', 'session': bytes(32), 'deployment': bytes(16)})
    room = schema.encode('SetRoom', {'operation': KEY, 'concert': 2, 'mode': 'paused', 'capacity': 100})
    vectors = [(f'Hold-cut-at-{size}', request(schema, 'Hold', HOLD[:size]), 'client', 'refused')
               for size in range(len(HOLD))]
    vectors += [(f'hello-cut-at-{size}', wire.frame(schema, 'hello', hello[:size]), 'client', 'refused')
                for size in range(len(hello))]
    vectors += [(f'SetRoom-cut-at-{size}', request(schema, 'SetRoom', room[:size]), 'client', 'refused')
                for size in range(len(room))]
    return vectors


def bodies(schema):
    start = KEY + struct.pack('>Q', 5)
    release = KEY + struct.pack('>Q', 9)
    account = struct.pack('>Q', 7)

    def login(name):
        return request(schema, 'LogIn', name + b'\x01p\x00\x00')

    return [(name, data, sender, expected) for name, data, sender, expected in [
        ('varint-not-minimal-length', login(b'\x83\x00ann'), 'client', 'refused varintNotMinimal'),
        ('varint-not-minimal-count', request(schema, 'Hold', start + b'\x81\x00' + bytes(4) + b'\x00'), 'client',
         'refused varintNotMinimal'),
        ('varint-not-minimal-zero', request(schema, 'Hold', start + b'\x80\x00\x00'), 'client',
         'refused varintNotMinimal'),
        ('varint-not-minimal-tag-count', request(schema, 'Release', release + b'\x80\x00'), 'client',
         'refused varintNotMinimal'),
        ('varint-not-minimal-tag', request(schema, 'Release', release + b'\x01\x83\x00\x01\x00'), 'client',
         'refused varintNotMinimal'),
        ('varint-not-minimal-tag-size', request(schema, 'Release', release + b'\x01\x03\x81\x00\x00'), 'client',
         'refused varintNotMinimal'),
        ('varint-of-33-bits', login(b'\xFF\xFF\xFF\xFF\x1Fann'), 'client', 'refused varintTooLarge'),
        ('varint-of-six-bytes', login(b'\x80\x80\x80\x80\x80\x01ann'), 'client', 'refused varintTooLarge'),
        ('varint-without-end', login(b'\xFF' * 16), 'client', 'refused varintTooLarge'),
        ('length-lies', login(b'\x7Fann'), 'client', 'refused truncated'),
        ('length-lies-4-gib', login(b'\xFF\xFF\xFF\xFF\x0Fann'), 'client', 'refused truncated'),
        ('count-lies-by-one', request(schema, 'Hold', start + b'\x03' + bytes(8) + b'\x00'), 'client',
         'refused countTooLarge'),
        ('count-lies-4-gib', request(schema, 'Hold', start + b'\xFF\xFF\xFF\xFF\x0F' + bytes(8)), 'client',
         'refused countTooLarge'),
        ('count-lies-strings', request(schema, 'FindSeats', bytes(8) + b'\xE8\x07' + b'\x01a\x00'), 'client',
         'refused countTooLarge'),
        ('count-of-tags-lies', request(schema, 'Release', release + b'\x7F\x01\x00'), 'client',
         'refused countTooLarge'),
        ('count-lies-structures', response(schema, 'GetPerformances', b'\x90\x4E' + bytes(64)), 'server',
         'refused countTooLarge'),
        ('utf8-never-a-byte', login(b'\x03a\xFFb'), 'client', 'refused badUTF8'),
        ('utf8-alone-continuing', login(b'\x01\x80'), 'client', 'refused badUTF8'),
        ('utf8-overlong', login(b'\x02\xC0\x80'), 'client', 'refused badUTF8'),
        ('utf8-overlong-three', login(b'\x03\xE0\x80\xAF'), 'client', 'refused badUTF8'),
        ('utf8-surrogate', login(b'\x03\xED\xA0\x80'), 'client', 'refused badUTF8'),
        ('utf8-above-10ffff', login(b'\x04\xF4\x90\x80\x80'), 'client', 'refused badUTF8'),
        ('utf8-cut', login(b'\x03\xF0\x9F\x8E'), 'client', 'refused badUTF8'),
        ('boolean-2', response(schema, 'WhoAmI', account + b'\x03ann\x02\x00'), 'server', 'refused badBoolean'),
        ('boolean-255', response(schema, 'WhoAmI', account + b'\x03ann\xFF\x00'), 'server', 'refused badBoolean'),
        ('bytes-after-the-message', request(schema, 'WhoAmI', b'\x00\x00'), 'client', 'refused trailingBytes'),
        ('bytes-after-the-fields', request(schema, 'Hold', HOLD + b'\x00'), 'client', 'refused trailingBytes'),
        ('empty-body', request(schema, 'WhoAmI', b''), 'client', 'refused truncated'),
        ('even-tag-unknown', request(schema, 'Release', release + b'\x01\x02\x00'), 'client',
         'refused unknownRequiredTag'),
        ('even-tag-zero', request(schema, 'Release', release + b'\x01\x00\x00'), 'client',
         'refused unknownRequiredTag'),
        ('even-tag-unknown-after-known', request(schema, 'SetRoom', KEY + bytes(8) + b'\x02\x02\x01\x00\x62\x00'),
         'client', 'refused unknownRequiredTag'),
        ('even-tag-unknown-in-response', response(schema, 'WhoAmI', account + b'\x03ann\x00\x01\x02\x00'), 'server',
         'refused unknownRequiredTag'),
        ('tags-falling', request(schema, 'SetRoom', KEY + bytes(8) + b'\x02\x04\x04\x00\x00\x00\x01\x02\x01\x00'),
         'client', 'refused tagsOutOfOrder'),
        ('tag-twice', request(schema, 'SetRoom', KEY + bytes(8) + b'\x02\x02\x01\x00\x02\x01\x00'), 'client',
         'refused tagsOutOfOrder'),
        ('unknown-tag-twice', request(schema, 'Release', release + b'\x02\x01\x00\x01\x00'), 'client',
         'refused tagsOutOfOrder'),
        ('tag-of-too-many-bytes', request(schema, 'SetRoom', KEY + bytes(8) + b'\x01\x02\x02\x00\x00'), 'client',
         'refused trailingBytes'),
        ('tag-of-too-few-bytes', request(schema, 'SetRoom', KEY + bytes(8) + b'\x01\x04\x02\x00\x00\x00\x00'),
         'client', 'refused truncated'),
        ('tag-size-lies', request(schema, 'SetRoom', KEY + bytes(8) + b'\x01\x02\x7F\x00'), 'client',
         'refused truncated'),
        ('request-of-an-unknown-opcode', wire.frame(schema, 'request', b'\x00', opcode=9999, ident=1), 'client',
         'unsupported'),
        ('request-of-opcode-0', wire.frame(schema, 'request', b'\x00', opcode=0, ident=1), 'client', 'unsupported'),
        ('request-of-a-notice', wire.frame(schema, 'request', b'\x00', opcode=1024, ident=1), 'client',
         'unsupported'),
        ('response-of-a-notice', wire.frame(schema, 'response', b'\x00', opcode=1024, ident=1), 'server',
         'unsupported'),
    ]]


def streams(schema):
    """Compressed bodies that are not what they say. Only a server compresses, so it is clients that need these."""
    body = schema.encode('PlanDocument', {'sizeBytes': 2000, 'bytes': bytes(2000)})
    good = zlib.compress(body)

    def document(declared, stream):
        return response(schema, 'ExportPlan', struct.pack('>I', declared) + stream, wire.COMPRESSED)

    limit = schema.limits['replyBytesMax']
    return [
        ('zlib-no-size', response(schema, 'ExportPlan', b'\x00\x00', wire.COMPRESSED), 'server', 'inflate corrupt'),
        ('zlib-no-stream', document(len(body), b''), 'server', 'inflate corrupt'),
        ('zlib-not-a-stream', document(len(body), b'not a stream'), 'server', 'inflate corrupt'),
        ('zlib-stream-cut', document(len(body), good[:len(good) // 2]), 'server', 'inflate corrupt'),
        ('zlib-checksum-wrong', document(len(body), good[:-1] + bytes([good[-1] ^ 1])), 'server', 'inflate corrupt'),
        ('zlib-bytes-after-the-stream', document(len(body), good + b'\x00'), 'server', 'inflate corrupt'),
        ('zlib-declares-too-little', document(len(body) - 1, good), 'server', 'inflate badSize'),
        ('zlib-declares-too-much', document(len(body) + 1, good), 'server', 'inflate badSize'),
        ('zlib-declares-more-than-the-cap', document(limit + 1, good), 'server', 'inflate badSize'),
        ('zlib-declares-4-gib', document(0xFFFFFFFF, good), 'server', 'inflate badSize'),
        ('zlib-bomb', document(1024, zlib.compress(bytes(1 << 21), 9)), 'server', 'inflate badSize'),
        ('zlib-of-a-broken-message', document(3, zlib.compress(b'\x00\x00\x00')), 'server', 'refused truncated'),
    ]
