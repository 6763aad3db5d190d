"""Golden vectors: reading, writing and checking the paragraphs of spec/vectors/*.txt (format: README.md there)."""

import json

import wire

CAPS = {'client': 'frameBytesMax', 'server': 'replyBytesMax'}


def text(schema, kind, value):
    """A value as one line of JSON: fields in the order of the wire, bytes as hexadecimal digits."""
    def plain(value):
        if isinstance(value, bytes):
            return value.hex()
        if isinstance(value, list):
            return [plain(item) for item in value]
        if isinstance(value, dict):
            return {name: plain(item) for name, item in value.items()}
        return value

    return f'{kind} {json.dumps(plain(value), ensure_ascii=False)}'


def read(path):
    """The vectors of a file, each a dict of its lines."""
    vectors, current = [], {}
    for line in path.read_text(encoding='utf-8').split('\n') + ['']:
        if line.startswith('#'):
            continue
        if not line.strip():
            if current:
                vectors.append(current)
            current = {}
        else:
            key, _, rest = line.partition(' ')
            current[key] = rest.strip()
    return vectors


def outcome(schema, data, sender, cap=None):
    """What a receiver makes of these bytes: the lines `frame` and the result, as they stand in a vector."""
    try:
        found = schema.parse(data, sender, cap if cap is not None else schema.limits[CAPS[sender]])
    except wire.FrameError as error:
        return {'violation': error.reason}
    if found is None:
        needs = wire.HEADER_BYTES + (int.from_bytes(data[:4], 'big') if len(data) >= wire.HEADER_BYTES else 0)
        return {'incomplete': str(needs)}
    kind, flags, opcode, ident, body, taken = found
    assert taken == len(data), 'bytes after the frame'
    if kind is None:
        return {'skip': ''}
    names = [name for bit, name in ((1, 'compressed'), (2, 'replayed')) if flags & bit]
    lines = {'frame': f"{kind} flags={'+'.join(names) or '-'} opcode={opcode} id={ident}"}
    if kind in wire.BARE_KINDS:
        return lines | {'value': '-'}
    try:
        if flags & wire.COMPRESSED:
            body = wire.inflate(body, schema.limits['replyBytesMax'])
    except wire.DecodeError as error:
        return lines | {'inflate': error.reason}
    structure = schema.body_type(kind, opcode)
    if structure is None:
        return lines | {'unsupported': ''}
    try:
        value = schema.decode_body(structure, body)
    except wire.DecodeError as error:
        return lines | {'refused': error.reason}
    lines['value'] = text(schema, structure, value)
    again = schema.encode(structure, value)
    if again != body:
        lines['again'] = again.hex()
    return lines


def paragraph(schema, name, data, sender, cap=None):
    """A vector as text."""
    digits = data[:16].hex() + (' ' + data[16:].hex() if len(data) > 16 else '')
    lines = {'name': name, 'from': sender}
    if cap is not None:
        lines['cap'] = str(cap)
    lines |= {'hex': digits} | outcome(schema, data, sender, cap)
    return ''.join(f'{key} {value}'.rstrip() + '\n' for key, value in lines.items())
