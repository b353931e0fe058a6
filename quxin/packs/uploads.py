"""An uploaded pack (a zip, or one YAML file) → file names and contents for `load_bytes`. Uploads are hostile.

Nothing is ever unpacked to disk; sizes are what is really read, not what the zip announces. Must not judge the content.
"""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import PurePosixPath

from quxin.kernel.errors import QuxinError
from quxin.packs.load import MAX_FILES
from quxin.packs.source import MAX_BYTES

SUFFIXES = (".yaml", ".yml")


class NoPackInside(QuxinError):
    """Neither YAML nor a zip with YAML in it, or far too much of it."""

    default_message = "“%(filename)s”里没有可以读的包：%(reason)s。"
    default_hint = "请上传一个 YAML 文件，或把包文件夹里的 YAML 文件压成一个 zip，共不超过 1 MB。"


def files_of(filename: str, content: bytes) -> dict[str, bytes]:
    """The YAML files of an upload, by name. Raises NoPackInside."""
    name = PurePosixPath(filename.replace("\\", "/")).name[:120]
    if len(content) > MAX_BYTES:
        raise NoPackInside(filename=name, reason="超过 1 MB")
    if name.lower().endswith(SUFFIXES):
        return {name: content}
    if not content.startswith(b"PK\x03\x04"):
        raise NoPackInside(filename=name, reason="不是 YAML，也不是 zip")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _unpacked(archive, name)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        raise NoPackInside(filename=name, reason="压缩包已损坏或加了密码") from error


def _unpacked(archive: zipfile.ZipFile, name: str) -> dict[str, bytes]:
    infos = [info for info in archive.infolist() if info.filename.lower().endswith(SUFFIXES) and not info.is_dir()]
    infos = [info for info in infos if not PurePosixPath(info.filename).name.startswith((".", "__"))]
    if not infos:
        raise NoPackInside(filename=name, reason="里面没有 YAML 文件")
    if len(infos) > MAX_FILES or len(archive.infolist()) > 1000:
        raise NoPackInside(filename=name, reason="文件太多")
    files: dict[str, bytes] = {}
    left = MAX_BYTES
    for info in sorted(infos, key=lambda info: info.filename):
        with archive.open(info) as member:
            read = member.read(left + 1)
        if len(read) > left:
            raise NoPackInside(filename=name, reason="解压后超过 1 MB")
        left -= len(read)
        files[str(PurePosixPath(info.filename))[:200]] = read
    return files
