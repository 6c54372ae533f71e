"""Codes of folders: a workspace's own, and what belongs to someone else."""

from gitrain.problems.row import VALIDATE, Row, a_job, a_project, files


def _path(path: str) -> dict[str, str]:
    spec = f"workspaces: {{local: {{type: local, path: {path}}}}}"
    return {"gitrain.yaml": a_project(spec), "jobs/.keep": "", "data/cat.txt": "a cat\n"}


_TRAIN = {"jobs/train.yaml": a_job("command: echo hello")}
_INIT = ("git init -q -b main", "gitrain reconcile --wait")

ROWS = (
    Row(
        "workspace-folder",
        "a workspace's `path` that is not a folder of gitrain's own",
        "gitrain keeps runs in this folder, and cleans it up, so it takes only a folder that it "
        "made itself, or an empty one. The project's own folder, a folder that holds the project, "
        "one in `.git`, and a link that leads out of the project are refused for the same reason. "
        "Choose a `path` that does not exist yet, or leave the field out.",
        files(_path("data")),
        files(_path("runs")),
    ),
    Row(
        "workspace-tracked",
        "a workspace's folder with files that Git tracks",
        "The folder says which runs there were, what they came to and which of them continue. In "
        "Git these would be anybody's words, so gitrain does not use such a folder. Remove the "
        "files from Git; gitrain's folder ignores itself, so it takes `git add --force` to get "
        "them there.",
        files(_TRAIN, *_INIT, "git add --force .gitrain", VALIDATE),
        files(_TRAIN, *_INIT, VALIDATE),
    ),
    Row(
        "foreign-owner",
        "a project or a workspace's folder that belongs to someone else",
        "A gitrain.yaml says what runs as you, so one that belongs to neither you nor root is not "
        "used until you say that you trust it, as in Git; folders above your repository, or of "
        "another file system, are not looked into at all. A workspace's folder says what runs came "
        "to, so it has to be yours or root's.",
        unshown="it takes a second user",
    ),
)
