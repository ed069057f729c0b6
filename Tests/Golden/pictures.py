"""Makes pictures.json: PNG and WebP files of every kind, and what Pillow makes of them.

    python Tests/Golden/pictures.py > Tests/Golden/pictures.json

Made with Pillow 13.0.0 (libwebp 1.6.0, zlib 1.2.13). No random numbers: the samples are mixed bits of their positions. Kinds
of PNG that Pillow does not write are written here, chunk by chunk. A result is what `convert("RGB")` gives, or
`ImageOps.exif_transpose` where the picture is turned, as the 64-bit FNV-1a hash of its bytes. Three things differ from
Pillow on purpose: grey of 16 bits is scaled to 8 where Pillow clips it, an orientation of the type BYTE counts, and of the
type LONG8 signed (17) too.

    python Tests/Golden/pictures.py --compare FOLDER COUNT

writes COUNT files of all kinds and sizes to FOLDER, with a list.tsv of what Pillow makes of each, for `mmtrain`'s own
decoders to be held against: see PillowComparisonTests.
"""
import base64, io, json, pathlib, random, struct, sys, zlib

from PIL import Image, ImageOps

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
KINDS = [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8), (4, 8), (4, 16), (6, 8), (6, 16)]
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def noise(x, y, channel):
    """32 mixed bits of a position."""
    h = (x * 374761393 + y * 668265263 + channel * 2246822519) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 1274126177) & 0xFFFFFFFF
    return h ^ (h >> 16)


