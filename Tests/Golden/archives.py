"""Writes archives as many programs pack them, and what is in each: python3 archives.py FOLDER [SEED].

FOLDER then holds the archives and index.json: a list of {"file", "by", "files": {name: SHA-256}}. Each archive is read
back by Python's own zipfile or tarfile before it is listed, so that the index says what Python finds in it; what Python
refuses, or finds other bytes in, ends the script with an error. Names are those that come out on the disk: no "./", no
doubled slashes, and of a file that comes twice the last one.

PackingTests reads every archive and compares. The programs zip, bsdtar, 7z and GNU tar are used where they are installed
(made with Python 3.11.7, Info-ZIP zip 3.0, bsdtar 3.6.2, p7zip 16.02, GNU tar 1.34; seed 1).
"""

import gzip
import hashlib
import io
import json
import os
import posixpath
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import warnings
import zipfile

warnings.filterwarnings("ignore")  # Duplicate name: that is what is wanted
OUT = os.path.abspath(sys.argv[1])
RANDOM = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
os.makedirs(OUT, exist_ok=True)
index = []


def digest(data):
    return hashlib.sha256(data).hexdigest()


def on_disk(name):
    return posixpath.normpath(name.replace("\\", "/"))


def content():
    kind = RANDOM.randrange(4)
    size = RANDOM.choice([0, 1, 10, 511, 512, 513, 3000, 40000])
    return RANDOM.randbytes(size) if kind else bytes(RANDOM.randrange(97, 105) for _ in range(size))


def names():
    pool = ["a.jpg", "photos/b.jpg", "photos/deep/er/c.jpg", "captions.csv", "ü/写真.jpg", "with space.txt", "d/" * 40 + "e",
            "long-" + "n" * 120 + ".jpg", "photos/B2.jpg", "empty"]
    return RANDOM.sample(pool, RANDOM.randrange(1, len(pool)))


def files():
    return {name: content() for name in names()}


def python_reads(path):
    """What Python finds: name -> bytes; the last one of a name counts."""
    found = {}
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if not info.filename.replace("\\", "/").endswith("/"):
                    name = info.filename
                    if not info.flag_bits & 0x800:
                        try:  # without a mark, but in UTF-8 all the same: Info-ZIP on Linux
                            name = name.encode("cp437").decode("utf-8")
                        except UnicodeError:
                            pass
                    found[on_disk(name)] = archive.read(info)
        return found
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isreg() or member.islnk():
                found[on_disk(member.name)] = archive.extractfile(member).read()
    return found


def list_it(path, by, expected):
    """Lists an archive in which Python finds the expected files."""
    found = python_reads(path)
    if found != expected:
        sys.exit(f"{by}: Python finds {sorted(found)} in {path}, not {sorted(expected)}, or other bytes")
    index.append({"file": os.path.basename(path), "by": by, "files": {n: digest(d) for n, d in found.items()}})


def place(ending):
    return os.path.join(OUT, f"{len(index):04}{ending}")


class Pipe(io.RawIOBase):
    """A file that cannot be rewound."""

    def __init__(self, file):
        self.file = file

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)


def python_zip():
    path, entries = place(".zip"), files()
    is_piped, is_wide = RANDOM.random() < 0.5, RANDOM.random() < 0.3
    spelling = RANDOM.choice(["{}", "./{}", "{}", "doubled"])
    with open(path, "wb") as file:
        if RANDOM.random() < 0.2:
            file.write(b"#!/bin/sh\n" * RANDOM.randrange(1, 9))
        target = Pipe(file) if is_piped else file
        method = RANDOM.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
        with zipfile.ZipFile(target, "w", method) as archive:
            for name, data in entries.items():
                if RANDOM.random() < 0.2:
                    archive.writestr(zipfile.ZipInfo("photos/"), b"")
                if RANDOM.random() < 0.2:  # to be replaced
                    archive.writestr(name, b"earlier")
                written = name.replace("/", "//") if spelling == "doubled" else spelling.format(name)
                with archive.open(written, "w", force_zip64=is_wide) as entry:
                    entry.write(data)
            archive.comment = RANDOM.choice([b"", b"a comment", b"c" * 2000])
        if RANDOM.random() < 0.2:
            file.write(RANDOM.choice([bytes(512), b"\n", b"tail"]))
    list_it(path, f"zipfile piped={is_piped} zip64={is_wide} names={spelling}", entries)


