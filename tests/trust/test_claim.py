"""What a manifest says."""

from dataclasses import replace
from pathlib import Path

from misora.trust.claim import CREATED, EDITED, GENERATION, Making, ParentState, claim, ingredient

PARENT = ParentState(title="a.mp4", mime="video/mp4", sha256="c" * 64, state="ours")


def data(making: Making, parents: tuple[ParentState, ...] = ()) -> dict:
    said = claim(
        making, title="x.mp4", mime="video/mp4", when="2026-01-01T00:00:00Z", mark_id=0xAB, parents=parents, layout=[]
    )
    return {assertion["label"]: assertion["data"] for assertion in said["assertions"]}


def test_a_made_file_is_created_by_a_trained_model(making: Making) -> None:
    said = data(making)
    [action] = said["c2pa.actions.v2"]["actions"]
    assert (action["action"], action["digitalSourceType"]) == ("c2pa.created", CREATED)
    assert said[GENERATION]["id"] == "000000ab"
    assert said[GENERATION]["model_sha256"] == making.model_sha256
    assert said[GENERATION]["canvas_sha256"] == making.canvas_sha256
    assert said[GENERATION]["seed"] == 7
    assert said["c2pa.soft-binding"]["blocks"][0]["value"] == "AAAAqw=="


def test_an_edit_opens_its_parent_and_a_composition_places_its_parts(making: Making) -> None:
    edited = replace(making, parents=(Path("a.mp4"),))
    opened, change = data(edited, (PARENT,))["c2pa.actions.v2"]["actions"]
    assert (opened["action"], change["action"], change["digitalSourceType"]) == ("c2pa.opened", "c2pa.edited", EDITED)
    assert ingredient(PARENT, 0, 1)["relationship"] == "parentOf"
    actions = data(replace(making, parents=(Path("a"), Path("b"))), (PARENT, PARENT))["c2pa.actions.v2"]["actions"]
    assert [action["action"] for action in actions] == ["c2pa.created", "c2pa.placed", "c2pa.placed"]
    assert ingredient(PARENT, 1, 2) == {"title": "a.mp4", "relationship": "componentOf", "instance_id": "xmp:iid:2"}


def test_the_prompt_is_not_in_the_manifest(making: Making) -> None:
    assert "prompt" not in str(data(making))
