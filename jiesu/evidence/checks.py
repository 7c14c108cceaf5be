"""Which files may be evidence, told by their content and not by their name (领域 5.2).

How large each may be says the rule set (``[evidence]``).
"""

from dataclasses import dataclass
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from jiesu.rules.attachments import MB, FileLimits

CHUNK = 64 * 1024
DIRECTORY_LIMIT = MB  # of an archive: no real document lists more


class Unacceptable(ValueError):
    """The file cannot be evidence; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Group:
    """``name`` is that of its limit in ``FileLimits``."""

    label: str
    name: str

    def limit(self, limits: FileLimits) -> int:
        return int(getattr(limits, self.name))


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is: its media type, what people call it, and the names it may end in."""

    mime: str
    label: str
    group: Group
    endings: tuple[str, ...]


DOCUMENT, PICTURE = Group("文档", "document"), Group("图片", "picture")
RECORDING, VIDEO = Group("录音", "recording"), Group("视频", "video")
USUAL = FileLimits()
_PICTURES = ("jpg", "jpeg", "png", "gif", "webp", "bmp", "heic", "heif")
_SOUNDS = ("mp3", "wav", "m4a", "aac", "amr", "ogg", "opus", "flac", "wma")
_FILMS = ("mp4", "m4v", "mov", "3gp", "avi", "mkv", "webm", "mpg", "mpeg", "wmv", "flv")


def _picture(mime: str) -> Kind:
    return Kind(f"image/{mime}", "图片", PICTURE, _PICTURES)


def _sound(mime: str) -> Kind:
    return Kind(f"audio/{mime}", "录音", RECORDING, _SOUNDS)


def _film(mime: str, *also: str) -> Kind:
    return Kind(f"video/{mime}", "视频", VIDEO, (*_FILMS, *also))


_OOXML = "application/vnd.openxmlformats-officedocument."
PDF = Kind("application/pdf", "PDF", DOCUMENT, ("pdf",))
OLD_OFFICE = {  # the stream that makes a compound file what it is
    "WordDocument": Kind("application/msword", "Word 文档", DOCUMENT, ("doc",)),
    "Workbook": Kind("application/vnd.ms-excel", "Excel 表格", DOCUMENT, ("xls",)),
    "PowerPoint Document": Kind("application/vnd.ms-powerpoint", "演示文稿", DOCUMENT, ("ppt",)),
}
NEW_OFFICE = {  # the part that makes an archive what it is
    "word/document.xml": Kind(
        _OOXML + "wordprocessingml.document", "Word 文档", DOCUMENT, ("docx",)
    ),
    "xl/workbook.xml": Kind(_OOXML + "spreadsheetml.sheet", "Excel 表格", DOCUMENT, ("xlsx",)),
    "ppt/presentation.xml": Kind(
        _OOXML + "presentationml.presentation", "演示文稿", DOCUMENT, ("pptx",)
    ),
}
_COMPOUND, _ARCHIVE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
_SIGNS: list[tuple[int, bytes, Kind]] = [
    (0, b"%PDF-", PDF),
    (0, b"\xff\xd8\xff", _picture("jpeg")),
    (0, b"\x89PNG\r\n\x1a\n", _picture("png")),
    (0, b"GIF87a", _picture("gif")),
    (0, b"GIF89a", _picture("gif")),
    (8, b"WEBP", _picture("webp")),
    (0, b"BM", _picture("bmp")),
    (0, b"ID3", _sound("mpeg")),
    (0, b"\xff\xfb", _sound("mpeg")),
    (0, b"\xff\xf3", _sound("mpeg")),
    (0, b"\xff\xf2", _sound("mpeg")),
    (0, b"\xff\xf1", _sound("aac")),
    (0, b"\xff\xf9", _sound("aac")),
    (8, b"WAVE", _sound("wav")),
    (0, b"#!AMR", _sound("amr")),
    (0, b"OggS", _sound("ogg")),
    (0, b"fLaC", _sound("flac")),
    (8, b"AVI ", _film("x-msvideo")),
    (0, b"\x1a\x45\xdf\xa3", _film("x-matroska")),
    (0, b"\x00\x00\x01\xba", _film("mpeg")),
    (0, b"FLV\x01", _film("x-flv")),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", _film("x-ms-asf", "wma")),
]
_BRANDS = {  # ISO media: what stands after "ftyp"
    b"heic": _picture("heic"), b"heix": _picture("heic"), b"mif1": _picture("heif"),
    b"msf1": _picture("heif"), b"M4A ": _sound("mp4"), b"qt  ": _film("quicktime", "m4a"),
}  # fmt: skip
_ISO = _film("mp4", "m4a")
ENDINGS = ("doc", "docx", "xls", "xlsx", "ppt", "pptx", "pdf", *_PICTURES, *_SOUNDS, *_FILMS)
ALLOWED = "可传 Word、Excel、PPT、PDF、图片、录音和视频"


