"""Frames and values of the BoxOffice protocol, read from protocol.json at run time.

No message is written by hand here: `Schema` reads the fields, tags, enumerations and codes, and encodes and decodes
by them. spec/frame.md is the prose of the same rules.

How values look in Python:
    u8…u64, i32, i64, number scalars   int
    bool                               bool
    string, secret                     str
    bytes, byte scalars                bytes
    enumerations, RefusalCode          str, the name; 'unknown(N)' for a number that this schema does not know
    [T]                                list
    structures                         dict by field name, in the order of the wire; absent tagged fields are not in it
"""

import json
import pathlib
import struct
import zlib

HEADER_BYTES = 16
FIXED = {'u8': '>B', 'u16': '>H', 'u32': '>I', 'u64': '>Q', 'i32': '>i', 'i64': '>q'}
COMPRESSED, REPLAYED = 1, 2
BARE_KINDS = {'cancel', 'ack', 'gap', 'replayed', 'ping', 'pong'}


class DecodeError(Exception):
    """A body that is not a message. `reason` is one of the names in spec/frame.md."""

    def __init__(self, reason, offset=None):
        super().__init__(f'{reason} at byte {offset}')
        self.reason = reason


class FrameError(Exception):
    """A frame that breaks the rules: the connection is over. `reason` is one of the names in spec/frame.md."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


class Cursor:
    """Bytes and the part of them that is still to be read."""

    def __init__(self, data):
        self.data, self.offset, self.end = data, 0, len(data)

    def take(self, count):
        if count > self.end - self.offset:
            raise DecodeError('truncated', self.offset)
        start = self.offset
        self.offset += count
        return self.data[start:self.offset]

    def varint(self):
        start, value = self.offset, 0
        for index in range(5):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << (7 * index)
            if not byte & 0x80:
                if index and not byte:
                    raise DecodeError('varintNotMinimal', start)
                if value > 0xFFFFFFFF:
                    raise DecodeError('varintTooLarge', start)
                return value
        raise DecodeError('varintTooLarge', start)

    def count(self, item_bytes_min):
        start, count = self.offset, self.varint()
        if count * item_bytes_min > self.end - self.offset:
            raise DecodeError('countTooLarge', start)
        return count

    def finish(self):
        if self.offset != self.end:
            raise DecodeError('trailingBytes', self.offset)


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


class Schema:
    """protocol.json, indexed."""

    def __init__(self, path=None):
        path = path or pathlib.Path(__file__).resolve().parent.parent / 'protocol.json'
        self.raw = raw = json.loads(pathlib.Path(path).read_text(encoding='utf-8'))
        self.magic = int(raw['magic'], 16)
        self.limits = {item['name']: item['value'] for item in raw['limits']}
        self.kinds = {item['name']: item['value'] for item in raw['kinds']}
        self.kind_names = {item['value']: item['name'] for item in raw['kinds']}
        self.kind_from = {item['name']: item['from'] for item in raw['kinds']}
        self.codes = {item['name']: item for item in raw['codes']}
        self.scalars = {item['name']: item['wire'] for item in raw['scalars']}
        self.enumerations = {item['name']: {case['name']: case['value'] for case in item['cases']}
                             for item in raw['enumerations']}
        self.enumerations['RefusalCode'] = {item['name']: item['value'] for item in raw['codes']}
        self.requests = {item['name']: item for item in raw['requests']}
        self.structures = {item['name']: item for section in ('structures', 'requests', 'notices', 'updates')
                           for item in raw[section]}
        self.by_opcode = {item['opcode']: item for item in self.structures.values() if 'opcode' in item}

    # Values

    def bytes_min(self, kind):
        """The fewest bytes a value of this type takes; a count is checked with it before anything is reserved."""
        if kind in FIXED:
            return struct.calcsize(FIXED[kind])
        if kind in self.scalars:
            return self.bytes_min(self.scalars[kind])
        if kind.startswith('bytes') and kind != 'bytes':
            return int(kind[5:])
        if kind == 'RefusalCode':
            return 2
        if kind in self.structures:
            return 1 + sum(self.bytes_min(field['type']) for field in self.structures[kind]['fields'])
        return 1  # bool, string, secret, bytes, arrays, enumerations

    def encode(self, kind, value):
        if kind in FIXED:
            return struct.pack(FIXED[kind], value)
        if kind == 'bool':
            return b'\1' if value else b'\0'
        if kind in ('string', 'secret'):
            data = value.encode('utf-8')
            return varint(len(data)) + data
        if kind == 'bytes':
            return varint(len(value)) + value
        if kind.startswith('bytes'):
            assert len(value) == int(kind[5:]), f'{kind} has {len(value)} bytes'
            return bytes(value)
        if kind.startswith('['):
            return varint(len(value)) + b''.join(self.encode(kind[1:-1], item) for item in value)
        if kind in self.scalars:
            return self.encode(self.scalars[kind], value)
        if kind in self.enumerations:
            known = self.enumerations[kind]
            number = known[value] if value in known else int(value.removeprefix('unknown(').removesuffix(')'))
            return struct.pack('>H' if kind == 'RefusalCode' else '>B', number)
        return self.encode_structure(self.structures[kind], value)

    def encode_structure(self, item, value):
        unknown = set(value) - {field['name'] for field in item['fields'] + item.get('tagged', [])}
        assert not unknown, f"{item['name']} has no field {unknown}"
        out = b''.join(self.encode(field['type'], value[field['name']]) for field in item['fields'])
        tagged = [field for field in item.get('tagged', []) if value.get(field['name']) is not None]
        out += varint(len(tagged))
        for field in sorted(tagged, key=lambda field: field['tag']):
            data = self.encode(field['type'], value[field['name']])
            out += varint(field['tag']) + varint(len(data)) + data
        return out

    def decode(self, kind, cursor):
        if kind in FIXED:
            return struct.unpack(FIXED[kind], cursor.take(struct.calcsize(FIXED[kind])))[0]
        if kind == 'bool':
            start, byte = cursor.offset, cursor.take(1)[0]
            if byte > 1:
                raise DecodeError('badBoolean', start)
            return byte == 1
        if kind in ('string', 'secret'):
            data = cursor.take(cursor.varint())
            try:
                return data.decode('utf-8')
            except UnicodeDecodeError:
                raise DecodeError('badUTF8', cursor.offset - len(data)) from None
        if kind == 'bytes':
            return cursor.take(cursor.varint())
        if kind.startswith('bytes'):
            return cursor.take(int(kind[5:]))
        if kind.startswith('['):
            count = cursor.count(self.bytes_min(kind[1:-1]))
            return [self.decode(kind[1:-1], cursor) for _ in range(count)]
        if kind in self.scalars:
            return self.decode(self.scalars[kind], cursor)
        if kind in self.enumerations:
            number = self.decode('u16' if kind == 'RefusalCode' else 'u8', cursor)
            names = [name for name, known in self.enumerations[kind].items() if known == number]
            return names[0] if names else f'unknown({number})'
        return self.decode_structure(self.structures[kind], cursor)

    def decode_structure(self, item, cursor):
        value = {field['name']: self.decode(field['type'], cursor) for field in item['fields']}
        known = {field['tag']: field for field in item.get('tagged', [])}
        last = -1
        for _ in range(cursor.count(2)):
            start, tag = cursor.offset, cursor.varint()
            if tag <= last:
                raise DecodeError('tagsOutOfOrder', start)
            last, size, outer = tag, cursor.varint(), cursor.end
            if size > cursor.end - cursor.offset:
                raise DecodeError('truncated', cursor.offset)
            cursor.end = cursor.offset + size
            if tag in known:
                value[known[tag]['name']] = self.decode(known[tag]['type'], cursor)
            elif tag % 2 == 0:
                raise DecodeError('unknownRequiredTag', start)
            else:
                cursor.offset = cursor.end
            cursor.finish()
            cursor.end = outer
        return value

    def decode_body(self, structure, body):
        """The structure of this name in a whole body."""
        cursor = Cursor(body)
        value = self.decode(structure, cursor)
        cursor.finish()
        return value

    # Frames

    def body_type(self, kind, opcode):
        """The name of the structure in a frame's body; None for kinds without a body and for unknown opcodes."""
        if kind in ('hello', 'welcome', 'goAway'):
            return kind[0].upper() + kind[1:]
        if kind == 'error':
            return 'Refusal'
        item = self.by_opcode.get(opcode)
        if kind == 'response':
            return item.get('response') if item else None
        section = {'request': 'requests', 'notice': 'notices', 'update': 'updates'}.get(kind)
        return item['name'] if section and item in self.raw[section] else None

    def parse(self, data, sender, body_bytes_max):
        """The first frame in `data`: (kind, flags, opcode, id, body, bytes taken).

        None while it is not whole. `kind` is None for an unknown kind that is to be skipped. The checks come in the
        order of spec/frame.md: the length is compared with the cap before anything else.
        """
        if len(data) < HEADER_BYTES:
            return None
        size, number, flags, opcode, ident = struct.unpack('>IBBHQ', data[:HEADER_BYTES])
        kind = self.kind_names.get(number)
        if size > body_bytes_max:
            raise FrameError('tooLong')
        if flags & ~(COMPRESSED | REPLAYED):
            raise FrameError('unknownFlags')
        if kind is None and number >= 0x80:
            raise FrameError('unknownKind')
        if kind and self.kind_from[kind] not in (sender, 'both'):
            raise FrameError('wrongDirection')
        if sender == 'client' and flags:
            raise FrameError('unknownFlags')
        if kind in BARE_KINDS and size:
            raise FrameError('unexpectedBody')
        if len(data) < HEADER_BYTES + size:
            return None
        return kind, flags, opcode, ident, data[HEADER_BYTES:HEADER_BYTES + size], HEADER_BYTES + size


