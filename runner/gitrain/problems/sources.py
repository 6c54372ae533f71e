"""Codes of code folders, data by content, and Git."""

from gitrain.problems.row import Example, Row, a_job, a_project, files

_START = ("git init -q -b main", "git add .", "git commit -q -m start")
_PLAN = "gitrain plan"
_AGAINST_MAIN = "gitrain plan --offline --base main"
_RECONCILE = "gitrain reconcile --yes"


def _code(*commands: str, **more: str) -> Example:
    """A job with a code folder; `more` are files in that folder, without their `.sh`."""
    shipped = {f"training/{name}.sh": text for name, text in more.items()}
    job = a_job("command: sh train.sh\ncode: ../training\nsuspend: true")
    return files({"jobs/train.yaml": job, **shipped}, *commands, _PLAN)


def _content(*commands: str) -> Example:
    job = a_job(
        "command: ls ${{inputs.images}}\nsuspend: true\n"
        "inputs: {images: {path: ../images, fingerprint: content}}"
    )
    return files({"jobs/train.yaml": job, "images/1.txt": "one\n"}, *commands, _PLAN)


def _branch(*commands: str) -> Example:
    """A workspace that is reconciled from the branch main only."""
    project = a_project("workspaces: {local: {type: local, protect: {branch: main}}}")
    job = a_job("command: echo hello\nsuspend: true")
    texts = {".gitignore": "/.gitrain\n", "gitrain.yaml": project, "jobs/train.yaml": job}
    return files(texts, *_START, *commands, _RECONCILE)


def _compared(*commands: str) -> Example:
    job = a_job("command: echo hello\nsuspend: true")
    return files({"jobs/train.yaml": job}, *commands)


_SUBMODULE = (
    *("git init -q -b main ../lib", "echo one > ../lib/lib.sh", "git -C ../lib add ."),
    *("git -C ../lib commit -q -m start", "git init -q -b main"),
    "git -c protocol.file.allow=always submodule add -q ../lib training/lib",
)
_REMOTE = ("git clone -q --bare . ../pets.git", "git remote add origin ../pets.git")

ROWS = (
    Row(
        "unreadable",
        "a file or folder that cannot be read",
        "gitrain needs the content to know what a run is, and never plans with part of it. Check "
        "the permissions, and that it is an ordinary file or folder and not a pipe or a device.",
        unshown="it depends on permissions",
    ),
    Row(
        "missing",
        "code or data that cannot be found",
        "The folder does not exist, is not a folder, or is a link to itself. Correct the path in "
        "the manifest.",
        unshown="`missing-path` is reported first; this needs a file that disappears meanwhile",
    ),
    Row(
        "not-a-file",
        "something in a data folder that is neither a file nor a folder",
        "With `fingerprint: content` everything in the folder is hashed, and pipes, sockets and "
        "devices have no content. Take it out of the folder.",
        _content("mkfifo images/pipe"),
        _content(),
    ),
    Row(
        "empty",
        "a code folder without any file to ship",
        "The folder is empty, or .gitignore or .amlignore leave out everything in it: the run "
        "would start in an empty folder. Look at the ignore files, or remove `code`.",
        _code("echo '*' > training/.amlignore", train="echo hello\n"),
        _code(train="echo hello\n"),
    ),
    Row(
        "link-leaves",
        "a symbolic link that leaves its code folder",
        "Only the folder is shipped, so the link would lead nowhere in the run, and what it leads "
        "to is not part of the digest. Copy the file into the folder, or make it an input.",
        _code("ln -s ../gitrain.yaml training/link", train="echo hello\n"),
        _code("cp gitrain.yaml training/copy", train="echo hello\n"),
    ),
    Row(
        "nested-repository",
        "a Git repository inside a code folder",
        "Git does not record the files of a repository inside another one, so a clone would not "
        "have them. Make it a submodule, add its files, or ignore the folder.",
        _code(
            *("git init -q -b main", "git init -q training/lib"),
            "git -C training/lib commit -q --allow-empty -m start",
            train="echo hello\n",
        ),
        _code(
            *("git init -q -b main", "git init -q training/lib"),
            "git -C training/lib commit -q --allow-empty -m start",
            "echo training/lib > .gitignore",
            train="echo hello\n",
        ),
    ),
    Row(
        "submodule-missing",
        "a submodule in a code folder that is not checked out",
        "Its folder is empty in this clone, so a run would lack the files, and the digest would "
        "not say so. Run `git submodule update --init`; in GitHub's workflows, check out with "
        "`submodules: recursive`.",
        _code(*_SUBMODULE, "git submodule --quiet deinit --force training/lib"),
        _code(*_SUBMODULE),
    ),
    Row(
        "submodule-dirty",
        "a submodule in a code folder with changes of its own",
        "A submodule is shipped as the commit that is checked out in it, and changes that are not "
        "committed there have no name that a digest could use. Commit them in the submodule.",
        _code(*_SUBMODULE, "echo two > training/lib/lib.sh"),
        _code(
            *(*_SUBMODULE, "echo two > training/lib/lib.sh"),
            "git -C training/lib commit -q -a -m change",
        ),
    ),
    Row(
        "source-changed",
        "a code folder that changed while gitrain was at work",
        "The files that would be shipped are not those that the digest was made from. Run the "
        "command again once nothing writes to the folder.",
        unshown="it takes a change at the same moment",
    ),
    Row(
        "destination-exists",
        "an existing folder where a run's code was to be copied",
        "Code is copied into a new folder for each run, and never into an existing one. Another "
        "command is most likely starting the same run; plan again.",
        unshown="it takes two commands at the same moment",
    ),
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
        "The branch, tag or commit to compare with is not here. It may be misspelt, or the clone "
        "may be shallow, as in CI: fetch it, or check out with the full history.",
        _compared(*_START, "gitrain plan --offline --base release"),
        _compared(*_START, "git branch release", "gitrain plan --offline --base release"),
    ),
    Row(
        "no-merge-base",
        "a branch that shares no history with its base",
        "What a branch adds is found from the commit where it left its base. A shallow clone lacks "
        "that commit: run `git fetch --unshallow`, or check out with `fetch-depth: 0`.",
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
        "a remote that cannot be asked",
        "Whether this commit is the head of the protected branch is not known, so nothing is "
        "changed. Check the network, the address and the credentials of the remote.",
        _branch("git remote add origin ../nowhere.git"),
        _branch(*_REMOTE),
    ),
    Row(
        "git-missing",
        "a repository on a machine without Git",
        "In a repository only Git can say which files are ignored and what they are. Install it.",
        unshown="it takes a machine without Git",
    ),
    Row(
        "git-broken",
        "a `.git` that Git cannot read",
        "Without Git's word a plan could take half a checkout for the whole. Clone the repository "
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
        "A filter of .gitattributes, usually Git LFS, turns stored files into real ones. Without "
        "it the wrong bytes would be shipped. Install it; for LFS, then run `git lfs install`.",
        _code(
            *("git init -q -b main", "echo '*.sh filter=lfs' > .gitattributes"),
            train="echo hello\n",
        ),
        _code(
            *("git init -q -b main", "echo '*.sh text' > .gitattributes"),
            train="echo hello\n",
        ),
    ),
    Row(
        "lfs-missing",
        "a file of Git LFS that has not been fetched",
        "The checkout has the short text that stands for a large file, and the run would get that "
        "text. Run `git lfs pull`.",
        unshown="it takes Git LFS and a server for it",
    ),
    Row(
        "git-failed",
        "a Git command that failed",
        "Git's own reason is in the message. Run the command by hand to see more.",
        unshown="it can have any cause",
    ),
)