def windows_zip():
    path, entries = place(".zip"), files()
    with zipfile.ZipFile(path, "w", RANDOM.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as archive:
        for name, data in entries.items():
            info = zipfile.ZipInfo("x")
            info.filename, info.create_system = name.replace("/", "\\"), RANDOM.choice([0, 3, 10])
            archive.writestr(info, data)
    list_it(path, "zipfile with backslashes", entries)


def python_tar():
    kind = RANDOM.choice([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
    ending = RANDOM.choice([".tar", ".tar.gz"])
    path, entries = place(ending), files()
    buffer = io.BytesIO()
    headers = {"comment": "global"} if kind == tarfile.PAX_FORMAT and RANDOM.random() < 0.5 else {}
    with tarfile.open(fileobj=buffer, mode="w", format=kind, pax_headers=headers) as archive:
        def add(name, data=b"", kind=tarfile.REGTYPE, target=""):
            info = tarfile.TarInfo(RANDOM.choice(["", "./"]) + name)
            info.type, info.linkname, info.size, info.mtime = kind, target, len(data), RANDOM.choice([0, 1.5])
            archive.addfile(info, io.BytesIO(data))

        if RANDOM.random() < 0.3:
            add("a label", kind=b"V")
        for name, data in list(entries.items()):
            if RANDOM.random() < 0.2:
                add(name, b"earlier")
            if RANDOM.random() < 0.2:
                add("photos", kind=tarfile.DIRTYPE)
            add(name, data)
            if RANDOM.random() < 0.2:
                add("linked " + name.replace("/", "-")[:90], kind=tarfile.LNKTYPE, target=archive.getmembers()[-1].name)
                entries["linked " + name.replace("/", "-")[:90]] = data
    data = buffer.getvalue()
    if RANDOM.random() < 0.3:
        data = data.rstrip(b"\0") + bytes(-len(data.rstrip(b"\0")) % 512)  # no end mark
    if RANDOM.random() < 0.3:
        data += bytes(512) + b"something else"
    if ending == ".tar.gz":
        data = gzip.compress(data) + bytes(RANDOM.choice([0, 1, 512]))
    with open(path, "wb") as file:
        file.write(data)
    list_it(path, f"tarfile format={kind}{' gzipped' if ending == '.tar.gz' else ''}", entries)


def by_programs():
    """Every program with every option, on one folder of files."""
    commands = [
        ("zip -qr OUT .", ".zip"), ("zip -qr OUT . -0", ".zip"), ("zip -qr - . > OUT", ".zip"), ("zip -qr -0 - . > OUT", ".zip"),
        ("zip -qr -fz - . > OUT", ".zip"), ("zip -qr -fz OUT .", ".zip"), ("zip -qrX OUT .", ".zip"), ("zip -qrD OUT .", ".zip"),
        ("zip -qr -UN=UTF8 OUT .", ".zip"), ("zip -qr -UN=Escape -X OUT .", None), ("zip -q OUT captions.csv && zip -qrg OUT .", ".zip"),
        ("zip -qr OUT . && cat captions.csv OUT > X && mv X OUT && zip -qA OUT", ".zip"), ("echo words | zip -qrz OUT .", ".zip"),
        ("zip -qr OUT . && printf 'tail' >> OUT", ".zip"), ("zip -qr OUT . && head -c 4096 /dev/zero >> OUT", ".zip"),
        ("bsdtar -a -cf OUT *", ".zip"), ("bsdtar -a -cf OUT .", ".zip"), ("bsdtar -c --format zip . > OUT", ".zip"),
        ("bsdtar -c --format zip --options zip:compression=store * | cat > OUT", ".zip"),
        ("bsdtar -c --format ustar -f OUT *", ".tar"), ("bsdtar -c --format pax -f OUT .", ".tar"),
        ("bsdtar -c --format gnutar -f OUT .", ".tar"), ("bsdtar -c --format pax -z -f OUT *", ".tgz"),
        ("7z a -bd -tzip OUT .", ".zip"), ("7z a -bd -tzip -mx0 OUT .", ".zip"), ("7z a -bd -tzip -mcu OUT .", ".zip"),
        ("7z a -bd -tzip -mx9 OUT .", ".zip"), ("7z a -bd -ttar OUT .", ".tar"),
        ("7z a -bd -ttar -so X . | gzip -9 > OUT", ".tar.gz"),
        ("tar cf OUT *", ".tar"), ("tar cf OUT .", ".tar"), ("tar czf OUT .", ".tar.gz"), ("tar cf OUT -b 1 .", ".tar"),
        ("tar cf OUT --format gnu *", ".tar"), ("tar cf OUT --format oldgnu .", ".tar"), ("tar cf OUT --format posix .", ".tar"),
        ("tar cf OUT --format ustar captions.csv photos", ".tar"), ("tar cf OUT --format v7 captions.csv photos", ".tar"),
        ("tar cf OUT -V label .", ".tar"), ("tar czf OUT --format posix -V label .", ".tar.gz"),
        ("tar cf OUT . && tar rf OUT captions.csv photos", ".tar"), ("tar cf OUT --sparse .", ".tar"),
        ("tar cf OUT photos//a.jpg ./captions.csv", ".tar"), ("tar cf OUT captions.csv captions.csv", ".tar"),
        ("tar cf OUT --format posix --xattrs --acls .", ".tar"),
        ("tar c . | gzip --rsyncable > OUT", ".tgz"), ("tar c . | split -b 3000 --filter gzip > OUT", ".tgz"),
        ("tar cf OUT --hard-dereference .", ".tar"), ("tar cz . | dd of=OUT bs=10k conv=sync status=none", ".tgz"),
    ]
    source = tempfile.mkdtemp()
    entries = {"captions.csv": b"image,caption\na.jpg,words\n", "photos/a.jpg": RANDOM.randbytes(9000), "photos/empty": b"",
               "photos/deep/b.jpg": b"z" * 70000, "ü/写真.jpg": RANDOM.randbytes(600), "linked.jpg": None}
    for name, data in entries.items():
        os.makedirs(os.path.dirname(os.path.join(source, name)) or source, exist_ok=True)
        if data is not None:
            with open(os.path.join(source, name), "wb") as file:
                file.write(data)
    os.link(os.path.join(source, "photos/a.jpg"), os.path.join(source, "linked.jpg"))
    entries["linked.jpg"] = entries["photos/a.jpg"]
    for command, ending in commands:
        if ending is None or not shutil.which(command.replace("echo words | ", "").split()[0]):
            continue
        path = place(ending)
        subprocess.run(command.replace("OUT", path), shell=True, cwd=source, check=True, stdout=subprocess.DEVNULL)
        found = python_reads(path)
        list_it(path, command, {name: entries[name] for name in found} if set(found) <= set(entries) else entries)
        if "captions.csv" not in found:
            sys.exit(f"{command}: nothing was packed")
    shutil.rmtree(source)


by_programs()
for _ in range(150):
    python_zip()
for _ in range(30):
    windows_zip()
for _ in range(120):
    python_tar()
with open(os.path.join(OUT, "index.json"), "w") as file:
    json.dump(index, file)
print(len(index), "archives,", sum(len(entry["files"]) for entry in index), "files")
