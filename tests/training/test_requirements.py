"""The same versions wherever the trainer is installed: by pip, in the image, by the extra."""

import re
import tomllib

from packaging.requirements import Requirement

from .forks import TRAINING

ROOT = TRAINING.parent


def pins(text: str) -> dict[str, str]:
    return dict(re.findall(r"([\w.-]+)==([\w.]+)", text))


REQUIREMENTS = pins((TRAINING / "requirements.txt").read_text())
CONSTRAINTS = pins((ROOT / "constraints.txt").read_text())


def test_the_requirements_are_what_was_tried_together():
    assert len(REQUIREMENTS) == 6
    assert REQUIREMENTS.items() <= CONSTRAINTS.items()


def test_the_image_has_the_requirements():
    image = pins((ROOT / "jobs/environments/fastai.yaml").read_text())

    assert image == {**REQUIREMENTS, "torch": CONSTRAINTS["torch"]}


def test_the_extra_allows_the_requirements_and_names_the_same():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extra = {r.name: r for r in map(Requirement, project["optional-dependencies"]["train"])}

    assert extra.keys() | {"torchvision"} == REQUIREMENTS.keys()  # fastai brings torchvision.
    for name, requirement in extra.items():
        assert REQUIREMENTS[name] in requirement.specifier
