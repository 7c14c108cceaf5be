"""Zip packages (xlsx, docx, archives), opened with the suspicion a stranger's archive deserves."""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from jiesu.platforms.sheets import Limits, Unreadable

CHUNK = 1 << 18
DAMAGED = "文件已损坏，请重新导出后再上传"
FORBIDDEN = "文件内含不允许的文档类型声明，未予读取；请重新导出后再上传"
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError)


def open_package(file: Path | BinaryIO, limits: Limits) -> zipfile.ZipFile:
    """Return the package once its directory shows that unpacking it is harmless.

    :raises Unreadable: damaged, encrypted, too many parts, or a bomb
    """
    try:
        package = zipfile.ZipFile(file)
    except _BROKEN:
        raise Unreadable(DAMAGED) from None
    parts = package.infolist()
    if len(parts) > limits.members:
        raise Unreadable(f"压缩包内文件超过 {limits.members} 个，请分成几个再上传")
    if any(part.flag_bits & 0x1 for part in parts):
        raise Unreadable("文件加了密码，请去掉密码后再上传")
    if sum(part.file_size for part in parts) > limits.unpacked_bytes:
        raise Unreadable("文件解开后过大，请分成几个较小的文件再上传")
    for part in parts:
        bloated = part.file_size > max(limits.ratio_from, part.compress_size * limits.ratio)
        if part.file_size > limits.part_bytes or bloated:
            raise Unreadable("文件解开后异常膨胀，疑似有害文件，未予读取；请重新导出后再上传")
    return package


def has_part(package: zipfile.ZipFile, name: str) -> bool:
    return name in package.NameToInfo


def chunks(package: zipfile.ZipFile, name: str | zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a part piece by piece, never more of it than its directory entry declares.

    :raises Unreadable: the part is missing or damaged
    """
    try:
        with package.open(name) as part:
            while piece := part.read(CHUNK):
                yield piece
    except (KeyError, *_BROKEN):
        raise Unreadable(DAMAGED) from None


def no_doctype(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Pass the pieces on once the first shows no document type; a later one would not be XML."""
    for number, piece in enumerate(pieces):
        if number == 0 and b"<!DOCTYPE" in piece:
            raise Unreadable(FORBIDDEN)
        yield piece


def whole(package: zipfile.ZipFile, name: str, limits: Limits) -> bytes:
    """Return a small part whole. :raises Unreadable: missing, damaged or too large"""
    info = package.NameToInfo.get(name)
    if info is None:
        raise Unreadable(DAMAGED)
    if info.file_size > limits.small_part_bytes:
        raise Unreadable("文件内部结构异常庞大，未予读取；请重新导出后再上传")
    return b"".join(chunks(package, name))


def xml(package: zipfile.ZipFile, name: str, limits: Limits) -> etree._Element:
    """Return a small XML part, parsed without entities, network or document types."""
    return parse_xml(whole(package, name, limits))


def parse_xml(data: bytes) -> etree._Element:
    """Parse hostile XML: no entities, no network, and a document type is a reason to refuse.

    :raises Unreadable: not well formed, or it declares a document type
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Unreadable(DAMAGED) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable(FORBIDDEN)
    return root
