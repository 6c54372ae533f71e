"""Codes of Git: revisions, remotes, settings, filters, and the patterns of ignore files."""

from gitrain.problems.row import Example, Row, a_job, a_project, files

_START = ("git init -q -b main", "git add .", "git commit -q -m start")
_PLAN = "gitrain plan"
_AGAINST_MAIN = "gitrain plan --offline --base main"
_RECONCILE = "gitrain reconcile --yes"
_JOB = a_job("command: sh train.sh\ncode: ../training\nsuspend: true")
_REMOTE = ("git clone -q --bare . ../pets.git", "git remote add origin ../pets.git")


def _code(*commands: str, ignore: str = "") -> Example:
    """A job with a code folder with one script; `ignore` is the text of its .gitignore."""
    more = {"training/.gitignore": ignore} if ignore else {}
    given = {"jobs/train.yaml": _JOB, "training/train.sh": "echo hello\n", **more}
    return files(given, *commands, _PLAN)


def _branch(*commands: str) -> Example:
    """A workspace that is reconciled only from the branch main."""
    project = a_project("workspaces: {local: {type: local, protect: {branch: main}}}")
    job = a_job("command: echo hello\nsuspend: true")
    texts = {".gitignore": "/.gitrain\n", "gitrain.yaml": project, "jobs/train.yaml": job}
    return files(texts, *_START, *commands, _RECONCILE)


def _compared(*commands: str) -> Example:
    job = a_job("command: echo hello\nsuspend: true")
    return files({"jobs/train.yaml": job}, *commands)


ROWS = (
    Row(
        "no-git",
        "a comparison with a revision in a project without commits",
        "`--base` compares with another commit, so the project needs to be in a Git repository "
        "with at least one commit.",
        _compared(_AGAINST_MAIN),
        _compared(*_START, _AGAINST_MAIN),
    ),
    Row(
        "no-revision",
        "a revision that this clone does not have",
        "The branch, tag or commit to compare with is missing. It may be misspelt, or the clone "
        "may be shallow, as in CI: fetch it, or check out with the full history.",
        _compared(*_START, "gitrain plan --offline --base release"),
        _compared(*_START, "git branch release", "gitrain plan --offline --base release"),
    ),
    Row(
        "no-merge-base",
        "a branch that shares no history with its base",
        "What a branch adds is compared with the commit where it left its base. A shallow clone "
        "lacks that commit: run `git fetch --unshallow`, or check out with `fetch-depth: 0`.",
        _compared(
            *(*_START, "git checkout -q --orphan other", "git commit -q -m other"), _AGAINST_MAIN
        ),
        _compared(*(*_START, "git checkout -q -b other"), _AGAINST_MAIN),
    ),
    Row(
        "no-remote",
        "a protected branch in a repository without a remote",
        "`protect.branch` compares with the head of a branch on the remote, and this clone has no "
        "remote. Add one, or remove `protect.branch`.",
        _branch(),
        _branch(*_REMOTE),
    ),
    Row(
        "no-remote-branch",
        "a protected branch that the remote does not have",
        "`protect.branch` names a branch that does not exist on the remote. Correct the name in "
        "gitrain.yaml, or push the branch.",
        _branch("git init -q --bare ../pets.git", "git remote add origin ../pets.git"),
        _branch(*_REMOTE),
    ),
    Row(
        "remote-unavailable",
        "a remote that does not answer",
        "gitrain cannot tell whether this commit is the head of the protected branch, so it "
        "changes nothing. Check the network, and the address and credentials of the remote.",
        _branch("git remote add origin ../nowhere.git"),
        _branch(*_REMOTE),
    ),
    Row(
        "git-missing",
        "a repository on a machine without Git",
        "In a repository, only Git can say which files are ignored and what they contain. Install "
        "it.",
        unshown="it takes a machine without Git",
    ),
    Row(
        "git-broken",
        "a `.git` that Git cannot read",
        "Without Git, a plan could mistake part of a checkout for all of it. Clone the repository "
        "again, or remove `.git` to work without Git.",
        _compared(*_START, "rm .git/HEAD", _PLAN),
        _compared(*_START, _PLAN),
    ),
    Row(
        "git-ownership",
        "a repository that belongs to someone else",
        "Git does not read the repositories of other users unless they are listed as safe, because "
        "their configuration can run programs. If you trust it, run the command in the message; in "
        "containers this is common.",
        unshown="it takes a second user",
    ),
    Row(
        "git-filter",
        "a Git filter that does not work on this machine",
        "A filter in .gitattributes, usually Git LFS, turns stored files into real ones. Without "
        "it the wrong bytes would be shipped. Install it; for LFS, then run `git lfs install`.",
        _code(
            *("git init -q -b main", "echo '*.sh filter=lfs' > .gitattributes"),
        ),
        _code(
            *("git init -q -b main", "echo '*.sh text' > .gitattributes"),
        ),
    ),
    Row(
        "git-settings",
        "Git settings that a branch could change",
        "Your Git settings include a file in the work tree, and that file says which programs Git "
        "runs: a filter, a credential helper, the command for SSH. Anyone who can push a branch "
        "could change them, so gitrain does not run Git with them. Move the setting into "
        "`.git/config`, which no branch can change.",
        _code(
            *("git init -q -b main", "git config include.path ../.gitconfig"),
            *("git config -f .gitconfig filter.lower.clean 'tr A-Z a-z'",),
        ),
        _code(
            *("git init -q -b main", "git config filter.lower.clean 'tr A-Z a-z'"),
        ),
    ),
    Row(
        "git-slow",
        "a Git command that took too long",
        "With some patterns in ignore and attribute files, Git takes longer the longer the names "
        "are, and may never finish, so gitrain stops it after a while. Look for patterns with "
        "several `**`, and split or shorten them.",
        unshown="it takes minutes",
    ),
    Row(
        "endless-pattern",
        "a pattern that matching may never finish",
        "With many `*` in a pattern, there are so many ways to match a long name that trying them "
        "all may never finish. Use fewer `*`, or several lines.",
        _code(ignore="*a*b*c*d*e*f*g*h*i*j*k\n"),
        _code(ignore="*.log\n"),
    ),
    Row(
        "lfs-missing",
        "a file of Git LFS that has not been fetched",
        "The checkout has only the pointer to a large file, and the run would get that instead of "
        "the file. Run `git lfs pull`.",
        unshown="it takes Git LFS and a server for it",
    ),
    Row(
        "git-failed",
        "a Git command that failed",
        "The message has Git's own reason. Run the command by hand to see more.",
        unshown="it can have any cause",
    ),
)
