"""An environment's row: a version is registered, kept, or blocked."""

from tests.unit.plan.build import World, a_job, an_environment, desired, row, verbs

REGISTRY = {
    "image": "r.azurecr.io/i:1",
    "registry": {
        "address": "r.azurecr.io",
        "username": {"env": "R_USER"},
        "password": {"env": "R_PASSWORD"},
    },
}


def test_a_missing_version_is_registered_once(world: World) -> None:
    wanted = desired(an_environment())

    made = world.reconcile(wanted)

    assert verbs(made) == ["register env"]
    assert world.workspace.environments["env"] == {wanted.environments[0].version}
    assert world.plan(wanted).settled


def test_register_counts_as_create(world: World) -> None:
    assert world.plan(desired(an_environment())).summary.create == 1


def test_a_change_is_a_new_version_beside_the_old_one(world: World) -> None:
    world.reconcile(desired(an_environment(image="python:3.11")))

    made = world.reconcile(desired(an_environment(image="python:3.12")))

    assert verbs(made) == ["register env"]
    assert len(world.workspace.environments["env"]) == 2


def test_a_name_with_foreign_versions_is_blocked_with_what_needs_it(world: World) -> None:
    world.workspace.environments["env"] = {"1", "2"}
    wanted = desired(an_environment(), a_job("a", environment="env"))

    made = world.plan(wanted)

    assert verbs(made) == ["blocked env", "blocked a"]
    assert "has versions that gitrain did not create (2)" in made.actions[0].reason
    assert row(made, "a").reason == "needs Environment/env, which is blocked"


def test_adopt_lets_us_register_beside_foreign_versions(world: World) -> None:
    world.workspace.environments["env"] = {"1"}

    made = world.reconcile(desired(an_environment(metadata={"adopt": True})))

    assert verbs(made) == ["register env"]


def test_a_version_of_ours_is_kept_whatever_stands_beside_it(world: World) -> None:
    wanted = desired(an_environment())
    world.reconcile(wanted)
    world.workspace.environments["env"].add("7")

    assert world.plan(wanted).settled


def test_an_inline_environment_is_registered_under_the_name_of_the_project(world: World) -> None:
    wanted = desired(a_job("a", environment={"image": "python:3.11"}))

    assert verbs(world.reconcile(wanted)) == ["register pets-inline", "submit a"]


def test_two_jobs_with_one_inline_environment_register_it_once(world: World) -> None:
    same = {"image": "python:3.11"}

    made = world.plan(desired(a_job("a", environment=same), a_job("b", environment=same)))

    assert verbs(made) == ["register pets-inline", "submit a", "submit b"]


def test_a_job_needs_its_own_version_of_the_inline_environments(world: World) -> None:
    first = a_job("a", environment={"image": "one"})
    world.reconcile(desired(first))
    world.end("a")
    world.workspace.environments["pets-inline"].add("foreign")

    again = a_job("a", "false", environment={"image": "one"})
    made = world.plan(desired(again, a_job("b", environment={"image": "two"})))

    assert (row(made, "a").verb, row(made, "b").verb) == ("submit", "blocked")


def test_an_environment_of_azure_ml_is_no_resource_of_ours(world: World) -> None:
    assert verbs(world.plan(desired(a_job("a", environment="azureml:env:7")))) == ["submit a"]


def test_the_secrets_of_a_registry_are_needed_to_register_and_no_more(world: World) -> None:
    wanted = desired(an_environment(**REGISTRY), a_job("a", environment="env"))
    absent = frozenset({"R_PASSWORD"})

    assert verbs(world.plan(wanted, absent_secrets=absent)) == ["blocked env", "blocked a"]
    assert any("R_PASSWORD" in note for note in world.plan(wanted).notes)
    world.workspace.register_environment(wanted.environments[0])
    assert verbs(world.plan(wanted, absent_secrets=absent)) == ["keep env", "submit a"]


def test_the_revision_of_a_password_is_a_new_version_and_no_new_run(world: World) -> None:
    def wanted(revision: int):
        registry = {**REGISTRY["registry"], "revision": revision}
        environment = an_environment(image=REGISTRY["image"], registry=registry)
        return desired(environment, a_job("a", environment="env"))

    world.reconcile(wanted(1))
    world.end("a")

    assert verbs(world.plan(wanted(2))) == ["register env", "keep a"]


def test_on_local_environments_are_no_resources_and_what_has_no_meaning_is_noted(
    world: World,
) -> None:
    named = an_environment(image="python:3.11", local={"python": "current"})
    inline = a_job("a", environment={"dockerfile": "FROM x", "local": {}})

    made = world.plan(desired(named, inline, kind="local"))

    assert verbs(made) == ["submit a"]
    assert made.notes == ("these fields are ignored on w: dockerfile, image",)


def test_on_local_the_secrets_of_a_registry_are_not_needed(world: World) -> None:
    environment = an_environment(**REGISTRY, local={"python": "current"})
    wanted = desired(environment, a_job("a", environment="env"), kind="local")

    assert row(world.plan(wanted, absent_secrets=wanted.secrets | {"R_USER"}), "a").verb == "submit"
    assert wanted.secrets == frozenset()
