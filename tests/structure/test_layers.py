"""Layers, as far as imports do not show them: the contracts are complete, and foreign keys look down."""

import pytest
from django.apps import apps

from tests.structure.tree import PACKAGE, contract_layers, package_of, ranks


@pytest.mark.parametrize(("contract", "folder"), [("house", PACKAGE), ("records", PACKAGE / "records")])
def test_only_packages_to_come_stand_in_parentheses(contract, folder):
    names = [name for layer in contract_layers(contract) for name in layer]
    exist = {path.parent.name for path in folder.glob("*/__init__.py")}
    assert {name for name in names if name.startswith("(") and name.strip("()") in exist} == set()
    assert {name for name in names if not name.startswith("(")} == exist


def offence(source: str, target: str | None, related_name: str | None) -> str:
    """What is wrong with a foreign key from one package to another; "" when nothing is."""
    if target is None or source == target:
        return ""
    # Siblings may point at one another by name: they still cannot import each other, which .importlinter holds.
    if ranks()[target] > ranks()[source]:
        return f"{source} may not point at {target}: it stands higher"
    if not (related_name or "").endswith("+"):
        return f"{source} -> {target} crosses packages and needs related_name='+'"
    return ""


@pytest.mark.parametrize(
    ("source", "target", "related_name", "said"),
    [
        ("records.campaigns", "records.campaigns", None, ""),
        ("records.campaigns", "orgs", "+", ""),
        ("records.commitments", "records.campaigns", "+", ""),
        ("orgs", None, None, ""),
        ("records.commitments", "records.campaigns", None, "needs related_name"),
        ("records.campaigns", "orgs", "campaigns", "needs related_name"),
        ("records.evaluations", "records.commitments", "+", ""),
        ("records.evaluations", "records.commitments", None, "needs related_name"),
        ("files", "packs", None, "needs related_name"),
        ("orgs", "records.campaigns", "+", "stands higher"),
        ("records.campaigns", "records.commitments", "+", "stands higher"),
        ("ledger", "orgs", "+", "stands higher"),
    ],
)
def test_what_a_foreign_key_may_do(source, target, related_name, said):
    found = offence(source, target, related_name)
    assert (said in found) if said else (found == "")


def test_foreign_keys_look_down_and_leave_no_trace_below():
    wrong = []
    seen = 0
    for model in apps.get_models(include_auto_created=True):
        source = package_of(model.__module__)
        if source is None:
            continue
        for field in model._meta.get_fields():
            if not field.is_relation or field.auto_created or not (field.concrete or field.many_to_many):
                continue
            seen += 1
            inherited = field.model._meta.abstract or package_of(field.model.__module__) is None
            target = package_of(field.related_model.__module__) if field.related_model else None
            said = "" if inherited else offence(source, target, field.remote_field.related_name)
            if said:
                wrong.append(f"{model._meta.label}.{field.name}: {said}")
    assert seen
    assert wrong == []
