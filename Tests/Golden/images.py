"""Makes images.json: what Pillow, torchvision and transformers make of synthetic pictures.

    python Tests/Golden/images.py > Tests/Golden/images.json

Made with Pillow 13.0.0 (libjpeg-turbo 3.2.0), NumPy 2.4.6, torchvision 0.29.2, transformers 5.24.0. No random numbers:
the pictures are formulas that Tests/Data/ImagesTests/Synthetic.swift computes as well. Results are kept as the 64-bit FNV-1a
hash of their bytes, which suffices because they are to be equal to the last bit.
"""
import base64, io, json, struct, tempfile

import numpy
from PIL import Image
from torchvision.transforms import functional


def noise(x, y, channel):
    """32 mixed bits of a position."""
    h = (x * 374761393 + y * 668265263 + channel * 2246822519) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 1274126177) & 0xFFFFFFFF
    return h ^ (h >> 16)


def synthetic(width, height, kind):
    """noisy: steep edges and noise on a ramp. smooth: what JPEG is good at. random: every colour alike."""
    pixels = bytearray()
    for y in range(height):
        for x in range(width):
            for c in range(3):
                if kind == "noisy":
                    value = 255 * ((x // 5 + y // 7 + c) % 2) ^ (noise(x, y, c) & 63)
                elif kind == "smooth":
                    value = (x * (3 + c) + y * (5 - c)) * 255 // (8 * (width + height)) + 40 * ((x // 16 + y // 16) % 2)
                else:
                    value = noise(x, y, c) & 255
                pixels.append(min(255, value))
    return Image.frombytes("RGB", (width, height), bytes(pixels))


def fnv(data):
    h = 0xCBF29CE484222325
    for byte in data:
        h = ((h ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{h:016x}"


def result(image):
    data = image.tobytes()
    return dict(width=image.width, height=image.height, hash=fnv(data), head=list(data[:12]))


def rows_first(picture, target, filter, box):
    """Both passes one by one, rows first, as Pillow up to 12 has it. From 13 on it sometimes takes the columns first."""
    rows = picture.resize((target[0], picture.height), filter, box=(box[0], 0, box[2], picture.height))
    return rows.resize(target, filter, box=(0, box[1], target[0], box[3]))


def columns_first(picture, target, filter, box):
    columns = picture.resize((picture.width, target[1]), filter, box=(0, box[1], picture.width, box[3]))
    return columns.resize(target, filter, box=(box[0], 0, box[2], target[1]))


def resizes():
    filters = dict(bilinear=Image.Resampling.BILINEAR, bicubic=Image.Resampling.BICUBIC, lanczos=Image.Resampling.LANCZOS)
    # source size, target size, box
    shapes = [
        ((97, 61), (31, 20), None), ((97, 61), (31, 61), None), ((97, 61), (97, 20), None), ((97, 61), (97, 61), None),
        ((97, 61), (150, 200), None), ((640, 37), (11, 11), None), ((37, 640), (224, 12), None), ((5, 3), (2, 2), None),
        ((1, 1), (7, 5), None), ((3, 200), (64, 64), None), ((200, 3), (64, 64), None), ((300, 9), (1, 1), None),
        ((97, 61), (40, 30), (10, 5, 80, 55)), ((97, 61), (40, 30), (0.5, 3.25, 96.125, 60.9)),
        ((97, 61), (120, 90), (20.3, 10.7, 50.1, 30.2)), ((97, 61), (33, 33), (90, 50, 97, 61)),
        ((256, 192), (64, 48), None), ((129, 130), (43, 65), None),
        # columns first from Pillow 13 on, and sizes at the edge of that
        ((100, 300), (32, 32), None), ((64, 128), (32, 32), None), ((100, 200), (60, 119), None), ((100, 200), (60, 120), None),
        ((100, 200), (60, 121), None), ((60, 90), (120, 89), None), ((97, 161), (40, 30), (10, 5, 80, 55)),
        ((97, 161), (40, 30), (0.5, 3.25, 96.125, 60.9)),
    ]
    for source, target, box in shapes:
        picture = synthetic(*source, "noisy")
        for name, filter in filters.items():
            whole = box or (0, 0, *source)
            yield dict(source=source, target=target, box=box, filter=name,
                       result=result(picture.resize(target, filter, box=whole)),
                       rowsFirst=result(rows_first(picture, target, filter, whole)),
                       columnsFirst=result(columns_first(picture, target, filter, whole)))


def evaluations():
    for width, height, size in [(97, 61, 32), (61, 97, 32), (80, 80, 32), (20, 333, 24), (33, 50, 48), (65, 32, 32), (67, 32, 32)]:
        for name, mode in [("bilinear", functional.InterpolationMode.BILINEAR), ("bicubic", functional.InterpolationMode.BICUBIC)]:
            resized = functional.resize(synthetic(width, height, "noisy"), size, mode)
            yield dict(source=[width, height], size=size, filter=name, result=result(functional.center_crop(resized, size)))


def squashes():
    """open_clip's resize_mode "squash": both sides at once."""
    for width, height, size in [(97, 61, 32), (61, 97, 32), (20, 333, 24), (33, 50, 48)]:
        for name, mode in [("bilinear", functional.InterpolationMode.BILINEAR), ("bicubic", functional.InterpolationMode.BICUBIC)]:
            resized = synthetic(width, height, "noisy").resize((size, size), pillow(mode))
            yield dict(source=[width, height], size=size, filter=name, result=result(resized))


def processed():
    """Processors that keep less of a picture than they resize it to, or decide that by the size."""
    import transformers
    small = {"height": 32, "width": 32}
    processors = [
        ("CLIP", 37, dict(size={"shortest_edge": 37}, crop_size=small)), ("CLIP", 40, dict(size={"shortest_edge": 40}, crop_size=small)),
        ("CLIP", 41, dict(size={"height": 41, "width": 41}, crop_size=small)), ("DeiT", 36, dict(size={"height": 36, "width": 36}, crop_size=small)),
        ("DeiT", 256, {}), ("Bit", 39, dict(size={"shortest_edge": 39}, crop_size=small, resample=1)),
        ("ConvNext", 36, dict(size={"shortest_edge": 32})), ("ConvNext", 35, dict(size={"shortest_edge": 32}, crop_pct=0.9)),
        ("ConvNext", None, dict(size={"shortest_edge": 32}, crop_pct=1.0)), ("ConvNext", None, dict(size={"shortest_edge": 384})),
    ]
    for kind, side, arguments in processors:
        processor = getattr(transformers, kind + "ImageProcessorPil")(**arguments)
        for width, height in [(97, 61), (61, 97), (80, 80), (20, 333), (33, 50)]:
            made = processor([synthetic(width, height, "noisy")], do_rescale=False, do_normalize=False)["pixel_values"][0]
            picture = Image.fromarray(numpy.ascontiguousarray(numpy.asarray(made).transpose(1, 2, 0)).astype(numpy.uint8))
            yield dict(source=[width, height], configuration=processor.to_json_string(), side=side, result=result(picture))


def pillow(mode):
    return getattr(Image.Resampling, mode.name)


def crops():
    for source, box, size in [((97, 61), (10, 7, 55, 48), 32), ((97, 61), (0, 0, 97, 61), 32), ((40, 40), (39, 39, 1, 1), 16),
                              ((97, 61), (42, 13, 55, 48), 64)]:
        x, y, width, height = box
        cropped = functional.resized_crop(synthetic(*source, "noisy"), y, x, height, width, [size, size], functional.InterpolationMode.BICUBIC)
        yield dict(source=source, box=box, size=size, result=result(cropped))


def colours():
    changes = dict(brightness=functional.adjust_brightness, contrast=functional.adjust_contrast,
                   saturation=functional.adjust_saturation, hue=functional.adjust_hue)
    factors = dict(brightness=[0, 0.25, 0.8, 1.3, 2.5], contrast=[0, 0.25, 0.8, 1.3, 2.5], saturation=[0, 0.25, 0.8, 1.3, 2.5],
                   hue=[-0.5, -0.125, 0.0, 0.03125, 0.25, 0.5])
    for kind in ["random", "smooth"]:
        picture = synthetic(160, 120, kind)
        for name, change in changes.items():
            for factor in factors[name]:
                factor = float(numpy.float32(factor))
                yield dict(picture=kind, change=name, factor=factor, result=result(change(picture, factor)))


def exif(orientation, order):
    entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    mark = b"II" if order == "<" else b"MM"
    return b"Exif\0\0" + mark + struct.pack(order + "HI", 42, 8) + struct.pack(order + "H", 1) + entry + bytes(4)


def without_adobe(data):
    """Takes the APP14 segment out: the inks then count as they are."""
    at = data.index(b"\xff\xee")
    return data[:at] + data[at + 2 + struct.unpack(">H", data[at + 2:at + 4])[0]:]


def jpegs():
    picture = synthetic(61, 45, "smooth")
    def saved(image, **options):
        file = io.BytesIO()
        image.save(file, "JPEG", **options)
        return file.getvalue()
    def case(name, data, expected=None):
        expected = expected or Image.open(io.BytesIO(data)).convert("RGB")
        return dict(name=name, jpeg=base64.b64encode(data).decode(), result=result(expected))
    for name, subsampling in [("4:4:4", 0), ("4:2:2", 1), ("4:2:0", 2)]:
        yield case(f"baseline {name}", saved(picture, quality=85, subsampling=subsampling))
    yield case("progressive", saved(picture, quality=85, progressive=True))
    yield case("grey", saved(picture.convert("L"), quality=85))
    yield case("grey progressive", saved(picture.convert("L"), quality=85, progressive=True))
    yield case("rgb", saved(picture, quality=85, keep_rgb=True))
    yield case("one pixel", saved(picture.crop((30, 20, 31, 21)), quality=85))
    yield case("restart markers", saved(picture, quality=85, restart_marker_blocks=1))
    inks = Image.merge("CMYK", [*picture.split(), synthetic(61, 45, "smooth").transpose(Image.Transpose.ROTATE_180).split()[0]])
    adobe = saved(inks, quality=85)
    yield case("cmyk adobe", adobe)
    plain = without_adobe(adobe)
    # Pillow takes every CMYK file for Adobe's; without the marker the inks are not inverted.
    inverted = Image.open(io.BytesIO(plain))
    upright = Image.frombytes("CMYK", inverted.size, bytes(255 - b for b in inverted.tobytes()))
    yield case("cmyk plain", plain, upright.convert("RGB"))
    # The same four planes declared as YCCK: transform 2 in Adobe's segment.
    at = adobe.index(b"Adobe") + 11
    yield case("ycck adobe", adobe[:at] + b"\x02" + adobe[at + 1:])
    from PIL import ImageOps
    for orientation in range(1, 9):
        data = saved(picture, quality=85, exif=exif(orientation, "<>"[orientation % 2]))
        yield case(f"orientation {orientation}", data, ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    yield case("as few bytes as can be", saved(Image.new("L", (1024, 1024), 128), progressive=True))
    yield case("wide", saved(synthetic(700, 10, "smooth"), quality=60))


def processor():
    from transformers import CLIPImageProcessor
    with tempfile.TemporaryDirectory() as folder:
        CLIPImageProcessor().save_pretrained(folder)
        return open(folder + "/preprocessor_config.json").read()


def main():
    parts = dict(resize=resizes(), evaluation=evaluations(), squash=squashes(), processed=processed(), crop=crops(), colour=colours(), jpeg=jpegs())
    lines = [f'"{name}": [\n' + ",\n".join(json.dumps(case) for case in cases) + "\n]" for name, cases in parts.items()]
    print("{\n" + ",\n".join([*lines, f'"processor": {json.dumps(processor())}']) + "\n}")


main()