def frame(schema, kind, body=b'', flags=0, opcode=0, ident=0):
    """A whole frame."""
    number = schema.kinds[kind] if isinstance(kind, str) else kind
    return struct.pack('>IBBHQ', len(body), number, flags, opcode, ident) + body


def compress(body):
    """The compressed form of a body: its size, then a zlib stream."""
    return struct.pack('>I', len(body)) + zlib.compress(body, 6)


def inflate(body, bytes_max):
    """The body that was compressed. Never makes more bytes than were declared, whatever the stream says."""
    if len(body) <= 4:
        raise DecodeError('corrupt', 0)
    declared = struct.unpack('>I', body[:4])[0]
    if declared > bytes_max:
        raise DecodeError('badSize', 0)
    stream = zlib.decompressobj()
    try:
        # One byte more than declared, so that a longer stream shows; and 0 would mean no limit.
        data = stream.decompress(body[4:], declared + 1)
    except zlib.error:
        raise DecodeError('corrupt', 4) from None
    if len(data) > declared:
        raise DecodeError('badSize', 4)
    if not stream.eof:
        raise DecodeError('corrupt', len(body))
    if len(data) != declared:
        raise DecodeError('badSize', 4)
    if stream.unused_data:
        raise DecodeError('corrupt', len(body))
    return data