def inspect(name: str, size: int, file: BinaryIO, limits: FileLimits = USUAL) -> Kind:
    """Return what the file is. Reads only what it must, and leaves the file at its beginning.

    :raises Unacceptable: empty, too large, not of the list, or not what its name says
    """
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    try:
        if not size:
            raise Unacceptable(f"“{name}”是空文件，请核对后再传。")
        file.seek(0)
        kind = _kind(name, size, ending, file, limits)
    finally:
        file.seek(0)
    if kind is None:
        known = f"的内容不是 .{ending} 文件，可能已损坏或改过扩展名，请重新导出后再传。"
        raise Unacceptable(f"“{name}”{known if ending in ENDINGS else f'不能作佐证。{ALLOWED}。'}")
    if ending not in kind.endings:
        right = kind.endings[0]
        raise Unacceptable(f"“{name}”的内容是{kind.label}，与扩展名不符，请改成 .{right} 再传。")
    return kind


def _kind(name: str, size: int, ending: str, file: BinaryIO, limits: FileLimits) -> Kind | None:
    head = file.read(64)
    if head.startswith(_COMPOUND):
        _fits(name, size, DOCUMENT, limits)
        return _compound(ending, file)
    if head.startswith(_ARCHIVE):
        _fits(name, size, DOCUMENT, limits)
        return _archive(name, size, file)
    kind = _by_sign(head)
    if kind:
        _fits(name, size, kind.group, limits)
    return kind


def _fits(name: str, size: int, group: Group, limits: FileLimits) -> None:
    most = group.limit(limits)
    if size > most:
        have, most = size / MB, most // MB
        raise Unacceptable(
            f"“{name}”有 {have:.1f} MB，{group.label}每个不超过 {most} MB，请压缩或分段后再传。"
        )


def _by_sign(head: bytes) -> Kind | None:
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], _ISO)
    for where, sign, kind in _SIGNS:
        if head[where : where + len(sign)] == sign and (where == 0 or head.startswith(b"RIFF")):
            return kind
    return None


def _compound(ending: str, file: BinaryIO) -> Kind | None:
    """An old Office file, by the names of its streams; one that holds another is what it is called."""
    found = _holds(file, {name: name.encode("utf-16-le") for name in (*OLD_OFFICE, "Book")})
    kinds = [OLD_OFFICE["Workbook" if name == "Book" else name] for name in found]
    named = [kind for kind in kinds if ending in kind.endings]
    return (named or kinds or [None])[0]


def _holds(file: BinaryIO, words: dict[str, bytes]) -> list[str]:
    file.seek(0)
    found, tail = set(), b""
    while chunk := file.read(CHUNK):
        window = tail + chunk
        found |= {name for name, word in words.items() if word in window}
        tail = window[-64:]
    return [name for name in words if name in found]


def _archive(name: str, size: int, file: BinaryIO) -> Kind | None:
    if _directory(size, file) > DIRECTORY_LIMIT:
        return None
    try:
        parts = set(ZipFile(file).namelist())
    except (BadZipFile, ValueError, NotImplementedError):
        return None
    if any(part.lower().endswith("vbaproject.bin") for part in parts):
        raise Unacceptable(f"“{name}”含有宏，请另存为不含宏的文件再传。")
    return next((kind for part, kind in NEW_OFFICE.items() if part in parts), None)


def _directory(size: int, file: BinaryIO) -> int:
    """Return how long the archive's own list says it is, before anybody reads it."""
    file.seek(max(size - 65_557, 0))
    end = file.read()
    at = end.rfind(b"PK\x05\x06")
    return int.from_bytes(end[at + 12 : at + 16], "little") if at >= 0 else 0