def chunk(kind, data=b""):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed_row(row, depth):
    """Samples as bytes; those of fewer than 8 bits from the left."""
    if depth == 16:
        return b"".join(struct.pack(">H", value) for value in row)
    if depth == 8:
        return bytes(row)
    bits = "".join(format(value, f"0{depth}b") for value in row)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def filtered(rows, step):
    """Each row by another of the five filters, in turn."""
    out, above = b"", bytes(len(rows[0])) if rows else b""
    for number, row in enumerate(rows):
        kind = number % 5
        line = bytearray([kind])
        for i, value in enumerate(row):
            a = row[i - step] if i >= step else 0
            c = above[i - step] if i >= step else 0
            guess = [0, a, above[i], (a + above[i]) // 2, paeth(a, above[i], c)][kind]
            line.append((value - guess) & 255)
        out += bytes(line)
        above = row
    return out


def png(width, height, colour, depth, interlaced=False, before=b"", after=b"", sample=None, level=9):
    """A PNG of noise. `before` and `after` are chunks around the pixels."""
    channels = CHANNELS[colour]
    sample = sample or (lambda x, y, c: noise(x, y, c) >> 3 & ((1 << depth) - 1))
    step = max(1, channels * depth // 8)
    def rows(xs, ys):
        return [packed_row([sample(x, y, c) for x in xs for c in range(channels)], depth) for y in ys]
    if interlaced:
        data = b""
        for x, y, dx, dy in PASSES:
            if x < width and y < height:
                data += filtered(rows(range(x, width, dx), range(y, height, dy)), step)
    else:
        data = filtered(rows(range(width), range(height)), step)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    packed = zlib.compress(data, level)
    half = len(packed) // 2
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + chunk(b"IDAT", packed[:half])
            + chunk(b"IDAT", packed[half:]) + after + chunk(b"IEND"))


def palette(entries):
    return chunk(b"PLTE", bytes(noise(i, 7, c) & 255 for i in range(entries) for c in range(3)))


def transparency(colour, depth, entries):
    if colour == 3:
        return chunk(b"tRNS", bytes(noise(i, 9, 0) & 255 for i in range(max(1, entries // 2))))
    return chunk(b"tRNS", struct.pack(">" + "H" * CHANNELS[colour], *[1] * CHANNELS[colour]))


def tiff(order, kind, value, count=1):
    """An EXIF block whose one entry is the orientation, in a type of TIFF."""
    layout = {1: "B", 3: "H", 4: "I", 5: "II", 6: "b", 8: "h", 9: "i", 10: "ii", 11: "f", 12: "d", 13: "I", 16: "Q", 17: "q"}[kind]
    data = struct.pack(order + layout, *([value * 3, 3] if kind in (5, 10) else [value])) * count
    place = data.ljust(4, b"\0") if len(data) <= 4 else struct.pack(order + "I", 26)
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HIH", 42, 8, 1)
    return head + struct.pack(order + "HHI", 0x0112, kind, count) + place + bytes(4) + (data if len(data) > 4 else b"")


def riff(chunks):
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks


def riff_chunk(kind, data):
    return kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def small(number, size=3):
    return struct.pack("<I", number)[:size]


def animation(frames, width, height):
    """A WebP animation of still WebP files at places of their own."""
    body = riff_chunk(b"VP8X", bytes([0x12, 0, 0, 0]) + small(width - 1) + small(height - 1))
    body += riff_chunk(b"ANIM", bytes([255, 255, 255, 255, 0, 0]))
    for x, y, still in frames:
        image = Image.open(io.BytesIO(still))
        place = small(x // 2) + small(y // 2) + small(image.width - 1) + small(image.height - 1)
        at = 30 if still[12:16] == b"VP8X" else 12
        body += riff_chunk(b"ANMF", place + small(100) + b"\0" + still[at:])
    return riff(body)


def picture(width, height, mode="RGB"):
    bands = {"RGB": 3, "RGBA": 4, "L": 1}[mode]
    smooth = lambda x, y, c: min(255, (x * (3 + c) + y * (5 - c)) * 255 // (8 * (width + height)) + 40 * ((x // 16 + y // 16) % 2))
    return Image.frombytes(mode, (width, height), bytes(smooth(x, y, c) for y in range(height) for x in range(width) for c in range(bands)))


def saved(image, form, **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def fnv(data):
    h = 0xCBF29CE484222325
    for byte in data:
        h = ((h ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{h:016x}"


def seen(data):
    """What Pillow makes of a file, upright."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    if image.mode == "I;16":
        values = struct.unpack(f"<{image.width * image.height}H", image.tobytes())
        image = Image.frombytes("L", image.size, bytes(value >> 8 for value in values))
    return image.convert("RGB")


def case(name, data, image=None):
    image = image or seen(data)
    pixels = image.tobytes()
    result = dict(width=image.width, height=image.height, hash=fnv(pixels), head=list(pixels[:12]))
    return dict(name=name, file=base64.b64encode(data).decode(), result=result)


def pngs():
    for colour, depth in KINDS:
        plte = palette(1 << depth) if colour == 3 else b""
        for interlaced in (False, True):
            name = f"colour type {colour}, {depth} bits" + (", interlaced" if interlaced else "")
            yield case(name, png(13, 9, colour, depth, interlaced, plte))
        if colour in (0, 2, 3):
            yield case(f"colour type {colour}, {depth} bits, transparent",
                       png(13, 9, colour, depth, before=plte + transparency(colour, depth, 1 << depth)))
    for width, height in [(1, 1), (2, 3), (1, 9), (9, 1)]:
        yield case(f"interlaced, {width}x{height}", png(width, height, 2, 8, True))
    yield case("indexes beyond the palette", png(13, 9, 3, 8, before=palette(100)))
    gamma = chunk(b"gAMA", struct.pack(">I", 100000)) + chunk(b"sRGB", b"\0")
    yield case("gamma and colour space", png(13, 9, 2, 8, before=gamma))
    text = chunk(b"tEXt", b"Comment\0x") + chunk(b"zTXt", b"Bomb\0\0" + zlib.compress(bytes(1 << 16)))
    yield case("texts", png(13, 9, 2, 8, before=text, after=text))
    for orientation in range(1, 9):
        yield case(f"orientation {orientation}", png(7, 5, 0, 8, before=chunk(b"eXIf", tiff("<>"[orientation % 2], 3, orientation))))
    yield case("orientation after the pixels", png(7, 5, 0, 8, after=chunk(b"eXIf", tiff(">", 3, 6))))
    yield case("as few bytes as can be", saved(Image.new("1", (1024, 1024)), "PNG", optimize=True))
    frames = [picture(20, 12), picture(20, 12).rotate(180)]
    yield case("animated", saved(frames[0], "PNG", save_all=True, append_images=frames[1:]))
    yield case("animated, another default", saved(frames[0], "PNG", save_all=True, append_images=frames, default_image=True))


def orientations():
    """One in every type that a number can have in TIFF, in both byte orders."""
    for kind in [1, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 16, 17]:
        for order in "<>":
            data = png(7, 5, 0, 8, before=chunk(b"eXIf", tiff(order, kind, 6)))
            turned = Image.open(io.BytesIO(data)).transpose(Image.Transpose.ROTATE_270).convert("RGB")
            assert kind in (1, 17) or seen(data).tobytes() == turned.tobytes(), kind
            yield case(f"type {kind}, {'little' if order == '<' else 'big'} endian", data, turned)
    for count in [2, 3]:
        yield case(f"{count} numbers", png(7, 5, 0, 8, before=chunk(b"eXIf", tiff("<", 3, 6, count))))
    for value in [0, 9, 255]:
        yield case(f"orientation {value}", png(7, 5, 0, 8, before=chunk(b"eXIf", tiff("<", 3, value))))
    for order in "<>":
        exif = b"Exif\0\0" + tiff(order, 4, 8)
        yield case(f"LONG in JPEG, {order}", saved(picture(24, 16), "JPEG", exif=exif))
        yield case(f"LONG in WebP, {order}", saved(picture(24, 16), "WEBP", exif=exif))


def webps():
    rgb, rgba = picture(61, 45), picture(61, 45, "RGBA")
    yield case("lossy", saved(rgb, "WEBP", quality=80))
    yield case("lossy, low quality", saved(rgb, "WEBP", quality=5))
    yield case("lossless", saved(rgb, "WEBP", lossless=True))
    yield case("lossless, one colour", saved(Image.new("RGB", (300, 200), (3, 200, 77)), "WEBP", lossless=True))
    yield case("lossy, as few bytes as can be", saved(Image.new("RGB", (1024, 1024), (128, 128, 128)), "WEBP", quality=100, method=6))
    yield case("lossy, alpha", saved(rgba, "WEBP", quality=80))
    yield case("lossless, alpha", saved(rgba, "WEBP", lossless=True))
    yield case("lossless, alpha, exact", saved(rgba, "WEBP", lossless=True, exact=True))
    yield case("one pixel", saved(rgb.crop((30, 20, 31, 21)), "WEBP"))
    for orientation in (1, 3, 6):
        yield case(f"orientation {orientation}", saved(rgb, "WEBP", exif=b"Exif\0\0" + tiff("<", 3, orientation)))
    turned = [rgb, rgb.rotate(180)]
    yield case("animated", saved(turned[0], "WEBP", save_all=True, append_images=turned[1:]))
    yield case("animated, alpha", saved(rgba, "WEBP", save_all=True, append_images=[rgba.rotate(180)], lossless=True))
    stills = [saved(picture(20, 12, mode), "WEBP", **options) for mode, options in
              [("RGB", {}), ("RGBA", {}), ("RGB", dict(lossless=True)), ("RGBA", dict(lossless=True, exact=True))]]
    for number, still in enumerate(stills):
        yield case(f"animated, frame {number} at a place", animation([(6, 8, still), (0, 0, stills[0])], 40, 30))
    yield case("animated, one frame", animation([(2, 0, stills[0])], 24, 12))


def compare(folder, count):
    """Files of all kinds, with what Pillow makes of them."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(1)
    lines = []
    for number in range(count):
        width, height = chance.randint(1, 90), chance.randint(1, 90)
        kind = chance.choice(["png", "png", "pillow", "webp", "webp", "animation"])
        if kind == "png":
            colour, depth = chance.choice(KINDS)
            entries = chance.randint(1, 1 << depth) if colour == 3 else 0
            before = palette(entries) if colour == 3 else b""
            if colour in (0, 2, 3) and chance.random() < 0.4:
                before += transparency(colour, depth, entries)
            flat = chance.random() < 0.2
            sample = (lambda x, y, c: (x + y) // 8 & ((1 << depth) - 1)) if flat else None
            data = png(width, height, colour, depth, chance.random() < 0.5, before, sample=sample, level=chance.randint(0, 9))
        else:
            alpha = chance.random() < 0.5
            image = picture(width, height, "RGBA" if alpha else "RGB")
            if chance.random() < 0.5:
                grain = Image.effect_noise(image.size, 60)
                image.paste(grain, mask=grain)
            exif = b"Exif\0\0" + tiff(chance.choice("<>"), chance.choice([3, 4, 8]), chance.randint(1, 8))
            options = dict(exif=exif) if chance.random() < 0.3 else {}
            if kind == "pillow":
                mode = chance.choice(["1", "L", "P", "LA", "RGB", "RGBA"])
                data = saved(image.convert(mode), "PNG", optimize=chance.random() < 0.3, **options)
            else:
                options |= dict(quality=chance.randint(0, 100), lossless=chance.random() < 0.4, method=chance.randint(0, 6),
                                exact=chance.random() < 0.5)
                if kind == "webp":
                    data = saved(image, "WEBP", **options)
                else:
                    options.pop("exif", None)
                    still = saved(image, "WEBP", **options)
                    x, y = 2 * chance.randint(0, 9), 2 * chance.randint(0, 9)
                    data = animation([(x, y, still)] * chance.randint(1, 3), x + width + chance.randint(0, 9), y + height + chance.randint(0, 9))
        image = seen(data)
        name = f"{number:05d}.{'webp' if data[:4] == b'RIFF' else 'png'}"
        (folder / name).write_bytes(data)
        lines.append(f"{name}\t{image.width}\t{image.height}\t{fnv(image.tobytes())}\n")
    (folder / "list.tsv").write_text("".join(lines))


def main():
    if sys.argv[1:2] == ["--compare"]:
        return compare(sys.argv[2], int(sys.argv[3]))
    parts = dict(png=pngs(), orientation=orientations(), webp=webps())
    lines = [f'"{name}": [\n' + ",\n".join(json.dumps(case) for case in cases) + "\n]" for name, cases in parts.items()]
    print("{\n" + ",\n".join(lines) + "\n}")


main()
