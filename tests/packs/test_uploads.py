"""Uploaded packs: only YAML comes out, in memory, never more than a megabyte; everything else is refused in words."""

import io
import zipfile

import pytest

from quxin.packs.uploads import NoPackInside, files_of


def zipped(files, **more):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content, **more)
    return stream.getvalue()


def test_yaml_and_zips_of_yaml():
    assert files_of("a/pack.yaml", b"pack: p") == {"pack.yaml": b"pack: p"}
    content = zipped({"p/b.yaml": "b: 1", "p/a.yml": "a: 1", "p/readme.md": "x", "__MACOSX/p/._b.yaml": "x"})
    assert files_of("p.zip", content) == {"p/a.yml": b"a: 1", "p/b.yaml": b"b: 1"}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("p.zip", b"MZ", "不是 YAML"),
        ("p.zip", b"PK\x03\x04 broken", "已损坏"),
        ("p.zip", zipped({"a.txt": "x"}), "没有 YAML"),
        ("p.zip", zipped({f"{n}.yaml": "a: 1" for n in range(51)}), "文件太多"),
        ("p.zip", zipped({"a.yaml": b"#" * 3_000_000}), "解压后超过"),
        ("p.zip", zipped({f"{n}.yaml": b"#" * 600_000 for n in range(2)}), "解压后超过"),
        ("p.yaml", b"#" * 1_100_000, "超过 1 MB"),
    ],
)
def test_what_is_refused(name, content, reason):
    with pytest.raises(NoPackInside, match=reason):
        files_of(name, content)
