"""The published schema and reference are those of the types."""

from quxin.packs.schema import json_schema, reference, stale, write
from quxin.packs.types import Pack
from tests.packs.sample import NAMES, PACKS


def test_what_is_published_is_up_to_date():
    assert stale() == [], "run: python -m quxin.packs.schema"


def test_stale_files_are_noticed(tmp_path):
    assert stale(tmp_path) == ["pack.schema.json", "pack.md"]
    write(tmp_path)
    assert stale(tmp_path) == []
    (tmp_path / "pack.md").write_text("old", encoding="utf-8")
    assert stale(tmp_path) == ["pack.md"]


def test_every_field_is_described_in_both_languages():
    schema, text = Pack.model_json_schema(by_alias=True), reference()
    for name, model in {"Pack": schema, **schema["$defs"]}.items():
        for field, spec in model.get("properties", {}).items():
            zh, _, en = spec.get("description", "").partition(" / ")
            assert zh, f"{name}.{field}"
            assert en, f"{name}.{field}"
            assert f"`{field}`" in text


def test_editors_get_codes_and_refuse_unknown_fields():
    schema = json_schema()
    assert schema["additionalProperties"] is False
    assert "required" not in schema
    task = schema["$defs"]["Task"]
    assert "every-organisation" in task["properties"]["for"]["enum"]
    assert set(task["required"]) == {"id", "title", "for"}
    assert "title" in schema["properties"]


def test_every_file_of_a_pack_names_its_schema():
    for name in NAMES:
        for file in (PACKS / name).glob("*.yaml"):
            first = file.read_text(encoding="utf-8").split("\n", 1)[0]
            path = first.removeprefix("# yaml-language-server: $schema=")
            assert (file.parent / path).resolve().exists(), file
